"""Values: literals, columns, casts, operators; and the table of nodes. A node that is not in the table is not Redshift's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import arrays, operators
from slipher.sql.bind.casts import NAMED_OIDS, STRINGS, convert
from slipher.sql.bind.core import BindSettings as BindSettings, unknown_node
from slipher.sql.bind.literals import literal_number, written_type
from slipher.sql.bind.predicates import Predicates
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.typed import Typed, as_tree, call, cast, paren
from slipher.types.sqltype import BOOL, FLOAT8, INT4, INTERVAL, UNKNOWN, VARCHAR, SqlType

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
LEADER_VALUES = {"now", "current_schema", "version", "session_user", "current_time", "localtimestamp", "localtime"}
# The engine's macros that raise, and have a silent twin named rs_try_...
TRIED = frozenset(
    f"rs_text_to_{kind}" for kind in "int2 int4 int8 number float bool date timestamp timestamptz time timetz".split()
) | {"rs_assign_varchar", "rs_assign_char"}


class Expressions(Predicates):
    """The binder of values."""

    def literal(self, node: Any, scope: Scope) -> Typed:
        text = str(node.this)
        if node.is_string:
            return Typed(exp.Literal.string(text), UNKNOWN, "?column?", True, literal=text)
        return literal_number(text)

    def escaped(self, node: Any, scope: Scope) -> Typed:
        """E'...' is no literal of Redshift; psql writes it in its catalog queries (see sql/tolerated)."""
        self.refused.append(SqlError("42704", 'type "e" does not exist'))
        return self.literal(exp.Literal.string(str(node.this)), scope)

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
            return self.parameter_value(index, known)
        return Typed(exp.Parameter(this=exp.Literal.number(index)), UNKNOWN, "?column?", True, parameter=index)

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
            if table_name is None and name in scope.written and scope.grouping is None:
                written = scope.written.pop(name)  # an alias that means itself is no column
                try:
                    return replace(self.bind(written, scope), name=name)
                finally:
                    scope.written[name] = written
            if schema is None and table_name is not None and scope.lookup(table_name, None, None) is not None:
                raise not_supported("navigation into SUPER values")
            raise scope.missing(name, table_name)
        value, depth = found
        if depth:
            self.correlations += 1
            self.undecorrelated = self.undecorrelated or depth > 1  # a query between is skipped
        self._use(value, name, node)
        if depth == 0 and scope.grouping is not None and not scope.grouping.inside:
            owner = next((s.alias for s in scope.sources if any(c.value is value for c in s.columns)), "")
            scope.grouping.ungrouped.append(f"{owner}.{name}" if owner else name)
        return replace(value, name=name)

    def _use(self, value: Typed, name: str, node: exp.Expr) -> None:
        if value.table_oid:
            self.used.setdefault(value.table_oid, set()).add(name)
            if self.freezing:
                self.references.append((node, value.table_oid, value.number))

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

    def scalar_subquery(self, node: Any, scope: Scope) -> Typed:
        query = node.this if isinstance(node, exp.Subquery) else node
        tree, columns = self.subquery(query, scope)
        if len(columns) != 1:
            raise SqlError("42601", "subquery must return only one column")
        return Typed(exp.Subquery(this=tree), columns[0].type, columns[0].name)

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

    def cast(self, node: Any, scope: Scope) -> Typed:
        kind = written_type(node.args["to"])
        return self.cast_of(self.bind(node.this, scope), kind)

    def cast_of(self, value: Typed, kind: SqlType) -> Typed:
        """An explicit cast of a bound value."""
        if kind.name in NAMED_OIDS:
            self.leader_calls.append(f'Type "{kind.name}" not supported.')
        name = value.name if not value.constant else kind.name
        if value.parameter is not None and value.unknown:
            settled = self.settle(value, kind)
            return replace(settled, name=kind.name)
        made = convert(value, kind, "explicit", rounding=self.settings.numeric_rounding)
        return replace(made, name=name, table_oid=0, number=0)

    def try_cast(self, node: Any, scope: Scope) -> Typed:
        """TRY_CAST: NULL where the cast fails; errors of the operand itself stay errors."""
        operand = self.close(self.bind(node.this, scope))
        made = self.cast_of(operand, written_type(node.args["to"]))
        return replace(made, tree=_tried(made.tree, operand.tree))

    def interval(self, node: Any, scope: Scope) -> Typed:
        if not isinstance(node.this, exp.Literal):
            raise not_supported("INTERVAL of an expression")
        unit = node.args.get("unit")
        text = str(node.this.this) + (f" {unit.name}" if unit is not None else "")
        return Typed(cast(as_tree(text.lower()), INTERVAL), INTERVAL, "interval", True)

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
        return arrays.concatenate(left, right) or operators.concat(left, right)

    def collate(self, node: Any, scope: Scope) -> Typed:
        """COLLATE pg_catalog.default, as psql writes it, changes nothing; others are not there yet."""
        if node.expression.name.lower() in ("default", "c", "posix", "case_sensitive"):
            return self.bind(node.this, scope)
        raise not_supported(f"COLLATE {node.expression.name}")

    def at_time_zone(self, node: Any, scope: Scope) -> Typed:
        zone = self.text(node.args["zone"], scope)
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

    def bracket(self, node: Any, scope: Scope) -> Typed:
        value = self.bind(node.this, scope)
        if arrays.element(value.type) is not None:
            return arrays.subscript(self, node, scope, value)
        raise not_supported("navigation into SUPER values")


def _tried(tree: exp.Expr, operand: exp.Expr) -> exp.Expr:
    """A cast's tree whose steps, down to the operand, give NULL instead of an error."""
    if tree is operand:
        return tree
    if type(tree) is exp.Cast:
        return exp.TryCast(this=_tried(tree.this, operand), to=tree.args["to"])
    if isinstance(tree, exp.Anonymous):
        name = str(tree.this)
        arguments = [_tried(one, operand) for one in tree.expressions]
        return exp.Anonymous(this=name.replace("rs_", "rs_try_", 1) if name in TRIED else name, expressions=arguments)
    return tree


NODES: dict[type[exp.Expr], Callable[[Any, Any, Scope], Typed]] = {
    exp.Literal: Expressions.literal,
    exp.ByteString: Expressions.escaped,
    exp.National: lambda self, node, scope: self.literal(exp.Literal.string(str(node.this)), scope),
    exp.RawString: lambda self, node, scope: self.literal(exp.Literal.string(str(node.this)), scope),
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
    exp.Cbrt: lambda self, node, scope: self.function(exp.Anonymous(this="cbrt", expressions=[node.this]), scope),
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
    exp.NullSafeEQ: Expressions.distinct_from,
    exp.NullSafeNEQ: Expressions.distinct_from,
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
    exp.Array: arrays.literal,
}

Expressions.nodes = NODES
