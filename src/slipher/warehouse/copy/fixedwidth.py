"""FIXEDWIDTH: lines cut at places counted in characters, one way for each of the two parsers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def fields(line: bytes, widths: Sequence[int]) -> list[bytes | None]:
    """A line's fields. What is left behind the last is one more; a line that ends early has fewer."""
    text = line.decode("utf-8", "surrogateescape")
    out: list[bytes | None] = []
    at = 0
    for width in widths:
        if at >= len(text) and at:
            break
        out.append(text[at : at + width].encode("utf-8", "surrogateescape"))
        at += width
    if at < len(text):
        out.append(text[at:].encode("utf-8", "surrogateescape"))
    return out


def table(data: bytes, widths: Sequence[int], names: Sequence[str]) -> pa.Table:
    """The fields of whole lines as text columns; ArrowInvalid unless every line has exactly all its characters."""
    view = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(view == 0x0A)
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    stops = ends - ((ends > starts) & (view[np.maximum(ends - 1, 0)] == 0x0D))
    if data.isascii():
        return _ascii(view, starts, stops, widths, names)
    try:
        data.decode()  # Arrow would believe it
    except UnicodeDecodeError as error:
        raise pa.ArrowInvalid(str(error)) from None
    lines = pa.array(
        [data[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)], pa.string()
    )
    if not pc.all(pc.equal(pc.utf8_length(lines), sum(widths))).as_py():
        raise pa.ArrowInvalid("lines of other widths")
    places = np.concatenate(([0], np.cumsum(widths))).tolist()
    columns = [pc.utf8_slice_codeunits(lines, places[at], places[at + 1]) for at in range(len(widths))]
    return pa.table(columns, list(names))


def _ascii(
    view: np.ndarray, starts: np.ndarray, stops: np.ndarray, widths: Sequence[int], names: Sequence[str]
) -> pa.Table:
    if not (stops - starts == sum(widths)).all():
        raise pa.ArrowInvalid("lines of other widths")
    columns, at = [], 0
    for width in widths:
        cut = np.ascontiguousarray(view[(starts + at)[:, None] + np.arange(width)])
        offsets = np.arange(0, cut.size + 1, width, dtype=np.int32)
        columns.append(pa.StringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(cut)))
        at += width
    return pa.table(columns, list(names))
