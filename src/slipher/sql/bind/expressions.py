"""Binding of expressions: one method a kind of node, in a table. A node that is not in the table is not Redshift's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import operators
from slipher.sql.bind.casts import STRINGS, common, convert
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.typed import Typed, as_tree, call, cast, number, paren
from slipher.sql.names import Names, Relation
from slipher.sql.parse.cursor import settle_type
from slipher.sql.parse.lexer import ascii_lower
from slipher.types.sqltype import BOOL, FLOAT8, INT4, INT8, INTERVAL, NAME, UNKNOWN, VARCHAR, SqlType, numeric, varchar
from slipher.types.table import BY_ALIAS

if TYPE_CHECKING:
    from slipher.sql.bound import OutputColumn


@dataclass(frozen=True, slots=True)
class BindSettings:
    """What binding depends on beside text and catalog. `values` are the session's facts that functions give, by function name."""

    values: Mapping[str, tuple[Any, SqlType]] = field(default_factory=dict)
    numeric_rounding: bool = False
    case_sensitive: bool = False
    search_path: tuple[str, ...] = ()


# Keywords that are functions without parentheses, and what the column is called.
NILADIC = {
    "sysdate": "sysdate",
    "current_date": "date",
    "current_user": "current_user",
    "user": "current_user",
    "session_user": "session_user",
    "current_timestamp": "now",
    "current_time": "current_time",
    "localtimestamp": "localtimestamp",
    "localtime": "localtime",
    "current_user_id": "current_user_id",
}


