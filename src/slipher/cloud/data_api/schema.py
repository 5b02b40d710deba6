"""ListDatabases, ListSchemas, ListTables, DescribeTable: questions to the catalog, as the user sees it."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.constraints import check, invalid
from slipher.cloud.data_api.columns import BY_OID, NUMERIC, Origin, metadata
from slipher.cloud.data_api.targets import target_of
from slipher.cloud.pg import Column, Failure, Lost, rows_of

SECONDS = 60.0  # that such a question may take
DATABASES = "select database_name from svv_redshift_databases order by 1"
SCHEMAS = (
    "select schema_name from svv_all_schemas where database_name = $1 and schema_name like $2 order by schema_name"
)
TABLES = """
select table_name, schema_name, table_type from svv_all_tables
where database_name = $1 and schema_name like $2 and table_name like $3 order by schema_name, table_name
"""
COLUMNS = """
select schema_name, table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,
  is_nullable, column_default
from svv_all_columns where database_name = $1 and schema_name like $2 and table_name like $3
order by schema_name, table_name, ordinal_position
"""
BY_SQL_NAME = {row.sql_name: row.oid for row in BY_OID.values()}


async def _ask(call: Call, text: str, values: Sequence[str]) -> list[list[str | None]]:
    check(call)
    database = call.params.get("ConnectedDatabase") or call.params.get("Database")
    target = await asyncio.to_thread(target_of, call, database)
    data = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            link = await target.connect(call.gateway.now())
            try:
                await link.run(text, values, data.extend)
            finally:
                link.close()
    except TimeoutError:
        raise AwsError("QueryTimeoutException", "The question to the cluster took too long.") from None
    except Failure as failure:
        raise invalid(str(failure)) from None
    except Lost as lost:
        raise AwsError("DatabaseConnectionException", str(lost), 500) from None
    return rows_of(bytes(data))[0]


def _page(call: Call, member: str, found: list[Any]) -> dict[str, Any]:
    """A page; the token is how many were given."""
    count, token = call.params.get("MaxResults") or 1000, call.params.get("NextToken")
    try:
        start = int(base64.urlsafe_b64decode(token.encode())) if token else 0
    except (binascii.Error, ValueError):
        raise invalid("Invalid NextToken.") from None
    if start < 0:
        raise invalid("Invalid NextToken.")
    result: dict[str, Any] = {member: found[start : start + count]}
    if start + count < len(found):
        result["NextToken"] = base64.urlsafe_b64encode(str(start + count).encode()).decode()
    return result


async def list_databases(call: Call) -> dict[str, Any]:
    """ListDatabases."""
    return _page(call, "Databases", [row[0] for row in await _ask(call, DATABASES, ())])


async def list_schemas(call: Call) -> dict[str, Any]:
    """ListSchemas."""
    rows = await _ask(call, SCHEMAS, (call.params["Database"], call.params.get("SchemaPattern") or "%"))
    return _page(call, "Schemas", [row[0] for row in rows])


async def list_tables(call: Call) -> dict[str, Any]:
    """ListTables."""
    params = call.params
    patterns = (params["Database"], params.get("SchemaPattern") or "%", params.get("TablePattern") or "%")
    return _page(
        call,
        "Tables",
        [
            {"name": name, "schema": schema, "type": _kind(schema, kind)}
            for name, schema, kind in await _ask(call, TABLES, patterns)
        ],
    )


def _kind(schema: str | None, kind: str | None) -> str:
    system = schema in ("pg_catalog", "information_schema")
    return f"SYSTEM {kind}" if system else str(kind)


async def describe_table(call: Call) -> dict[str, Any]:
    """DescribeTable: the columns of a table, or of all that the schema, or the database, has."""
    params = call.params
    names = (params["Database"], _exactly(params.get("Schema")), _exactly(params.get("Table")))
    columns = []
    for schema, table, name, kind, length, precision, scale, nullable, default in await _ask(call, COLUMNS, names):
        oid = BY_SQL_NAME.get((kind or "").partition("(")[0], 705)
        typmod = -1
        if oid == NUMERIC and precision:
            typmod = (int(precision) << 16 | int(scale or 0)) + 4
        elif length:
            typmod = int(length) + 4
        origin = Origin(schema or "", table or "", nullable == "NO", default)
        columns.append(metadata(Column(name or "", 0, 0, oid, typmod), origin, described=True))
    found = _page(call, "ColumnList", columns)
    return found | ({"TableName": params["Table"]} if params.get("Table") else {})


def _exactly(name: str | None) -> str:
    """A pattern that only this name matches; every name, where there is none."""
    if not name:
        return "%"
    return name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
