"""docs/reference/statements.md: Redshift's statements, which are there, and what is tolerated beyond them."""

from __future__ import annotations

from pages.page import Missing, code, page, state, table
from pages.words import STATEMENTS
from slipher.sql.parse.parse import REFUSED, STATEMENTS as PARSERS, UNSUPPORTED
from slipher.sql.tolerated import TOLERATED as SYNTAX
from slipher.warehouse.system.relations import TOLERATED


def make() -> str:
    """The page."""
    spelled = [example.upper().split() for example in STATEMENTS.values()]
    for words, _ in PARSERS:
        same = {"ANALYSE": "ANALYZE", "(": "SELECT"}.get(words[0], words[0])
        if not any(tokens[: len(words)] == [same, *words[1:]] for tokens in spelled):
            raise Missing(f"tools/pages/words.py has no example of the statement {' '.join(words)}")
    rows = [(code(name), code(example), state(example)) for name, example in sorted(STATEMENTS.items())]
    named = sorted(" ".join(words) for words in UNSUPPORTED)
    tolerated = [
        (code(relation), ", ".join(code(name) for name in names)) for relation, names in sorted(TOLERATED.items())
    ]
    syntax = [(one.name, code(one.example), one.tools, one.where) for one in SYNTAX]
    return page(
        "Statements",
        "A statement marked *not yet* is refused with SQLSTATE 0A000 and its name. *Yes* says that the example is "
        "understood (this page asks the parser); single clauses of a statement may still be refused by name.",
        table(("statement", "for example", "there"), rows),
        "## Refused by their first words",
        "What Redshift has and Slipher has not yet: " + ", ".join(code(name) for name in named) + ".",
        "What PostgreSQL has and Redshift refuses, with Redshift's text:",
        table(("statement", "answer"), [(code(" ".join(words)), text) for words, text in REFUSED]),
        "## Tolerated",
        "What a real cluster refuses, and tools of today write in their own questions about the catalog:",
        table(("syntax", "for example", "who writes it", "taken in"), syntax),
        "Redshift does not have these columns, and a query that names them fails there. Today's psql and drivers name them in "
        "their own questions, so they can be read here; `*` leaves them out, and a query of yours that uses them works only on "
        "Slipher.",
        table(("relation", "columns"), tolerated),
    )
