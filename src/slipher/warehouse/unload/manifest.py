"""The manifest of an UNLOAD, which COPY takes as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from slipher.sql.bound import OutputColumn
from slipher.types.sqltype import SqlType
from slipher.warehouse.unload.objects import Object

AUTHOR = {"name": "Amazon Redshift", "version": "1.0.0"}


def manifest(bucket: str, objects: Sequence[Object], columns: Sequence[OutputColumn], *, verbose: bool) -> bytes:
    """The JSON text (source: Redshift's documentation of UNLOAD). Record counts include header lines."""
    entries = [_entry(bucket, one, verbose) for one in objects]
    content: dict[str, Any] = {"entries": entries}
    if verbose:
        content["schema"] = {"elements": [{"name": column.name, "type": _type(column.type)} for column in columns]}
        content["meta"] = {
            "content_length": sum(one.size for one in objects),
            "record_count": sum(one.records for one in objects),
        }
        content["author"] = AUTHOR
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _entry(bucket: str, one: Object, verbose: bool) -> dict[str, Any]:
    meta = {"content_length": one.size}
    if verbose:
        meta["record_count"] = one.records
    return {"url": f"s3://{bucket}/{one.key}", "meta": meta}


def _type(kind: SqlType) -> dict[str, Any]:
    facts: dict[str, Any] = {"base": kind.row.sql_name}
    if kind.length is not None:
        facts["max_length"] = kind.length
    if kind.precision is not None:
        facts |= {"precision": kind.precision, "scale": kind.scale}
    return facts
