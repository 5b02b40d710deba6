"""ALTER TABLE RENAME COLUMN under views: their stored queries follow, what they give stays (as PostgreSQL's rules do)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql import statements as s
from slipher.sql.bind import bind_view, rename_in_view
from slipher.sql.bind.sources import OID_SCHEMA
from slipher.sql.parse.lexer import parse_tree, tokenize
from slipher.warehouse.catalog.model import RelationRow

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run


Renamed = tuple[RelationRow, tuple[tuple[int, int], ...]]


def renamed_views(run: Run, statement: s.AlterTable) -> list[Renamed]:
    """The rows of the views that name the column, as they will be, and the columns that each names."""
    action, row = statement.action, run.names.row(statement.name)
    assert isinstance(action, s.RenameColumn)
    column = next((one for one in row.columns if one.name == action.name), None) if row is not None else None
    if row is None or column is None:
        return []
    found = []
    for view in run.names.state.dependents(row.oid):
        if view.late_binding or view.view is None:
            continue
        place, names = (row.oid, column.number), (column.name, action.to)
        tree, named = rename_in_view(view.view, place, names, run.names, run.bind_settings)
        text = tree.sql(dialect="redshift")
        if text != parse_tree(view.view, tokenize(view.view)).sql(dialect="redshift"):
            found.append((replace(view, view=text, definition=_definition(run, tree)), named))
    return found


def put_views(run: Run, views: list[Renamed]) -> None:
    """Store them, once the column has its new name; each must still mean what it meant (a new name may be another's)."""
    ddl = run.ddl()
    ddl.lock([view.oid for view, _ in views])
    for view, named in views:
        tree = parse_tree(view.view or "", tokenize(view.view or ""))
        try:
            made = bind_view(tree, run.names, settings=run.bind_settings)
            same = made.named == named and [one.type for one in made.columns] == [one.type for one in view.columns]
        except SqlError:
            same = False
        if not same:
            raise not_supported(f"renaming a column that view {view.name} uses in this way")
        ddl.draft.put(view)


def _definition(run: Run, tree: exp.Expr) -> str:
    """The query with relations by their names again."""
    shown = tree.copy()
    for table in shown.find_all(exp.Table):
        if table.db == OID_SCHEMA:
            relation = run.names.relation_by_oid(int(table.name))
            if relation is not None:
                table.set("this", exp.to_identifier(relation.name))
                table.set("db", exp.to_identifier(relation.schema))
    return shown.sql(dialect="redshift", identify=False)
