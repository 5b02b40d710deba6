"""DATEFORMAT and TIMEFORMAT for whole columns: texts put into ISO order by one expression, which Arrow reads; epochs by
arithmetic. Only what is written in full, two digits a field: everything else is left to the exact rules.
"""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

PARTS: dict[str, str] = {
    "YYYY": "([0-9]{4})", "MM": "([0-9]{2})", "DD": "([0-9]{2})", "HH24": "([0-9]{2})", "HH": "([0-9]{2})", "MI": "([0-9]{2})",
    "SS": r"([0-9]{2}(?:\.[0-9]{1,6})?)",
}  # fmt: skip
ORDER = ("YYYY", "MM", "DD", "HH", "MI", "SS")
TOKENS = re.compile("YYYY|YY|MONTH|MON|MM|DD|HH24|HH12|HH|MI|SS|AM|PM|.", re.DOTALL | re.IGNORECASE)
EPOCHS = {"epochsecs": ("^-?[0-9]{1,10}$", 1_000_000), "epochmillisecs": ("^-?[0-9]{1,13}$", 1000)}


@cache
def _expression(form: str) -> tuple[str, str] | None:
    """An expression that takes a text apart, and its ISO text put together again; None for a form that is not this simple."""
    places: dict[str, int] = {}
    out = "^"
    for match in TOKENS.finditer(form):
        piece = match.group().upper()
        part = PARTS.get(piece)
        if part is None:
            if len(piece) > 1 or piece == " ":  # names of months and halves of days; blanks, which may be several
                return None
            out += re.escape(match.group())
            continue
        piece = "HH" if piece == "HH24" else piece
        if piece in places:
            return None
        places[piece] = len(places) + 1
        out += part
    names = [name for name in ORDER if name in places]
    if names not in (list(ORDER[:3]), list(ORDER)):
        return None
    day = "-".join(f"\\{places[name]}" for name in ORDER[:3])
    clock = " " + ":".join(f"\\{places[name]}" for name in ORDER[3:]) if len(names) > 3 else ""
    return out + "$", day + clock


def iso(array: pa.Array, form: str, target: pa.DataType) -> pa.Array | None:
    """Texts (NULL where there is none) as dates or timestamps; None unless all are as the form has them."""
    epoch = EPOCHS.get(form)
    made = None if epoch is not None else _expression(form)
    pattern = epoch[0] if epoch is not None else made[0] if made is not None else None
    if pattern is None or not pc.all(pc.match_substring_regex(array, pattern), min_count=0).as_py():
        return None
    if epoch is not None:
        moments = pc.multiply_checked(array.cast(pa.int64()), epoch[1]).cast(pa.timestamp("us"))
        return (
            moments.cast(pa.int64()).cast(target) if pa.types.is_timestamp(target) else moments.cast(target, safe=False)
        )
    assert made is not None
    texts = pc.replace_substring_regex(array, pattern, made[1])
    if pa.types.is_timestamp(target):
        return texts.cast(pa.timestamp("us")).cast(pa.int64()).cast(target)
    return pc.utf8_slice_codeunits(texts, 0, 10).cast(target)