class Expressions:
    """Binds expressions for one statement. Collects what the statement needs: relations, privileges, parameters."""

    def __init__(self, names: Names, settings: BindSettings, parameters: Sequence[SqlType] = ()) -> None:
        self.names = names
        self.settings = settings
        self.parameters: dict[int, SqlType] = {
            index: kind for index, kind in enumerate(parameters, 1) if kind.name != "unknown"
        }
        self.highest_parameter = len(parameters)
        self.reads: dict[int, Relation] = {}
        self.used: dict[int, set[str]] = {}
        self.leader_calls: list[str] = []
        self.compute_calls: list[str] = []
        self.session_bound = False
        self.volatile = False
        self.freezing = False  # a view is being made: names in the tree become oids, * its columns
        self.counter = 0

    def fresh(self, prefix: str) -> str:
        """An engine name that the statement has not used."""
        self.counter += 1
        return f"{prefix}{self.counter}"

    def bind(self, node: exp.Expr, scope: Scope) -> Typed:
        """Any expression."""
        method = NODES.get(type(node))
        if method is None:
            raise unknown_node(node)
        grouping = scope.grouping
        mark = len(grouping.ungrouped) if grouping is not None else 0
        value = method(self, node, scope)
        if node.args.get("negate"):
            value = replace(value, tree=exp.Not(this=paren(value.tree)))
        if grouping is not None and len(grouping.ungrouped) > mark and not grouping.inside:
            for key in grouping.keys:
                if key.tree == value.tree:
                    del grouping.ungrouped[mark:]
                    break
        return value

    def value(self, node: exp.Expr, scope: Scope) -> Typed:
        """An expression whose type must be known: open literals become varchar."""
        return self.close(self.bind(node, scope))

    def close(self, value: Typed) -> Typed:
        """A value with a type: open literals become varchar of their length."""
        if not value.unknown:
            return value
        if value.parameter is not None:
            return self.settle(value, VARCHAR)
        if value.literal is not None:
            return replace(value, type=varchar(max(len(value.literal.encode()), 1)))
        return replace(value, type=VARCHAR, tree=cast(value.tree, "TEXT"))

    def settle(self, value: Typed, kind: SqlType) -> Typed:
        """An open value as `kind`; a parameter is of that type from now on."""
        if value.parameter is not None and value.unknown:
            known = self.parameters.setdefault(value.parameter, kind)
            typed = self._parameter(value.parameter, known)
            return typed if known == kind else self.coerce(typed, kind, "implicit")
        return convert(value, kind, "explicit" if value.unknown else "implicit")

    def coerce(self, value: Typed, kind: SqlType, context: str) -> Typed:
        """A value in a type, as far as the context allows; the caller says the error otherwise."""
        if value.unknown:
            if value.parameter is not None:
                return self.settle(value, kind)
            return convert(value, kind, "assignment" if context == "assignment" else "explicit")
        return convert(value, kind, context, rounding=self.settings.numeric_rounding)

    def condition(self, node: exp.Expr, scope: Scope, clause: str) -> exp.Expr:
        """A boolean expression of WHERE, ON, HAVING, CASE."""
        value = self.bind(node, scope)
        if value.unknown:
            value = self.settle(value, BOOL)
        if value.type.name != "bool":
            raise SqlError("42804", f"argument of {clause} must be type boolean, not type {value.type.row.sql_name}")
        return value.tree

    def integer(self, node: exp.Expr, clause: str) -> exp.Expr:
        """A constant number of LIMIT, OFFSET, TOP."""
        value = self.bind(node, Scope())
        if value.unknown:
            value = self.settle(value, INT8)
        if value.type.name not in ("int2", "int4", "int8", "numeric"):
            raise SqlError("42804", f"argument of {clause} must be type bigint, not type {value.type.row.sql_name}")
        return value.tree

    # Nodes

    def literal(self, node: Any, scope: Scope) -> Typed:
        text = str(node.this)
        if node.is_string:
            return Typed(exp.Literal.string(text), UNKNOWN, "?column?", True, literal=text)
        return literal_number(text)

    def negative(self, node: Any, scope: Scope) -> Typed:
        if isinstance(node.this, exp.Literal) and not node.this.is_string:
            return literal_number("-" + str(node.this.this))
        value = self.bind(node.this, scope)
        if value.unknown:
            value = self.settle(value, FLOAT8)
        if value.type.name not in ("int2", "int4", "int8", "numeric", "float4", "float8", "interval"):
            raise operators.missing("-", None, value.type)
        return Typed(exp.Neg(this=paren(value.tree)), value.type, constant=value.constant)

    def boolean(self, node: Any, scope: Scope) -> Typed:
        return Typed(exp.Boolean(this=bool(node.this)), BOOL, "bool", True)

    def null(self, node: Any, scope: Scope) -> Typed:
        return Typed(exp.Null(), UNKNOWN, "?column?", True)

    def parameter(self, node: Any, scope: Scope) -> Typed:
        index = int(node.this.name if isinstance(node.this, exp.Expr) else node.this)
        if index < 1:
            raise SqlError("42P02", f"there is no parameter ${index}")
        self.highest_parameter = max(self.highest_parameter, index)
        known = self.parameters.get(index)
        if known is not None:
            return self._parameter(index, known)
        return Typed(exp.Parameter(this=exp.Literal.number(index)), UNKNOWN, "?column?", True, parameter=index)

    def _parameter(self, index: int, kind: SqlType) -> Typed:
        """A parameter's value: it comes as text and is read as a literal of its type would be."""
        text = Typed(cast(exp.Parameter(this=exp.Literal.number(index)), "TEXT"), VARCHAR, constant=True)
        if kind.name in STRINGS:
            return replace(text, type=kind if kind.name != "unknown" else VARCHAR)
        return replace(convert(text, kind, "explicit"), name="?column?")

    def column(self, node: Any, scope: Scope) -> Typed:
        name, table = node.name, node.args.get("table")
        if isinstance(node.this, exp.Star):
            raise SqlError("42601", "* is not allowed here")
        table_name = table.name if table is not None else None
        schema = node.args["db"].name if node.args.get("db") is not None else None
        found = scope.lookup(name, table_name, schema)
        if found is None:
            if table_name is None and name in NILADIC and not node.this.args.get("quoted"):
                return self.session_value(NILADIC[name], name)
            if table_name is None and name in scope.aliases:
                return scope.aliases[name]
            if schema is None and table_name is not None and scope.lookup(table_name, None, None) is not None:
                raise not_supported("navigation into SUPER values")
            raise scope.missing(name, table_name)
        value, depth = found
        self._use(value, name)
        if depth == 0 and scope.grouping is not None and not scope.grouping.inside:
            owner = next((s.alias for s in scope.sources if any(c.value is value for c in s.columns)), "")
            scope.grouping.ungrouped.append(f"{owner}.{name}" if owner else name)
        return replace(value, name=name)

    def _use(self, value: Typed, name: str) -> None:
        if value.table_oid:
            self.used.setdefault(value.table_oid, set()).add(name)

    def session_value(self, key: str, title: str | None = None) -> Typed:
        """A fact of the session, as a constant."""
        if key not in self.settings.values:
            raise SqlError("42883", f"function {key}() does not exist")
        self.session_bound = True
        value, kind = self.settings.values[key]
        tree = as_tree(value)
        if kind.name not in STRINGS:
            tree = cast(tree, kind)
        elif value is None:
            tree = cast(tree, "TEXT")
        if key in LEADER_VALUES:
            self.leader_calls.append(f'Function "{key}()" not supported.')
        return Typed(
            tree, kind, title or key, True, literal=value if kind.name in STRINGS and value is not None else None
        )

    def paren(self, node: Any, scope: Scope) -> Typed:
        value = self.bind(node.this, scope)
        return replace(value, tree=paren(value.tree))

    def binary(self, node: Any, scope: Scope) -> Typed:
        left, right = self.bind(node.this, scope), self.bind(node.expression, scope)
        return operators.arithmetic(type(node), left, right, self.settle)

    def comparison(self, node: Any, scope: Scope) -> Typed:
        if isinstance(node.this, exp.Tuple) and isinstance(node.expression, exp.Tuple):
            return self._rows_compared(node, scope)
        for wrapper in (exp.Any, exp.All):
            if isinstance(node.expression, wrapper):
                return self._quantified(node, scope)
        left, right = self.bind(node.this, scope), self.bind(node.expression, scope)
        return operators.compare(type(node), left, right, self.settle)

    def _rows_compared(self, node: Any, scope: Scope) -> Typed:
        pairs = zip(node.this.expressions, node.expression.expressions, strict=False)
        if len(node.this.expressions) != len(node.expression.expressions) or not isinstance(node, exp.EQ | exp.NEQ):
            raise not_supported("this comparison of rows")
        parts = [
            operators.compare(exp.EQ, self.bind(left, scope), self.bind(right, scope), self.settle).tree
            for left, right in pairs
        ]
        both: exp.Expr = exp.and_(*parts, copy=False) if len(parts) > 1 else parts[0]
        return Typed(paren(both) if isinstance(node, exp.EQ) else exp.Not(this=paren(both)), BOOL)

    def _quantified(self, node: Any, scope: Scope) -> Typed:
        inner = node.expression.this
        query = inner.this if isinstance(inner, exp.Subquery | exp.Paren) else inner
        if isinstance(query, exp.Query):
            if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
                return self._in_query(node.this, query, scope)
            raise not_supported("comparison with ANY or ALL of a subquery, other than = ANY")
        items = query.expressions if isinstance(query, exp.Array | exp.Tuple) else None
        if isinstance(query, exp.Anonymous) and str(query.this) == "array":
            items = query.expressions
        if items is None or not isinstance(node, exp.EQ) or not isinstance(node.expression, exp.Any):
            raise not_supported("comparison with ANY or ALL of an array")
        return self._in_list(self.bind(node.this, scope), [self.bind(item, scope) for item in items])

    def logic(self, node: Any, scope: Scope) -> Typed:
        clause = "AND" if isinstance(node, exp.And) else "OR"
        left = self.condition(node.this, scope, clause)
        right = self.condition(node.expression, scope, clause)
        return Typed(type(node)(this=paren(left), expression=paren(right)), BOOL)

    def negation(self, node: Any, scope: Scope) -> Typed:
        return Typed(exp.Not(this=paren(self.condition(node.this, scope, "NOT"))), BOOL)

    def is_(self, node: Any, scope: Scope) -> Typed:
        value = self.bind(node.this, scope)
        right = node.expression
        if isinstance(right, exp.Null):
            return Typed(exp.Is(this=paren(value.tree), expression=exp.Null()), BOOL, constant=value.constant)
        if isinstance(right, exp.Boolean):
            if value.type.name != "bool":
                raise SqlError("42804", f"argument of IS TRUE must be type boolean, not type {value.type.row.sql_name}")
            return Typed(exp.Is(this=paren(value.tree), expression=exp.Boolean(this=right.this)), BOOL)
        if isinstance(right, exp.Column) and right.name == "unknown":
            return Typed(exp.Is(this=paren(value.tree), expression=exp.Null()), BOOL)
        raise unknown_node(node)

    def between(self, node: Any, scope: Scope) -> Typed:
        value = self.bind(node.this, scope)
        low, high = self.bind(node.args["low"], scope), self.bind(node.args["high"], scope)
        first = operators.compare(exp.GTE, value, low, self.settle).tree
        second = operators.compare(exp.LTE, value, high, self.settle).tree
        return Typed(paren(exp.And(this=first, expression=second)), BOOL)

    def in_(self, node: Any, scope: Scope) -> Typed:
        query = node.args.get("query")
        if query is not None:
            inner = query.this if isinstance(query, exp.Subquery) else query
            return self._in_query(node.this, inner, scope)
        if isinstance(node.this, exp.Tuple):
            rows = [exp.EQ(this=node.this.copy(), expression=item) for item in node.expressions]
            parts = [self.comparison(row, scope).tree for row in rows]
            return Typed(paren(exp.or_(*parts, copy=False)) if len(parts) > 1 else parts[0], BOOL)
        return self._in_list(self.bind(node.this, scope), [self.bind(item, scope) for item in node.expressions])

    def _in_list(self, value: Typed, items: list[Typed]) -> Typed:
        settled, kinds = [], []
        for item in items:
            left, right, kind = operators.matched(value, item, "=", self.settle)
            kinds.append(kind)
            settled.append((left, right))
        kind = kinds[0]
        for other in kinds[1:]:
            kind = common([kind, other], "IN")
        subject = operators.comparable(settled[0][0], kind)
        members = [operators.comparable(right, kind) for _, right in settled]
        return Typed(exp.In(this=paren(subject), expressions=members), BOOL)

    def _in_query(self, node: exp.Expr, query: exp.Expr, scope: Scope) -> Typed:
        wanted = node.expressions if isinstance(node, exp.Tuple) else [node]
        tree, columns = self.subquery(query, scope)
        if len(columns) != len(wanted):
            few = "subquery has too few columns" if len(columns) < len(wanted) else "subquery has too many columns"
            raise SqlError("42601", few)
        alias = self.fresh("q")
        lefts, rights = [], []
        for index, (one, column) in enumerate(zip(wanted, columns, strict=True), 1):
            inner = Typed(exp.column(f"o{index}", table=alias, quoted=True), column.type)
            left, right, kind = operators.matched(self.bind(one, scope), inner, "=", self.settle)
            lefts.append(operators.comparable(left, kind))
            rights.append(operators.comparable(right, kind))
        source = exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        inside = exp.Select(expressions=rights, from_=exp.From(this=source))
        left_tree = paren(lefts[0]) if len(lefts) == 1 else exp.Tuple(expressions=lefts)
        return Typed(exp.In(this=left_tree, query=exp.Subquery(this=inside)), BOOL)

    def exists(self, node: Any, scope: Scope) -> Typed:
        inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
        tree, _ = self.subquery(inner, scope)
        return Typed(exp.Exists(this=tree), BOOL)

    def scalar_subquery(self, node: Any, scope: Scope) -> Typed:
        query = node.this if isinstance(node, exp.Subquery) else node
        tree, columns = self.subquery(query, scope)
        if len(columns) != 1:
            raise SqlError("42601", "subquery must return only one column")
        return Typed(exp.Subquery(this=tree), columns[0].type, columns[0].name)

    def subquery(self, query: exp.Expr, scope: Scope) -> tuple[exp.Expr, Sequence[OutputColumn]]:
        """A query inside an expression; the queries' module does it."""
        raise NotImplementedError

    def case(self, node: Any, scope: Scope) -> Typed:
        subject = self.bind(node.this, scope) if node.this is not None else None
        conditions, values = [], []
        for branch in node.args["ifs"]:
            if subject is None:
                conditions.append(self.condition(branch.this, scope, "CASE/WHEN"))
            else:
                conditions.append(operators.compare(exp.EQ, subject, self.bind(branch.this, scope), self.settle).tree)
            values.append(self.bind(branch.args["true"], scope))
        default = node.args.get("default")
        if default is not None:
            values.append(self.bind(default, scope))
        kind, settled = self.unify(values, "CASE")
        ifs = [exp.If(this=c, true=v.tree) for c, v in zip(conditions, settled, strict=False)]
        last = settled[-1].tree if default is not None else None
        return Typed(exp.Case(ifs=ifs, default=last), kind, "case", all(v.constant for v in values))

    def unify(self, values: list[Typed], what: str) -> tuple[SqlType, list[Typed]]:
        """Values brought to one type."""
        kinds = [
            varchar(max(len(one.literal.encode()), 1))
            if one.unknown and one.literal is not None and self._texts(values)
            else one.type
            for one in values
        ]
        kind = common(kinds, what)
        return kind, [self.coerce(one, kind, "implicit") for one in values]

    @staticmethod
    def _texts(values: list[Typed]) -> bool:
        return all(one.unknown or one.type.name in STRINGS for one in values)

    def cast(self, node: Any, scope: Scope) -> Typed:
        kind = written_type(node.args["to"])
        value = self.bind(node.this, scope)
        if kind.name in ("regclass", "regtype"):
            self.leader_calls.append(f'Type "{kind.name}" not supported.')
        name = value.name if not value.constant else kind.name
        if value.parameter is not None and value.unknown:
            settled = self.settle(value, kind)
            return replace(settled, name=kind.name)
        made = convert(value, kind, "explicit", rounding=self.settings.numeric_rounding)
        return replace(made, name=name, table_oid=0, number=0)

    def try_cast(self, node: Any, scope: Scope) -> Typed:
        made = self.cast(node, scope)
        return replace(made, tree=call("try", made.tree))

    def interval(self, node: Any, scope: Scope) -> Typed:
        if not isinstance(node.this, exp.Literal):
            raise not_supported("INTERVAL of an expression")
        unit = node.args.get("unit")
        text = str(node.this.this) + (f" {unit.name}" if unit is not None else "")
        return Typed(cast(as_tree(text.lower()), INTERVAL), INTERVAL, "interval", True)

    def like(self, node: Any, scope: Scope) -> Typed:
        escape = None
        if isinstance(node, exp.Escape):
            escape = self.close(self.bind(node.expression, scope)).literal
            node = node.this
        value, pattern = self._text(node.this, scope), self._text(node.expression, scope)
        name = {exp.Like: "rs_like", exp.ILike: "rs_ilike", exp.SimilarTo: "rs_similar"}.get(type(node))
        if name is None:
            raise unknown_node(node)
        return Typed(call(name, value.tree, pattern.tree, "\\" if escape is None else escape), BOOL)

    def regexp(self, node: Any, scope: Scope) -> Typed:
        value, pattern = self._text(node.this, scope), self._text(node.expression, scope)
        name = "rs_match_i" if isinstance(node, exp.RegexpILike) else "rs_match"
        return Typed(call(name, value.tree, pattern.tree), BOOL)

    def operator(self, node: Any, scope: Scope) -> Typed:
        """OPERATOR(pg_catalog.x), as psql writes them."""
        symbol = str(node.args["operator"]).rpartition(".")[2].strip()
        made = {"~": exp.RegexpLike, "=": exp.EQ, "<>": exp.NEQ, "~*": exp.RegexpILike}.get(symbol)
        if symbol == "!~":
            return Typed(exp.Not(this=paren(self.regexp(node, scope).tree)), BOOL)
        if made is None:
            raise not_supported(f"OPERATOR({symbol})")
        return self.bind(made(this=node.this, expression=node.expression), scope)

    def _text(self, node: exp.Expr, scope: Scope) -> Typed:
        value = self.bind(node, scope)
        if value.unknown:
            return self.settle(value, VARCHAR)
        if value.type.name not in STRINGS:
            return convert(value, VARCHAR, "implicit")
        return value

    def bitwise_not(self, node: Any, scope: Scope) -> Typed:
        value = self.value(node.this, scope)
        return Typed(exp.BitwiseNot(this=paren(value.tree)), value.type, constant=value.constant)

    def bitwise(self, node: Any, scope: Scope) -> Typed:
        left, right = self.bind(node.this, scope), self.bind(node.expression, scope)
        left = self.settle(left, INT4) if left.unknown else left
        right = self.settle(right, INT4) if right.unknown else right
        order = ["int2", "int4", "int8"]
        if left.type.name not in order or right.type.name not in order:
            raise operators.missing(operators.SYMBOLS[type(node)], left.type, right.type)
        kind = SqlType(max(left.type.name, right.type.name, key=order.index))
        if isinstance(node, exp.BitwiseXor):
            return Typed(call("xor", left.tree, right.tree), kind)
        tree = type(node)(this=paren(cast(left.tree, kind)), expression=paren(cast(right.tree, kind)))
        return Typed(cast(tree, kind), kind, constant=left.constant and right.constant)

    def concat(self, node: Any, scope: Scope) -> Typed:
        left, right = self.bind(node.this, scope), self.bind(node.expression, scope)
        left = self.settle(left, VARCHAR) if left.parameter is not None and left.unknown else left
        right = self.settle(right, VARCHAR) if right.parameter is not None and right.unknown else right
        return operators.concat(left, right)

    def collate(self, node: Any, scope: Scope) -> Typed:
        """COLLATE pg_catalog.default, as psql writes it, changes nothing; others are not there yet."""
        if node.expression.name.lower() in ("default", "c", "posix", "case_sensitive"):
            return self.bind(node.this, scope)
        raise not_supported(f"COLLATE {node.expression.name}")

    def at_time_zone(self, node: Any, scope: Scope) -> Typed:
        zone = self._text(node.args["zone"], scope)
        value = self.bind(node.this, scope)
        value = self.settle(value, SqlType("timestamptz")) if value.unknown else value
        if value.type.name == "timestamptz":
            return Typed(call("rs_in_zone", zone.tree, value.tree), SqlType("timestamp"), "timezone")
        value = self.coerce(value, SqlType("timestamp"), "implicit")
        return Typed(call("rs_at_zone", zone.tree, value.tree), SqlType("timestamptz"), "timezone")

    def dot(self, node: Any, scope: Scope) -> Typed:
        """pg_catalog.function(...)."""
        if isinstance(node.expression, exp.Anonymous):
            schema = node.this.name if isinstance(node.this, exp.Identifier | exp.Column) else ""
            if schema in ("pg_catalog", "information_schema"):
                return self.bind(node.expression, scope)
            raise SqlError("42883", f"function {schema}.{node.expression.this}() does not exist")
        raise not_supported("navigation into SUPER values")

    def function(self, node: Any, scope: Scope) -> Typed:
        """A call; the calls' module does it."""
        raise NotImplementedError

    def special(self, node: Any, scope: Scope) -> Typed:
        """Calls with a syntax of their own, as calls of their functions."""
        if isinstance(node, exp.Trim):
            side = str(node.args.get("position") or "BOTH").upper()
            name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "btrim")
            arguments = [node.this] + ([node.expression] if node.expression is not None else [])
        elif isinstance(node, exp.Substring):
            name = "substring"
            given = [node.this, node.args.get("start") or exp.Literal.number(1), node.args.get("length")]
            arguments = [one for one in given if one is not None]
        elif isinstance(node, exp.StrPosition):
            name, arguments = "position", [node.args["substr"], node.this]
        elif isinstance(node, exp.Extract):
            name, arguments = "extract", [exp.Literal.string(node.this.name.lower()), node.expression]
        else:
            raise unknown_node(node)
        return self.function(exp.Anonymous(this=name, expressions=arguments), scope)

    def window(self, node: Any, scope: Scope) -> Typed:
        """An OVER clause; the calls' module does it."""
        raise NotImplementedError

    def bracket(self, node: Any, scope: Scope) -> Typed:
        raise not_supported("navigation into SUPER values")


