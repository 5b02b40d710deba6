"""COPY JOB by itself: files that arrive are loaded once, also across a restart; a bad one does not stop the good ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from slipher.testing import Instance
from slipher.testing.wire import Connection, ServerError

PATIENCE = 30.0


@pytest.fixture
def session(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def role(slipher: Instance) -> Iterator[str]:
    iam, redshift = slipher.client("iam"), slipher.client("redshift")
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},'
        '"Action":"sts:AssumeRole"}]}'
    )
    arn = iam.create_role(RoleName="jobs", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="jobs", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    redshift.modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", AddIamRoles=[arn])
    yield arn
    redshift.modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", RemoveIamRoles=[arn])
    iam.detach_role_policy(RoleName="jobs", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    iam.delete_role(RoleName="jobs")


def eventually(found: Callable[[], object], wanted: object) -> None:
    until = time.monotonic() + PATIENCE
    while (last := found()) != wanted:
        assert time.monotonic() < until, f"{last} instead of {wanted}"
        time.sleep(0.2)


def test_what_arrives_is_loaded_once(slipher: Instance, session: Connection, role: str, slipher_bucket: str) -> None:
    s3 = slipher.client("s3")
    session.rows("create table arrivals (a int)")
    try:
        s3.put_object(Bucket=slipher_bucket, Key="in/0", Body=b"0\n")
        session.rows(f"copy arrivals from 's3://{slipher_bucket}/in/' iam_role '{role}' job create arrive")

        def rows() -> list[str | None]:
            return [row[0] for row in session.rows("select a from arrivals order by 1")]

        s3.put_object(Bucket=slipher_bucket, Key="in/1", Body=b"1\n11\n")
        eventually(rows, ["1", "11"])
        # a file that cannot be loaded beside one that can; and an old name again
        s3.put_object(Bucket=slipher_bucket, Key="in/1", Body=b"1\n11\n")
        s3.put_object(Bucket=slipher_bucket, Key="in/2", Body=b"x\n")
        s3.put_object(Bucket=slipher_bucket, Key="in/3", Body=b"3\n")
        eventually(rows, ["1", "3", "11"])
        eventually(
            lambda: session.rows("select trim(file_name), status from sys_copy_job_detail order by 1"),
            [("in/1", "I"), ("in/2", "E"), ("in/3", "I")],
        )
        told = session.rows("select trim(job_name), trim(message) from sys_copy_job_info")
        assert [(name, "in/2" in str(message)) for name, message in told] == [("arrive", True)]
        assert (
            session.rows("select trim(err_reason), copy_job_id > 0 from stl_load_errors where filename like '%in/2'")[
                0
            ][1]
            == "t"
        )
        shown = session.rows("copy job show arrive")
        assert [row[1].strip() for row in shown if row[1]] == ["arrive"]
        session.rows("copy job alter arrive auto off")
        s3.put_object(Bucket=slipher_bucket, Key="in/4", Body=b"4\n")
        time.sleep(5)
        assert rows() == ["1", "3", "11"]
    finally:
        session.rows("copy job drop arrive")
        session.rows("drop table arrivals")


def test_a_restart_forgets_nothing(slipher: Instance, role: str, slipher_bucket: str) -> None:
    s3, redshift = slipher.client("s3"), slipher.client("redshift")
    with slipher.cluster.connect() as connection:
        connection.rows("create table kept (a int)")
        connection.rows(f"copy kept from 's3://{slipher_bucket}/in' iam_role '{role}' job create keep")
        s3.put_object(Bucket=slipher_bucket, Key="in/1", Body=b"1\n")
        eventually(lambda: connection.rows("select a from kept"), [("1",)])
    redshift.reboot_cluster(ClusterIdentifier="redshift-cluster-1")
    s3.put_object(Bucket=slipher_bucket, Key="in/2", Body=b"2\n")

    def rows() -> object:
        try:
            with slipher.cluster.connect() as connection:
                return connection.rows("select a from kept order by 1")
        except (OSError, ServerError):  # not back yet
            return None

    eventually(rows, [("1",), ("2",)])
    time.sleep(3)
    assert rows() == [("1",), ("2",)]
    with slipher.cluster.connect() as connection:
        connection.rows("copy job drop keep")
        connection.rows("drop table kept")
