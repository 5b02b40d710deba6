"""The binder's base: what it gathers for a statement, and how values get their types. The node's own methods are elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind.casts import STRINGS, common, convert
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.typed import Typed, cast, paren
from slipher.sql.names import Names, Relation
from slipher.types.sqltype import BOOL, INT8, VARCHAR, SqlType, varchar

if TYPE_CHECKING:
    from slipher.sql.bound import OutputColumn


def _never() -> None:
    """Nothing cancels."""


@dataclass(frozen=True, slots=True)
class BindSettings:
    """What binding depends on beside text and catalog. `values` are the session's facts that functions give, by function name;
    `check` raises when the statement is cancelled: binding a text of megabytes takes a while."""

    values: Mapping[str, tuple[Any, SqlType]] = field(default_factory=dict)
    numeric_rounding: bool = False
    case_sensitive: bool = False
    search_path: tuple[str, ...] = ()
    check: Callable[[], None] = _never


class Binder:
    """Binds expressions for one statement. Collects what the statement needs: relations, privileges, parameters."""

    nodes: ClassVar[dict[type[exp.Expr], Callable[[Any, Any, Scope], Typed]]] = {}  # how each kind of node is bound

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
        self.refused: list[
            SqlError
        ] = []  # what is tolerated if the statement reads the catalog alone (see sql/tolerated)
        self.session_bound = False
        self.volatile = False
        self.freezing = False  # a view is being made: names in the tree become oids, * its columns
        self.references: list[tuple[exp.Expr, int, int]] = []  # then: each column of a table, where the tree names it
        self.counter = 0
        self.correlations = 0  # references to a query further out, so far
        self.undecorrelated = False  # one of them follows a pattern that Redshift's planner refuses

    def fresh(self, prefix: str) -> str:
        """An engine name that the statement has not used."""
        self.counter += 1
        return f"{prefix}{self.counter}"

    def bind(self, node: exp.Expr, scope: Scope) -> Typed:
        """Any expression."""
        self.settings.check()
        method = self.nodes.get(type(node))
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
            typed = self.parameter_value(value.parameter, known)
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
            error = SqlError("42804", f"argument of {clause} must be type boolean, not type {value.type.row.sql_name}")
            if not (isinstance(node, exp.Literal) and value.type.name == "int4"):
                raise error
            self.refused.append(error)  # WHERE 1 AND ...: taken in questions about the catalog
            return exp.Boolean(this=int(node.name) != 0)
        return value.tree

    def integer(self, node: exp.Expr, clause: str) -> exp.Expr:
        """A constant number of LIMIT, OFFSET, TOP."""
        value = self.bind(node, Scope())
        if value.unknown:
            value = self.settle(value, INT8)
        if value.type.name not in ("int2", "int4", "int8", "numeric"):
            raise SqlError("42804", f"argument of {clause} must be type bigint, not type {value.type.row.sql_name}")
        if isinstance(node, exp.Neg):
            raise SqlError("2201W" if clause == "LIMIT" else "2201X", f"{clause} must not be negative")
        return value.tree

    # Nodes

    def parameter_value(self, index: int, kind: SqlType) -> Typed:
        """A parameter's value: it comes as text and is read as a literal of its type would be."""
        text = Typed(cast(exp.Parameter(this=exp.Literal.number(index)), "TEXT"), VARCHAR, constant=True)
        if kind.name in STRINGS:
            return replace(text, type=kind if kind.name != "unknown" else VARCHAR)
        return replace(convert(text, kind, "explicit"), name="?column?")

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

    def text(self, node: exp.Expr, scope: Scope) -> Typed:
        """An expression as a string."""
        value = self.bind(node, scope)
        if value.unknown:
            return self.settle(value, VARCHAR)
        if value.type.name not in STRINGS:
            return convert(value, VARCHAR, "implicit")
        return value

    def subquery(self, query: exp.Expr, scope: Scope) -> tuple[exp.Expr, Sequence[OutputColumn]]:
        """A query inside an expression; the queries' module does it."""
        raise NotImplementedError

    def function(self, node: Any, scope: Scope) -> Typed:
        """A call; the calls' module does it."""
        raise NotImplementedError

    def window(self, node: Any, scope: Scope) -> Typed:
        """An OVER clause; the calls' module does it."""
        raise NotImplementedError


def unknown_node(node: exp.Expr) -> SqlError:
    """What sqlglot reads and Redshift, or Slipher, has not."""
    text = node.sql(dialect="redshift")
    return not_supported(f"the expression {text if len(text) < 60 else text[:57] + '...'}")
