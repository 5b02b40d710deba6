"""kill -9 of a cluster at random moments of an UNLOAD: whole objects only, and no upload stays open."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fault_tools import connect_again, pid_of, until

from slipher.host.child import STABLE_SECONDS
from slipher.testing import Instance, start
from slipher.testing.wire import ServerError

ROWS = 1 << 20
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


@dataclass
class Scene:
    """A table of ROWS rows, a bucket, a role that may write to it, and how long an UNLOAD takes."""

    instance: Instance
    role: str
    seconds: float

    @property
    def unload(self) -> str:
        """Objects of several parts each."""
        return f"unload ('select * from big') to 's3://kills/out/' iam_role '{self.role}' allowoverwrite"


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with start() as instance:
        iam, cluster = instance.client("iam"), instance.cluster
        role = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.attach_role_policy(RoleName="writer", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
        instance.client("redshift").modify_cluster_iam_roles(ClusterIdentifier=cluster.id, AddIamRoles=[role])
        instance.client("s3").create_bucket(Bucket="kills")
        made = Scene(instance, role, 0)
        with cluster.connect() as session:
            session.rows("create table big (a int, b varchar(100))")
            session.rows(f"insert into big values (0, '{'x' * 60}')")
            count = 1
            while count < ROWS:
                session.rows(f"insert into big select a + {count}, b from big")
                count *= 2
            began = time.monotonic()
            session.rows(made.unload)
            made.seconds = time.monotonic() - began
        yield made


def open_uploads(instance: Instance) -> list[Any]:
    found: list[Any] = instance.client("s3").list_multipart_uploads(Bucket="kills").get("Uploads", [])
    return found


def kill_during_an_unload(scene: Scene, moment: float) -> bool:
    """Kill the cluster so many seconds after the start of an UNLOAD; whether uploads were open then."""
    instance = scene.instance
    instance.empty_bucket("kills")
    pid = until(lambda: pid_of(instance, instance.cluster))
    session, started = connect_again(instance.cluster), threading.Event()
    time.sleep(STABLE_SECONDS)  # a process that dies sooner, again and again, counts as a crash loop

    def unload() -> None:
        try:
            started.set()
            session.rows(scene.unload)
        except (OSError, EOFError, ServerError):
            pass
        finally:
            session.abort()

    thread = threading.Thread(target=unload)
    thread.start()
    assert started.wait(60)
    time.sleep(moment)
    os.kill(pid, signal.SIGKILL)
    thread.join(60)
    were_open = bool(open_uploads(instance))
    connect_again(instance.cluster).close()
    until(lambda: not open_uploads(instance))
    s3 = instance.client("s3")
    for found in s3.list_objects_v2(Bucket="kills").get("Contents", []):
        body = s3.get_object(Bucket="kills", Key=found["Key"])["Body"].read()
        assert body.endswith(b"\n") and len(body) == found["Size"], "an object that can be listed is whole"
        assert all(line.count(b"|") == 1 for line in body.split(b"\n")[:-1])
    return were_open


def campaign(scene: Scene, number: int) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    outcomes = []
    for index in range(number):
        moment = dice.uniform(0.1, 0.9) * scene.seconds
        try:
            outcomes.append(kill_during_an_unload(scene, moment))
        except BaseException as error:
            error.add_note(f"seed {seed}, kill {index + 1} of {number}, {moment:.3f} s after the start of its UNLOAD")
            raise
    assert any(outcomes), "no upload was hit: the moments are wrong"


def test_five_kills_of_unloads(scene: Scene) -> None:
    campaign(scene, 5)


@pytest.mark.faults
def test_a_hundred_kills_of_unloads(scene: Scene) -> None:
    campaign(scene, 100)
