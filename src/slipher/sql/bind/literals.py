"""Literals and written types: what a number's digits and a cast's words mean."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind.arrays import array_of
from slipher.sql.bind.casts import NAMED_OIDS
from slipher.sql.bind.typed import Typed, as_tree, cast, number
from slipher.sql.parse.cursor import settle_type
from slipher.sql.parse.lexer import ascii_lower
from slipher.types.sqltype import FLOAT8, INT4, INT8, VARCHAR, SqlType, numeric
from slipher.types.table import BY_ALIAS


def literal_number(text: str) -> Typed:
    """A number's type: int4, int8, else numeric with the digits written."""
    try:
        value = int(text)
        if -(2**31) <= value < 2**31:
            return Typed(number(text), INT4, constant=True)
        if -(2**63) <= value < 2**63:
            return Typed(cast(number(text), INT8), INT8, constant=True)
    except ValueError:
        pass
    decimal = Decimal(text)
    plain = format(decimal, "f")
    digits = plain.lstrip("-").replace(".", "").lstrip("0")
    scale = len(plain.partition(".")[2])
    precision = max(len(digits), scale, 1)
    if precision > 38 or scale > 37:
        return Typed(cast(number(text), FLOAT8), FLOAT8, constant=True)
    kind = numeric(precision, scale)
    return Typed(cast(as_tree(plain), kind), kind, constant=True)


def written_type(node: exp.Expr) -> SqlType:
    """The type of a CAST, from sqlglot's node: by its name and numbers, as DDL writes it."""
    if isinstance(node, exp.ObjectIdentifier):
        name = ascii_lower(str(node.this))
        if name not in BY_ALIAS:
            raise SqlError("42704", f'type "{name}" does not exist')
        return SqlType(BY_ALIAS[name].name)
    if getattr(node, "this", None) == exp.DataType.Type.ARRAY and len(node.expressions) == 1:
        return array_of(written_type(node.expressions[0]))
    text = ascii_lower(node.sql(dialect="redshift"))
    name, _, rest = text.partition("(")
    arguments = [one.strip() for one in rest.rstrip(")").split(",")] if rest else []
    name = name.strip()
    if isinstance(node.this, exp.DataType.Type) and node.this == exp.DataType.Type.USERDEFINED:
        name = ascii_lower(str(node.args.get("kind") or name)).rpartition(".")[2]
        name, _, rest = name.partition("(")
    name = SPELLINGS.get(name, name)
    row = BY_ALIAS.get(name)
    if row is None:
        if name.endswith("[]") and name[:-2] in BY_ALIAS:
            return array_of(SqlType(BY_ALIAS[name[:-2]].name))
        raise SqlError("42704", f'type "{name}" does not exist')
    if row.name in ("name", "oid", *NAMED_OIDS, "char", "interval"):
        return SqlType(row.name)
    if row.name in ("varchar", "bpchar") and not arguments:
        return VARCHAR if row.name == "varchar" else SqlType("bpchar", 1 + 4 if name != "bpchar" else -1)
    return settle_type(row.name, name, ["MAX" if one == "max" else one for one in arguments])


SPELLINGS = {
    "text": "varchar",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "double": "double precision",
    "varbyte": "varbyte",
    "variant": "super",
}
