"""Parameters of prepared statements next to each other: `$1,$2` is two parameters, no dollar quote."""

from __future__ import annotations

import pytest

from slipher.sql.parse import parse
from slipher.sql.redact import redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("select $1,$2", "SELECT $1, $2"),
        ("select '$1,$2', $1,$2,$3", "SELECT '$1,$2', $1, $2, $3"),
        ("select $$a$1,$2$$, $1", "SELECT 'a$1,$2', $1"),
        ("select $x$ $1,$2 $x$, $1", "SELECT ' $1,$2 ', $1"),
        ('select "$1,$2", $1,$2', 'SELECT "$1,$2", $1, $2'),
        ("select $1, -- $1,$2\n$2", "SELECT $1, $2"),
    ],
)
def test_parameters_stand_side_by_side(text: str, shown: str) -> None:
    (parsed,) = parse(text, case_sensitive=False)
    assert parsed.statement.tree.sql("redshift", comments=False) == shown


def test_rows_of_parameters() -> None:
    (parsed,) = parse("insert into t values ($1,$2),($1,$2)", case_sensitive=False)
    assert len(parsed.statement.rows) == 2


def test_redaction_is_not_misled_by_parameters() -> None:
    assert "hidden" not in redact("select $1,$2; create user u password 'hidden'")
