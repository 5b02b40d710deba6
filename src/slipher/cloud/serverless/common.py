"""What the nouns of Redshift Serverless share: finding namespaces and workgroups, errors, tags, pages.

Texts of refusals are AWS's where they are known (source: reports of users); others are of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.constraints import invalid
from slipher.cloud.context import Gateway
from slipher.cloud.paging import decode, encode
from slipher.cloud.redshift import common
from slipher.cloud.state.redshift import clusters
from slipher.cloud.state.serverless import usage_limits, workgroups

MAX_TAGS = 50


def arn(call: Call, kind: str, identifier: str) -> str:
    """The ARN of a namespace, workgroup or snapshot; all of them are named by an id."""
    return f"arn:aws:redshift-serverless:{call.region}:{call.account}:{kind}/{identifier}"


def not_found(kind: str, name: str) -> AwsError:
    """ResourceNotFoundException."""
    return AwsError("ResourceNotFoundException", f"Serverless {kind} {name} not found.", extra={"resourceName": name})


def conflict(text: str) -> AwsError:
    """ConflictException."""
    return AwsError("ConflictException", text)


def busy(kind: str) -> AwsError:
    """ConflictException for a resource that is being changed."""
    return conflict(f"There is an operation running on the {kind}. Please try again later.")


def moment(seconds: float) -> datetime:
    """A time as the API shows it."""
    return datetime.fromtimestamp(seconds, UTC)


@contextmanager
def in_our_words() -> Iterator[None]:
    """What the control plane of clusters refuses, as this service says it."""
    try:
        yield
    except AwsError as error:
        if error.code.startswith("InvalidParameter"):
            raise invalid(error.message) from None
        raise


def _mine(call: Call) -> tuple[Any, ...]:
    return (clusters.c.account == call.account, clusters.c.region == call.region, ~common.provisioned(clusters.c.arn))


def namespaces(db: Connection, call: Call) -> Sequence[Row[Any]]:
    """All namespaces of the account and region, by name."""
    found = db.execute(select(clusters).where(*_mine(call))).all()
    return sorted(found, key=lambda row: str(row.facts["NamespaceName"]))


def find_namespace(db: Connection, call: Call, name: str) -> Row[Any] | None:
    """The namespace of a name."""
    return next((row for row in namespaces(db, call) if row.facts["NamespaceName"] == name), None)


def namespace(db: Connection, call: Call) -> Row[Any]:
    """The request's namespace; ResourceNotFoundException."""
    name = str(call.params["namespaceName"])
    row = find_namespace(db, call, name)
    if row is None:
        raise not_found("namespace", name)
    return row


def find_workgroup(db: Connection, account: str, region: str, name: str) -> Row[Any] | None:
    """The workgroup of a name or ARN."""
    if name.startswith("arn:"):
        return db.execute(select(workgroups).where(workgroups.c.arn == name, workgroups.c.account == account)).first()
    mine = (workgroups.c.account == account, workgroups.c.region == region, workgroups.c.name == name)
    return db.execute(select(workgroups).where(*mine)).first()


def workgroup(db: Connection, call: Call) -> Row[Any]:
    """The request's workgroup; ResourceNotFoundException."""
    name = str(call.params["workgroupName"])
    row = find_workgroup(db, call.account, call.region, name)
    if row is None:
        raise not_found("workgroup", name)
    return row


def of_namespace(db: Connection, namespace_arn: str) -> Row[Any] | None:
    """The workgroup of a namespace."""
    return db.execute(select(workgroups).where(workgroups.c.namespace == namespace_arn)).first()


def row_of(db: Connection, namespace_arn: str) -> Row[Any]:
    """A namespace's row by its ARN."""
    return db.execute(select(clusters).where(clusters.c.arn == namespace_arn)).one()


def settle(gateway: Gateway, db: Connection) -> None:
    """End what is due: a workgroup whose process has stopped for its deletion goes, and its endpoint with it."""
    common.settle(gateway.now(), db)
    for group in db.execute(select(workgroups).where(workgroups.c.deleting)).all():
        row = db.execute(select(clusters).where(clusters.c.arn == group.namespace)).first()
        if row is not None and row.transition != "paused":
            continue
        db.execute(delete(workgroups).where(workgroups.c.arn == group.arn))
        for limit in db.execute(select(usage_limits)).all():
            if limit.facts["resourceArn"] == group.arn:
                db.execute(delete(usage_limits).where(usage_limits.c.id == limit.id))
        if row is not None:
            facts = {name: value for name, value in row.facts.items() if name not in ("NamedInArns", "DisplayName")}
            db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=facts, host="", port=0))


def kept_tags(given: Any) -> list[dict[str, str]]:
    """A request's tags, as they are kept."""
    found = {str(one["key"]): str(one["value"]) for one in given or []}
    if len(found) > MAX_TAGS:
        raise AwsError("TooManyTagsException", "The request exceeds the number of tags allowed for a resource.")
    if any(key.lower().startswith("aws:") for key in found):
        raise invalid("Tag keys cannot begin with aws:.")
    return [{"Key": key, "Value": value} for key, value in found.items()]


def shown_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """Tags as this API shows them."""
    return [{"key": one["Key"], "value": one["Value"]} for one in tags]


def page(call: Call, member: str, rows: Sequence[Any], key: Callable[[Any], str]) -> tuple[list[Any], dict[str, Any]]:
    """A page of rows, which are sorted by `key`, by maxResults and nextToken; and the answer's nextToken."""
    limit = int(call.params.get("maxResults") or 100)
    try:
        after = decode(call.params["nextToken"]) if call.params.get("nextToken") else ""
    except AwsError:
        raise invalid("The nextToken is not valid.") from None
    rest = [row for row in rows if key(row) > after]
    return rest[:limit], {"nextToken": encode(key(rest[limit - 1]))} if len(rest) > limit else {}
