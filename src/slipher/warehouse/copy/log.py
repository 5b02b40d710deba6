"""What a COPY leaves in the activity log: its errors, one record a file, one for the whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slipher.base.errors import SqlError
from slipher.sql.statements.copy import Copy
from slipher.types.sqltype import SqlType
from slipher.warehouse.copy.columnar_errors import ScanError
from slipher.warehouse.copy.errors import LoadError, Replacement
from slipher.warehouse.copy.files import File
from slipher.warehouse.copy.layout import Layout

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run

DETAILS = 20  # errors of a slice whose fields are kept (source: Redshift's guide, STL_LOADERROR_DETAIL)
# format -> as sys_load_history and stl_load_commits call it
FORMATS = {
    "csv": ("csv", "Text"),
    "delimited": ("txt", "Text"),
    "fixedwidth": ("txt", "Text"),
    "json": ("json", "JSON"),
    "avro": ("avro", "Avro"),
    "parquet": ("parquet", "Parquet"),
    "orc": ("orc", "ORC"),
}


def type_facts(kind: SqlType) -> tuple[str, str]:
    """A type's name and length as stl_load_errors shows them."""
    name = "char" if kind.name == "bpchar" else kind.name
    if kind.length is not None:
        return name, str(kind.length)
    return name, f"{kind.precision},{kind.scale}" if kind.precision is not None else "0"


def log_errors(
    run: Run, statement: Copy, layout: Layout, errors: Sequence[tuple[File, LoadError]], now: datetime
) -> None:
    """The errors, on disk when this returns: they outlive the transaction."""
    common = _common(run)
    made: list[dict[str, Any]] = []
    details: list[dict[str, Any]] = []
    counted: dict[int, int] = {}
    for file, error in errors:
        place = {"slice": file.slice, "filename": file.url, "line_number": error.line}
        column = layout.columns[error.column] if error.column >= 0 else None
        kind, length = type_facts(column.type) if column is not None else ("", "")
        made.append(
            common
            | place
            | {
                "database": run.statement.database,
                "tbl": layout.relation.oid,
                "starttime": now,
                "colname": column.name if column is not None else "",
                "type": kind,
                "col_length": length,
                "position": error.position,
                "raw_line": error.raw_line,
                "raw_field_value": error.raw_field,
                "err_code": error.code,
                "err_reason": error.reason,
                "is_partial": 0,
                "start_offset": 0,
                "copy_job_id": statement.job,
            }
        )
        counted[file.slice] = counted.get(file.slice, 0) + 1
        if counted[file.slice] <= DETAILS:
            details += [common | place | one for one in _fields(layout, error)]
    run.warehouse.activity.append_many("load_error_detail", details)
    run.warehouse.activity.append_many("load_error", made, durable=True)


def log_failure(run: Run, error: SqlError, now: datetime) -> None:
    """Why a COPY of columns failed, for svl_s3log: the client's error has it too."""
    context = error.engine.context if error.engine is not None else ""
    message = f"{error.message}: {context}" if context else error.message
    run.warehouse.activity.append("s3log", _common(run) | {"slice": 0, "eventtime": now, "message": message})


def log_scan_error(run: Run, layout: Layout, error: ScanError) -> None:
    """The values of a columnar file that ended its load."""
    assert error.file is not None
    made = [
        _common(run)
        | {
            "location": error.file.url,
            "rowid": f"0:{one.row}",
            "colname": layout.columns[error.column].name,
            "original_value": one.value[:128],
            "modified_value": "",
            "trigger": "UNSPECIFIED",
            "action": "FAIL",
            "action_value": "",
            "error_code": error.scan_code,
        }
        for one in error.cells
    ]
    run.warehouse.activity.append_many("scan_error", made, durable=True)


def log_replacements(run: Run, layout: Layout, replaced: Sequence[tuple[File, Replacement]], now: datetime) -> None:
    """The rows whose invalid characters were replaced."""
    made = [
        _common(run)
        | {
            "slice": file.slice,
            "tbl": layout.relation.oid,
            "starttime": now,
            "filename": file.url,
            "line_number": one.line,
            "colname": layout.columns[one.column].name,
            "raw_line": one.raw_line,
        }
        for file, one in replaced
    ]
    run.warehouse.activity.append_many("replacement", made)


def _fields(layout: Layout, error: LoadError) -> list[dict[str, Any]]:
    out = []
    for index, (value, column) in enumerate(zip(error.fields, layout.columns, strict=False)):
        kind, length = type_facts(column.type)
        facts = {
            "field": index,
            "colname": column.name,
            "value": value,
            "is_null": 0,
            "type": kind,
            "col_length": length,
        }
        out.append(facts)
    return out


def log_files(run: Run, statement: Copy, files: Sequence[File], now: datetime) -> None:
    """The files that were read to their end, on disk when this returns, before the rows are: no rows without a record."""
    common = _common(run)
    read = [file for file in files if file.scanned]
    run.warehouse.activity.append_many(
        "load_commit",
        [
            common
            | {
                "slice": file.slice,
                "filename": file.url,
                "byte_offset": 0,
                "lines_scanned": file.lines,
                "errors": file.errors,
                "starttime": file.started,
                "curtime": file.ended or now,
                "status": 1,
                "file_format": FORMATS[statement.format][1],
                "is_partial": 0,
                "start_offset": 0,
                "copy_job_id": statement.job,
                "bytes_scanned": file.size,
                "etag": file.etag,
                "last_modified": file.modified,
            }
            for file in read
        ],
        durable=True,
    )
    run.warehouse.activity.append_many(
        "file_scan",
        [
            common
            | {
                "slice": file.slice,
                "name": file.url,
                "lines": file.lines,
                "bytes": file.size,
                "loadtime": _micros(file),
                "curtime": file.ended or now,
                "is_partial": 0,
                "start_offset": 0,
            }
            for file in read
        ],
        durable=True,
    )


def _common(run: Run) -> dict[str, Any]:
    record = run.statement
    return {"userid": record.user_id, "query": record.query_id, "xid": record.xid, "pid": record.pid}


def _micros(file: File) -> int:
    if file.started is None or file.ended is None:
        return 0
    return int((file.ended - file.started).total_seconds() * 1e6)
