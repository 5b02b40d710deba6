"""COPY of a DynamoDB table; a parallel scan by boto3 whose pages go to PostgreSQL by executemany."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import psycopg
from boto3.dynamodb.types import TypeDeserializer

from bench import drain, measure
from bench.measure import Row
from bench.ours import ITEMS, Ours
from bench.postgres import Postgres

DDL = "create table items (id integer, customer varchar(32), price decimal(12,2), note varchar(64))"
NAMES = ("id", "customer", "price", "note")
GOAL, TIMES = 40_000, 3.0  # items a second, or so many times the peer
SEGMENTS = 4
BATCH = 25


def dynamodb_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table; `rows` are items."""
    _fill(ours, rows)
    session = ours.session()

    def slipher() -> float:
        drain.run(session, "drop table if exists items")
        drain.run(session, DDL)
        return drain.run(session, f"copy items from 'dynamodb://{ITEMS}' iam_role '{ours.role}' readratio 100")

    contestants = {"Slipher": slipher}
    if peer is not None:
        folder, port = str(peer.folder), peer.port
        contestants["PostgreSQL"] = lambda: _by_hand(ours, folder, port)
    work = measure.Work(ours.processes())
    with work:
        found = measure.rounds(rounds, contestants)
    spent = ", ".join(f"{name} {one / (rounds + 1):.2f} s" for name, one in work.seconds.items())
    print(f"  processor time a round, of all contestants: {spent}", flush=True)
    (count,) = session.rows("select count(*) from items")
    assert count == (str(rows),), count
    speed = rows / measure.median(found["Slipher"])
    met = "yes" if speed >= GOAL else f"no: {speed / GOAL:.0%} of it"
    what = f"COPY of {rows:,} items from DynamoDB"
    table = [Row(what, f"{speed:,.0f} items/s", goal=f">= {GOAL:,} items/s", met=met)]
    if peer is not None:

        def show(taken: float) -> str:
            return f"{rows / taken:,.0f} items/s"

        table.append(
            measure.compared(what, show, found, "PostgreSQL", TIMES, f" {peer.version}, boto3 scan and executemany")
        )
    return table


def _fill(ours: Ours, rows: int) -> None:
    client = ours.instance.client("dynamodb")
    client.create_table(
        TableName=ITEMS,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=ITEMS)

    def put(start: int) -> None:
        requests = [
            {
                "PutRequest": {
                    "Item": {
                        "id": {"N": str(one)},
                        "customer": {"S": f"customer-{one * 7919 % 100_003}"},
                        "price": {"N": str(Decimal(one * 37 % 1_000_000) / 100)},
                        "note": {"S": "red shift line star" if one % 3 else "dust cloud"},
                    }
                }
            }
            for one in range(start, min(start + BATCH, rows))
        ]
        left: dict[str, Any] = {ITEMS: requests}
        while left:
            left = client.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(put, start) for start in range(0, rows, BATCH)]:
            done.result()


def _by_hand(ours: Ours, folder: str, port: int) -> float:
    """What a person writes who has no COPY: a thread for each segment, each with a connection of its own."""
    client = ours.instance.client("dynamodb")
    plain = TypeDeserializer().deserialize

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(host=folder, port=port, user="postgres", dbname="postgres")

    with connect() as one:
        one.execute("drop table if exists items")
        one.execute(DDL)

    def segment(number: int) -> None:
        more: dict[str, Any] = {}
        with connect() as one, one.cursor() as cursor:
            while True:
                page = client.scan(TableName=ITEMS, Segment=number, TotalSegments=SEGMENTS, **more)
                found = [[plain(item[name]) for name in NAMES] for item in page["Items"]]
                cursor.executemany("insert into items values (%s, %s, %s, %s)", found)
                if "LastEvaluatedKey" not in page:
                    return
                more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    begin = time.perf_counter()
    with ThreadPoolExecutor(SEGMENTS) as pool:
        for done in [pool.submit(segment, number) for number in range(SEGMENTS)]:
            done.result()
    return time.perf_counter() - begin
