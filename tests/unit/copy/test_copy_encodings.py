"""COMPUPDATE ON: sizes under each encoding, and what is chosen by them."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from slipher.testing.instance import Cluster, Instance
from slipher.types.sqltype import BOOL, DATE, FLOAT8, INT4, INT8, SUPER, TIMESTAMP, SqlType, numeric, varchar
from slipher.warehouse.catalog.encodings import TAKEN_BY
from slipher.warehouse.copy.encodings import MEASURES, Sample, best, sizes

RANDOM = random.Random(1)
ROWS = 20_000
WORDS = ["red", "green", "blue", "a longer one", "x"]


def of(kind: SqlType, values: Any, arrow: pa.DataType | None = None) -> Sample:
    return Sample(kind, pa.array(values, arrow))


@pytest.mark.parametrize(
    ("kind", "values", "arrow", "expected"),
    [
        (INT4, [one // 300 * 7919 % 1000 for one in range(ROWS)], pa.int32(), "zstd"),
        (INT8, [RANDOM.randrange(-(2**63), 2**63) for _ in range(ROWS)], pa.int64(), "none"),
        (INT8, [10**12 + RANDOM.randrange(1000) for _ in range(ROWS)], pa.int64(), "az64"),
        (BOOL, [one > ROWS // 2 for one in range(ROWS)], pa.bool_(), "zstd"),
        (FLOAT8, [RANDOM.choice((0.1, 0.2, 0.3)) for _ in range(ROWS)], pa.float64(), "zstd"),
        (varchar(40), [f"{one:032x}" for one in range(ROWS)], pa.string(), "zstd"),
        (numeric(10, 2), [Decimal(RANDOM.randrange(10**5)) for _ in range(ROWS)], pa.decimal128(10, 2), "az64"),
        (SUPER, ['{"a":1}'] * ROWS, pa.string(), "zstd"),
    ],
)
def test_what_is_chosen(kind: SqlType, values: Any, arrow: pa.DataType, expected: str) -> None:
    found = sizes(of(kind, values, arrow))
    assert best(kind, pa.array(values, arrow)) == expected, found
    assert set(found) <= {name for name in MEASURES if kind.name in TAKEN_BY[name]}


def test_counted_sizes() -> None:
    numbers = sizes(of(INT4, range(100, 100 + 640), pa.int32()))
    assert numbers["none"] == 2560
    assert numbers["delta"] == 639 + 5  # the first is raw behind a mark
    assert numbers["mostly16"] == 1280
    assert numbers["mostly8"] == 640 + 4 * (640 - 28)
    assert numbers["bytedict"] == 640 + 256 * 4 + (640 - 256) * 4
    assert numbers["az64"] == 10 * (64 * 6 // 8 + 5)
    texts = sizes(of(varchar(20), ["red", "green", "red", "red"], pa.string()))
    assert texts["none"] == 4 * 4 + 14
    assert texts["bytedict"] == 4 + (4 + 3) + (4 + 5)
    assert texts["runlength"] == (7 + 1) + (9 + 1) + (7 + 1)
    assert texts["text255"] == 3 + 5 + 4 + 4 * 4
    padded = sizes(Sample(SqlType("bpchar", 14), pa.array(["a", "b"])))
    assert padded["none"] == 20


@pytest.mark.parametrize("kind", [INT4, DATE, TIMESTAMP, BOOL, varchar(10)])
def test_only_nulls_keep_the_usual_one(kind: SqlType) -> None:
    usual = {"bool": "none", "varchar": "lzo"}.get(kind.name, "az64")
    assert best(kind, pa.array([None, None], pa.int32())) == usual


def test_blocks_hold_all_rows() -> None:
    sample = of(varchar(300), ["x" * (one % 200) for one in range(30_000)], pa.string())
    blocks = sample.blocks()
    assert len(blocks) > 2 and sum(one.stop - one.start for one in blocks) == 30_000
    assert np.all([one.stop == two.start for one, two in pairwise(blocks)])


def test_a_load_measures_what_it_loaded(slipher: Instance, slipher_cluster: Cluster, slipher_bucket: str) -> None:
    iam = slipher.client("iam")
    trust = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
    role = iam.create_role(RoleName="measured", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="measured", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    slipher.client("redshift").modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", AddIamRoles=[role])
    slipher.client("redshift").get_waiter("cluster_available").wait(ClusterIdentifier="redshift-cluster-1")
    lines = "".join(
        f"{one}|5|{RANDOM.choice(WORDS)}|{10**12 + RANDOM.randrange(1000)}|k{one}\n" for one in range(200_000)
    )
    slipher.client("s3").put_object(Bucket=slipher_bucket, Key="m/a", Body=lines.encode())
    columns = "k int encode raw sortkey, c int, w varchar(20), n bigint encode zstd, v varchar(20) encode bytedict"
    with slipher_cluster.connect() as session:
        shown = "select \"column\", trim(encoding) from pg_table_def where tablename = '{}'"
        session.rows(f"create table measured ({columns})")
        session.rows(f"copy measured from 's3://{slipher_bucket}/m/' iam_role '{role}' compupdate on comprows 1000")
        found = dict(session.rows(shown.format("measured")))
        assert found["k"] == "none"  # of the sort key: as it was
        assert found["c"] in ("runlength", "zstd") and found["n"] == "az64"
        assert found["v"] in ("zstd", "lzo") and found["w"] != "lzo"
        # too few rows to tell
        session.rows(f"create table unmeasured ({columns})")
        slipher.client("s3").put_object(
            Bucket=slipher_bucket, Key="few/a", Body=lines[: lines.index("|k9999\n")].encode() + b"|k9999\n"
        )
        session.rows(f"copy unmeasured from 's3://{slipher_bucket}/few/' iam_role '{role}' compupdate on")
        kept = dict(session.rows(shown.format("unmeasured")))
        assert kept["n"] == "zstd" and kept["v"] == "bytedict"
        session.simple("drop table measured; drop table unmeasured")
