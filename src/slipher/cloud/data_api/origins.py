"""Which table a result's columns are of, asked of the cluster's catalog as the internal superuser.

Asked in a session of its own: the user's history shows what he ran and nothing else. A table that is not committed yet, or
temporary, is not seen, and its columns are told without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from slipher.cloud.data_api.columns import Origin
from slipher.cloud.data_api.targets import Target
from slipher.cloud.pg import INTERNAL, Column, Failure, Lost, connect, rows_of

MOST = 1000  # tables that are remembered of a cluster
QUERY = """
select c.oid, a.attnum, n.nspname, c.relname, a.attnotnull, d.adsrc
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where a.attnum > 0 and c.oid in ({})
"""


Places = dict[tuple[int, int], Origin]  # by table and number


class Origins:
    """Remembers the tables of a cluster until its catalog changes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, dict[tuple[str, int], Places]]] = {}

    async def of(self, target: Target, columns: Sequence[Column], version: str) -> dict[Column, Origin]:
        """The origins of a result's columns; `version` is the catalog's, as the cluster told it."""
        before, known = self._known.get(target.arn, ("", {}))
        if before != version or len(known) > MOST:
            known = {}
            self._known[target.arn] = version, known
        wanted = {column.table for column in columns if column.table}
        tables = sorted(table for table in wanted if (target.database, table) not in known)
        if tables:
            try:
                found = await _ask(target, tables)
            except (Failure, Lost):
                found = {}  # the result is there; where its columns are from is told if it can be
            for table in tables:
                known[target.database, table] = {key: one for key, one in found.items() if key[0] == table}
        nothing: Places = {}
        return {
            column: known.get((target.database, column.table), nothing).get((column.table, column.number), Origin())
            for column in columns
        }


async def _ask(target: Target, tables: Sequence[int]) -> Places:
    link = await connect(target.socket, INTERNAL, None, target.database)
    data = bytearray()
    try:
        await link.run(QUERY.format(", ".join(map(str, tables))), sink=data.extend)
    finally:
        link.close()
    return {
        (int(oid or 0), int(number or 0)): Origin(schema or "", table or "", not_null == "t", default)
        for oid, number, schema, table, not_null, default in rows_of(bytes(data))[0]
    }
