"""Clients of AWS's APIs, as botocore makes them."""

from __future__ import annotations

import os
from typing import Any


def plain_session() -> Any:
    """A botocore session that takes nothing of the user's own AWS settings."""
    import botocore.session  # when first needed: it costs a start

    nothing: dict[str, tuple[Any, ...]] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return botocore.session.Session(session_vars=nothing)
