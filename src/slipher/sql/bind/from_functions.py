"""Functions in FROM: generate_series, unnest, those that read a system relation, and scalar ones, which give one row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind import arrays
from slipher.sql.bind.scope import Scope, SourceColumn
from slipher.sql.bind.trees import derived
from slipher.sql.bind.typed import Typed, call, cast, column
from slipher.sql.statements.names import QName
from slipher.types.sqltype import INT8, SqlType

if TYPE_CHECKING:
    from slipher.sql.bind.sources import Sources

# Functions that read the system relation of their name, and how many arguments they take: the value of its first column.
RELATIONS = {"pg_get_late_binding_view_cols": 0, "pg_get_cols": 1}


def from_function(sources: Sources, node: Any, scope: Scope) -> exp.Expr:
    """A call in FROM; adds its columns to the scope."""
    name = str(node.this.this).lower()
    alias = node.args.get("alias")
    title = alias.name if alias is not None and alias.name else name
    if name in RELATIONS:
        return _relation(sources, name, node, scope)
    if name == "generate_series":
        return _series(sources, node, scope, title)
    if name in arrays.TABLE_FUNCTIONS:
        sources.leader_calls.append(f'Function "{name}()" not supported.')
        tree, columns = arrays.TABLE_FUNCTIONS[name](sources, node.this, scope, title)
        sources.add_source(node, name, [SourceColumn(one, value) for one, value in columns], scope)
        return tree
    value = sources.close(sources.bind(node.this, Scope()))
    engine = sources.fresh("f")
    only = SourceColumn(title, replace(value, tree=column(engine, "o1"), name=title))
    sources.add_source(node, name, [only], scope)
    item = exp.Alias(this=value.tree, alias=exp.to_identifier("o1", quoted=True))
    return derived(exp.Select(expressions=[item]), engine)


def _relation(sources: Sources, name: str, node: Any, scope: Scope) -> exp.Expr:
    arguments = node.this.expressions
    if len(arguments) != RELATIONS[name]:
        raise sources.no_function(name, [sources.bind(one, Scope()) for one in arguments])
    sources.leader_calls.append(f'Function "{name}()" not supported.')
    relation = sources.resolve(QName(name, "pg_catalog"))
    wanted = [sources.coerce(sources.bind(one, Scope()), SqlType("regclass"), "explicit") for one in arguments]
    # Its aliases name the columns that are shown: the first, which the argument chooses by, is not.
    tree = sources.relation_source(relation, exp.Table(this=exp.to_identifier(name)), scope)
    shown = scope.sources.pop().columns
    sources.used.setdefault(relation.oid, set()).update(one.value.name for one in shown)
    for value in wanted:
        key = shown.pop(0)
        chosen = exp.Where(this=exp.EQ(this=key.value.tree.copy(), expression=value.tree))
        tree = derived(exp.Select(expressions=[exp.Star()], from_=exp.From(this=tree), where=chosen), str(tree.alias))
    sources.add_source(node, name, shown, scope)
    return tree


def _series(sources: Sources, node: Any, scope: Scope, title: str) -> exp.Expr:
    sources.leader_calls.append('Function "generate_series" not supported.')
    given = node.this.expressions
    if not 2 <= len(given) <= 3:
        raise SqlError("42883", "function generate_series() does not exist")
    bounds = [sources.coerce(sources.bind(one, Scope()), INT8, "implicit").tree for one in given]
    engine = sources.fresh("f")
    value = Typed(cast(column(engine, "generate_series"), INT8), INT8, title)
    sources.add_source(node, "generate_series", [SourceColumn(title, value)], scope)
    table = exp.Table(this=call("generate_series", *bounds))
    table.set("alias", exp.TableAlias(this=exp.to_identifier(engine, quoted=True)))
    return table
