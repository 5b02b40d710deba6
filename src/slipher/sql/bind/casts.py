"""Casts between Redshift's types: which exist, in which context, and what they do to a value.

Contexts, from weakest: 'implicit' (an operator's or function's operand), 'assignment' (into a table's column), 'explicit' (CAST).
Rules of values are Redshift's (source: reference on numerics, strings and dates): numeric to numeric truncates in an
explicit cast of a column's value, rounds when folded or assigned; an explicit cast to char or varchar cuts, an assignment of a
longer value is an error unless only blanks are lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind.typed import Typed, as_tree, call, cast, number, paren
from slipher.types.sqltype import (
    BOOL,
    DATE,
    FLOAT8,
    INT4,
    INT8,
    MAX_VARCHAR,
    TIMESTAMP,
    TIMESTAMPTZ,
    SqlType,
    numeric,
    varchar,
)

INTEGERS = {"int2", "int4", "int8"}
FLOATS = {"float4", "float8"}
NUMBERS = INTEGERS | FLOATS | {"numeric"}
STRINGS = {"bpchar", "varchar", "text", "name", "char", "unknown"}
TIMES = {"date", "timestamp", "timestamptz"}
CLOCKS = {"time", "timetz"}
NAMED_OIDS = {"regclass", "regtype", "regproc"}  # shown as names
OIDS = NAMED_OIDS | {"oid", "xid"}
INTEGER_LIMITS = {"int2": 2**15, "int4": 2**31, "int8": 2**63}
INTEGER_DIGITS = {"int2": 5, "int4": 10, "int8": 19}
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
ISO_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?\Z")
LEVELS = {"implicit": 0, "assignment": 1, "explicit": 2}


def family(kind: SqlType) -> str:
    """The group that the rules speak of."""
    for name, members in FAMILIES.items():
        if kind.name in members:
            return name
    return kind.name


FAMILIES = {"integer": INTEGERS, "float": FLOATS, "string": STRINGS, "oid": OIDS}

# (from family, to family) -> weakest context in which the cast is made
ALLOWED: dict[tuple[str, str], str] = {
    ("integer", "integer"): "implicit",
    ("integer", "numeric"): "implicit",
    ("integer", "float"): "implicit",
    ("integer", "string"): "implicit",
    ("integer", "bool"): "explicit",
    ("integer", "oid"): "implicit",
    ("oid", "integer"): "implicit",
    ("oid", "oid"): "implicit",
    ("oid", "string"): "explicit",
    ("string", "oid"): "explicit",
    ("numeric", "integer"): "assignment",
    ("numeric", "numeric"): "implicit",
    ("numeric", "float"): "implicit",
    ("numeric", "string"): "implicit",
    ("float", "integer"): "assignment",
    ("float", "numeric"): "assignment",
    ("float", "float"): "implicit",
    ("float", "string"): "implicit",
    ("string", "string"): "implicit",
    ("string", "integer"): "explicit",
    ("string", "numeric"): "explicit",
    ("string", "float"): "explicit",
    ("string", "date"): "explicit",
    ("string", "timestamp"): "explicit",
    ("string", "timestamptz"): "explicit",
    ("string", "time"): "explicit",
    ("string", "timetz"): "explicit",
    ("string", "bool"): "explicit",
    ("string", "interval"): "explicit",
    ("bool", "integer"): "explicit",
    ("date", "timestamp"): "implicit",
    ("date", "timestamptz"): "implicit",
    ("date", "string"): "implicit",
    ("timestamp", "date"): "assignment",
    ("timestamp", "timestamptz"): "implicit",
    ("timestamp", "string"): "implicit",
    ("timestamp", "time"): "assignment",
    ("timestamptz", "date"): "assignment",
    ("timestamptz", "timestamp"): "assignment",
    ("timestamptz", "string"): "implicit",
    ("timestamptz", "time"): "assignment",
    ("timestamptz", "timetz"): "assignment",
    ("time", "string"): "implicit",
    ("time", "timetz"): "implicit",
    ("timetz", "time"): "assignment",
    ("timetz", "string"): "implicit",
    ("time", "interval"): "implicit",
    ("interval", "string"): "explicit",
    ("bool", "super"): "assignment",
    ("integer", "super"): "assignment",
    ("numeric", "super"): "assignment",
    ("float", "super"): "assignment",
    ("string", "super"): "assignment",
    ("super", "bool"): "explicit",
    ("super", "integer"): "explicit",
    ("super", "numeric"): "explicit",
    ("super", "float"): "explicit",
    ("super", "string"): "explicit",
    ("super", "date"): "explicit",
    ("super", "timestamp"): "explicit",
    ("super", "timestamptz"): "explicit",
    ("varbyte", "varbyte"): "implicit",
    ("string", "varbyte"): "assignment",
    ("varbyte", "string"): "explicit",
}


def allowed(source: SqlType, target: SqlType, context: str) -> bool:
    """Whether a value of one type may become the other in a context. An open type becomes anything."""
    if source.name == target.name or source.name == "unknown":
        return True
    weakest = ALLOWED.get((family(source), family(target)))
    return weakest is not None and LEVELS[weakest] <= LEVELS[context]


def convert(value: Typed, target: SqlType, context: str, *, rounding: bool = False) -> Typed:
    """The value in another type; 42846 where Redshift has no such cast. `rounding` is enable_numeric_rounding."""
    source = value.type
    if source == target:
        return value
    if not allowed(source, target, "explicit"):
        raise SqlError("42846", f"cannot cast type {_shown(source)} to {_shown(target)}")
    tree = value.tree
    if isinstance(tree, exp.Null):
        made = cast(tree, target)
    elif value.literal is not None and (constant := _constant(value.literal, target)) is not None:
        made = constant
    else:
        make = MAKERS.get((family(source), family(target)), _plain)
        made = make(value, target, context, rounding)
    return replace(value, tree=made, type=target, literal=None, parameter=None)


def _shown(kind: SqlType) -> str:
    return kind.row.sql_name if kind.name != "unknown" else '"unknown"'


def _constant(text: str, target: SqlType) -> exp.Expr | None:
    """A literal's value where Python sees it at once; else None."""
    if target.name == "date" and ISO_DATE.match(text):
        return cast(as_tree(text), DATE)
    if target.name in ("timestamp", "date") and ISO_TIMESTAMP.match(text):
        return cast(cast(as_tree(text), TIMESTAMP), target)
    if (
        target.name == "numeric"
        and target.typmod >= 0
        and re.fullmatch(r"\s*[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})\s*", text)
    ):
        digits, scale = (target.precision or 0) - (target.scale or 0), target.scale or 0
        number_of = Decimal(text.strip()).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, Context(prec=76))
        if abs(number_of) >= Decimal(10) ** digits:
            limit = f"10^{digits} for field with precision {target.precision}, scale {scale}."
            detail = f"The absolute value is greater than or equal to {limit}"
            raise SqlError("22003", "numeric field overflow", detail=detail)
        return cast(as_tree(format(number_of, "f")), target)
    if target.name in INTEGERS and re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
        value = int(text)
        if -INTEGER_LIMITS[target.name] <= value < INTEGER_LIMITS[target.name]:
            return cast(number(str(value)), target)
    return None


