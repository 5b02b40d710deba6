"""docs/reference/settings.md: parameters of sessions, and variables of the environment."""

from __future__ import annotations

import re
from pathlib import Path

from pages.page import code, complete, page, table
from pages.words import ENVIRONMENT
from slipher.host.env import UNSET, variables
from slipher.warehouse.session.parameters import PARAMETERS, Parameter

SOURCES = Path(__file__).parents[2] / "src" / "slipher"
INTERNAL = {"SLIPHER_LIFELINE", "SLIPHER_ACCOUNT_ID"}  # between our own processes; what `slipher env` prints


def _values(one: Parameter) -> str:
    if one.words:
        return ", ".join(one.words)
    if one.kind in ("int", "number"):
        return f"{one.low:,.0f} to {one.high:,.0f}"
    return {"bool": "on or off", "zone": "a time zone's name", "path": "names of schemas"}.get(one.kind, "text")


def _effect(one: Parameter) -> str:
    if one.readonly:
        return "can only be shown"
    if one.effect:
        return "yes"
    return "any other value is refused: not built yet" if one.fixed else f"kept and shown only: {one.why}"


def make() -> str:
    """The page."""
    found = {
        name for path in SOURCES.rglob("*.py") for name in re.findall(r"\"(SLIPHER_[A-Z_]+)\"", path.read_text())
    } - INTERNAL
    complete("variable", found, ENVIRONMENT)
    rows = [(code(one.name), code(one.default or " "), _values(one), _effect(one)) for one in PARAMETERS]
    exported = re.findall(r'^\s+"([A-Z_]+)":', _source(variables), re.M)
    return page(
        "Settings",
        "How to use them: [configuration](../guide/configuration.md). The options of the `slipher` command are "
        "[on a page of their own](command.md).",
        "## Parameters of a session",
        "`SET name TO value`, `SHOW name`, `RESET name`, `current_setting('name')`. A name that is not here is refused "
        "(42704), unless it has a dot: those are the session's own.",
        table(("parameter", "default", "values", "has an effect"), rows),
        "## Variables that Slipher reads",
        table(("variable", "what it does"), [(code(name), text) for name, text in ENVIRONMENT.items()]),
        "## Variables that `slipher env` prints",
        "It sets " + ", ".join(code(name) for name in exported) + ", and unsets " + ", ".join(map(code, UNSET)) + ".",
    )


def _source(function: object) -> str:
    import inspect

    return inspect.getsource(function)  # type: ignore[arg-type]
