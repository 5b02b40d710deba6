"""Which record of a behaviour file states which row of AWS's documentation of COPY and UNLOAD; a row without one is an error."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from pages.claims import CLAIMS, GUIDE, Claim
from pages.page import Missing, code, table
from slipher.sql.parse import copy_rules, unload
from slipher.testing.slt.records import Record, SltFile

CITED = re.compile(r"# row: (\S+)\Z")


def claims() -> Iterator[Claim]:
    """Every row: those of the table, and what excludes what."""
    yield from CLAIMS
    for row in copy_rules.CONFLICTS:
        yield Claim(f"copy/conflict/{row.option}+{row.other}", "r_COPY", f"{row.option} is not with {row.other}")
    pairs = [*unload.CONFLICTS]
    for words in unload.EXCLUSIVE:
        pairs += [(one, other) for at, one in enumerate(words) for other in words[at + 1 :]]
    for one, other in pairs:
        yield Claim(f"unload/conflict/{one}+{other}", "r_UNLOAD", f"{one} is not with {other}")


def citations(file: SltFile) -> Iterator[tuple[str, Record]]:
    """The rows that a file's records cite."""
    waiting: list[str] = []
    for part in file.parts:
        if isinstance(part, Record):
            yield from ((name, part) for name in waiting)
            waiting = []
        else:
            waiting += [match[1] for line in part.split("\n") if (match := CITED.match(line.strip()))]
    if waiting:
        raise Missing(f"{file.path}: no record follows `# row: {waiting[0]}`")


def section(files: Sequence[SltFile], root: Path) -> list[str]:
    """The count, and the table of rows and records."""
    found: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for file in files:
        for name, record in citations(file):
            found[name].append((file.path.relative_to(root), record.head))
    known = {claim.name: claim for claim in claims()}
    if unknown := sorted(set(found) - set(known)):
        raise Missing(f"no row of tools/pages/claims.py is called {unknown[0]}, which {found[unknown[0]][0][0]} cites")
    bare = sorted(name for name, claim in known.items() if name not in found and not claim.absent)
    if bare:
        raise Missing(f"{len(bare)} rows have no record that cites them with `# row: …`, the first: {bare[0]}")
    kinds: dict[str, list[Claim]] = defaultdict(list)
    for claim in known.values():
        kinds["/".join(claim.name.split("/")[:2]) if claim.name.count("/") > 1 else "load-error"].append(claim)
    counts = [
        (code(kind), len(rows), sum(one.name in found for one in rows), sum(bool(one.absent) for one in rows))
        for kind, rows in sorted(kinds.items())
    ]
    stated = sum(one.name in found for one in known.values())
    rows = []
    for claim in sorted(known.values(), key=lambda one: one.name):
        places = ", ".join(dict.fromkeys(code(path) for path, _ in found[claim.name])) or f"none: {claim.absent}"
        rows.append((code(claim.name), claim.text, f"[{claim.page}]({GUIDE}{claim.page}.html)", places))
    return [
        "## COPY and UNLOAD, row by row",
        "What AWS's documentation says of COPY's and UNLOAD's options, of what excludes what, of error codes and messages: "
        f"{len(known)} rows. {stated} are stated by at least one record, which names the row in a comment before it; for the "
        f"other {len(known) - stated} the reason is given. The words are ours.",
        table(("rows", "there are", "with a record", "with a reason"), counts),
        table(("row", "what it says", "AWS's page", "stated by"), rows),
    ]
