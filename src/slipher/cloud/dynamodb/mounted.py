"""Tables that are mounted: items are those of the endpoint behind, which is asked after the request was allowed here.

Requests go on as they came, but for the table's name and the signature. Our own row of the table holds its keys, which
policies may speak of.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
import urllib3
from sqlalchemy import Connection, delete, insert, select

from slipher.aws.sigv4 import sign
from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Handler, Raw, Result
from slipher.cloud.context import Gateway
from slipher.cloud.dynamodb.tables import arn, find
from slipher.cloud.mounts import (
    CONNECT_SECONDS,
    READ_SECONDS,
    Mount,
    Unmountable,
    mounted,
    refusal,
    refusing,
    unreachable,
)
from slipher.cloud.state.dynamodb import tables

TYPE = "application/x-amz-json-1.0"
TARGET = "DynamoDB_20120810"
POOL = urllib3.PoolManager(
    maxsize=16, retries=False, timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
)
FORWARDED = {"DescribeTable", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
KEPT = (  # of the endpoint's description, in our row
    "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes",
)  # fmt: skip


def _named(call: Call) -> set[str]:
    """The tables that a request names."""
    params = call.params
    names = set(params.get("RequestItems") or ())
    for one in params.get("TransactItems") or ():
        names |= {inner["TableName"] for inner in one.values() if "TableName" in inner}
    for member in ("TableName", "ResourceArn"):
        if params.get(member):
            names.add(str(params[member]))
    return {name.rpartition("/")[2] for name in names}


def instead(call: Call) -> Handler | None:
    """What answers in place of the operation's handler; None: the handler."""
    settings = call.gateway.settings
    if (call.account, call.region) != (settings.account, settings.region):
        return None
    found = [one for name in _named(call) if (one := mounted(call.gateway, "dynamodb", name)) is not None]
    if not found or call.operation == "CreateTable":  # of which there is one: the handler says so
        return None
    return partial(forward, found[0]) if call.operation in FORWARDED else refusing(found[0].name)


def forward(mount: Mount, call: Call) -> Result:
    """Ask the endpoint the same of its table."""
    with call.gateway.read() as db:
        find(db, call)
    given = orjson.loads(call.raw) | {"TableName": mount.remote}
    answer = _ask(mount, call.operation, given)
    if call.operation != "DescribeTable" and (mount.name == mount.remote or b'"ConsumedCapacity"' not in answer):
        return Raw(answer, TYPE)
    found = orjson.loads(answer)
    for member in ("ConsumedCapacity", "Table"):
        if member in found:
            found[member]["TableName"] = mount.name
    if "Table" in found:
        found["Table"]["TableArn"] = arn(call, mount.name)
    return Raw(orjson.dumps(found), TYPE)


def _ask(mount: Mount, operation: str, given: dict[str, Any]) -> bytes:
    body, url = orjson.dumps(given), f"{mount.endpoint}/"
    headers = {"content-type": TYPE, "x-amz-target": f"{TARGET}.{operation}"}
    digest = hashlib.sha256(body).hexdigest()
    signed = sign("POST", url, headers, digest, mount.keys, "dynamodb", mount.region, datetime.now(UTC))
    try:
        response = POOL.request("POST", url, body=body, headers=signed, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        raise unreachable(mount, type(error).__name__) from None
    if response.status == 200:
        return bytes(response.data)
    try:
        facts = orjson.loads(response.data)
        code, message = str(facts.get("__type", "")).rpartition("#")[2], facts.get("message") or facts.get("Message")
    except ValueError:
        code, message, facts = "InternalServerError", f"HTTP {response.status}", {}
    raise _with_item(refusal(mount, code, str(message or ""), response.status), facts)


def _with_item(error: AwsError, facts: dict[str, Any]) -> AwsError:
    """A condition that failed may bring the item that it failed for."""
    extra = {"Item": facts["Item"]} if "Item" in facts else error.extra
    return AwsError(error.code, error.message, error.status, extra, error.headers)


# Mounting


def look(client: Any, mount: Mount) -> Any:
    """The table's description."""
    return client.describe_table(TableName=mount.remote)["Table"]


def enter(db: Connection, gateway: Gateway, mount: Mount, described: Any) -> None:
    """Our row of the table."""
    account, region = gateway.settings.account, gateway.settings.region
    here = (tables.c.account == account, tables.c.region == region, tables.c.name == mount.name)
    if db.execute(select(tables.c.name).where(*here)).first():
        raise Unmountable(f"there is a table {mount.name} already")
    facts = {name: _plain(described[name]) for name in KEPT if described.get(name)}
    db.execute(
        insert(tables).values(
            id=str(uuid.uuid4()), account=account, region=region, name=mount.name, created=gateway.now(),
            facts={"BillingMode": "PAY_PER_REQUEST", **facts},
        )
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return [
        {name: inner for name, inner in one.items() if name in ("AttributeName", "AttributeType", "KeyType", "IndexName",
         "KeySchema", "Projection")}
        for one in value
    ]  # fmt: skip


def leave(db: Connection, gateway: Gateway, name: str) -> None:
    """Our row of the table goes."""
    account, region = gateway.settings.account, gateway.settings.region
    db.execute(delete(tables).where(tables.c.account == account, tables.c.region == region, tables.c.name == name))
