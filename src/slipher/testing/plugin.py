"""The pytest plugin: fixtures `slipher`, `slipher_cluster` and `slipher_bucket`. Loading it imports nothing of ours but this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from slipher.testing.instance import Cluster, Instance

_RUNNING: pytest.StashKey[Instance] = pytest.StashKey()


def instance_of(config: pytest.Config) -> Instance:
    """The instance of this pytest process, started at first use and stopped when pytest ends."""
    from slipher.testing.instance import start

    if _RUNNING not in config.stash:
        instance = start()
        config.stash[_RUNNING] = instance
        config.add_cleanup(instance.stop)
    return config.stash[_RUNNING]


@pytest.fixture(scope="session")
def slipher(request: pytest.FixtureRequest) -> Instance:
    """A running Slipher, shared by the session's tests: `.endpoint`, `.client("s3")`, `.environment`, `.cluster`."""
    return instance_of(request.config)


@pytest.fixture
def slipher_cluster(slipher: Instance) -> Cluster:
    """The instance's cluster: `.dsn`, or `.host .port .user .password .database .root_cert`. Tests share it."""
    return slipher.cluster


@pytest.fixture
def slipher_bucket(slipher: Instance) -> Iterator[str]:
    """The name of a new, empty S3 bucket in the instance's region; it is removed with its objects after the test."""
    import uuid

    bucket = f"slipher-test-{uuid.uuid4().hex[:12]}"
    s3 = slipher.client("s3")
    if slipher.region == "us-east-1":
        s3.create_bucket(Bucket=bucket)
    else:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": slipher.region})
    yield bucket
    slipher.empty_bucket(bucket)
    s3.delete_bucket(Bucket=bucket)
