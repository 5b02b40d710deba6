"""Live relations as tables: their providers asked for what the session may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from slipher.sql.names import Relation

if TYPE_CHECKING:
    from slipher.warehouse.run.state import SessionState


def provide(relation: Relation, session: SessionState, columns: Iterable[str] | None) -> pa.Table:
    """The rows of a live relation as this session sees them."""
    from slipher.warehouse.system.live import LIVE

    return LIVE[relation.name].provider(session, None, None)
