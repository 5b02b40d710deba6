"""The database: one SQLite file in WAL mode, opened so that what is acknowledged survives."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, create_engine, event, insert, select
from sqlalchemy.pool import ConnectionPoolEntry

metadata = MetaData()
SCHEMA_VERSION = "2"

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False))


def open_database(path: Path) -> Engine:
    """Open or create the database; the tables of all services must have been imported."""
    engine = create_engine(f"sqlite:///{path}", pool_size=16, max_overflow=16)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: object, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    with writing(engine) as db:
        metadata.create_all(db)
        _add_columns(db)
        version = db.scalar(select(meta.c.value).where(meta.c.key == "schema"))
        if version is None:
            db.execute(insert(meta).values(key="schema", value=SCHEMA_VERSION))
        elif version != SCHEMA_VERSION:
            raise SystemExit(f"gateway.db has schema {version}, this Slipher reads and writes {SCHEMA_VERSION}")
    path.chmod(0o600)
    return engine


def _add_columns(db: Connection) -> None:
    """Columns that came after a table was made; they are nullable, so that an older Slipher's rows are still rows."""
    for table in metadata.tables.values():
        known = {row[1] for row in db.exec_driver_sql(f'PRAGMA table_info("{table.name}")')}
        for column in table.columns:
            if column.name not in known and column.nullable:
                kind = column.type.compile(db.dialect)
                db.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {kind}')


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A write transaction: begun at once, so that readers of it cannot be overtaken; committed at the end."""
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A read transaction: one moment of the state."""
    with engine.connect() as connection, connection.begin():
        yield connection


class Look:
    """Reads of one statement, each its own moment of the state; a connection for each thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()

    def __call__(self, statement: str, parameters: Sequence[object]) -> Any:
        """The first row, or None."""
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            connection.execute("PRAGMA query_only=ON")
            self._own.connection = connection
        return connection.execute(statement, parameters).fetchone()
