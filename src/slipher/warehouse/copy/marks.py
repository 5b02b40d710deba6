"""Backslashes of ESCAPE and quotes of REMOVEQUOTES in delimited text: whether Arrow's reader may take them as they are.

Arrow drops a backslash and keeps what follows, as ESCAPE does; but that a field \\N is NULL must be told to it, by a text that
stands nowhere else. It takes off quotes around whole fields, as REMOVEQUOTES does, unless they hold others.
"""

from __future__ import annotations

import numpy as np

NULL = "\x1a\x02"  # what stands for \N; a chunk that holds it is in doubt
BACKSLASH, QUOTE, NEWLINE, LETTER_N = 0x5C, 0x22, 0x0A, 0x4E


def escaped(data: bytes, delimiter: str, marks_null: bool) -> bytes | None:
    """Text with backslashes, as Arrow may read it; None in doubt. `marks_null`: a field \\N is NULL."""
    if b"\r" in data:
        return None
    view = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(view == BACKSLASH)
    # Of a run of backslashes the first, third ... escape what follows.
    number = np.arange(len(places))
    begins = np.concatenate(([True], np.diff(places) != 1))
    escaping = places[(number - np.maximum.accumulate(np.where(begins, number, 0))) % 2 == 0]
    if escaping[-1] + 1 == len(view):
        return None
    following = view[escaping + 1]
    if ((following | 0x20) == 0x78).any() or (following == ord(NULL[1])).any():  # 0\x10 would be 16
        return None
    if not marks_null:
        return data
    ends = np.array([ord(delimiter), NEWLINE], np.uint8)
    fields = escaping[following == LETTER_N]
    before = view[np.maximum(fields - 1, 0)]
    apart = (fields == 0) | (np.isin(before, ends) & ~np.isin(fields - 2, escaping))
    after = view[np.minimum(fields + 2, len(view) - 1)]
    fields = fields[apart & ((fields + 2 == len(view)) | np.isin(after, ends))]
    if not len(fields):
        return data
    out = view.copy()
    out[fields], out[fields + 1] = NULL.encode()
    return out.tobytes()


def whole_quotes(data: bytes, delimiter: str) -> bool | None:
    """Whether some fields stand in double quotes; None in doubt: quotes elsewhere, single quotes around fields."""
    if b"\r" in data:
        return None
    view = np.frombuffer(data, np.uint8)
    ends = np.array([ord(delimiter), NEWLINE], np.uint8)
    single = np.flatnonzero(view == 0x27)
    if ((single == 0) | np.isin(view[np.maximum(single - 1, 0)], ends)).any():
        return None
    quotes = np.flatnonzero(view == QUOTE)
    if len(quotes) % 2:
        return None
    opens, closes = quotes[0::2], quotes[1::2]
    alone = (opens == 0) | np.isin(view[np.maximum(opens - 1, 0)], ends)
    alone &= (closes + 1 == len(view)) | np.isin(view[np.minimum(closes + 1, len(view) - 1)], ends)
    inside = np.searchsorted(quotes, np.flatnonzero(view == NEWLINE)) % 2 == 1
    return bool(len(quotes)) if alone.all() and not inside.any() else None
