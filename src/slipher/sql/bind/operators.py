"""Operators: which operand types they take, what comes out (source: Redshift's guide, computations with numeric values)."""

from __future__ import annotations

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind.casts import (
    CLOCKS,
    FLOATS,
    INTEGERS,
    NAMED_OIDS,
    NUMBERS,
    STRINGS,
    TIMES,
    as_numeric,
    common,
    convert,
    family,
)
from slipher.sql.bind.typed import Typed, call, cast, paren
from slipher.types.sqltype import (
    BOOL,
    DATE,
    FLOAT8,
    INT4,
    INT8,
    INTERVAL,
    TIMESTAMP,
    TIMESTAMPTZ,
    VARCHAR,
    SqlType,
    numeric,
    varchar,
)

RANK = ["int2", "int4", "int8"]
SYMBOLS: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.Pow: "^",
    exp.DPipe: "||",
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "#",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
HINT = "No operator matches the given name and argument type(s). You may need to add explicit type casts."


def missing(symbol: str, left: SqlType | None, right: SqlType) -> SqlError:
    """42883 for an operator."""

    def shown(kind: SqlType) -> str:
        return '"unknown"' if kind.name == "unknown" else kind.row.sql_name

    operands = f"{shown(left)} {symbol} {shown(right)}" if left is not None else f"{symbol} {shown(right)}"
    return SqlError("42883", f"operator does not exist: {operands}", hint=HINT)


def arithmetic(node: type[exp.Expr], left: Typed, right: Typed, settle: object) -> Typed:
    """+ - * / % of two bound operands. `settle(value, type)` gives an open literal or parameter its type."""
    symbol = SYMBOLS[node]
    left, right = _close(left, right, symbol, settle)
    kinds = (left.type.name, right.type.name)
    if kinds[0] in NUMBERS and kinds[1] in NUMBERS:
        return _numbers(node, symbol, left, right)
    made = _times(symbol, left, right)
    if made is not None:
        return made
    if symbol == "+" and kinds[0] in STRINGS and kinds[1] in STRINGS:
        return concat(left, right)
    raise missing(symbol, left.type, right.type)


def _close(left: Typed, right: Typed, symbol: str, settle: object) -> tuple[Typed, Typed]:
    """Open operands take the type of the other one; a date's open partner is a number of days or another date."""

    def close(open_one: Typed, other: Typed) -> Typed:
        kind = other.type
        if kind.name == "numeric" and open_one.literal is not None and "." not in open_one.literal:
            kind = numeric(38, other.type.scale or 0)
        if kind.name in TIMES and symbol == "+":
            kind = INT4 if kind.name == "date" else INTERVAL
        if kind.name == "interval" and symbol in "+-":
            kind = TIMESTAMP
        return settle(open_one, kind)  # type: ignore[operator,no-any-return]

    if left.unknown and right.unknown:
        if symbol == "+":
            return settle(left, VARCHAR), settle(right, VARCHAR)  # type: ignore[operator]
        raise SqlError("42725", f'operator is not unique: "unknown" {symbol} "unknown"')
    if left.unknown:
        return close(left, right), right
    if right.unknown:
        return left, close(right, left)
    return left, right


def _numbers(node: type[exp.Expr], symbol: str, left: Typed, right: Typed) -> Typed:
    constant = left.constant and right.constant
    names = {left.type.name, right.type.name}
    if symbol == "^":
        tree = call("rs_power", cast(left.tree, FLOAT8), cast(right.tree, FLOAT8))
        return Typed(tree, FLOAT8, constant=constant)
    if names & FLOATS:
        kind = left.type if left.type == right.type else FLOAT8
        one, two = cast_to(left, kind), cast_to(right, kind)
        if symbol in "/%":
            name = "rs_float_div" if symbol == "/" else "rs_float_mod"
            return Typed(cast(call(name, one, two), kind), kind, constant=constant)
        return Typed(node(this=paren(one), expression=paren(two)), kind, constant=constant)
    if names <= INTEGERS:
        kind = SqlType(max(left.type.name, right.type.name, key=RANK.index))
        one, two = cast_to(left, kind), cast_to(right, kind)
        if symbol in "/%":
            return Typed(call("rs_int_div" if symbol == "/" else "rs_int_mod", one, two), kind, constant=constant)
        return Typed(node(this=paren(one), expression=paren(two)), kind, constant=constant)
    return _decimals(node, symbol, left, right, constant)


