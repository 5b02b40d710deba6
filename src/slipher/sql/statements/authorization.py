"""How a COPY or UNLOAD reaches the data: one of Redshift's forms of authorization."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Authorization:
    """`roles` is a chain of role ARNs, or ('default',), or ('SESSION',); without roles the keys are set. Keys never print.
    `credentials`: it was written as CREDENTIALS, which some options cannot stand beside."""

    roles: tuple[str, ...] = ()
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    master_symmetric_key: str = field(default="", repr=False)
    credentials: bool = field(default=False, compare=False)
