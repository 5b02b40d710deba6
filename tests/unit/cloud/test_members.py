"""No member of a request is accepted and ignored: what an operation does not take, it refuses by name; what it takes, it reads."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import slipher.cloud
from slipher.aws import models
from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Caller, HttpFacts
from slipher.cloud.services import OPERATIONS

ROWS = [(service, name) for service, table in OPERATIONS.items() for name in table]
SOURCE = "\n".join(
    path.read_text() for path in Path(inspect.getfile(slipher.cloud)).parent.rglob("*.py") if path.name != "__init__.py"
)
READ_ELSEWHERE = {  # read where the request's bytes are: by the checks of the payload, or by HTTP itself
    "Body", "ContentMD5", "ContentLength", "ChecksumAlgorithm",
    # conditions of a source are read under a prefix, response overrides and tables of facts by name
    "CopySourceIfMatch", "CopySourceIfNoneMatch", "CopySourceIfModifiedSince", "CopySourceIfUnmodifiedSince",
    "ResponseCacheControl", "ResponseContentDisposition", "ResponseContentEncoding", "ResponseContentLanguage", "ResponseContentType",
    "ResponseExpires", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256", "ChecksumSHA512",
    "ChecksumMD5",
    # with no effect on AWS either as things are here: no bucket lets its requesters pay
    "RequestPayer",
    # no destination of a notification is reached here, and so none is ever asked whether it is there
    "SkipDestinationValidation",
}  # fmt: skip


def made(service: str, name: str, params: dict[str, Any]) -> Call:
    http = HttpFacts("POST", "/", {}, {}, "http", "127.0.0.1")
    return Call(None, service, name, "1", "us-east-1", Caller("root", "1", "a", "i", "k"), params, http, "r")  # type: ignore[arg-type]


@pytest.mark.parametrize(("service", "name"), ROWS, ids=[".".join(pair) for pair in ROWS])
def test_members(service: str, name: str) -> None:
    row = OPERATIONS[service][name]
    shape = models.operation(service, name).input_shape
    members = set(shape.members) if shape else set()
    taken = {one.partition(".")[0] for one in row.takes.split()}
    # FIXED and KEPT of Redshift's facts are shared by create and modify, which do not have all the same members
    assert service == "redshift" or taken <= members, "a member that the operation does not have"
    assert set(shape.required_members if shape else ()) <= taken
    for member in members - taken:
        with pytest.raises(AwsError) as refused:
            row.refuse_others(made(service, name, {member: "x"}))
        assert (refused.value.status, refused.value.code) == (501, "NotImplemented")
        assert refused.value.message == f"{name} with {member} is not implemented by Slipher yet."
        row.refuse_others(made(service, name, {member: False}))
    row.refuse_others(made(service, name, {member: "x" for member in taken if f"{member}." not in row.takes}))
    unread = {member for member in (taken & members) - READ_ELSEWHERE if f'"{member}"' not in SOURCE}
    # of what there is none, no filter finds any
    assert row.state == "none" or unread == set(), "taken, and never read"


def test_members_of_members() -> None:
    row = OPERATIONS["s3"]["CreateBucket"]
    row.refuse_others(
        made("s3", "CreateBucket", {"Bucket": "b", "CreateBucketConfiguration": {"LocationConstraint": "EU"}})
    )
    with pytest.raises(AwsError, match=r"CreateBucketConfiguration\.Tags"):
        row.refuse_others(
            made("s3", "CreateBucket", {"CreateBucketConfiguration": {"Tags": [{"Key": "a", "Value": "b"}]}})
        )
