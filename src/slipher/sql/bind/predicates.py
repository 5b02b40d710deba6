"""Predicates: comparisons, IN, BETWEEN, EXISTS, patterns, logic."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import arrays, operators
from slipher.sql.bind.casts import common
from slipher.sql.bind.core import Binder, unknown_node
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.typed import Typed, call, paren
from slipher.types.sqltype import BOOL


class Predicates(Binder):
    """The binder of what is true or false."""

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
            return self._with_each(node, query, scope)
        items = query.expressions if isinstance(query, exp.Array | exp.Tuple) else None
        if isinstance(query, exp.Anonymous) and str(query.this) == "array":
            items = query.expressions
        if items is None:
            return arrays.any_of(self, node, scope, self.bind(query, scope))
        kind = (type(node), type(node.expression))
        if not items or kind not in ((exp.EQ, exp.Any), (exp.NEQ, exp.All)):
            raise not_supported("comparison with ANY or ALL of an array")
        found = self._in_list(self.bind(node.this, scope), [self.bind(item, scope) for item in items])
        return found if kind[0] is exp.EQ else Typed(exp.Not(this=paren(found.tree)), BOOL)

    def _with_each(self, node: Any, query: exp.Expr, scope: Scope) -> Typed:
        """x > ALL (SELECT ...) and the like."""
        tree, columns = self.subquery(query, scope)
        if len(columns) != 1:
            raise SqlError("42601", "subquery has too many columns")
        alias = self.fresh("q")
        inner = Typed(exp.column("o1", table=alias, quoted=True), columns[0].type)
        symbol = operators.SYMBOLS[type(node)]
        left, right, kind = operators.matched(self.bind(node.this, scope), inner, symbol, self.settle)
        source = exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        inside = exp.Select(expressions=[operators.comparable(right, kind)], from_=exp.From(this=source))
        each = type(node.expression)(this=exp.Subquery(this=inside))
        return Typed(type(node)(this=paren(operators.comparable(left, kind)), expression=each), BOOL)

    def logic(self, node: Any, scope: Scope) -> Typed:
        clause = "AND" if isinstance(node, exp.And) else "OR"
        left = self.condition(node.this, scope, clause)
        right = self.condition(node.expression, scope, clause)
        return Typed(type(node)(this=paren(left), expression=paren(right)), BOOL)

    def negation(self, node: Any, scope: Scope) -> Typed:
        return Typed(exp.Not(this=paren(self.condition(node.this, scope, "NOT"))), BOOL)

    def distinct_from(self, node: Any, scope: Scope) -> Typed:
        """IS [NOT] DISTINCT FROM, which Redshift lacks and psql's catalog queries hold."""
        self.refused.append(SqlError("0A000", "IS DISTINCT FROM is not supported"))
        left, right = self.bind(node.this, scope), self.bind(node.expression, scope)
        left, right, kind = operators.matched(left, right, "=", self.settle)
        made = type(node)(this=operators.comparable(left, kind), expression=operators.comparable(right, kind))
        return Typed(paren(made), BOOL)

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
        if not items:
            raise SqlError("42601", 'syntax error at or near ")"')
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

    def like(self, node: Any, scope: Scope) -> Typed:
        escape, negated = None, False
        if isinstance(node, exp.Escape):
            escape = self.close(self.bind(node.expression, scope)).literal
            node, negated = node.this, bool(node.this.args.get("negate"))  # NOT stands inside
        value, pattern = self.text(node.this, scope), self.text(node.expression, scope)
        name = {exp.Like: "rs_like", exp.ILike: "rs_ilike", exp.SimilarTo: "rs_similar"}.get(type(node))
        if name is None:
            raise unknown_node(node)
        found = call(name, value.tree, pattern.tree, "\\" if escape is None else escape)
        return Typed(exp.Not(this=found) if negated else found, BOOL)

    def regexp(self, node: Any, scope: Scope) -> Typed:
        value, pattern = self.text(node.this, scope), self.text(node.expression, scope)
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