def cast_to(value: Typed, kind: SqlType) -> exp.Expr:
    """The operand in the operation's type."""
    return value.tree if value.type == kind else convert(value, kind, "implicit").tree


def _decimals(node: type[exp.Expr], symbol: str, left: Typed, right: Typed, constant: bool) -> Typed:
    one, two = as_numeric(left.type), as_numeric(right.type)
    p1, s1, p2, s2 = one.precision or 0, one.scale or 0, two.precision or 0, two.scale or 0
    a, b = cast_to(left, one), cast_to(right, two)
    if symbol == "/":
        scale = max(4, s1 + p2 - s2 + 1)
        precision = p1 - s1 + s2 + scale
        if precision > 38:
            precision, scale = 38, max(38 + scale - precision, 4)
        kind = numeric(precision, min(scale, 37))
        scale = kind.scale or 0
        tree = call("rs_decimal_div", cast(a, numeric(38, s1)), cast(b, numeric(38, s2)), s1, s2, scale)
        return Typed(cast(tree, kind), kind, constant=constant)
    if symbol == "*":
        scale = s1 + s2
        kind = numeric(min(p1 + p2 + 1, 38), min(scale, 37))
        if p1 + p2 > 38:
            # The engine's product needs its own 38 digits: bring the operands down as far as they hold.
            tree = call("rs_decimal_mul", cast(a, numeric(38, s1)), cast(b, numeric(38, s2)), s1, s2)
            return Typed(cast(tree, kind), kind, constant=constant)
        if p1 + p2 > 18 and max(p1, p2) <= 18:
            a = cast(a, numeric(19, s1))  # the engine multiplies two narrow decimals in 64 bits
        return Typed(cast(node(this=paren(a), expression=paren(b)), kind), kind, constant=constant)
    scale = max(s1, s2)
    kind = numeric(min(max(p1 - s1, p2 - s2) + 1 + scale, 38), scale)
    if symbol == "%":
        return Typed(cast(call("rs_decimal_mod", a, b), kind), kind, constant=constant)
    return Typed(cast(node(this=paren(cast(a, kind)), expression=paren(cast(b, kind))), kind), kind, constant=constant)


def _times(symbol: str, left: Typed, right: Typed) -> Typed | None:
    names = (left.type.name, right.type.name)
    constant = left.constant and right.constant
    node = exp.Add if symbol == "+" else exp.Sub
    if symbol not in "+-":
        return None
    if names[0] == "date" and names[1] in INTEGERS:
        tree = node(this=paren(left.tree), expression=paren(cast(right.tree, INT4)))
        return Typed(cast(tree, DATE), DATE, constant=constant)
    if symbol == "+" and names[1] == "date" and names[0] in INTEGERS:
        return _times(symbol, right, left)
    if symbol == "-" and names == ("date", "date"):
        return Typed(cast(exp.Sub(this=paren(left.tree), expression=paren(right.tree)), INT4), INT4, constant=constant)
    if symbol == "-" and names[0] in TIMES and names[1] in TIMES:
        kind = TIMESTAMPTZ if "timestamptz" in names else TIMESTAMP
        one, two = cast_to(left, kind), cast_to(right, kind)
        return Typed(exp.Sub(this=paren(one), expression=paren(two)), INTERVAL, constant=constant)
    if names[1] == "interval" and names[0] in TIMES | CLOCKS:
        kind = TIMESTAMP if names[0] == "date" else left.type
        tree = node(this=paren(cast_to(left, kind)), expression=paren(right.tree))
        return Typed(cast(tree, kind), kind, constant=constant)
    if symbol == "+" and names[0] == "interval" and names[1] in TIMES | CLOCKS:
        return _times(symbol, right, left)
    if names == ("interval", "interval"):
        return Typed(node(this=paren(left.tree), expression=paren(right.tree)), INTERVAL, constant=constant)
    if symbol == "+" and names in (("date", "time"), ("time", "date")):
        day, clock = (left, right) if names[0] == "date" else (right, left)
        return Typed(exp.Add(this=paren(day.tree), expression=paren(clock.tree)), TIMESTAMP, constant=constant)
    return None


