"""docs/reference/modules.md: every module with its purpose, from its first sentence."""

from __future__ import annotations

import ast
from pathlib import Path

from pages.page import Missing, code, page, table

ROOT = Path(__file__).parents[2] / "src" / "slipher"


def make() -> str:
    """The page."""
    packages: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = str(path.relative_to(ROOT))
        words = ast.get_docstring(ast.parse(path.read_text()))
        if words is None and path.read_text().strip():
            raise Missing(f"{name} does not say what it is for")
        if words and "/" in name:
            first = words.split("\n\n")[0].replace("\n", " ")
            packages.setdefault(name.split("/")[0], []).append((code(name), first))
    parts = []
    for package, rows in sorted(packages.items()):
        parts += [f"## {package}", table(("module", "purpose"), rows)]
    return page("Modules", "The map from above is in [ARCHITECTURE](../../ARCHITECTURE.md).", *parts)
