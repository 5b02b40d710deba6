# table
"""The engine's exceptions as Redshift's errors: one row a kind of text. Names of the engine's own never leave.

The dialect's macros raise coded errors themselves, as `SLIPHER|sqlstate|text` (fields after text: `|detail=`, `|hint=`,
`|code=`, `|context=` for errors of Redshift's engine); everything else is recognised by the engine's text.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator

import duckdb

from slipher.base.errors import SqlError, engine_error

log = logging.getLogger(__name__)

Names = Callable[[int, int], str | None]
Make = Callable[["re.Match[str]", Names], SqlError]

OUT_OF_RANGE = {
    "INT16": "smallint",
    "INT32": "integer",
    "INT64": "bigint",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "INT128": "numeric",
    "DECIMAL": "numeric",
    "UINT32": "oid",
    "INT8": "smallint",
}
SYNTAX = {
    "INT16": 'invalid input syntax for integer: "{}"',
    "INT32": 'invalid input syntax for integer: "{}"',
    "INT64": 'invalid input syntax for integer: "{}"',
    "FLOAT": 'invalid input syntax for type real: "{}"',
    "DOUBLE": 'invalid input syntax for type double precision: "{}"',
    "BOOL": 'invalid input syntax for type boolean: "{}"',
    "UINT32": 'invalid input syntax for type oid: "{}"',
}
INTEGER_TEXT = re.compile(r"\s*[+-]?[0-9]+\s*\Z")
CONFLICT = "could not complete because of conflict with concurrent transaction"


def conflict(detail: str | None = None) -> SqlError:
    """1023: a transaction that read before it waited meets what another has written since (isolation of Redshift)."""
    return SqlError("XX000", "1023", detail=detail or "Serializable isolation violation on table in Redshift")


def _not_null(match: re.Match[str], names: Names) -> SqlError:
    column = names(int(match["oid"]), int(match["number"])) or f"number {match['number']}"
    return engine_error(f"Cannot insert a NULL value into column {column}", code=8007, process="query")


def _text_to_type(match: re.Match[str], names: Names) -> SqlError:
    value, type_ = match["value"], match["type"]
    if type_.startswith("INT") and INTEGER_TEXT.match(value):
        return SqlError("22003", f'value "{value}" is out of range for type {OUT_OF_RANGE.get(type_, type_.lower())}')
    if type_.startswith("DECIMAL"):
        # The dialect's cast has seen to the digits: what is left is too large.
        return engine_error("Numeric data overflow (result precision)", code=1058, process="query")
    return SqlError("22P02", SYNTAX.get(type_, 'invalid input syntax: "{}"').format(value))


def _number_range(match: re.Match[str], names: Names) -> SqlError:
    type_ = match["type"].split("(")[0]
    return SqlError("22003", f"{OUT_OF_RANGE.get(type_, 'value')} out of range")


def _numeric_overflow(operation: str) -> Make:
    return lambda match, names: engine_error(
        f"Numeric data overflow ({operation.format(**match.groupdict())})", code=1058, process="query"
    )


def _fixed(sqlstate: str, text: str, detail: str | None = None, hint: str | None = None) -> Make:
    return lambda match, names: SqlError(sqlstate, text.format(**match.groupdict()), detail=detail, hint=hint)


def _engine(text: str, code: int = 8001, context: str = "") -> Make:
    return lambda match, names: engine_error(text, code=code, context=context, process="query")


TABLE: tuple[tuple[str, Make], ...] = (
    (r"NOT NULL constraint failed: t(?P<oid>\d+)\.c(?P<number>\d+)", _not_null),
    (r"column \"?c\d+\"? contains NULL values|contains null values", _fixed("23502", "column contains null values")),
    (r"Could not convert string ['\"](?P<value>.*?)['\"] to (?P<type>[A-Z0-9]+)", _text_to_type),
    (r"Casting value \"(?P<value>.*?)\" to type DECIMAL", _numeric_overflow("result precision")),
    (r"Could not cast value .*? to DECIMAL", _numeric_overflow("result precision")),
    (r"Overflow in (?P<op>addition|subtraction|multiplication) of DECIMAL", _numeric_overflow("{op}")),
    (r"Overflow in (?P<op>addition|subtraction|multiplication) of INT128", _numeric_overflow("{op}")),
    (r"Overflow in (?:\w+) of (?P<type>[A-Z0-9]+)", _number_range),
    (r"Overflow in HUGEINT|Overflow in sum|SUM is out of range", _fixed("22003", "bigint out of range")),
    (r"Type \w+(?:\(\d+,\d+\))? with value .*? out of range for the destination type (?P<type>[A-Z0-9]+)", _number_range),
    (r"Division by zero", _engine("Divide by zero")),
    (r"invalid date field format: \"(?P<value>.*?)\"", _fixed("22007", 'invalid input syntax for type date: "{value}"')),
    (
        r"invalid timestamp field format: \"(?P<value>.*?)\"",
        _fixed("22007", 'invalid input syntax for type timestamp: "{value}"'),
    ),
    (r"invalid time field format: \"(?P<value>.*?)\"", _fixed("22007", 'invalid input syntax for type time: "{value}"')),
    (
        r"(?:date|time|timestamp) field value out of range: \"(?P<value>.*?)\"",
        _fixed(
            "22008",
            'date/time field value out of range: "{value}"',
            hint='Perhaps you need a different "datestyle" setting.',
        ),
    ),
    (r"(?:Date|Timestamp|Time|Interval).*out of range", _fixed("22008", "timestamp out of range")),
    (r"More than one row returned by a subquery", _fixed("21000", "more than one row returned by a subquery used as an expression")),
    (r"Cannot create a string of size|String value exceeds", _engine("Value too long for character type")),
    (r"interval cannot be 0", _fixed("22023", "step size may not equal zero")),
    (r"extract specifier \"(?P<unit>.*?)\" not recognized", _fixed("22023", 'timestamp units "{unit}" not recognized')),
    (r"Unknown TimeZone '(?P<zone>.*?)'", _fixed("22023", 'time zone "{zone}" not recognized')),
    (r"missing \)|missing \]|invalid (?:perl operator|escape sequence|character class|repetition)|bad repetition",
     _fixed("2201B", "invalid regular expression")),
    (r"Max expression depth|[Ss]tack overflow|Maximum recursion depth", _fixed("54001", "stack depth limit exceeded")),
    (r"^INTERRUPT", _fixed("57014", "Query cancelled on user's request")),
    (r"No space left|max_temp_directory_size|failed to offload data block", _engine("Disk Full", code=1016)),
    (r"^TransactionContext Error: (?:Catalog write-write|Conflict|Failed to commit)", lambda m, n: conflict()),
    (r"write-write conflict|Conflict on (?:tuple|update)|Cannot (?:update|delete) .* conflict|has been altered", lambda m, n: conflict()),
    (r"Current transaction is aborted",
     _fixed("25P02", "current transaction is aborted, commands ignored until end of transaction block")),
    (r"^(?:Out of Memory|OutOfMemory)|Out of Memory Error|failed to (?:allocate|pin)|std::bad_alloc", _fixed("53200", "out of memory")),
    # The table is in the catalog but not in this transaction's snapshot of the data: made since, or dropped since.
    (r"Table with name .*t\d+.* does not exist", _fixed("XX000", "1018", detail="Relation does not exist")),
)  # fmt: skip
_COMPILED = [(re.compile(pattern, re.DOTALL | re.MULTILINE), make) for pattern, make in TABLE]
_CODED = re.compile(r"SLIPHER\|(?P<state>[0-9A-Z]{5})\|(?P<rest>.*)", re.DOTALL)
_PREFIX = re.compile(r"^(?:[A-Za-z]+ )+Error: ")
_ENGINE_NAME = re.compile(r"\b(?:data|temp\.main|catalog)\.|\bt\d{5,}\b|\bc\d+\b")


def translate(error: BaseException, names: Names) -> SqlError:
    """What the client gets for an exception of the engine; `names` tells columns by (relation oid, number)."""
    if isinstance(error, SqlError):
        return error
    text = str(error)
    if isinstance(error, duckdb.FatalException):
        _end(text)
    coded = _CODED.search(text)
    if coded is not None:
        return _coded(coded["state"], coded["rest"])
    for pattern, make in _COMPILED:
        match = pattern.search(text)
        if match is not None:
            return make(match, names)
    log.error("the engine failed in an unforeseen way: %s", text, exc_info=error)
    first = _PREFIX.sub("", text.split("\n", 1)[0])
    if isinstance(error, MemoryError):
        return SqlError("53200", "out of memory")
    if _ENGINE_NAME.search(first):
        first = type(error).__name__
    return engine_error(f"internal error: {first}", code=1000, context="Assert", process="query")


def _end(reason: str) -> None:
    """The engine can do nothing more until its file is opened anew (a checkpoint met a full disk): end the process, which the
    supervisor starts again. As in a crash, a client whose COMMIT is under way is not told that it failed: it may be durable."""
    log.critical("the engine must be started anew: %s", reason.split("\n", 1)[0])
    logging.shutdown()
    os._exit(1)


def _coded(sqlstate: str, rest: str) -> SqlError:
    text, *fields = _fields(rest)
    extra = dict(field.split("=", 1) for field in fields)
    if sqlstate == "XX000" and "detail" not in extra:
        return engine_error(
            text,
            code=int(extra.get("code", 8001)),
            context=extra.get("context", ""),
            location=extra.get("location", ":0"),
            process="query",
            hint=extra.get("hint"),
        )
    return SqlError(sqlstate, text, detail=extra.get("detail"), hint=extra.get("hint"))


def _fields(rest: str) -> Iterator[str]:
    """The text and its `|name=value` fields; a bar that no field name follows belongs to what precedes it."""
    yield from re.split(r"\|(?=(?:detail|hint|code|context|location)=)", rest.rstrip("\n"))
