"""docs/compatibility.md: what is known of Redshift's behaviour, and how well, from the headers of the behaviour files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pages.coverage import section
from pages.page import code, page, table
from slipher.testing.slt.records import BASES, SltFile, read

ROOT = Path(__file__).parents[2]
STATES = ("statement", "query", "objects", "api", "aws", "connect", "await")  # records that state a behaviour
MEANING = {
    "documented": "AWS's documentation says so",
    "observed": "somebody saw a real cluster do it: a log, a question, an issue",
    "guess": "nobody said; it follows from PostgreSQL, or from what is near it. A guess may be wrong.",
}


def _count(file: SltFile) -> int:
    return sum(record.directive in STATES for record in file.records)


def make() -> str:
    """The page."""
    files = [read(path) for path in sorted((ROOT / "tests").rglob("*.slt"))]
    counts: Counter[str] = Counter()
    for file in files:
        counts[file.header["basis"]] += _count(file)
    total = sum(counts.values())
    summary = [
        (basis, MEANING[basis], sum(file.header["basis"] == basis for file in files), counts[basis]) for basis in BASES
    ]
    parts = []
    for title, bases in (("Known", ("documented", "observed")), ("Guesses", ("guess",))):
        rows = [
            (
                code(file.path.relative_to(ROOT / "tests")),
                file.header["basis"],
                _count(file),
                file.header["source"],
            )
            for file in files
            if file.header["basis"] in bases
        ]
        parts += [f"## {title}", table(("file", "basis", "statements", "source"), rows)]
    return page(
        "Compatibility",
        f"{total} statements and requests with their complete answers are written down in {len(files)} behaviour files below "
        "`tests/`, and checked on each run of the tests. Each file says where its claim comes from:",
        table(("basis", "meaning", "files", "statements"), summary),
        "What is there and what is not is listed in "
        "[statements](reference/statements.md), [COPY](reference/copy.md), [UNLOAD](reference/unload.md), "
        "[functions](reference/functions.md), [types](reference/types.md), [system relations](reference/system-relations.md) "
        "and [operations of AWS's APIs](reference/api.md).",
        *parts,
        *section(files, ROOT / "tests"),
    )
