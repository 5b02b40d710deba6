"""The two kinds of error a user can see: SqlError leaves on the PostgreSQL wire, AwsError as an AWS service's error.

An error is made where it is known and carries its code; it becomes bytes in one place (wire/, aws/serialize).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RULE = "  " + "-" * 47


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What Redshift's compute nodes add to an error, shown in its DETAIL block.

    `process` is the prefix of the process line: "padbmaster" on the leader, "query" on a node.
    """

    code: int = 8001
    context: str = ""
    location: str = ":0"
    process: str = "padbmaster"


class SqlError(Exception):
    """An error of a SQL statement.

    `position` is 1-based, in characters of the statement's text. `engine` is set for errors that Redshift's engine
    raises: SQLSTATE XX000 with a DETAIL block (source: reference on COPY messages); `detail` and `engine` exclude
    each other. `severity` is ERROR or FATAL.
    """

    def __init__(
        self,
        sqlstate: str,
        message: str,
        *,
        detail: str | None = None,
        hint: str | None = None,
        position: int | None = None,
        engine: EngineFacts | None = None,
        severity: str = "ERROR",
    ) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
        self.engine = engine
        self.severity = severity
        self.query_id = 0  # the statement that failed, once it is known
        self.infos: tuple[str, ...] = ()  # INFO messages that go before the error

    def detail_text(self, query_id: int, pid: int) -> str | None:
        """The DETAIL field as it leaves: the plain detail, or the engine's block for this query and process."""
        if self.engine is None:
            return self.detail
        facts = self.engine
        process = facts.process if facts.process == "padbmaster" else f"{facts.process}0_0_{query_id}"
        lines = [
            "",
            RULE,
            f"  error:  {self.message}",
            f"  code:      {facts.code}",
            f"  context:   {facts.context}",
            f"  query:     {query_id}",
            f"  location:  {facts.location}",
            f"  process:   {process} [pid={pid}]",
            RULE,
            "",
        ]
        return "\n".join(lines)


def engine_error(
    message: str,
    *,
    code: int = 8001,
    context: str = "",
    location: str = ":0",
    process: str = "padbmaster",
    hint: str | None = None,
) -> SqlError:
    """An error of Redshift's engine: XX000 with the DETAIL block."""
    return SqlError("XX000", message, hint=hint, engine=EngineFacts(code, context, location, process))


def not_supported(what: str, *, hint: str | None = None, position: int | None = None) -> SqlError:
    """0A000 for something that Slipher does not have yet; `what` names it, e.g. 'COPY option AVRO'."""
    return SqlError("0A000", f"{what} is not supported by Slipher yet", hint=hint, position=position)


@dataclass
class AwsError(Exception):
    """An error of an AWS operation: `code` as AWS spells it on the wire, HTTP `status`, and members beside Message.

    `extra` holds further members of the error (S3: BucketName, Endpoint, Region); `headers` go on the HTTP response.
    """

    code: str
    message: str
    status: int = 400
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
