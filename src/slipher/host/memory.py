"""Sizes of memory as they are typed: 512MB, 1.5GB, 2GiB."""

from __future__ import annotations

import re

LEAST = 128 * 10**6  # an engine with less cannot open its file and answer a query
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


def memory_bytes(text: str) -> int:
    """The number of bytes; 0 for what is no size."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text)
    unit = UNITS.get(found[2].upper()) if found else None
    return int(float(found[1]) * unit) if found and unit else 0
