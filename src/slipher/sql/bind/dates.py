"""Date functions whose first argument is a part of a date (source: reference on dates and times, dateparts)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import formats
from slipher.sql.bind.casts import NUMBERS, STRINGS
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.typed import Typed, call, cast
from slipher.sql.functions import numerals
from slipher.types.sqltype import BOOL, DATE, FLOAT8, INT4, INT8, TIMESTAMP, TIMESTAMPTZ, VARCHAR, numeric, varchar

if TYPE_CHECKING:
    from slipher.sql.bind.calls import Calls

_WORDS = {
    "millennium": "millennium millennia millenniums mil mils",
    "century": "century centuries cent cents c",
    "decade": "decade decades dec decs",
    "epoch": "epoch",
    "year": "year years y yr yrs",
    "quarter": "quarter quarters qtr qtrs",
    "month": "month months mon mons",
    "week": "week weeks w",
    "dow": "dayofweek dow dw weekday",
    "doy": "dayofyear doy dy yearday",
    "day": "day days d",
    "hour": "hour hours h hr hrs",
    "minute": "minute minutes m min mins",
    "second": "second seconds s sec secs",
    "millisecond": "millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon",
    "microsecond": "microsecond microseconds microsec microsecs microsecond usecond useconds us usec usecs",
    "timezone": "timezone",
    "timezone_hour": "timezone_hour",
    "timezone_minute": "timezone_minute",
}
PARTS: dict[str, str] = {word: part for part, words in _WORDS.items() for word in words.split()}

# part -> (the engine's interval function, how many of its units)
STEPS: dict[str, tuple[str, int]] = {
    "millennium": ("rs_add_months", 12000),
    "century": ("rs_add_months", 1200),
    "decade": ("rs_add_months", 120),
    "year": ("rs_add_months", 12),
    "quarter": ("rs_add_months", 3),
    "month": ("rs_add_months", 1),
    "week": ("rs_add_days", 7),
    "day": ("rs_add_days", 1),
    "dow": ("rs_add_days", 1),
    "doy": ("rs_add_days", 1),
    "hour": ("rs_add_micros", 3_600_000_000),
    "minute": ("rs_add_micros", 60_000_000),
    "second": ("rs_add_micros", 1_000_000),
    "millisecond": ("rs_add_micros", 1000),
    "microsecond": ("rs_add_micros", 1),
}


def part(node: exp.Expr) -> str:
    """The date part that a word or a literal names; 22023 for others."""
    if isinstance(node, exp.Column) and not node.table:
        word = node.name
    elif isinstance(node, exp.Literal) and node.is_string:
        word = str(node.this)
    else:
        raise not_supported("a date part that is not a constant")
    found = PARTS.get(word.lower().strip())
    if found is None:
        raise SqlError("22023", f'timestamp units "{word}" not recognized')
    return found


def _arguments(node: Any, name: str, count: int) -> list[Any]:
    if len(node.expressions) != count:
        raise SqlError("42883", f"function {name}() does not exist")
    return list(node.expressions)


def moment(calls: Calls, node: Any, scope: Scope) -> Typed:
    """A date, timestamp or timestamptz; text is read as a timestamp."""
    value = calls.bind(node, scope)
    if value.unknown or value.type.name in STRINGS:
        return calls.settle(value, TIMESTAMP) if value.unknown else calls.coerce(value, TIMESTAMP, "explicit")
    if value.type.name not in ("date", "timestamp", "timestamptz", "time", "timetz", "interval"):
        raise SqlError("42883", f"function does not take {value.type.row.sql_name}")
    return value


def dateadd(calls: Calls, node: Any, scope: Scope) -> Typed:
    """DATEADD(part, n, x): a timestamp; time and timestamptz keep their type."""
    word, amount, when = _arguments(node, "dateadd", 3)
    unit = part(word)
    if unit not in STEPS:
        raise SqlError("0A000", f"DATEADD with {unit} is not supported")
    count = calls.coerce(calls.bind(amount, scope), INT8, "assignment")
    value = moment(calls, when, scope)
    if value.type.name == "date":
        value = replace(value, tree=cast(value.tree, TIMESTAMP), type=TIMESTAMP)
    engine, units = STEPS[unit]
    steps = count.tree if units == 1 else exp.Mul(this=exp.Paren(this=count.tree), expression=exp.Literal.number(units))
    tree = cast(call(engine, value.tree, steps), value.type)
    return Typed(tree, value.type, "date_add", count.constant and value.constant)


def datediff(calls: Calls, node: Any, scope: Scope) -> Typed:
    """DATEDIFF(part, a, b): how many boundaries of the part lie between; weeks begin on Sunday."""
    word, first, second = _arguments(node, "datediff", 3)
    unit = part(word)
    values = [moment(calls, one, scope) for one in (first, second)]
    trees = [one.tree if one.type.name in ("time", "timetz") else cast(one.tree, TIMESTAMP) for one in values]
    unit = {"dow": "day", "doy": "day"}.get(unit, unit)
    if unit == "week":
        tree = call("rs_week_diff", *trees)
    else:
        tree = call("date_diff", unit, *trees)
    return Typed(cast(tree, INT8), INT8, "date_diff", all(one.constant for one in values))


def date_trunc(calls: Calls, node: Any, scope: Scope) -> Typed:
    """DATE_TRUNC('part', x): a timestamp, or a timestamptz of one; weeks begin on Monday."""
    word, when = _arguments(node, "date_trunc", 2)
    unit = part(word)
    value = moment(calls, when, scope)
    kind = TIMESTAMPTZ if value.type.name == "timestamptz" else TIMESTAMP
    tree = cast(call("date_trunc", unit, cast(value.tree, kind)), kind)
    return Typed(tree, kind, "date_trunc", value.constant)


def extract(calls: Calls, node: Any, scope: Scope) -> Typed:
    """EXTRACT(part FROM x): an integer, a float of a timestamptz; seconds without their fraction."""
    word, when = _arguments(node, "extract", 2)
    value = moment(calls, when, scope)
    kind = FLOAT8 if value.type.name == "timestamptz" else INT4
    unit = part(word)
    if unit == "epoch" and kind == INT4:
        kind = INT8
    return Typed(cast(call(f"rs_part_{_engine_part(unit)}", value.tree), kind), kind, "date_part", value.constant)


def date_part(calls: Calls, node: Any, scope: Scope) -> Typed:
    """DATE_PART(part, x): a float; seconds with their fraction."""
    word, when = _arguments(node, "date_part", 2)
    value = moment(calls, when, scope)
    unit = part(word)
    name = "rs_part_fraction" if unit == "second" else f"rs_part_{_engine_part(unit)}"
    return Typed(cast(call(name, value.tree), FLOAT8), FLOAT8, "pgdate_part", value.constant)


def _engine_part(unit: str) -> str:
    if unit.startswith("timezone"):
        raise not_supported("date part " + unit)
    return unit


def _format(calls: Calls, node: Any, scope: Scope) -> tuple[Typed, str | None]:
    """A format string, and its text if it is a literal."""
    value = calls.bind(node, scope)
    return calls.argument(value, "text"), value.literal


def to_char(calls: Calls, node: Any, scope: Scope) -> Typed:
    """TO_CHAR(x, format) of dates and numbers."""
    value, form = _arguments(node, "to_char", 2)
    bound = calls.bind(value, scope)
    written, literal = _format(calls, form, scope)
    constant = bound.constant and written.constant
    if bound.type.name in NUMBERS:
        number = cast(bound.tree, numeric(38, 10))
        return Typed(call("py_number_text", number, written.tree), varchar(256), "to_char", constant)
    if bound.type.name == "timestamptz":
        bound = replace(bound, tree=call("rs_in_zone", "UTC", bound.tree))
    elif bound.type.name not in ("date", "timestamp"):
        bound = calls.coerce(bound, TIMESTAMP, "explicit")
    moment_tree = cast(bound.tree, TIMESTAMP)
    pattern = formats.date_parts(literal, moment_tree) if literal is not None else None
    tree = pattern if pattern is not None else call("py_moment_text", moment_tree, written.tree)
    return Typed(tree, varchar(256), "to_char", constant)


def to_number(calls: Calls, node: Any, scope: Scope) -> Typed:
    """TO_NUMBER(text, format): a decimal with the format's digits."""
    value, form = _arguments(node, "to_number", 2)
    text = calls.argument(calls.bind(value, scope), "text")
    written, literal = _format(calls, form, scope)
    kind = numeric(38, 10)
    if literal is not None:
        read = numerals.read_form(literal)
        kind = numeric(min(max(read.whole + read.fraction, 1), 38), min(read.fraction, 37))
    tree = cast(call("py_read_number", text.tree, written.tree), kind)
    return Typed(tree, kind, "to_number", text.constant and written.constant)


