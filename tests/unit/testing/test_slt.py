"""The .slt format and its transcripts: what is read is written back, and what came is shown unmistakably."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from slipher.testing.slt.records import SltError, parse
from slipher.testing.slt.run import Seen, _outcome
from slipher.testing.slt.transcript import transcript
from slipher.testing.wire import Complete, DataRow, Field, Report, RowDescription

HEADER = "# source: a page\n# basis: observed\n\n"
PATH = Path("x.slt")
TEXT = Field("a", 0, 0, 1043, -1, 14, 0)


def shown(*values: bytes | None) -> str:
    fields = tuple(TEXT for _ in values)
    return transcript([RowDescription(fields), DataRow(values), Complete("SELECT")])[1]


def test_a_file_is_written_back_as_it_was_read() -> None:
    text = (
        HEADER
        + "statement ok conn=b as=bob\nselect 1;\nselect 2\n----\n= SELECT\n\n"
        + "# why\nfile s3://b/a=1/k gzip <<END\nx\n\n----\nEND\n\n"
        + "query sort <<E\nselect\n\n1\nE\n----\n[a integer]\n1\n"
    )
    found = parse(PATH, text)
    assert found.text() == text
    statement, file, query = found.records
    assert statement.options == {"conn": "b", "as": "bob"}
    assert (statement.input, statement.expected) == (["select 1;", "select 2"], ["= SELECT"])
    assert file.words == ["file", "s3://b/a=1/k", "gzip"]
    assert file.input == ["x", "", "----"]
    assert (query.input, query.expected) == (["select", "", "1"], ["[a integer]", "1"])


@pytest.mark.parametrize(
    "text",
    ["statement ok\nselect 1\n", "# source: x\n# basis: hearsay\n", HEADER + "file s3://b/k <<END\nx\n"],
)
def test_a_file_without_header_or_end_is_refused(text: str) -> None:
    with pytest.raises(SltError):
        parse(PATH, text)


def test_null_empty_and_blanks_are_told_apart() -> None:
    values = [None, b"", b'""', b"\\N", b" ", b" a ", b"a|b", b"a\nb", b"\\n", b"\x01", b"a", b"  "]
    lines = [shown(value) for value in values]
    assert len(set(lines)) == len(lines)
    assert lines[:2] == [r"\N", '""']
    assert all(line == line.strip() != "" for line in lines)


@given(st.lists(st.one_of(st.none(), st.text()), min_size=1, max_size=3))
def test_rows_that_differ_look_different(values: list[str | None]) -> None:
    line = shown(*(None if value is None else value.encode() for value in values))
    assert "\n" not in line
    assert _read_back(line, len(values)) == values


def _read_back(line: str, count: int) -> list[str | None]:
    """The transcript's cells read by their rules: the proof that nothing is lost."""
    cells: list[str] = [""]
    at = 0
    while at < len(line):
        if line[at] == "|":
            cells.append("")
            at += 1
        elif line[at] == "\\" and line[at + 1] == "x":
            cells[-1] += chr(int(line[at + 2 : at + 4], 16))
            at += 4
        elif line[at] == "\\":
            cells[-1] += {"n": "\n", "r": "\r", "t": "\t", "N": "\0N"}.get(line[at + 1], line[at + 1])
            at += 2
        else:
            cells[-1] += line[at]
            at += 1
    assert len(cells) == count
    raw = line.replace("\\\\", "").replace("\\|", "").split("|")
    return [None if cell == "\0N" else "" if part == '""' else cell for cell, part in zip(cells, raw, strict=True)]


def test_an_engine_error_is_masked_where_it_varies() -> None:
    detail = "\n  ---\n  error:  x\n  query:     4711\n  process:   query0_0_4711 [pid=99]\n  ---\n"
    lines = transcript([Report(True, {"S": "ERROR", "C": "XX000", "M": "x", "D": detail, "H": "look"})])
    assert lines == [
        "ERROR XX000: x",
        "DETAIL:",
        "  |  ---",
        "  |  error:  x",
        "  |  query:     <n>",
        "  |  process:   query0_0_<n> [pid=<n>]",
        "  |  ---",
        "  |",
        "HINT: look",
    ]


@pytest.mark.parametrize(
    ("head", "seen", "right"),
    [
        ("statement ok", Seen([]), True),
        ("statement ok", Seen([], "42P01"), False),
        ("statement error 42P01", Seen([], "42P01"), True),
        ("statement error 42P01", Seen([], "42703"), False),
        ("statement error 42P01", Seen([]), False),
        ("statement count 3", Seen([], None, 3), True),
        ("statement count 3", Seen([], None, 2), False),
        ("query", Seen([]), False),
        ("query", Seen(["[a integer]"], has_rows=True), True),
        ("connect a error 28000", Seen([], "28000"), True),
        ("api iam GetRole error NoSuchEntity", Seen([], None), False),
    ],
)
def test_the_outcome_is_checked_beside_the_block(head: str, seen: Seen, right: bool) -> None:
    (record,) = parse(PATH, f"{HEADER}{head}\nx\n").records
    assert (_outcome(record, seen) is None) == right
