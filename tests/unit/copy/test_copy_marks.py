"""ESCAPE and REMOVEQUOTES on the fast way: what it takes, it takes as the exact parser; what is common, it takes."""

from __future__ import annotations

import pytest
from copy_rules import Both, tuples
from hypothesis import example, given, settings, strategies as st

from slipher.types.sqltype import INT4, varchar

ESCAPED = st.text(alphabet="\\\\\\N|\n\nax01\x1a\x02\r", max_size=14)
QUOTED = st.text(alphabet='"""\'\'||\n\nab1\r', max_size=14)
KINDS = (varchar(8), INT4, varchar(3))
BOTH = {
    options: Both(options, *KINDS)
    for options in ("escape", "escape null as 'x'", "escape emptyasnull", "removequotes", "escape removequotes")
}


def agree(options: str, data: bytes) -> bool:
    both = BOTH[options]
    batch = both.fast.parse(data, False)
    if batch is None:
        return False
    exact = both.exact.parse(data, 1)
    assert not exact.errors, f"accepted: {exact.errors[0]}"
    assert tuples([batch]) == tuples(exact.batches)
    return True


@settings(max_examples=2000)
@given(st.sampled_from(["escape", "escape null as 'x'", "escape emptyasnull"]), ESCAPED, ESCAPED, st.integers(0, 99))
@example("escape", "\\N", "\\N", 1)
@example("escape", "\\\\N", "\\\\\\N", 1)
@example("escape", "\\||\\N", "a", 1)
def test_backslashes(options: str, first: str, last: str, number: int) -> None:
    agree(options, f"{first}|{number}|{last}\nb|2|\\N\n".encode())
    agree(options, f"{first}|{number}|{last}".encode())
    agree(options, f"a|0\\x1{first}|{last}\n".encode())


@settings(max_examples=2000)
@given(
    st.sampled_from(["removequotes", "escape removequotes"]), QUOTED, QUOTED, st.sampled_from(["1", '"1"', "'1'", '""'])
)
def test_quotes(options: str, first: str, last: str, number: str) -> None:
    agree(options, f'{first}|{number}|{last}\nb|"2"|"c"\n'.encode())
    agree(options, f'"{first}"|{number}|"{last}"'.encode())


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("escape", "a\\|b|1|\\N\n\\\\|2|\\\nc\n"),
        ("escape null as 'x'", "a\\|b|1|x\n\\\\|2|\\\nc\n"),
        ("removequotes", '"a|b"|"1"|""\nc|2|"d"\n'),
    ],
)
def test_common_text_is_taken_fast(options: str, text: str) -> None:
    assert agree(options, text.encode())


@settings(max_examples=500)
@given(st.lists(st.text(alphabet="aé日\U0001f600", max_size=6) | st.none(), min_size=1, max_size=4))
def test_letters_that_do_not_fit_are_cut_whole(texts: list[str | None]) -> None:
    both = CUT
    data = "".join(f"{'@' if text is None else text}|{text or ''}\n" for text in texts).encode()
    batch = both.fast.parse(data, False)
    assert batch is not None
    assert tuples([batch]) == tuples(both.exact.parse(data, 1).batches)


CUT = Both("truncatecolumns null as '@'", varchar(5), varchar(2))
