"""Error 1023: what a statement's transaction met, told by table and transactions (source: reference on SQL semantics, errors)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from slipher.base.errors import SqlError

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run

CONFLICT = "1023"


@contextmanager
def conflicts_told(run: Run, oids: Sequence[int]) -> Iterator[None]:
    """Around what changes rows of tables: the engine knows that there is a conflict, the locks who wrote last."""
    try:
        yield
    except SqlError as error:
        if error.message == CONFLICT:
            own = run.transaction.xid
            for oid in oids:
                other = run.warehouse.locks.last_writer(oid)
                if other is not None and other != own:
                    error.detail = (
                        f"Serializable isolation violation on table - {oid}, transactions forming the cycle are: "
                        f"{own}, {other} (pid:{run.session.pid})"
                    )
                    break
        raise
