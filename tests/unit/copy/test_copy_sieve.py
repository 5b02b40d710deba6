"""A chunk with bad records among good ones: rows, errors, their lines and order are the exact parser's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from copy_rules import Both, tuples
from hypothesis import given, settings, strategies as st
from test_copy_speeds import CSV, DELIMITED, KINDS, TEXTS, both_of

from slipher.types.sqltype import DATE, FLOAT8, INT4, TIMESTAMP, SqlType, numeric, varchar
from slipher.warehouse.copy import sieve
from slipher.warehouse.copy.chunks import Chunk

GOOD: dict[str, str] = {
    "bool": "t", "int2": "12", "int4": " 34", "int8": "-5", "float4": "1.5", "float8": "2e3", "numeric": "7.25",
    "date": "2020-02-29", "time": "10:00:00", "timestamp": "2020-02-29 10:00:00", "timestamptz": "2020-02-29 10:00:00+02",
    "bpchar": "ab", "varchar": "abc", "super": "[1]", "varbyte": "6162", "timetz": "10:00:00+01",
}  # fmt: skip


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that few records are enough for it, and all may be bad."""
    monkeypatch.setattr(sieve, "FEW", 1)
    monkeypatch.setattr(sieve, "MOST", 1)
    monkeypatch.setattr(sieve, "LEAF", 1)
    yield


def agree(both: Both, chunk: Chunk) -> bool:
    """Whether it took the chunk, having checked what it made of it."""
    found = both.parser._sieve.parse(chunk)
    if found is None:
        return False
    exact = both.exact.parse(chunk.data, chunk.first_line)
    assert list(map(repr, tuples(found.batches))) == list(map(repr, tuples(exact.batches)))
    assert found.errors == exact.errors
    assert found.replaced == exact.replaced
    return True


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(DELIMITED), st.tuples(*[st.sampled_from(KINDS)] * 2), st.data())
def test_bad_lines_among_good_ones(options: str, kinds: tuple[SqlType, SqlType], data: st.DataObject) -> None:
    both = both_of(options, *kinds)
    good = [GOOD[kind.name] for kind in kinds]
    rows = [list(good) for _ in range(8)]
    for row, column, text in data.draw(
        st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2), TEXTS), min_size=1, max_size=3)
    ):
        rows[row][column:] = [text, *rows[row][column + 1 :]]
    lines = [both.statement.delimiter.join(row) for row in rows]
    text = ("\n".join(lines) + "\n" * data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    agree(both, Chunk(text, 7))


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(CSV),
    st.lists(
        st.sampled_from(['"1"', "1", "2", '"a"', '"a\n""b"', "x", "", '"\n"', "é", "abcd"]), min_size=2, max_size=24
    ),
    st.integers(1, 30),
)
def test_bad_records_of_csv(options: str, fields: list[str], step: int) -> None:
    both = both_of(options, INT4, varchar(3))
    pairs = zip(fields[0::2], fields[1::2], strict=False)
    text = "".join(f"{one}{both.statement.delimiter}{two}\n" for one, two in pairs).encode()
    for chunk in both.cut(text, step, 200):
        if chunk.plain:
            agree(both, chunk)


def test_it_takes_what_is_common() -> None:
    both = both_of("maxerror 100", INT4, numeric(8, 2), varchar(4), DATE, TIMESTAMP, FLOAT8)
    good = "1|2.50|abc|2020-02-29|2020-02-29 10:00:00|1.5\n"
    bad = [
        "x",
        "1|y|abc",
        good.replace("abc", "abcdef"),
        good.replace("02-29|", "02-30|"),
        good.replace("1.5", "1.5x"),
        "",
    ]
    lines = [good, *(good * 3 + one.rstrip("\n") + "\n" for one in bad), good]
    chunk = Chunk("".join(lines).encode(), 1)
    assert agree(both, chunk)
    found = both.parser.parse(chunk)
    assert found.rows == 2 + 3 * len(bad)
    assert [error.line for error in found.errors] == [5, 9, 13, 17, 21, 25]


def test_bytes_that_are_no_letters_and_missing_values() -> None:
    both = Both("maxerror 9", INT4, varchar(4), not_null=(1,))
    data = b"1|a\n2|\xff\n|b\n3|c\n"
    assert agree(both, Chunk(data, 1))
    assert [error.line for error in both.parser._sieve.parse(Chunk(data, 1)).errors] == [2, 3]
