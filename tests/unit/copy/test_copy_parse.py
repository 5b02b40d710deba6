"""COPY's grammar: what each option says, what is refused and how, and that secrets do not print."""

from __future__ import annotations

from pathlib import Path

import pytest
from copy_rules import statement

from slipher.base.errors import SqlError
from slipher.sql.parse import parse
from slipher.sql.parse.copy_rules import CONFLICTS, EMR_REFUSES, RANGES

ROLE = "iam_role 'arn:aws:iam::123456789012:role/r'"


def test_options_in_any_order() -> None:
    made = statement(
        "gzip region as 'us-west-2' ignoreheader 1 csv quote as '%' null as 'x' maxerror 7 trimblanks, fillrecord"
    )
    assert (made.format, made.delimiter, made.quote) == ("csv", ",", "%")
    assert (made.compression, made.region, made.ignore_header, made.null_as, made.max_error) == (
        "gzip",
        "us-west-2",
        1,
        "x",
        7,
    )
    assert made.switches == {"trimblanks", "fillrecord"}
    plain = statement("delimiter '\\t'")
    assert (plain.format, plain.delimiter, plain.null_as, plain.compression) == ("delimited", "\t", "\\N", "")
    assert statement("delimiter '\\001'").delimiter == "\x01"
    assert statement("format as csv").format == "csv"


def test_target_and_columns() -> None:
    (parsed,) = parse(f"copy s.t (b, \"a\") from 's3://b/k' {ROLE}")
    made = parsed.statement
    assert (made.table.schema, made.table.name, made.columns) == ("s", "t", ("b", "a"))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written", "roles", "keys"),
    [
        ("iam_role 'a,b'", ("a", "b"), ("", "", "")),
        ("iam_role default", ("default",), ("", "", "")),
        ("credentials 'aws_iam_role=a'", ("a",), ("", "", "")),
        ("with credentials as 'aws_access_key_id=k;aws_secret_access_key=s=='", (), ("k", "s==", "")),
        ("credentials 'aws_access_key_id=k;aws_secret_access_key=s;token=t'", (), ("k", "s", "t")),
        ("access_key_id 'k' secret_access_key 's' session_token 't'", (), ("k", "s", "t")),
        ("access_key_id 'k' secret_access_key 's' token 't'", (), ("k", "s", "t")),
    ],
)
def test_credentials(written: str, roles: tuple[str, ...], keys: tuple[str, str, str]) -> None:
    (parsed,) = parse(f"copy t from 's3://b/k' {written} csv")
    found = parsed.statement.authorization  # type: ignore[attr-defined]
    assert found.roles == roles
    assert (found.access_key_id, found.secret_access_key, found.session_token) == keys
    assert "s==" not in repr(parsed.statement)


@pytest.mark.parametrize(
    ("options", "state", "text"),
    [
        ("json 'all'", "22023", "Invalid JSON option 'all'"),
        ("format parquet region 'us-east-1'", "0A000", "REGION argument is not supported for PARQUET based COPY"),
        ("shapefile", "0A000", "COPY option SHAPEFILE"),
        ("ssh", "0A000", "COPY option SSH"),
        ("encrypted", "0A000", "COPY option ENCRYPTED"),
        ("acceptinvchars 'ab'", "22023", "single ASCII"),
        ("fixedwidth 'a:x'", "22023", "FIXEDWIDTH"),
        ("encoding utf32", "22023", "Invalid encoding 'utf32'"),
        ("csv escape", "42601", "CSV is not compatible with ESCAPE"),
        ("removequotes csv", "42601", "CSV is not compatible with REMOVEQUOTES"),
        ("csv csv", "42601", "redundant"),
        ("maxerror 100001", "22023", "MAXERROR"),
        ("maxerror -1", "22023", "MAXERROR"),
        ("delimiter '||'", "22023", "single ASCII"),
        ("csv delimiter '\"'", "22023", "different"),
        ("quote '%'", "42601", "only allowed with CSV"),
        ("readratio 5", "42601", "only supported for COPY from DynamoDB"),
        ("nonsense", "42601", "syntax error"),
        (ROLE, "42601", "credentials"),
    ],
)
def test_refusals(options: str, state: str, text: str) -> None:
    with pytest.raises(SqlError, match=text) as caught:
        statement(options)
    assert caught.value.sqlstate == state


@pytest.mark.parametrize(
    ("options", "state"),
    [("", "42601"), ("readratio 0", "22023"), ("readratio 201", "22023"), ("readratio 5 csv", "0A000"),
     ("readratio 5 null as 'x'", "0A000"), ("readratio 5 gzip", "0A000"), ("readratio 5 ignoreheader 1", "0A000")],
)  # fmt: skip
def test_dynamodb_refusals(options: str, state: str) -> None:
    with pytest.raises(SqlError) as caught:
        statement(options, "dynamodb://t")
    assert caught.value.sqlstate == state


def test_dynamodb_takes() -> None:
    made = statement("readratio 200 maxerror 3 truncatecolumns region 'eu-west-1' roundec", "dynamodb://t")
    assert (made.read_ratio, made.max_error, made.region) == (200, 3, "eu-west-1")


@pytest.mark.parametrize("source", ["s3:///k", "/tmp/x", "https://b/k"])
def test_sources(source: str) -> None:
    with pytest.raises(SqlError):
        statement("csv", source)


def test_every_conflict_has_a_record() -> None:
    """The behaviour files show each row of the tables."""
    folder = Path(__file__).parents[2] / "sql" / "copy"
    text = "".join(path.read_text() for path in folder.glob("*.slt"))
    shown = {"NULL": "NULL AS"}
    for row in CONFLICTS:
        expected = row.text.format(shown.get(row.option, row.option), shown.get(row.other, row.other))
        assert f"ERROR {row.sqlstate}: {expected}\n" in text, row
    for option, (low, high) in RANGES.items():
        assert f"Invalid value for {option}: {low - 1} " in text
        assert f"Invalid value for {option}: {high + 1} " in text
    for option in EMR_REFUSES:
        assert f": {option} is not supported for COPY from EMR" in text or f"{option} is not compatible" in text


def test_credentials_are_required() -> None:
    with pytest.raises(SqlError, match="needs credentials"):
        parse("copy t from 's3://b/k' csv")
