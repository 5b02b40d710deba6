"""How far a COPY is: the record that it leaves in the log, and the same while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.files import File
from slipher.warehouse.copy.log import FORMATS
from slipher.warehouse.statement import Statement


class Counting(Protocol):
    """What counts as the load goes on."""

    rows: int

    @property
    def errors(self) -> Sequence[object]: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """A COPY at work: whose, into which table, from which files; the counts grow in `load` and `files`."""

    statement: Statement
    copy: Copy
    table: str
    files: Sequence[File]
    load: Counting

    def history(self, now: datetime, status: str) -> dict[str, Any]:
        """A record of the log's kind load_history; `status` is running, completed or aborted."""
        record, read = self.statement, [file for file in self.files if file.scanned]
        return {
            "userid": record.user_id,
            "query": record.query_id,
            "xid": record.xid,
            "pid": record.pid,
            "database": record.database,
            "status": status,
            "table_name": self.table,
            "starttime": record.started,
            "endtime": now,
            "data_source": self.copy.source,
            "file_format": FORMATS[self.copy.format][0],
            "loaded_rows": 0 if status == "aborted" else self.load.rows,
            "loaded_bytes": sum(file.bytes for file in read),
            "source_file_count": len(self.files),
            "source_file_bytes": sum(file.size for file in self.files),
            "file_count_scanned": len(read),
            "file_bytes_scanned": sum(file.size for file in read),
            "error_count": len(self.load.errors),
            "copy_job_id": self.copy.job,
        }

    def state(self, now: datetime) -> list[dict[str, Any]]:
        """The rows of stv_load_state: one a slice. Sizes are those of the files as they lie in S3."""
        record = self.statement
        packed = bool(self.copy.compression)
        found = []
        for place in sorted({file.slice for file in self.files}):
            mine = [file for file in self.files if file.slice == place]
            to_load, loaded = sum(file.size for file in mine), sum(min(file.fetched, file.size) for file in mine)
            open_files = [file for file in mine if file.started is not None and file.ended is None]
            found.append(
                {
                    "userid": record.user_id,
                    "session": record.pid,
                    "query": record.query_id,
                    "slice": place,
                    "pid": record.pid,
                    "recordtime": now.replace(tzinfo=None),
                    "bytes_to_load": to_load,
                    "bytes_loaded": loaded,
                    "bytes_to_load_compressed": to_load if packed else 0,
                    "bytes_loaded_compressed": loaded if packed else 0,
                    "lines": sum(file.lines for file in mine) or self.load.rows // len(self.files),
                    "num_files": len(mine),
                    "num_files_complete": sum(file.scanned for file in mine),
                    "current_file": open_files[0].url if open_files else "",
                    "pct_complete": 100 * loaded // to_load if to_load else 0,
                }
            )
        return found
