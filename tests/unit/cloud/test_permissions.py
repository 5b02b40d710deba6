"""Every operation that has a handler, called without a signature, by a key that lacks a permission, and by one that has just that.

Generated from the table of permissions in spec/iam/actions.py and the calls of sample_calls.py: an operation that comes is
tested by being there, and fails here while it lacks either. A denial has its service's code, status and text, and changes
nothing; with the actions that the table names, and no others, the same call does what it is for.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError
from sample_calls import arrange, sample
from sqlalchemy import event, select

from slipher.cloud.redshift import absent, errands
from slipher.cloud.services import OPERATIONS
from slipher.cloud.state.base import metadata
from slipher.spec.iam.actions import ACTIONS, DENIALS

ALL = [(service, name) for service, table in ACTIONS.items() for name in table]
OPEN = [pair for pair in ALL if ACTIONS[pair[0]][pair[1]].action is None]
GUARDED = [pair for pair in ALL if pair not in OPEN]
READS = (
    "Get", "List", "Describe", "Head", "Lookup", "Query", "Scan", "BatchGet", "TransactGet", "Simulate", "Decode", "Encrypt",
    "Decrypt", "GenerateDataKey", "ReEncrypt", "Search", "Select", "Validate",
)  # fmt: skip
UNCHANGED = {"ModifyAquaConfiguration"}  # which is retired
WRITES = {"GetFederationToken", "GetSessionToken"}  # by other names
ANSWERS: dict[str, str] = {  # what a call that is allowed ends with where that is no success: operation -> code
    "sts.DecodeAuthorizationMessage": "InvalidAuthorizationMessageException",  # other tests decode one
    "iam.CreateServiceLinkedRole": "InvalidInput",  # there is one, and there is a cluster
    "s3.GetBucketWebsite": "NoSuchWebsiteConfiguration",
    "s3.GetBucketReplication": "ReplicationConfigurationNotFoundError",
    "s3.GetObjectLockConfiguration": "ObjectLockConfigurationNotFoundError",
    "s3.PutBucketAcl": "AccessControlListNotSupported",
    "s3.PutObjectAcl": "AccessControlListNotSupported",
    "redshift.ResumeCluster": "InvalidClusterState",  # it is not paused
    "redshift.DescribeResize": "ResizeNotFound",
    "redshift.DisableSnapshotCopy": "SnapshotCopyAlreadyDisabledFault",
    "redshift.ModifySnapshotCopyRetentionPeriod": "SnapshotCopyDisabledFault",
    "redshift.ModifyClusterDbRevision": "ClusterOnLatestRevision",
    "redshift.FailoverPrimaryCompute": "UnsupportedOperation",
    "redshift.CancelResize": "ResizeNotFound",
    **{f"redshift.{name}": code for name, (_, code) in absent.MISSING.items()},
    **{f"redshift.{name}": "InvalidParameterValue" for name in absent.SECURITY_GROUPS},
    "redshift.RestoreTableFromClusterSnapshot": "InvalidClusterState",  # no process is here
    # no cluster's process runs here, and a statement has failed
    "redshift-data.GetStatementResult": "ResourceNotFoundException",
    "redshift-data.GetStatementResultV2": "ResourceNotFoundException",
    "redshift-data.CancelStatement": "ValidationException",
    "redshift-data.ListDatabases": "DatabaseConnectionException",
    "redshift-data.ListSchemas": "DatabaseConnectionException",
    "redshift-data.ListTables": "DatabaseConnectionException",
    "redshift-data.DescribeTable": "DatabaseConnectionException",
}
FOLDERS = ("s3", "snapshots")
USE = ("used", "used_region", "used_service")  # of roles and keys: each request tells of its own
OWN_PACE = {"redshift_events"}  # what an operation began goes on while another is asked


def test_every_handler_has_its_row() -> None:
    assert {service: set(table) for service, table in OPERATIONS.items()} == {
        service: set(table) for service, table in ACTIONS.items()
    }
    assert set(ACTIONS) <= set(DENIALS)


class Arranged:
    """A gateway with everything that the calls are about, put back as it was after each."""

    def __init__(self, local: Any, place: Path) -> None:
        self.local, self.place = local, place
        event.listen(local.gateway.db, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        local.gateway.db.dispose()  # nothing is killed here
        self.keys = {name: local.user(name) for name in ("lacks", "has")}
        self.allow("has", {"Action": "*"})
        self.calls = arrange(local, self.keys["has"])
        self.keys["nobody"] = {"AccessKeyId": "", "SecretAccessKey": ""}
        self.database = local.gateway.data_dir / "gateway.db"
        self.state = self.read()
        with sqlite3.connect(self.database) as live, sqlite3.connect(place / "kept.db") as kept:
            live.backup(kept)
        for folder in FOLDERS:
            shutil.copytree(local.gateway.data_dir / folder, place / folder)

    def read(self) -> dict[str, list[str]]:
        """All rows of the gateway's tables, and its files."""
        with self.local.gateway.read() as db:
            found = {
                table.name: sorted(map(repr, db.execute(select(*[one for one in table.c if one.name not in USE]))))
                for table in metadata.sorted_tables
                if table.name not in OWN_PACE
            }
        files = sorted(str(path) for path in self.local.gateway.blobs_dir.rglob("*") if path.is_file())
        return found | {"files": files}

    def allow(self, who: str, statement: dict[str, Any]) -> None:
        """Give a user one statement, and nothing else."""
        document = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*"} | statement})
        self.local.client("iam").put_user_policy(UserName=who, PolicyName="p", PolicyDocument=document)

    def restore(self) -> None:
        """As it was; what changed nothing needs none of it."""
        now = self.read()
        files = {path.name for path in (self.local.gateway.data_dir / "snapshots").iterdir()}
        whole = files == {path.name for path in (self.place / "snapshots").iterdir()}
        if whole and all(now[name] == rows for name, rows in self.state.items() if name != "iam_inline_policies"):
            return
        with self.local.gateway.errands:  # what works in the background has ended
            for folder in FOLDERS:
                here = self.local.gateway.data_dir / folder
                shutil.copytree(self.place / folder, here, dirs_exist_ok=True)
                kept = {path.relative_to(self.place / folder) for path in (self.place / folder).rglob("*")}
                for path in [*here.rglob("*")]:
                    if path.is_file() and path.relative_to(here) not in kept:
                        path.unlink()
            with sqlite3.connect(self.place / "kept.db") as source, sqlite3.connect(self.database) as live:
                live.execute("PRAGMA synchronous=OFF")
                source.backup(live)
            self.local.gateway.iam_changed()
            self.local.gateway.last_used.clear()

    def call(self, service: str, name: str, who: str, **options: Any) -> Any:
        client = self.local.client(service, self.keys[who], **options)
        method = {api: method for method, api in client.meta.method_to_api_mapping.items()}[name]
        return getattr(client, method)(**sample(client, self.calls, service, name))

    def refused(self, service: str, name: str, who: str, **options: Any) -> ClientError:
        """The error of a call that must fail and change nothing."""
        before = self.read()
        with pytest.raises(ClientError) as refused:
            self.call(service, name, who, **options)
        assert self.read() == before
        return refused.value


