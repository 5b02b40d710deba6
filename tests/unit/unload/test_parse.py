"""UNLOAD's grammar: every option of Redshift's documentation is taken, or refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from slipher.base.errors import SqlError
from slipher.sql.parse import parse
from slipher.sql.statements.unload import Unload

ROLE = "iam_role 'arn:aws:iam::123456789012:role/r'"


def one(rest: str, query: str = "'select 1'") -> Unload:
    (parsed,) = parse(f"unload ({query}) to 's3://b/p_' {rest}")
    assert isinstance(parsed.statement, Unload)
    return parsed.statement


def test_defaults() -> None:
    found = one(ROLE)
    assert (found.query, found.bucket, found.prefix, found.url) == ("select 1", "b", "p_", "s3://b/p_")
    assert (found.format, found.delimiter, found.null_as, found.parallel) == ("text", "|", None, True)
    assert found.max_file_size == int(6.2 * (1 << 30))


@pytest.mark.parametrize("query", ["'select ''a''\nfrom t'", "$$select 'a'\nfrom t$$"])
def test_both_ways_to_quote_the_query(query: str) -> None:
    assert one(ROLE, query).query == "select 'a'\nfrom t"


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        ("csv", {"format": "csv", "delimiter": ","}),
        ("format as csv delimiter as ';'", {"format": "csv", "delimiter": ";"}),
        ("delimiter '\\t'", {"delimiter": "\t"}),
        ("delimiter as '\\001'", {"delimiter": "\x01"}),
        ("header gzip addquotes escape", {"header": True, "compression": "gzip", "add_quotes": True, "escape": True}),
        ("null as '\\N'", {"null_as": "\\N"}),
        ("null as '\\\\N'", {"null_as": "\\N"}),
        ("null 'nix'", {"null_as": "nix"}),
        ("parallel", {"parallel": True}),
        ("parallel on", {"parallel": True}),
        ("parallel off", {"parallel": False}),
        ("parallel false", {"parallel": False}),
        ("parallel off header", {"parallel": False, "header": True}),
        ("allowoverwrite", {"allow_overwrite": True}),
        ("cleanpath", {"clean_path": True}),
        ("manifest", {"manifest": True, "verbose": False}),
        ("manifest verbose", {"manifest": True, "verbose": True}),
        ("maxfilesize 5", {"max_file_size": 5 << 20}),
        ("maxfilesize as 1.5 gb", {"max_file_size": 3 << 29}),
        ("maxfilesize 100 MB", {"max_file_size": 100 << 20}),
        ("extension 'csv.gz'", {"extension": "csv.gz"}),
        ("region as 'eu-west-1'", {"region": "eu-west-1"}),
        ("parquet", {"format": "parquet"}),
        ("format as parquet rowgroupsize as 64 mb", {"format": "parquet", "row_group_size": 64 << 20}),
        ("json zstd", {"format": "json", "compression": "zstd"}),
        ("fixedwidth as 'a:3, 1:20'", {"format": "fixedwidth", "widths": (3, 20)}),
        ("bzip2", {"compression": "bzip2"}),
        ("partition by (a, B)", {"partition_by": ("a", "b"), "include": False}),
        ("encrypted", {"encrypted": "key", "kms_key": None}),
        ("encrypted auto", {"encrypted": "auto", "kms_key": None}),
        ("kms_key_id 'k' encrypted", {"encrypted": "key", "kms_key": "k"}),
        ("partition by (a) include", {"partition_by": ("a",), "include": True}),
    ],
)
@pytest.mark.parametrize("role_first", [True, False])
def test_options(options: str, facts: dict[str, Any], role_first: bool) -> None:
    found = one(f"{ROLE} {options}" if role_first else f"{options} {ROLE}")
    assert {name: getattr(found, name) for name in facts} == facts
    assert found.authorization is not None


@pytest.mark.parametrize(
    ("options", "sqlstate", "word"),
    [
        ("encrypted auto kms_key_id 'k'", "0A000", "KMS_KEY_ID"),
        ("encrypted master_symmetric_key 'k'", "0A000", "MASTER_SYMMETRIC_KEY"),
        ("csv fixedwidth '0:3'", "0A000", "FIXEDWIDTH"),
        ("fixedwidth '0:3' header", "0A000", "HEADER"),
        ("delimiter ',' fixedwidth '0:3'", "0A000", "DELIMITER"),
        *[
            (f"{first} {second}", "0A000", second.split(" '")[0].upper())
            for first in ("json", "parquet")
            for second in ("delimiter ','", "header", "fixedwidth 'a:1'", "addquotes", "escape", "null as 'x'")
        ],
        ("parquet gzip", "0A000", "GZIP"),
        ("bzip2 parquet", "0A000", "BZIP2"),
        ("parquet zstd", "0A000", "ZSTD"),
        ("gzip zstd", "42601", "redundant"),
        ("csv json", "42601", "redundant"),
        ("rowgroupsize 32 mb", "0A000", "PARQUET"),
        ("parquet rowgroupsize 31", "22023", "ROWGROUPSIZE"),
        ("parquet rowgroupsize 129", "22023", "ROWGROUPSIZE"),
        ("parquet rowgroupsize 32.5", "22023", "ROWGROUPSIZE"),
        ("fixedwidth '3'", "22023", "FIXEDWIDTH"),
        ("fixedwidth 'a:0'", "22023", "FIXEDWIDTH"),
        ("partition by (a, a)", "42701", "PARTITION BY"),
        ("kms_key_id 'k'", "42601", "KMS_KEY_ID"),
        ("csv escape", "0A000", "ESCAPE"),
        ("addquotes csv", "0A000", "ADDQUOTES"),
        ("cleanpath allowoverwrite", "0A000", "ALLOWOVERWRITE"),
        ("header header", "42601", "redundant"),
        ("delimiter 'ab'", "22023", "delimiter"),
        ("delimiter 'é'", "22023", "delimiter"),
        ("maxfilesize 4 mb", "22023", "MAXFILESIZE"),
        ("maxfilesize 6.3 gb", "22023", "MAXFILESIZE"),
        ("format avro", "42601", "avro"),
        ("header please", "42601", "please"),
        ("maxerror 3", "42601", "maxerror"),
    ],
)
def test_refusals(options: str, sqlstate: str, word: str) -> None:
    with pytest.raises(SqlError) as caught:
        one(f"{ROLE} {options}")
    assert caught.value.sqlstate == sqlstate
    assert word in caught.value.message


@pytest.mark.parametrize("to", ["/tmp/x", "s3:/b/p", "s3://", "http://b/p"])
def test_only_s3(to: str) -> None:
    with pytest.raises(SqlError, match="only S3 based unload is allowed"):
        parse(f"unload ('select 1') to '{to}' {ROLE}")


def test_keys_do_not_show() -> None:
    found = one("access_key_id 'AKIA1' secret_access_key 'very-secret' session_token 'tok'")
    assert "very-secret" not in repr(found)
    assert "tok'" not in repr(found)
