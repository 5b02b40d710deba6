"""docs/reference/command.md: the `slipher` command."""

from __future__ import annotations

from typing import Any

import typer.main

from pages.page import code, page, table
from slipher.host.cli import app


def _option(parameter: Any) -> tuple[str, str]:
    names = "/".join(parameter.opts)
    value = "" if getattr(parameter, "is_flag", False) else f" {(parameter.metavar or parameter.name).upper()}"
    return code(f"{names}{value}"), parameter.help or ""


def make() -> str:
    """The page."""
    group: Any = typer.main.get_command(app)
    parts = []
    for name, command in group.commands.items():
        parts += [f"## slipher {name}", command.help or ""]
        rows = [_option(one) for one in command.params if getattr(one, "help", None) is not None]
        if rows:
            parts.append(table(("option", "what it does"), rows))
    return page("The slipher command", group.help or "", *parts)