Maker = Callable[[Typed, SqlType, str, bool], exp.Expr]


def _plain(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    return cast(value.tree, target)


def _numeric_to_integer(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    if rounding or value.constant or context != "explicit":
        return cast(call("round", value.tree, 0), target)
    return cast(call("trunc", value.tree), target)


def _numeric_to_numeric(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    if target.typmod < 0:
        return value.tree
    scale, old = target.scale or 0, value.type.scale
    if old is not None and scale >= old:
        narrower = (target.precision or 0) - scale < (value.type.precision or 0) - old
        return _field(value.tree, target) if value.constant and narrower else cast(value.tree, target)
    if value.constant and context == "explicit":
        return _field(value.tree, target)
    if rounding or context != "explicit":
        return cast(value.tree, target)  # the engine's cast rounds half away from zero
    return cast(call("rs_trunc_scale", value.tree, scale), target) if scale else cast(call("trunc", value.tree), target)


def _field(tree: exp.Expr, target: SqlType) -> exp.Expr:
    """A constant in a numeric's precision and scale, with the leader's error if it does not fit."""
    return cast(call("rs_field", tree, target.precision, target.scale or 0), target)


def _to_numeric(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    if target.typmod < 0:
        digits = INTEGER_DIGITS.get(value.type.name)
        return cast(value.tree, numeric(digits, 0) if digits else numeric(38, 10))
    return cast(value.tree, target)


def _float_to_integer(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    return cast(call("round_even", value.tree, 0), target)


def _text_to_number(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    name = {"int2": "rs_text_to_int2", "int4": "rs_text_to_int4", "int8": "rs_text_to_int8"}.get(target.name)
    if name is not None:
        return call(name, value.tree)
    if target.name == "numeric":
        return cast(call("rs_text_to_number", value.tree), target if target.typmod >= 0 else numeric(38, 10))
    return cast(call("rs_text_to_float", value.tree), target)


def _text_to(name: str) -> Maker:
    return lambda value, target, context, rounding: call(name, value.tree)


def _to_text(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    kind = family(value.type)
    if kind == "float":
        text = call("rs_float4_text" if value.type.name == "float4" else "rs_float8_text", value.tree)
    elif value.type.name in ("date", "timestamp", "timestamptz"):
        text = call(f"rs_{value.type.name}_text", value.tree)
    elif value.type.name in NAMED_OIDS:
        text = call(f"sys.fn_{value.type.name}_text", value.tree)
    else:
        text = cast(value.tree, "TEXT")
    if target.length is None:
        return text
    # A number that does not fit is an error, never cut (source: reference on strings, INT to CHAR).
    return call("rs_assign_char" if target.name == "bpchar" else "rs_assign_varchar", text, target.length)


def _text_to_text(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    tree = value.tree
    length, old = target.length, value.type.length
    if value.literal is not None and length is not None:
        encoded = value.literal.encode()
        if len(encoded) <= length and (target.name == "varchar" or encoded.isascii()):
            return as_tree(value.literal if target.name == "varchar" else value.literal.rstrip(" "))
        if context == "assignment" and len(value.literal.rstrip(" ").encode()) > length:
            raise SqlError("22001", f"value too long for type {target}")
    if value.unknown and value.literal is None:
        tree = cast(tree, "TEXT")
    if length is None:
        return tree
    if target.name == "bpchar":
        return call("rs_assign_char" if context == "assignment" else "rs_cut_char", tree, length)
    if old is not None and old <= length:
        return tree
    return call("rs_assign_varchar" if context == "assignment" else "rs_cut_varchar", tree, length)


def _integer_to_bool(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    return exp.NEQ(this=paren(value.tree), expression=exp.Literal.number(0))


def _text_to_oid(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    if target.name in NAMED_OIDS:
        return call(f"sys.fn_{target.name}", value.tree)
    return cast(call("rs_text_to_int8", value.tree), "UINTEGER")


def _oid_to_oid(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    return cast(value.tree, "UINTEGER") if value.type.name == "int8" else value.tree


def _to_super(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    if family(value.type) == "string":
        return call("rs_text_to_super", value.tree)
    if value.type.name == "bool":
        return cast(value.tree, "TEXT")
    return _to_text(value, varchar(MAX_VARCHAR), "explicit", rounding)


def _super_to(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    """The scalar in a SUPER value; NULL where it holds something else."""
    kind = family(target)
    if kind == "string":
        text = call("rs_super_text", value.tree)
        if target.length is None:
            return text
        return call("rs_cut_char" if target.name == "bpchar" else "rs_cut_varchar", text, target.length)
    if kind == "numeric":
        wanted = target if target.typmod >= 0 else numeric(18, 0)
        return exp.TryCast(this=call("rs_super_text", value.tree), to=cast(exp.Null(), wanted).args["to"])
    if kind == "float":
        return cast(call("rs_super_to_float", value.tree), target)
    return call(f"rs_super_to_{target.name}", value.tree)


def _varbyte(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    tree = value.tree if value.type.name == "varbyte" else call("rs_text_to_varbyte", value.tree)
    if target.length is None:
        return tree
    return call("rs_assign_varbyte" if context == "assignment" else "rs_cut_varbyte", tree, target.length)


def _varbyte_to_text(value: Typed, target: SqlType, context: str, rounding: bool) -> exp.Expr:
    text = call("rs_varbyte_text", value.tree)
    if target.length is None:
        return text
    return call("rs_cut_char" if target.name == "bpchar" else "rs_cut_varchar", text, target.length)


MAKERS: dict[tuple[str, str], Maker] = {
    ("integer", "numeric"): _to_numeric,
    ("numeric", "integer"): _numeric_to_integer,
    ("numeric", "numeric"): _numeric_to_numeric,
    ("float", "numeric"): _to_numeric,
    ("float", "integer"): _float_to_integer,
    ("string", "integer"): _text_to_number,
    ("string", "numeric"): _text_to_number,
    ("string", "float"): _text_to_number,
    ("string", "date"): _text_to("rs_text_to_date"),
    ("string", "timestamp"): _text_to("rs_text_to_timestamp"),
    ("string", "timestamptz"): _text_to("rs_text_to_timestamptz"),
    ("string", "time"): _text_to("rs_text_to_time"),
    ("string", "timetz"): _text_to("rs_text_to_timetz"),
    ("string", "bool"): _text_to("rs_text_to_bool"),
    ("string", "string"): _text_to_text,
    ("integer", "string"): _to_text,
    ("numeric", "string"): _to_text,
    ("float", "string"): _to_text,
    ("date", "string"): _to_text,
    ("timestamp", "string"): _to_text,
    ("timestamptz", "string"): _to_text,
    ("time", "string"): _to_text,
    ("timetz", "string"): _to_text,
    ("interval", "string"): _to_text,
    ("oid", "string"): _to_text,
    ("integer", "bool"): _integer_to_bool,
    ("string", "oid"): _text_to_oid,
    ("oid", "oid"): _oid_to_oid,
    **dict.fromkeys(
        (("bool", "super"), ("integer", "super"), ("numeric", "super"), ("float", "super"), ("string", "super")),
        _to_super,
    ),
    **{
        ("super", kind): _super_to
        for kind in ("bool", "integer", "numeric", "float", "string", "date", "timestamp", "timestamptz")
    },
    ("varbyte", "varbyte"): _varbyte,
    ("string", "varbyte"): _varbyte,
    ("varbyte", "string"): _varbyte_to_text,
}

RANK = ["int2", "int4", "int8", "numeric", "float4", "float8"]
TIME_RANK = ["date", "timestamp", "timestamptz"]


def common(kinds: list[SqlType], what: str) -> SqlType:
    """The type that several values are brought to (CASE, COALESCE, UNION, IN): PostgreSQL's rule with Redshift's decimals.

    `what` begins the error's text, e.g. 'UNION' or 'CASE'.
    """
    known = [kind for kind in kinds if kind.name != "unknown"]
    if not known:
        return varchar(max((kind.length or 1 for kind in kinds), default=1)) if kinds else varchar(256)
    found = known[0]
    for kind in known[1:]:
        pair = _common(found, kind)
        if pair is None:
            raise SqlError("42804", f"{what} types {_shown(found)} and {_shown(kind)} cannot be matched")
        found = pair
    return found


def _common(left: SqlType, right: SqlType) -> SqlType | None:
    if left == right:
        return left
    families = {family(left), family(right)}
    if left.name in NUMBERS and right.name in NUMBERS:
        if "numeric" in (left.name, right.name) and not families & {"float"}:
            return common_numeric(left, right)
        if left.name == "float4" and right.name == "float4":
            return left
        if families & {"float"}:
            return FLOAT8
        return SqlType(max(left.name, right.name, key=RANK.index))
    if left.name in TIME_RANK and right.name in TIME_RANK:
        return SqlType(max(left.name, right.name, key=TIME_RANK.index))
    if families == {"string"}:
        lengths = [kind.length for kind in (left, right)]
        if None in lengths:
            return (
                SqlType("varchar")
                if "name" not in (left.name, right.name)
                else varchar(max(64, lengths[0] or 0, lengths[1] or 0))
            )
        longest = max(length for length in lengths if length is not None)
        return SqlType("bpchar", longest + 4) if left.name == right.name == "bpchar" else varchar(longest)
    if families == {"varbyte"}:
        return left if (left.length or 0) >= (right.length or 0) else right
    if "oid" in families and families <= {"oid", "integer"}:
        return INT8 if "integer" in families else SqlType("oid")
    if left.name in CLOCKS and right.name in CLOCKS:
        return SqlType("timetz")
    return None


def as_numeric(kind: SqlType) -> SqlType:
    """An integer's or numeric's type as numeric(p, s)."""
    if kind.name in INTEGERS:
        return numeric(INTEGER_DIGITS[kind.name], 0)
    return kind if kind.typmod >= 0 else numeric(38, 10)


def common_numeric(left: SqlType, right: SqlType) -> SqlType:
    """numeric(p, s) for CASE, UNION and the like (source: Redshift's guide, computations with numeric values)."""
    one, two = as_numeric(left), as_numeric(right)
    p1, s1, p2, s2 = one.precision or 0, one.scale or 0, two.precision or 0, two.scale or 0
    scale = max(s1, s2)
    precision = max(p1 - s1, p2 - s2) + scale
    limit = 38 if max(p1, p2) > 19 else 19
    return numeric(
        min(max(precision, p1 if s1 == scale else 0, p2 if s2 == scale else 0), max(limit, min(precision, 38))), scale
    )


def unbuilt(kind: SqlType) -> SqlError:
    """0A000 for a result of a type that cannot be shown yet."""
    return not_supported(f"type {kind.row.sql_name.upper()}")


__all__ = ["BOOL", "INT4", "TIMESTAMPTZ", "allowed", "common", "convert", "family"]
