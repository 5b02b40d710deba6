"""The parser of client messages: bytes in any slices give the same events; random bytes give events or a ProtocolError."""

from __future__ import annotations

import struct

from hypothesis import given, strategies as st

from slipher.wire import connection as wire


def frame(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
values = st.lists(st.none() | st.binary(max_size=20), max_size=5)


@st.composite
def messages(draw: st.DrawFn) -> tuple[bytes, wire.Event]:
    """A message, and what it says."""
    kind = draw(st.sampled_from("QPBDECSHX"))
    one, two = draw(names), draw(names)
    first, second = one.encode() + b"\0", two.encode() + b"\0"
    if kind == "Q":
        return frame(b"Q", first), wire.Query(one)
    if kind == "P":
        types = draw(st.lists(st.integers(0, 2**32 - 1), max_size=4))
        return frame(b"P", first + second + struct.pack(f"!H{len(types)}I", len(types), *types)), wire.Parse(
            one, two, tuple(types)
        )
    if kind == "B":
        formats = draw(st.lists(st.integers(0, 1), max_size=3))
        results = draw(st.lists(st.integers(0, 1), max_size=3))
        given_values = draw(values)
        cells = b"".join(struct.pack("!i", -1) if v is None else struct.pack("!i", len(v)) + v for v in given_values)
        body = (
            first
            + second
            + struct.pack(f"!H{len(formats)}h", len(formats), *formats)
            + struct.pack("!H", len(given_values))
            + cells
        )
        body += struct.pack(f"!H{len(results)}h", len(results), *results)
        return frame(b"B", body), wire.Bind(one, two, tuple(formats), tuple(given_values), tuple(results))
    if kind in "DC":
        which = draw(st.sampled_from("SP"))
        event = wire.Describe(which, one) if kind == "D" else wire.Close(which, one)
        return frame(kind.encode(), which.encode() + first), event
    if kind == "E":
        limit = draw(st.integers(-(2**31), 2**31 - 1))
        return frame(b"E", first + struct.pack("!i", limit)), wire.Execute(one, limit)
    return frame(kind.encode(), b""), {"S": wire.Sync(), "H": wire.Flush(), "X": wire.Terminate()}[kind]


def ready() -> wire.Connection:
    connection = wire.Connection()
    connection.phase = "ready"
    return connection


@given(st.lists(messages(), max_size=8), st.data())
def test_slices_change_nothing(sent: list[tuple[bytes, wire.Event]], data: st.DataObject) -> None:
    stream = b"".join(one for one, _ in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    connection, heard = ready(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        connection.feed(stream[start:end])
        heard += list(connection.events())
    assert heard == [event for _, event in sent]
    assert connection.buffered == 0


@given(st.sampled_from(["startup", "password", "ready"]), st.lists(st.binary(max_size=60), max_size=5))
def test_anything_is_an_event_or_a_protocol_error(phase: str, parts: list[bytes]) -> None:
    connection = wire.Connection()
    connection.phase = phase
    try:
        for part in parts:
            connection.feed(part)
            for event in connection.events():
                assert isinstance(event, wire.Event)
    except wire.ProtocolError as error:
        assert str(error)


@given(st.sampled_from(b"QPBDECSHXF"), st.binary(max_size=80))
def test_a_whole_frame_never_ends_the_connection(kind: int, body: bytes) -> None:
    connection = ready()
    connection.feed(frame(bytes([kind]), body) + frame(b"S", b""))
    events = list(connection.events())
    assert len(events) == 2 and events[1] == wire.Sync()
