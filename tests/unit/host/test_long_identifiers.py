"""A cluster may have a name of 63 characters: what its files are called must not fail on it."""

from __future__ import annotations

from slipher.testing import Instance


def test_the_longest_identifier(slipher: Instance) -> None:
    name = "c" + "0123456789" * 6 + "ab"
    cluster = slipher.create_cluster(name, region="ap-northeast-1")
    try:
        with cluster.connect() as session:
            assert session.rows("select 1") == [("1",)]
    finally:
        slipher.client("redshift", "ap-northeast-1").delete_cluster(
            ClusterIdentifier=name, SkipFinalClusterSnapshot=True
        )
