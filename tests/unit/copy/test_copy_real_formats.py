# ruff: noqa: E501
"""Public data sets that are no plain CSV: tabs without quotes, fixed width, JSON, Parquet, ORC, texts of many lines; each loaded by COPY
and compared with another reader."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from real_files import bucket_with_keys, create, files, in_order, loaded

from slipher.testing import Instance
from slipher.testing.wire import Connection

BUCKET = "copy-real-formats"


@pytest.fixture(scope="module")
def keys(slipher: Instance) -> Iterator[str]:
    with bucket_with_keys(slipher, BUCKET) as words:
        yield words


@pytest.fixture
def session(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as connection:
        connection.rows("set extra_float_digits to 2")
        yield connection
        connection.rows("drop table if exists real_file")


def load(slipher: Instance, session: Connection, keys: str, data: bytes, options: str) -> None:
    slipher.client("s3").put_object(Bucket=BUCKET, Key="file", Body=data)
    session.rows(f"copy real_file from 's3://{BUCKET}/file' {keys} {options}")


def test_tabs_and_smileys_without_quotes(slipher: Instance, session: Connection, keys: str) -> None:
    """A lexicon whose words are made of quotes, backslashes and other signs: nothing but a tab means anything."""
    (data,) = files("vaderSentiment", "vader_lexicon.txt")
    kinds = "v n f v".split()
    create(session, kinds)
    load(slipher, session, keys, data, "delimiter '\\t'")
    lines = [line.split("\t") for line in data.decode().splitlines()]
    assert any("\\" in line[0] for line in lines)
    wanted = [
        (word, Decimal(mean).quantize(Decimal("0.0001")), float(spread), raw) for word, mean, spread, raw in lines
    ]
    assert in_order(loaded(session, kinds)) == in_order(wanted)


def test_letters_of_four_bytes_and_lines_of_windows(slipher: Instance, session: Connection, keys: str) -> None:
    (data,) = files("vaderSentiment", "emoji_utf8_lexicon.txt")
    create(session, "vv")
    load(slipher, session, keys, data, "delimiter '\\t'")
    assert b"\r\n" in data
    wanted = [tuple(line.split("\t")) for line in data.decode().split("\r\n") if line]
    assert in_order(loaded(session, "vv")) == in_order(wanted)
    assert session.rows("select max(len(c0)), max(octet_length(c0)) from real_file") == [
        (str(max(len(one) for one, _ in wanted)), str(max(len(one.encode()) for one, _ in wanted)))
    ]


def test_lines_that_lack_their_last_field(slipher: Instance, session: Connection, keys: str) -> None:
    """Time zones: remarks before the rows and behind them, and a fourth field that some rows do not have: it is an empty text."""
    (data,) = files("tzdata", "zoneinfo/zone1970.tab")
    text = data.decode().splitlines()
    header = next(number for number, line in enumerate(text) if not line.startswith("#"))
    create(session, "vvvv")
    load(slipher, session, keys, data, f"delimiter '\\t' fillrecord ignoreheader {header}")
    session.rows("delete from real_file where c0 like '#%'")
    lines = [line.split("\t") for line in text if not line.startswith("#")]
    wanted = [tuple([*line, ""][:4]) for line in lines]
    assert {len(line) for line in lines} == {3, 4}
    assert in_order(loaded(session, "vvvv")) == in_order(wanted)


def test_fixed_width_with_fields_that_are_blank(slipher: Instance, session: Connection, keys: str) -> None:
    """The earth's orientation since 1973, as astronomers publish it: numbers side by side, blank where nothing is known yet."""
    (data,) = files("astropy_iers_data", "data/finals2000A.all")
    widths = [2, 2, 2, 9, 2, 10, 9, 10, 9, 3, 10, 10, 8, 7, 3, 10, 9, 10, 9, 10, 10, 11, 10, 10, 2]
    kinds = "i i i f v f f f f v f f f f v f f f f f f f f f v".split()
    create(session, kinds)
    spec = ",".join(f"{place}:{width}" for place, width in enumerate(widths))
    load(slipher, session, keys, data, f"fixedwidth '{spec}'")
    wanted = []
    for line in data.decode().splitlines():
        at, row = 0, list[Any]()
        for width, kind in zip(widths, kinds, strict=True):
            text, at = line[at : at + width], at + width
            row.append(text if kind == "v" else None if not text.strip() else int(text) if kind == "i" else float(text))
        wanted.append(tuple(row))
    assert len(wanted) > 20_000 and any(None in row for row in wanted)
    assert in_order(loaded(session, kinds)) == in_order(wanted)


@pytest.mark.parametrize("options", ["csv ignoreheader 1", "csv ignoreheader 1 timeformat 'auto'"])
def test_moments_and_quoted_places(slipher: Instance, session: Connection, keys: str, options: str) -> None:
    (data,) = files("hvsampledata", "_data/earthquakes.csv")
    kinds = "m f f f v f v v".split()
    create(session, kinds)
    load(slipher, session, keys, data, options)
    reads = {"m": datetime.fromisoformat, "f": float, "v": str}
    lines = list(csv.reader(io.StringIO(data.decode())))[1:]
    wanted = [tuple(reads[kind](text) for kind, text in zip(kinds, line, strict=True)) for line in lines]
    assert in_order(loaded(session, kinds)) == in_order(wanted)


