"""docs/reference/functions.md: every function by group, with its arguments."""

from __future__ import annotations

from pages.page import code, page, table
from slipher.sql.bind import dates
from slipher.sql.bind.aggregates import AGGREGATES
from slipher.sql.bind.special import SPECIAL
from slipher.sql.bind.windows import WINDOW_ONLY
from slipher.sql.functions import BY_NAME, LEADER_ONLY, UNSUPPORTED, Function
from slipher.warehouse.run.values import TABLE as SESSION


def _names(names: object) -> str:
    return ", ".join(code(name) for name in sorted(names))  # type: ignore[call-overload]


def _signature(row: Function) -> str:
    result = f" → {row.result}" if isinstance(row.result, str) and row.result not in ("arg0", "common") else ""
    return code(f"{row.name}({', '.join(row.arguments)}){result}")


def make() -> str:
    """The page."""
    scalar = [
        (code(name), "<br>".join(_signature(row) for row in rows), "yes" if any(row.leader for row in rows) else "")
        for name, rows in sorted(BY_NAME.items())
    ]
    there = {*BY_NAME, *AGGREGATES, *WINDOW_ONLY, *SPECIAL, *dates.FUNCTIONS, *SESSION}
    return page(
        "Functions",
        f"{len(there)} functions are there. One that Redshift has and Slipher has not is refused by name (0A000); any other name "
        "is unknown (42883). CASE, CAST, `::`, TRIM, POSITION, EXTRACT and the like are syntax and not listed.",
        "## Aggregates",
        _names(AGGREGATES),
        "Most of them can also stand before OVER. `count(distinct …)`, `listagg(…) within group (order by …)`.",
        "## Only with OVER",
        _names(WINDOW_ONLY),
        "## Dates",
        _names(dates.FUNCTIONS),
        "## With rules of their own",
        _names(SPECIAL),
        "## About the session",
        _names(SESSION),
        "## Scalar functions",
        "Arguments by internal type names: `text` is any string, `number` any number, `any` anything, `common` arguments that "
        "are brought to one type; `...` repeats. Functions of the leader node cannot be used on tables, as on Redshift.",
        table(("function", "forms", "leader node only"), scalar),
        "## Leader node only, without a form above",
        _names(LEADER_ONLY - set(BY_NAME)),
        "## Not yet",
        _names(UNSUPPORTED - there),
    )
