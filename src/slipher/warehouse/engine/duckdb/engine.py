"""Opening a cluster's database file: what is pinned, bounded and switched off, in one table of settings."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from duckdb.sqltypes import BIGINT, BOOLEAN, INTEGER, VARCHAR

from slipher.base.errors import SqlError
from slipher.warehouse.engine.duckdb.session import DuckSession

if TYPE_CHECKING:
    from slipher.warehouse.config import ClusterConfig

FILE = "warehouse.duckdb"
STORAGE_VERSION = "v2.0.0"  # files stay readable by every 2.x, whatever a newer library would write
MEMORY_SHARE = 0.6


class DuckEngine:
    """One open database file. `column_name` tells a column's Redshift name by (relation oid, column number), for errors."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.column_name: Callable[[int, int], str | None] = lambda oid, number: None

    def session(self) -> DuckSession:
        """A new session: its own transaction, temporary tables, variables and time zone."""
        with self._lock:
            return DuckSession(self._connection.cursor(), self)

    def install(self, script: str) -> None:
        """Run definitions (schemas, views, macros) that belong to the program, not to a user; no transaction may be open."""
        self._connection.execute(script)

    def install_functions(self, make: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        """Let `make` define functions of ours; they belong to the program."""
        make(self._connection)

    def offer(self, name: str, function: Callable[..., Any]) -> None:
        """Make a function of the program callable by the engine's macros: (text, integer, bigint, boolean) -> boolean. It
        acts, so it is called once a row; it raises SqlError."""

        def call(action: str, number: int, user: int, superuser: bool) -> bool:
            try:
                return bool(function(action, number, user, superuser))
            except SqlError as error:
                raise ValueError(f"SLIPHER|{error.sqlstate}|{error.message}") from None

        self._connection.create_function(name, call, [VARCHAR, INTEGER, BIGINT, BOOLEAN], BOOLEAN, side_effects=True)

    def lock_settings(self) -> None:
        """From here on no statement can change a setting, save the ones that are a session's own."""
        self._connection.execute("SET lock_configuration = true")

    def backup(self, path: Path) -> None:
        """Write a copy of everything committed, one moment of it, as a new file; what runs runs on. One transaction of the engine
        reads it all, so no writer waits and none is seen half done."""
        path.unlink(missing_ok=True)
        with self._lock:
            connection = self._connection.cursor()
        name = f"backup_{path.stem}"
        quoted = str(path).replace("'", "''")
        try:
            connection.execute(f"ATTACH '{quoted}' AS {name} (STORAGE_VERSION '{STORAGE_VERSION}')")
            try:
                source = str(connection.execute("SELECT current_database()").fetchall()[0][0]).replace('"', '""')
                connection.execute(f'COPY FROM DATABASE "{source}" TO {name}')
            finally:
                connection.execute(f"DETACH {name}")
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, duckdb.Error):
                raise SqlError("58030", f"the copy of the database could not be written: {error}") from None
            raise
        finally:
            connection.close()
        path.chmod(0o600)

    @contextlib.contextmanager
    def attach(self, path: Path) -> Iterator[tuple[str, DuckSession]]:
        """Another database file, readable beside our own while this lasts: its name as SQL text, and a session inside it."""
        name = f"attached_{path.stem}"
        quoted = str(path).replace("'", "''")
        connection = self.session()
        try:
            connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
            inside = self.session()
            try:
                inside.execute(f"USE {name}")
                yield name, inside
            finally:
                inside.close()
                connection.execute(f"DETACH {name}")
        finally:
            connection.close()

    def close(self) -> None:
        """Checkpoint and close."""
        with self._lock:
            try:
                self._connection.execute("CHECKPOINT")
            except duckdb.Error:
                pass  # a session that still runs keeps the log: it is read at the next start
            finally:
                self._connection.close()


def open_engine(config: ClusterConfig) -> DuckEngine:
    """Open (or make) the cluster's database file; raises duckdb.Error if another process has it."""
    directory = config.data_dir
    scratch = directory / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    path = directory / FILE
    made = not path.exists()
    connection = duckdb.connect(str(path), config=_settings(config, scratch))
    if made:
        path.chmod(0o600)
    # The loader reads its spool through the engine; nothing else of the file system may be reached by SQL.
    spool = str(config.spool_dir).replace("'", "''")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET allowed_directories = ['{spool}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET allowed_configs = ['TimeZone']")
    engine = DuckEngine(connection)
    _install_macros(engine)
    return engine


def _settings(config: ClusterConfig, scratch: Path) -> dict[str, Any]:
    return {
        "storage_compatibility_version": STORAGE_VERSION,
        "memory_limit": config.memory_limit or f"{int(_memory() * MEMORY_SHARE) // 2**20}MiB",
        "threads": config.threads or os.cpu_count() or 2,
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",  # a local variable of ours must never be a table
        "default_null_order": "NULLS_LAST_ON_ASC_FIRST_ON_DESC",  # PostgreSQL's: NULL is the highest
        "catalog_error_max_schemas": "0",
    }


def _memory() -> int:
    """The memory that this process may use, in bytes: the machine's, or its control group's if that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        return min(total, int(limit)) if limit.isdigit() else total
    except OSError:
        return total


def _install_macros(engine: DuckEngine) -> None:
    """The macros that Redshift's functions become (the dialect's own part), if the build has them."""
    try:
        from slipher.warehouse.engine.duckdb import functions, macros
    except ImportError:
        return
    engine.install_functions(functions.install)
    macros.install(engine)
