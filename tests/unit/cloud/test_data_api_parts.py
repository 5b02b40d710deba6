"""The Data API's pure parts: named parameters, rows of the protocol, pages of results, constraints of the model."""

from __future__ import annotations

import struct
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings, strategies as st

from slipher.base.errors import AwsError
from slipher.cloud.data_api import rates, results
from slipher.cloud.data_api.parameters import numbered, unknown
from slipher.cloud.pg import rows_of


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("select :a, :b, :a", "select $1, $2, $1"),
        ("select ':a' , \":a\", :a::int", "select ':a' , \":a\", $1::int"),
        ("select 'it''s :a', 'x\\':a', :b", "select 'it''s :a', 'x\\':a', $1"),
        ("-- :a\nselect :b /* :a /* :a */ :a */ + :c", "-- :a\nselect $1 /* :a /* :a */ :a */ + :c"),
        ("select $$ :a $$, $x$ :a $$ :a $x$, :a", "select $$ :a $$, $x$ :a $$ :a $x$, $1"),
        ("select s.a[1:2], b::a", "select s.a[1:2], b::a"),
        ("select :aa, :a", "select :aa, $1"),
        ("select ' :a", "select ' :a"),
    ],
)
def test_named_parameters(text: str, made: str) -> None:
    assert numbered(text, {"a": "1", "b": "2"})[0] == made


def test_parameters_without_values() -> None:
    assert unknown("select :x, ':y', :a, s[1:2], :x, z::int", {"a": "1"}) == ["x"]


@given(st.text("ab:'\"\\$-/* \n1", max_size=40))
def test_only_parameters_change(text: str) -> None:
    made, names = numbered(text, {"a": "1"})
    assert names in ([], ["a"])
    assert made.replace("$1", ":a") == text.replace("$1", ":a")
    assert numbered(text, {}) == (text, [])


ROWS = st.lists(st.lists(st.none() | st.text(max_size=20), min_size=2, max_size=2), max_size=20)


def message(row: list[str | None]) -> bytes:
    body = struct.pack("!h", len(row))
    for value in row:
        data = b"" if value is None else value.encode()
        body += struct.pack("!i", -1 if value is None else len(data)) + data
    return b"D" + struct.pack("!i", len(body) + 4) + body


@given(ROWS, st.integers(0, 30))
def test_whole_rows_are_read(rows: list[list[str | None]], cut: int) -> None:
    whole = b"".join(map(message, rows))
    assert rows_of(whole) == (rows, len(whole))
    found, used = rows_of(whole[: max(len(whole) - cut, 0)])
    assert found == rows[: len(found)]
    assert used == sum(len(message(row)) for row in found)


@settings(max_examples=30)
@given(ROWS)
def test_pages_give_every_row_once(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str | None]]) -> None:
    path = tmp_path_factory.mktemp("results") / "one.1"
    with results.ResultFile(path) as file:
        for row in rows:
            file.write(message(row))
    columns = [{"typeName": "varchar"}, {"typeName": "varchar"}]
    before, results.PAGE = results.PAGE, 64
    try:
        found, token = list[list[str | None]](), None
        while True:
            page, token = results.records(path, columns, token)
            found += [[None if "isNull" in one else one["stringValue"] for one in row] for row in page]
            if token is None:
                break
    finally:
        results.PAGE = before
    assert found == rows


@pytest.mark.parametrize("token", ["x", "MQ==", "LTU=", "OTk5OTk5OTk5OTk5", "é"])
def test_a_token_of_nothing(tmp_path: Path, token: str) -> None:
    path = tmp_path / "one.1"
    with results.ResultFile(path) as file:
        file.write(message(["a", "b"]))
    with pytest.raises(AwsError, match="Invalid NextToken"):
        results.records(path, [{"typeName": "varchar"}] * 2, token)


def test_a_result_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "LARGEST", 100)
    path = tmp_path / "one.1"
    with pytest.raises(results.TooLarge), results.ResultFile(path) as file:
        for _ in range(20):
            file.write(message(["a" * 10, "b"]))
    assert not path.exists()


def test_rates_are_held_to_where_that_is_asked_for() -> None:
    """So many at once, and as many a second after that; each operation, account and region for itself."""
    now = [1000.0]
    gateway = SimpleNamespace(settings=SimpleNamespace(throttle=True), running={}, now=lambda: now[0])

    def taken(operation: str, count: int, region: str = "us-east-1") -> int:
        passed = 0
        for _ in range(count):
            call = SimpleNamespace(gateway=gateway, operation=operation, account="1", region=region)
            try:
                rates.check(call)  # type: ignore[arg-type]
                passed += 1
            except AwsError as error:
                assert (error.code, error.status) == ("ThrottlingException", 400)
        return passed

    assert (taken("ListStatements", 10), taken("ExecuteStatement", 40), taken("DescribeStatement", 100)) == (3, 30, 100)
    assert taken("ListStatements", 10, "eu-west-1") == 3
    now[0] += 0.5
    assert (taken("ListStatements", 10), taken("ExecuteStatement", 40)) == (1, 15)
    now[0] += 3600
    assert taken("ListStatements", 10) == 3
    gateway.settings.throttle = False
    assert taken("ListStatements", 50) == 50
