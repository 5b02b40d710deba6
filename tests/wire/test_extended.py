"""The extended protocol, message by message."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from slipher.testing.instance import Instance
from slipher.testing.wire import Complete, Connection, DataRow, Other, Ready, Report, RowDescription

NUMBERS = "select 1 a union all select 2 union all select 3 order by 1"


@pytest.fixture
def one(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as connection:
        yield connection
        assert connection.rows("select 1") == [("1",)]  # whatever came before


def parse(one: Connection, text: str, name: str = "", *types: int) -> None:
    body = f"{name}\0{text}\0".encode() + struct.pack(f"!h{len(types)}I", len(types), *types)
    one.send(b"P", body)


def bind(
    one: Connection,
    *values: bytes | None,
    name: str = "",
    portal: str = "",
    formats: tuple[int, ...] = (),
    results: tuple[int, ...] = (),
) -> None:
    cells = b"".join(struct.pack("!i", -1) if v is None else struct.pack("!i", len(v)) + v for v in values)
    body = f"{portal}\0{name}\0".encode() + struct.pack(f"!h{len(formats)}h", len(formats), *formats)
    one.send(
        b"B", body + struct.pack("!h", len(values)) + cells + struct.pack(f"!h{len(results)}h", len(results), *results)
    )


def execute(one: Connection, limit: int = 0, portal: str = "") -> None:
    one.send(b"E", portal.encode() + b"\0" + struct.pack("!i", limit))


def sync(one: Connection) -> list[str]:
    """What came, shortly."""
    one.send(b"S")
    return [short(message) for message in one.until_ready()]


def short(message: Any) -> str:
    match message:
        case DataRow(values):
            return "|".join("\\N" if value is None else value.decode("latin-1") for value in values)
        case Complete(tag):
            return f"= {tag}"
        case Report(True):
            return f"ERROR {message.code}"
        case Ready(status):
            return f"ready {status}"
        case RowDescription(fields):
            return " ".join(f"{field.name}:{field.type_oid}:{field.format}" for field in fields)
        case Other(kind):
            return kind.decode()
    return str(message)


def test_a_portal_in_parts(one: Connection) -> None:
    one.send_simple("begin")
    one.until_ready()
    parse(one, NUMBERS)
    bind(one, portal="p")
    execute(one, 2, "p")
    assert sync(one) == ["1", "2", "1", "2", "s", "ready T"]
    execute(one, 2, "p")
    execute(one, 2, "p")
    assert sync(one) == ["3", "= SELECT", "= SELECT", "ready T"]
    one.send(b"C", b"Pp\0")
    execute(one, 0, "p")
    assert sync(one) == ["3", "ERROR 34000", "ready E"]
    one.rows("rollback")


def test_a_portal_ends_with_its_transaction(one: Connection) -> None:
    parse(one, NUMBERS)
    bind(one, portal="p")
    execute(one, 1, "p")
    assert sync(one)[-2:] == ["s", "ready I"]
    execute(one, 1, "p")
    assert sync(one) == ["ERROR 34000", "ready I"]


def test_an_error_skips_to_sync(one: Connection) -> None:
    parse(one, "select nope")
    bind(one)
    execute(one)
    parse(one, "select 1", "left_out")
    assert sync(one) == ["ERROR 42703", "ready I"]
    bind(one, name="left_out")
    assert sync(one) == ["ERROR 26000", "ready I"]


def test_flush_without_sync(one: Connection) -> None:
    parse(one, NUMBERS)
    one.send(b"D", b"S\0")
    one.send(b"H")
    assert [short(one.receive()) for _ in range(3)] == ["1", "t", "a:23:0"]
    assert sync(one) == ["ready I"]


def test_parameter_types(one: Connection) -> None:
    one.rows("create temp table p (a int, b varchar(9), n numeric(8,2), d date)")
    parse(one, "insert into p values ($1, $2, $3, $4)")
    one.send(b"D", b"S\0")
    one.send(b"H")
    assert short(one.receive()) == "1"
    described = one.receive()
    assert isinstance(described, Other) and struct.unpack("!h4I", described.body) == (4, 23, 1043, 1700, 1082)
    assert short(one.receive()) == "n"
    bind(one, struct.pack("!i", -5), b"x", b"1.5", struct.pack("!i", 366), formats=(1, 0, 0, 1))
    execute(one)
    assert sync(one) == ["2", "= INSERT 0 1", "ready I"]
    assert one.rows("select * from p") == [("-5", "x", "1.50", "2001-01-01")]


def test_formats_by_column(one: Connection) -> None:
    parse(one, "select 1::int a, 2::int b")
    bind(one, results=(1, 0))
    one.send(b"D", b"P\0")
    execute(one)
    assert sync(one) == ["1", "2", "a:23:1 b:23:0", "\0\0\0\x01|2", "= SELECT", "ready I"]


BAD_BINDS: list[tuple[dict[str, Any], tuple[bytes | None, ...], str]] = [
    ({}, (), "08P01"),
    ({}, (b"1", b"2"), "08P01"),
    ({"formats": (0, 0, 0)}, (b"1",), "08P01"),
    ({"formats": (7,)}, (b"1",), "22023"),
    ({"results": (0, 0, 0)}, (b"1",), "08P01"),
    ({"results": (9,)}, (b"1",), "22023"),
    ({"formats": (1,)}, (b"123",), "22P03"),
    ({"name": "none"}, (b"1",), "26000"),
    ({}, (b"\xff",), "22021"),
]


@pytest.mark.parametrize(("words", "values", "code"), BAD_BINDS)
def test_bad_binds(one: Connection, words: dict[str, Any], values: tuple[bytes | None, ...], code: str) -> None:
    parse(one, "select $1::int a, 2 b")
    bind(one, *values, **words)
    assert sync(one) == ["1", f"ERROR {code}", "ready I"]


MALFORMED = [
    (b"P", b"x"),
    (b"B", b"\0\0\0\x01"),
    (b"D", b"Zx\0"),
    (b"E", b"\0"),
    (b"C", b""),
    (b"P", b"\0\xff\0\0\0"),
    (b"F", b""),
]


@pytest.mark.parametrize(("kind", "body"), MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_message_is_an_error_of_its_own(one: Connection, kind: bytes, body: bytes) -> None:
    one.send(kind, body)
    (error, ready) = sync(one)
    assert error in ("ERROR 08P01", "ERROR 22021", "ERROR 0A000") and ready == "ready I"


def test_bytes_that_are_no_text(one: Connection) -> None:
    one.send(b"Q", b"select '\xff'\0")
    assert [short(message) for message in one.until_ready()] == ["ERROR 22021", "ready I"]


def test_an_unknown_message_ends_the_connection(slipher: Instance) -> None:
    connection = slipher.cluster.connect()
    connection.send(b"?")
    (error,) = connection.until_ready()
    assert isinstance(error, Report) and (error.fields["S"], error.code) == ("FATAL", "08P01")
    connection.abort()


def test_statements_by_name(one: Connection) -> None:
    parse(one, "select $1::int + 1", "inc")
    parse(one, "select 1", "inc")
    assert sync(one) == ["1", "ERROR 42P05", "ready I"]
    assert one.rows("execute inc(4)") == [("5",)]  # PREPARE and Parse share names
    one.rows("deallocate inc")
    bind(one, b"1", name="inc")
    assert sync(one) == ["ERROR 26000", "ready I"]
    one.rows("prepare two (int) as select $1 * 2")
    bind(one, b"4", name="two")
    execute(one)
    assert sync(one) == ["2", "8", "= SELECT", "ready I"]
    one.send(b"C", b"Stwo\0")
    one.send(b"C", b"Snever\0")
    assert sync(one) == ["3", "3", "ready I"]


def test_a_table_changed_under_a_statement(one: Connection) -> None:
    one.rows("create temp table c (a int)")
    parse(one, "select * from c", "all")
    one.send(b"D", b"Sall\0")
    assert sync(one) == ["1", "t", "a:23:0", "ready I"]
    one.rows("alter table c add column b int")
    bind(one, name="all")
    assert sync(one) == ["ERROR 0A000", "ready I"]


def test_empty(one: Connection) -> None:
    parse(one, " -- nothing")
    bind(one)
    one.send(b"D", b"P\0")
    execute(one)
    assert sync(one) == ["1", "2", "n", "I", "ready I"]


def test_sync_commits_what_no_begin_opened(one: Connection) -> None:
    one.rows("create temp table s (a int)")
    parse(one, "insert into s values (1)")
    bind(one)
    execute(one)
    parse(one, "select 1/0")
    bind(one)
    execute(one)
    assert sync(one)[-2:] == ["ERROR XX000", "ready I"]
    assert one.rows("select count(*) from s") == [("0",)]


def test_too_long_a_statement(one: Connection) -> None:
    text = "select '" + "x" * (17 * 1024 * 1024) + "'"
    (error, _) = one.simple(text)
    assert isinstance(error, Report) and error.code == "42601"
    assert (
        error.message == f"Statement is too large. Statement Size: {len(text)} bytes. Maximum Allowed: 16777216 bytes"
    )


@pytest.mark.parametrize("text", ["select " + "(" * 20000 + "1" + ")" * 20000, "select " + "not " * 30000 + "true"])
def test_too_deep_a_statement(one: Connection, text: str) -> None:
    (error, _) = one.simple(text)
    assert isinstance(error, Report) and error.code == "54001"
