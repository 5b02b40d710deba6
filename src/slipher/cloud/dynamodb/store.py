"""Items and their places in indexes, as rows that change together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from slipher.cloud.dynamodb import capacity, indexes
from slipher.cloud.dynamodb.positions import address
from slipher.cloud.dynamodb.values import item as checked
from slipher.cloud.state.dynamodb import entries, items, meta, tables

Item = dict[str, Any]
KEY_FORM = ("dynamodb_keys", "2")  # of the keys in ddb_items


@dataclass(slots=True)
class Change:
    """A write of one item: what was there, and what is to be there (None: nothing)."""

    bucket: int
    key: bytes
    old: Item | None
    new: Item | None
    sizes: tuple[int, int]  # of old and new, 0 for nothing


def stored(db: Connection, table: Row[Any], bucket: int, key: bytes) -> Row[Any, Any] | None:
    """The body and size of an item."""
    mine = (items.c.table_id == table.id, items.c.bucket == bucket, items.c.key == key)
    return db.execute(select(items.c.body, items.c.size).where(*mine)).first()


def change(db: Connection, table: Row[Any], place: tuple[int, bytes], new: Item | None) -> Change:
    """The change of what is at a place into a new item, which is checked and in its normal form."""
    row = stored(db, table, *place)
    size = 0
    if new is not None:
        new, size = checked(new)
        indexes.check(table, new)
    old = orjson.loads(row.body) if row is not None else None
    return Change(*place, old, new, (row.size if row is not None else 0, size))


def write(db: Connection, table: Row[Any], changes: list[Change]) -> capacity.Units:
    """Make changes, of different items; the units that they consume."""
    puts, gone, added, removed = [], [], [], []
    units = capacity.Units()
    for one in changes:
        mine = {"table_id": table.id, "bucket": one.bucket, "key": one.key}
        if one.new is not None:
            puts.append(mine | {"size": one.sizes[1], "body": orjson.dumps(one.new)})
        elif one.old is not None:
            gone.append(one)
        units.add(capacity.of_write(table, one.key, one.old, one.new, one.sizes))
        before, after = (indexes.places(table, item, one.key) for item in (one.old, one.new))
        removed += list(before - after)
        for name, bucket, position in after - before:
            added.append(
                {"table_id": table.id, "name": name, "bucket": bucket, "position": position,
                 "item_bucket": one.bucket, "item_key": one.key}
            )  # fmt: skip
    if puts:
        statement = insert(items)
        statement = statement.on_conflict_do_update(
            index_elements=["table_id", "bucket", "key"],
            set_={"size": statement.excluded.size, "body": statement.excluded.body},
        )
        db.execute(statement, puts)
    for one in gone:
        db.execute(
            delete(items).where(items.c.table_id == table.id, items.c.bucket == one.bucket, items.c.key == one.key)
        )
    for name, bucket, position in removed:
        db.execute(
            delete(entries).where(
                entries.c.table_id == table.id, entries.c.name == name,
                entries.c.bucket == bucket, entries.c.position == position,
            )
        )  # fmt: skip
    if added:
        db.execute(insert(entries), added)
    return units


def index_again(db: Connection, old: Row[Any], new: Row[Any]) -> None:
    """Bring the entries of a table whose indexes changed to what its items say."""
    wanted = {index.name for index in indexes.of(new)} | ({indexes.TTL} if new.facts.get("TTL") else set())
    had = {index.name for index in indexes.of(old)}
    if old.facts.get("TTL") and old.facts.get("TTL") == new.facts.get("TTL"):
        had.add(indexes.TTL)
    stays = had & wanted
    db.execute(delete(entries).where(entries.c.table_id == new.id, entries.c.name.not_in(stays)))
    if wanted == stays:
        return
    rows = db.execute(select(items.c.bucket, items.c.key, items.c.body).where(items.c.table_id == new.id))
    for page in rows.partitions(1000):
        found = [
            {"table_id": new.id, "name": name, "bucket": bucket, "position": position,
             "item_bucket": row.bucket, "item_key": row.key}
            for row in page
            for name, bucket, position in indexes.places(new, orjson.loads(row.body), row.key)
            if name not in stays
        ]  # fmt: skip
        if found:
            db.execute(insert(entries), found)


def renew_keys(db: Connection) -> None:
    """Give the items of a data directory from before keys were ordered their keys of today; once."""
    if db.scalar(select(meta.c.value).where(meta.c.key == KEY_FORM[0])) == KEY_FORM[1]:
        return
    for table in db.execute(select(tables)).all():
        rows = db.execute(select(items).where(items.c.table_id == table.id)).all()
        db.execute(delete(items).where(items.c.table_id == table.id))
        for row in rows:
            bucket, key = address(table, orjson.loads(row.body))
            db.execute(insert(items).values(row._asdict() | {"bucket": bucket, "key": key}))
    db.execute(insert(meta).values(key=KEY_FORM[0], value=KEY_FORM[1]))