def concat(left: Typed, right: Typed) -> Typed:
    """|| of two bound operands; numbers and dates become text, booleans do not."""
    parts, width = [], 0
    for one in (left, right):
        if one.type.name == "bool":
            raise missing("||", left.type, right.type)
        text = one if one.type.name in STRINGS else convert(one, VARCHAR, "implicit")
        tree = text.tree
        if one.unknown and one.literal is None:
            tree = cast(tree, "TEXT")
        parts.append(paren(tree))
        width += len(one.literal.encode()) if one.literal is not None else one.type.length or 64
    tree = exp.DPipe(this=parts[0], expression=parts[1])
    return Typed(tree, varchar(min(max(width, 1), 65535)), constant=left.constant and right.constant)


def compare(node: type[exp.Expr], left: Typed, right: Typed, settle: object) -> Typed:
    """= <> < <= > >= of two bound operands: trailing blanks of strings do not count."""
    left, right, kind = matched(left, right, SYMBOLS[node], settle)
    one, two = comparable(left, kind), comparable(right, kind)
    return Typed(node(this=paren(one), expression=paren(two)), BOOL, constant=left.constant and right.constant)


def matched(left: Typed, right: Typed, symbol: str, settle: object) -> tuple[Typed, Typed, SqlType]:
    """Both operands of a comparison, and the type in which they are compared."""
    if left.unknown and right.unknown:
        left, right = settle(left, VARCHAR), settle(right, VARCHAR)  # type: ignore[operator]
    elif left.unknown:
        left = settle(left, _literal_type(left, right.type))  # type: ignore[operator]
    elif right.unknown:
        right = settle(right, _literal_type(right, left.type))  # type: ignore[operator]
    kind = comparison_type(left.type, right.type)
    if kind is None:
        raise missing(symbol, left.type, right.type)
    return left, right, kind


def _literal_type(value: Typed, other: SqlType) -> SqlType:
    """What an open operand becomes beside a value of `other` type: never cut to the other's length."""
    if other.name in STRINGS or other.name == "interval":
        return VARCHAR if other.name in STRINGS else other
    if other.name == "numeric" and value.literal is not None:
        scale = len(value.literal.partition(".")[2].strip())
        return numeric(38, min(max(scale, other.scale or 0), 37))
    if other.name == "numeric":
        return numeric(38, other.scale or 0)
    if other.name == "date" and value.literal is not None and len(value.literal.strip()) > 12 and ":" in value.literal:
        return TIMESTAMP
    return other


def comparison_type(left: SqlType, right: SqlType) -> SqlType | None:
    """The type in which values of two types are compared; None if they cannot be."""
    if left.name in NUMBERS and right.name in NUMBERS:
        if left.name == right.name and left.name != "numeric":
            return left
        if {left.name, right.name} & FLOATS:
            return FLOAT8
        if "numeric" in (left.name, right.name):
            one, two = as_numeric(left), as_numeric(right)
            scale = max(one.scale or 0, two.scale or 0)
            whole = max((one.precision or 0) - (one.scale or 0), (two.precision or 0) - (two.scale or 0))
            return numeric(min(whole + scale, 38), scale)
        return SqlType(max(left.name, right.name, key=RANK.index))
    if left.name in STRINGS and right.name in STRINGS:
        return VARCHAR
    strings = [kind for kind in (left, right) if kind.name in STRINGS]
    others = [kind for kind in (left, right) if kind.name not in STRINGS]
    if strings and others:
        if others[0].name in TIMES | CLOCKS:
            return others[0]
        return VARCHAR if others[0].name in NUMBERS else None
    if {family(left), family(right)} <= {"oid", "integer"}:
        return INT8
    try:
        return common([left, right], "")
    except SqlError:
        return None


def comparable(value: Typed, kind: SqlType) -> exp.Expr:
    """An operand as it is compared in `kind`; strings without their trailing blanks."""
    if kind.name != "varchar":
        if kind.name == "int8" and value.type.name in NAMED_OIDS:
            return cast(value.tree, INT8)
        return value.tree if value.type == kind else convert(value, kind, "explicit").tree
    if value.literal is not None:
        text = value.literal.rstrip(" ")
        return exp.Literal.string(text)
    if value.type.name not in STRINGS:
        return convert(value, VARCHAR, "implicit").tree
    if isinstance(value.tree, exp.Literal) and value.tree.is_string:
        return exp.Literal.string(str(value.tree.this).rstrip(" "))
    if value.type.name in ("bpchar", "name", "char"):
        return value.tree  # kept without its blanks
    return call("rtrim", value.tree, exp.Literal.string(" "))


__all__ = ["INT8", "arithmetic", "compare", "concat", "matched", "missing"]
