"""docs/decisions/README.md: the list of decision records."""

from __future__ import annotations

from pathlib import Path

from pages.page import Missing, page

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"


def make() -> str:
    """The page."""
    records = sorted(FOLDER.glob("[0-9]*.md"))
    numbers = [path.name[:4] for path in records]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        raise Missing(f"two decisions have the number {', '.join(twice)}: give the later one the next that is free")
    rows = [f"- {path.name[:4]} [{_title(path)}]({path.name})" for path in records]
    return page(
        "Decisions",
        "What was decided, when another way was open, and why. A new one gets the next number; one that is overtaken says by "
        "which.",
        "\n".join(rows),
    )


def _title(path: Path) -> str:
    return path.read_text().splitlines()[0].lstrip("# 0123456789.")
