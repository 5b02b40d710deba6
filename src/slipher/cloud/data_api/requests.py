"""What ExecuteStatement and BatchExecuteStatement ask for, as one value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from slipher.cloud.call import Call
from slipher.cloud.constraints import check, invalid
from slipher.cloud.data_api.parameters import numbered, unknown
from slipher.cloud.data_api.targets import Target, target_of

LONGEST = 200 * 1024  # bytes of a statement (source: guide, quotas)


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement as the protocol takes it: with $1, $2 ... and their values."""

    text: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `target` is None where a session says it; `keep` None: a session is not asked for or not changed."""

    sqls: tuple[Sql, ...]
    texts: tuple[str, ...]
    parameters: list[dict[str, str]]
    batch: bool
    atomic: bool
    name: str
    format: str
    keep: int | None
    session: str | None
    token: str | None
    wait: int
    target: Target | None
    digest: str
    event: str | None  # the principal of the event that is asked for

    def facts(self, target: Target, session: str | None) -> dict[str, Any]:
        """What is stored of it, and shown: keys and passwords in a statement become ***."""
        from slipher.sql.redact import redact  # when first needed: the parser behind it would slow the start

        return {
            "sqls": [redact(text) for text in self.texts],
            "parameters": self.parameters,
            "batch": self.batch,
            "mode": "TRANSACTION" if self.atomic else "AUTO_COMMIT",
            "format": self.format,
            "user": target.user,
            "secret": target.secret_arn,
            "groups": list(target.groups),
            "session": session,
            "event": self.event,
            "resource": target.arn,
        }


def request_of(call: Call) -> Request:
    """A call, checked; its caller may be who the statement shall run as."""
    check(call)
    params = call.params
    batch = call.operation == "BatchExecuteStatement"
    texts = tuple(str(one) for one in (params["Sqls"] if batch else [params["Sql"]]))
    for text in texts:
        if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
            raise invalid("Cannot process query string larger than 200kB")
        if not text.strip():
            raise invalid("Query string is empty.")
        if "\0" in text or not _encodable(text):
            raise invalid("Query string has characters that UTF-8 text cannot hold.")
    parameters = [{"name": str(one["name"]), "value": str(one["value"])} for one in params.get("Parameters") or ()]
    session = params.get("SessionId")
    asked = {key: value for key, value in params.items() if key not in ("ClientToken", "WaitTimeSeconds")}
    return Request(
        _numbered(texts, parameters),
        texts,
        parameters,
        batch,
        params.get("ExecutionMode") != "AUTO_COMMIT",
        str(params.get("StatementName") or ""),
        str(params.get("ResultFormat") or "JSON"),
        params.get("SessionKeepAliveSeconds"),
        session,
        params.get("ClientToken"),
        int(params.get("WaitTimeSeconds") or 0),
        None if session else target_of(call, params.get("Database")),
        hashlib.sha256(json.dumps([call.operation, asked], sort_keys=True).encode()).hexdigest(),
        call.caller.arn if params.get("WithEvent") else None,
    )


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _numbered(texts: tuple[str, ...], parameters: list[dict[str, str]]) -> tuple[Sql, ...]:
    if not parameters:
        return tuple(Sql(text, ()) for text in texts)
    values = {one["name"]: one["value"] for one in parameters}
    if len(values) < len(parameters):
        raise invalid("Parameters list contains duplicate names.")
    if any("\0" in value or not _encodable(value) for value in values.values()):
        raise invalid("A parameter's value has characters that UTF-8 text cannot hold.")
    found, used = [], set[str]()
    for text in texts:
        missing = unknown(text, values)
        if missing:
            raise invalid(f"Parameters list does not contain all required parameters. Missing: {missing}")
        made, names = numbered(text, values)
        used.update(names)
        found.append(Sql(made, tuple(values[name] for name in names)))
    unused = [name for name in values if name not in used]
    if unused:
        raise invalid(f"Parameters list contains unused parameters. Unused parameters: {unused}")
    return tuple(found)