@pytest.fixture(scope="module")
def shared(shared_gateway: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(errands, "PATIENCE", 0.0)  # with clusters that have no process
        yield Arranged(shared_gateway, tmp_path_factory.mktemp("kept"))


@pytest.fixture
def arranged(shared: Arranged) -> Any:
    yield shared
    shared.restore()


def ids(pairs: list[tuple[str, str]]) -> list[str]:
    return [".".join(pair) for pair in pairs]


@pytest.mark.parametrize(("service", "name"), GUARDED, ids=ids(GUARDED))
def test_denied_then_allowed(arranged: Arranged, service: str, name: str) -> None:
    needs = ACTIONS[service][name]
    assert needs.action is not None
    every = [needs.action, *(action for _, action in needs.also), *needs.beside]
    for action in every:
        arranged.allow("lacks", {"NotAction": [action]})
        if name == "DeleteObjects":  # 200, with an error for each key
            before = arranged.read()
            answer = arranged.call(service, name, "lacks")
            assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("k", "AccessDenied")]
            assert not answer.get("Deleted")
            assert arranged.read() == before
        else:
            check_denial(arranged.refused(service, name, "lacks"), service, name, action)
    arranged.allow("has", {"Action": every})
    before = arranged.read()
    expected = ANSWERS.get(f"{service}.{name}")
    try:
        answer = arranged.call(service, name, "has")
    except ClientError as error:
        assert error.response["Error"]["Code"] == expected, f"allowed to {every}, it said: {error}"
    else:
        assert expected is None, "what is stated as its answer in ANSWERS did not come"
        assert answer["ResponseMetadata"]["HTTPStatusCode"] < 300
        assert not answer.get("Errors")
        if name not in UNCHANGED and (not name.startswith(READS) or name in WRITES):
            assert arranged.read() != before, "an operation that changes something changed nothing"


def check_denial(error: ClientError, service: str, name: str, action: str) -> None:
    form, found = DENIALS[service], error.response
    head = name.startswith("Head")
    assert found["ResponseMetadata"]["HTTPStatusCode"] == form.status
    assert found["Error"]["Code"] == ("403" if head else form.code)
    if head:
        assert "content-length" not in found["ResponseMetadata"]["HTTPHeaders"]
        return
    text = found["Error"]["Message"]
    if not form.tells:
        assert text == "Access Denied"
        return
    assert text.startswith(f"User: arn:aws:iam::123456789012:user/lacks is not authorized to perform: {action}"), text
    assert name == "AssumeRole" or text.endswith(f"because no identity-based policy allows the {action} action"), text


@pytest.mark.parametrize(("service", "name"), OPEN, ids=ids(OPEN))
def test_what_needs_no_permission(arranged: Arranged, service: str, name: str) -> None:
    arranged.allow("has", {"Action": "s3:Nothing"})
    assert arranged.call(service, name, "has")["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(("service", "name"), ALL, ids=ids(ALL))
def test_without_a_signature_or_with_a_wrong_one(arranged: Arranged, service: str, name: str) -> None:
    metadata = arranged.local.client(service).meta.service_model.metadata
    suffix = "Exception" if "json" in metadata["protocol"] else ""
    if name == "DeleteObjects":
        before = arranged.read()
        answer = arranged.call(service, name, "nobody", signature_version=UNSIGNED)
        assert [one["Code"] for one in answer["Errors"]] == ["AccessDenied"]
        assert arranged.read() == before
    else:
        code = arranged.refused(service, name, "nobody", signature_version=UNSIGNED).response["Error"]["Code"]
        if service == "s3":
            assert code == ("403" if name.startswith("Head") else "AccessDenied")
        elif metadata["protocol"] == "rest-json":  # without a signature, its addresses look as S3's do
            assert code in ("403", "405")
        else:
            assert code == f"MissingAuthenticationToken{suffix}"
    arranged.keys["forger"] = arranged.keys["has"] | {"SecretAccessKey": "guessed"}
    code = arranged.refused(service, name, "forger").response["Error"]["Code"]
    wrong = "InvalidSignatureException" if suffix else "SignatureDoesNotMatch"
    assert code == ("403" if name.startswith("Head") else wrong)
