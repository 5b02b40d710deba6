"""The gateway: S3 by size of the body, calls of Redshift, STS and DynamoDB, decisions of policies; and other doubles of AWS."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from bench import measure
from bench.hammer import Server, Taken, hammer
from bench.measure import Row
from bench.ours import Ours
from bench.peers import moto, seaweed
from bench.postgres import Postgres
from slipher.aws.sigv4 import Credentials
from slipher.policy.evaluate import Named, Policies, Principal, Request, evaluate
from slipher.spec.iam import managed_policy

BUCKET, TABLE, ROLE = "cloud-bench", "cloud-bench", "cloud-bench"
# size of the body, requests of a round, connections
SIZES = ((4096, 800, 1), (4096, 1600, 8), (1024 * 1024, 64, 4), (200 * 1024 * 1024, 1, 1))
CALLS, CONNECTIONS = 400, 4
TIMES = 3.0  # the goal against moto
DECISION = 0.2e-3  # seconds, the goal
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}


def cloud_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table."""
    environment = ours.instance.environment
    keys = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    found: list[Row] = []
    with contextlib.ExitStack() as stack:
        slipher = Server("Slipher", ours.instance.endpoint, keys)
        servers = [slipher, *(one for make in (moto, seaweed) if (one := stack.enter_context(make())) is not None)]
        for server in servers:
            server.ask(server.request("s3", "PUT", f"/{BUCKET}"))
        for size, count, connections in SIZES:
            found += _bodies(servers, size, count, connections, rounds)
        doubles = [one for one in servers if one.name != "SeaweedFS"]
        for server in doubles:
            _prepare(server)
        for name, make in CALLED.items():
            found += _compared(f"{name}, {CONNECTIONS} connections", doubles, make, CALLS, CONNECTIONS, rounds, TIMES)
    return [*found, _decisions()]


Make = Callable[[Server], Callable[[int], bytes]]


def _compared(
    what: str, servers: list[Server], make: Make, count: int, connections: int, rounds: int, goal: float | None
) -> list[Row]:
    taken = {one.name: Taken() for one in servers}

    def contestant(server: Server) -> Callable[[], float]:
        build = make(server)
        return lambda: hammer(server, build, count, connections, taken[server.name])

    seconds = measure.rounds(rounds, {one.name: contestant(one) for one in servers})

    def show(spent: float) -> str:
        return f"{count / spent:,.1f}/s"

    rows = []
    for peer in servers[1:]:
        wanted = goal if peer.name == "moto" else None
        one = measure.compared(what, show, seconds, peer.name, wanted)
        if taken[peer.name].broken:
            print(f"  {what}: {peer.name} had {taken[peer.name].broken} internal errors", flush=True)
        tails = {name: f"p99 {found.percentile(0.99) * 1000:,.1f} ms" for name, found in taken.items()}
        rows.append(
            Row(
                one.what, f"{one.ours}, {tails['Slipher']}", one.peer, f"{one.theirs}, {tails[peer.name]}",
                one.ratio, one.goal, one.met,
            )
        )  # fmt: skip
        print(f"  {what}: {rows[-1].ours}; {peer.name} {rows[-1].theirs}; {one.ratio}", flush=True)
    if not rows:
        rows.append(Row(what, show(measure.median(seconds["Slipher"]))))
    return rows


def _bodies(servers: list[Server], size: int, count: int, connections: int, rounds: int) -> list[Row]:
    body = os.urandom(size)
    label = f"{size // 1024**2} MB" if size >= 1024**2 else f"{size // 1024} KB"
    many = f"{connections} connection{'s' if connections > 1 else ''}"

    def put(server: Server) -> Callable[[int], bytes]:
        return lambda number: server.request("s3", "PUT", f"/{BUCKET}/{size}/{number % 100}", body)

    def get(server: Server) -> Callable[[int], bytes]:
        return lambda number: server.request("s3", "GET", f"/{BUCKET}/{size}/{number % min(100, count)}")

    return [
        *_compared(f"S3 PUT of {label}, {many}", servers, put, count, connections, rounds, None),
        *_compared(f"S3 GET of {label}, {many}", servers, get, count, connections, rounds, None),
    ]


def _query(server: Server, service: str, version: str, action: str, members: Mapping[str, str]) -> bytes:
    body = urlencode({"Action": action, "Version": version, **members}).encode()
    return server.request(service, "POST", "/", body, {"content-type": "application/x-www-form-urlencoded"})


def _dynamodb(server: Server, operation: str, asked: object) -> bytes:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}"}
    return server.request("dynamodb", "POST", "/", json.dumps(asked).encode(), headers)


def _prepare(server: Server) -> None:
    cluster = {
        "ClusterIdentifier": "redshift-cluster-1",
        "NodeType": "ra3.large",
        "ClusterType": "single-node",
        "MasterUsername": "awsuser",
        "MasterUserPassword": "Password1",
    }
    if server.name == "moto":  # ours has one from the first
        server.ask(_query(server, "redshift", "2012-12-01", "CreateCluster", cluster))
    role = {"RoleName": ROLE, "AssumeRolePolicyDocument": json.dumps(TRUST)}
    server.ask(_query(server, "iam", "2010-05-08", "CreateRole", role))
    schema = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    names = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    table = {"TableName": TABLE, "BillingMode": "PAY_PER_REQUEST", **schema, **names}
    server.ask(_dynamodb(server, "CreateTable", table))


def _describe(server: Server) -> Callable[[int], bytes]:
    return lambda number: _query(server, "redshift", "2012-12-01", "DescribeClusters", {})


def _assume(server: Server) -> Callable[[int], bytes]:
    arn = f"arn:aws:iam::123456789012:role/{ROLE}"
    return lambda number: _query(
        server, "sts", "2011-06-15", "AssumeRole", {"RoleArn": arn, "RoleSessionName": f"s{number}"}
    )


def _item(server: Server) -> Callable[[int], bytes]:
    def make(number: int) -> bytes:
        item = {"id": {"S": f"k{number}"}, "price": {"N": "12.50"}, "note": {"S": "red shift line star"}}
        return _dynamodb(server, "PutItem", {"TableName": TABLE, "Item": item})

    return make


CALLED: dict[str, Make] = {"DescribeClusters": _describe, "AssumeRole": _assume, "PutItem": _item}


def _decisions() -> Row:
    """A decision under the largest policy of AWS's that people attach, which is compiled at its first use."""
    found = managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert found is not None
    text = found.document
    policies = Policies((Named("ReadOnlyAccess", text),))
    who = Principal("user", "arn:aws:iam::123456789012:user/reader", "123456789012")
    asked = [
        Request(who, action, f"arn:aws:s3:::bucket/{number}", {"aws:sourceip": "127.0.0.1"})
        for number, action in enumerate(
            ("s3:GetObject", "s3:PutObject", "dynamodb:Scan", "redshift:DescribeClusters") * 500
        )
    ]
    for one in asked[:4]:
        evaluate(one, policies)
    begin = time.perf_counter()
    for one in asked:
        evaluate(one, policies)
    spent = (time.perf_counter() - begin) / len(asked)
    met = "yes" if spent < DECISION else "no"
    what = f"a decision under ReadOnlyAccess ({len(text) / 1000:.0f} KB)"
    return Row(what, f"{spent * 1000:.4f} ms, {1 / spent:,.0f}/s", goal="< 0.2 ms", met=met)