def to_date(calls: Calls, node: Any, scope: Scope) -> Typed:
    """TO_DATE(text, format)."""
    return _read(calls, node, scope, "to_date")


def to_timestamp(calls: Calls, node: Any, scope: Scope) -> Typed:
    """TO_TIMESTAMP(text, format): a timestamptz in UTC."""
    return _read(calls, node, scope, "to_timestamp")


def _read(calls: Calls, node: Any, scope: Scope, name: str) -> Typed:
    arguments = list(node.expressions)
    if len(arguments) not in (2, 3):
        raise SqlError("42883", f"function {name}() does not exist")
    text = calls.argument(calls.bind(arguments[0], scope), "text")
    form, literal = _format(calls, arguments[1], scope)
    strict = calls.coerce(calls.bind(arguments[2], scope), BOOL, "explicit").tree if len(arguments) == 3 else False
    pattern = formats.reading_pattern(literal) if literal is not None else None
    if pattern is not None:
        tree = call("rs_read_moment", text.tree, pattern, form.tree, strict)
    else:
        tree = call("py_read_moment", text.tree, form.tree, strict)
    kind = DATE if name == "to_date" else TIMESTAMPTZ
    return Typed(cast(tree, kind) if kind == DATE else call("rs_utc", tree), kind, name, text.constant)


FUNCTIONS: dict[str, Callable[[Any, Any, Scope], Typed]] = {
    "dateadd": dateadd,
    "date_add": dateadd,
    "datediff": datediff,
    "date_diff": datediff,
    "date_trunc": date_trunc,
    "extract": extract,
    "date_part": date_part,
    "pgdate_part": date_part,
    "to_char": to_char,
    "to_date": to_date,
    "to_number": to_number,
    "to_timestamp": to_timestamp,
}

__all__ = ["FUNCTIONS", "VARCHAR"]