def test_texts_of_many_lines(slipher: Instance, session: Connection, keys: str) -> None:
    """The topics of Python's help as CSV by Python's own writer: line feeds, quotes, commas and letters beyond ASCII by the thousand."""
    wanted = sorted(topics.items())
    assert sum(text.count("\n") for _, text in wanted) > 5_000 and not all(text.isascii() for _, text in wanted)
    out = io.StringIO()
    csv.writer(out).writerows(wanted)
    session.rows("create table real_file (topic varchar(60), body varchar(65535))")
    load(slipher, session, keys, out.getvalue().encode(), "csv")
    assert session.rows("select * from real_file order by topic") == wanted
    session.rows("truncate real_file")
    out = io.StringIO()
    csv.writer(out, delimiter="|", quoting=csv.QUOTE_ALL, quotechar="'", lineterminator="\n").writerows(wanted)
    load(slipher, session, keys, out.getvalue().encode(), "csv quote '''' delimiter '|'")
    assert session.rows("select * from real_file order by topic") == wanted


def countries() -> list[dict[str, Any]]:
    return [json.loads(one) for one in files("countryinfo", "data/*.json")]


def test_json_with_lists_and_letters(slipher: Instance, session: Connection, keys: str) -> None:
    """The countries of the world, one after the other: names in their own scripts, numbers that are missing, lists into SUPER."""
    data = b"\n".join(files("countryinfo", "data/*.json"))
    session.rows(
        "create table real_file (name varchar(99), nativename varchar(99), population int, area float8, altspellings super, "
        "latlng super, translations super, geojson super)"
    )
    load(slipher, session, keys, data, "json 'auto ignorecase'")
    names = "name nativeName population area altSpellings latlng translations geoJSON".split()
    found = [
        (
            *row[:2],
            *(None if one is None else float(one) for one in row[2:4]),
            *(json.loads(one or "null") for one in row[4:]),
        )
        for row in session.rows("select * from real_file")
    ]
    wanted = [tuple(one.get(name) for name in names) for one in countries()]
    assert len(wanted) > 200
    assert in_order(found) == in_order(wanted)


def test_json_by_paths(slipher: Instance, session: Connection, keys: str) -> None:
    paths = ["$.name", "$.ISO.alpha2", "$['translations']['de']", "$.latlng[0]", "$.borders", "$.nowhere"]
    body = json.dumps({"jsonpaths": paths}).encode()
    slipher.client("s3").put_object(Bucket=BUCKET, Key="paths.json", Body=body)
    session.rows(
        "create table real_file (name varchar(99), iso char(2), german varchar(99), latitude float8, borders super, nothing int)"
    )
    load(
        slipher,
        session,
        keys,
        b"".join(files("countryinfo", "data/*.json")),
        f"json 's3://{BUCKET}/paths.json' maxerror 99",
    )
    found = [
        (*row[:3], float(row[3] or "nan"), json.loads(row[4] or "null"), row[5])
        for row in session.rows("select * from real_file")
    ]
    placed = [one for one in countries() if one.get("latlng")]
    wanted = [
        (one["name"], one["ISO"]["alpha2"], (one.get("translations") or {}).get("de"), float(one["latlng"][0]), one.get("borders"), None)
        for one in placed
    ]  # fmt: skip
    assert in_order(found) == in_order(wanted)
    refused = session.rows(
        "select trim(colname), err_code, count(*) from stl_load_errors where query = pg_last_copy_id() group by 1, 2"
    )
    assert refused == [("latitude", "1216", str(len(countries()) - len(placed)))]  # no list, or none so long


def arrow_file(name: str) -> Path:
    spec = importlib.util.find_spec("pyarrow")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "tests" / "data" / name


def test_parquet_of_an_old_writer(slipher: Instance, session: Connection, keys: str) -> None:
    """Diamonds, written by pandas and Arrow 0.7 in 2017."""
    path = arrow_file("parquet/v0.7.1.parquet")
    kinds = "f v v v f f i f f f i".split()
    session.rows(
        "create table real_file (carat float8, cut varchar(20), color varchar(5), clarity varchar(9), depth float8, tabl float8, "
        "price bigint, x float8, y float8, z float8, number bigint)"
    )
    load(slipher, session, keys, path.read_bytes(), "parquet")
    wanted = [tuple(row.values()) for row in pq.read_table(path).to_pylist()]
    assert in_order(loaded(session, kinds)) == in_order(wanted)


def test_orc_of_hive(slipher: Instance, session: Connection, keys: str) -> None:
    """Decimals with NULLs, and 70,000 moments and days of 1900."""
    path = arrow_file("orc/decimal.orc")
    session.rows("create table real_file (a numeric(10, 5))")
    load(slipher, session, keys, path.read_bytes(), "orc")
    wanted: list[tuple[Any, ...]] = [tuple(row.values()) for row in orc.ORCFile(path).read().to_pylist()]
    found: list[tuple[Any, ...]] = [
        (None if one is None else Decimal(one),) for (one,) in session.rows("select a from real_file")
    ]
    assert len(wanted) == 6000
    assert in_order(found) == in_order(wanted)
    session.rows("drop table real_file")
    path = arrow_file("orc/TestOrcFile.testDate1900.orc")
    session.rows("create table real_file (a timestamp, b date)")
    load(slipher, session, keys, path.read_bytes(), "orc")
    table = orc.ORCFile(path).read()
    wanted = list(
        zip(table["time"].cast("timestamp[us]", safe=False).to_pylist(), table["date"].to_pylist(), strict=True)
    )
    found = [
        (datetime.fromisoformat(a or ""), date.fromisoformat(b or ""))
        for a, b in session.rows("select * from real_file")
    ]
    assert len(wanted) == 70_000
    assert in_order(found) == in_order(wanted)
