"""COPY JOB's commands, and what a COPY must be to become a job (source: reference on COPY: its grammar)."""

from __future__ import annotations

from collections.abc import Callable

from slipher.base.errors import SqlError
from slipher.sql.parse.cursor import Cursor
from slipher.sql.statements.copy import Copy
from slipher.sql.statements.copy_job import AlterCopyJob, CreateCopyJob, DropCopyJob, RunCopyJob, ShowCopyJob


def command(cursor: Cursor) -> object:
    """COPY JOB { ALTER | RUN | SHOW | DROP } name, COPY JOB LIST; COPY has been read."""
    cursor.expect("JOB")
    word = cursor.accept_any(tuple(COMMANDS))
    if word is None:
        raise cursor.error()
    made = COMMANDS[word](cursor)
    cursor.end()
    return made


def create(cursor: Cursor) -> tuple[str, bool, int]:
    """JOB CREATE name [AUTO ON | OFF] at the end of a COPY: name, whether it runs by itself, and where it begins in the text."""
    start: int = cursor.tokens[cursor.at].start
    cursor.expect("JOB", "CREATE")
    name = cursor.identifier()
    auto = _auto(cursor)
    cursor.end()
    return name, auto is not False, start


def job(copy: Copy, name: str, auto: bool, text: str) -> CreateCopyJob:
    """The job of a COPY; raises what a job's COPY may not be."""
    roles = copy.authorization.roles
    if not copy.source.lower().startswith("s3://"):
        raise SqlError("0A000", "COPY JOB is only supported for COPY from Amazon S3")
    if copy.has("manifest"):
        raise SqlError("0A000", "MANIFEST is not supported for COPY JOB")
    if not roles or roles[0].upper() in ("DEFAULT", "SESSION"):
        raise SqlError("0A000", "COPY JOB needs the ARN of an IAM role: keys, default and 'SESSION' are not supported")
    if copy.max_error or copy.all_errors:
        raise SqlError("0A000", "MAXERROR and IGNOREALLERRORS are not supported for COPY JOB")
    if copy.has("noload"):
        raise SqlError("0A000", "NOLOAD is not supported for COPY JOB")
    return CreateCopyJob(name, auto, copy, text)


def _auto(cursor: Cursor) -> bool | None:
    if not cursor.accept("AUTO"):
        return None
    word = cursor.accept_any(("ON", "TRUE", "OFF", "FALSE"))
    if word is None:
        raise cursor.error()
    return word in ("ON", "TRUE")


COMMANDS: dict[str, Callable[[Cursor], object]] = {
    "ALTER": lambda cursor: AlterCopyJob(cursor.identifier(), _auto(cursor)),
    "RUN": lambda cursor: RunCopyJob(cursor.identifier()),
    "SHOW": lambda cursor: ShowCopyJob(cursor.identifier()),
    "DROP": lambda cursor: DropCopyJob(cursor.identifier()),
    "LIST": lambda cursor: ShowCopyJob(None),
}