LEADER_VALUES = {"now", "current_schema", "version", "session_user", "current_time", "localtimestamp", "localtime"}


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
        return SqlType(BY_ALIAS[ascii_lower(str(node.this))].name)
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
        if name.endswith("[]"):
            raise not_supported(f"type {name}")
        raise SqlError("42704", f'type "{name}" does not exist')
    if row.name in ("name", "oid", "regclass", "regtype", "char", "interval"):
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


def unknown_node(node: exp.Expr) -> SqlError:
    """What sqlglot reads and Redshift, or Slipher, has not."""
    text = node.sql(dialect="redshift")
    return not_supported(f"the expression {text if len(text) < 60 else text[:57] + '...'}")


Method = Callable[[Expressions, Any, Scope], Typed]

NODES: dict[type[exp.Expr], Method] = {
    exp.Literal: Expressions.literal,
    exp.ByteString: lambda self, node, scope: (_ for _ in ()).throw(SqlError("42704", 'type "e" does not exist')),
    exp.National: lambda self, node, scope: self.literal(exp.Literal.string(str(node.this)), scope),
    exp.Neg: Expressions.negative,
    exp.Boolean: Expressions.boolean,
    exp.Null: Expressions.null,
    exp.Parameter: Expressions.parameter,
    exp.Placeholder: lambda self, node, scope: (_ for _ in ()).throw(SqlError("42601", 'syntax error at or near "?"')),
    exp.Column: Expressions.column,
    exp.Paren: Expressions.paren,
    exp.Add: Expressions.binary,
    exp.Sub: Expressions.binary,
    exp.Mul: Expressions.binary,
    exp.Div: Expressions.binary,
    exp.Mod: Expressions.binary,
    exp.Pow: Expressions.binary,
    exp.Sqrt: lambda self, node, scope: self.function(exp.Anonymous(this="sqrt", expressions=[node.this]), scope),
    exp.EQ: Expressions.comparison,
    exp.NEQ: Expressions.comparison,
    exp.LT: Expressions.comparison,
    exp.LTE: Expressions.comparison,
    exp.GT: Expressions.comparison,
    exp.GTE: Expressions.comparison,
    exp.And: Expressions.logic,
    exp.Or: Expressions.logic,
    exp.Not: Expressions.negation,
    exp.Is: Expressions.is_,
    exp.Between: Expressions.between,
    exp.In: Expressions.in_,
    exp.Exists: Expressions.exists,
    exp.Subquery: Expressions.scalar_subquery,
    exp.Select: Expressions.scalar_subquery,
    exp.Case: Expressions.case,
    exp.Cast: Expressions.cast,
    exp.TryCast: Expressions.try_cast,
    exp.Interval: Expressions.interval,
    exp.Like: Expressions.like,
    exp.ILike: Expressions.like,
    exp.SimilarTo: Expressions.like,
    exp.Escape: Expressions.like,
    exp.RegexpLike: Expressions.regexp,
    exp.RegexpILike: Expressions.regexp,
    exp.Operator: Expressions.operator,
    exp.BitwiseAnd: Expressions.bitwise,
    exp.BitwiseOr: Expressions.bitwise,
    exp.BitwiseXor: Expressions.bitwise,
    exp.BitwiseLeftShift: Expressions.bitwise,
    exp.BitwiseRightShift: Expressions.bitwise,
    exp.BitwiseNot: Expressions.bitwise_not,
    exp.DPipe: Expressions.concat,
    exp.Collate: Expressions.collate,
    exp.AtTimeZone: Expressions.at_time_zone,
    exp.Dot: Expressions.dot,
    exp.Anonymous: lambda self, node, scope: self.function(node, scope),
    exp.Trim: Expressions.special,
    exp.Substring: Expressions.special,
    exp.StrPosition: Expressions.special,
    exp.Extract: Expressions.special,
    exp.Window: lambda self, node, scope: self.window(node, scope),
    exp.WithinGroup: lambda self, node, scope: self.function(node, scope),
    exp.IgnoreNulls: lambda self, node, scope: self.function(node, scope),
    exp.RespectNulls: lambda self, node, scope: self.function(node, scope),
    exp.Bracket: Expressions.bracket,
}

__all__ = ["NAME", "BindSettings", "Expressions"]
