"""DuckDB alone: a process of its own with a database in a file, its statements on its standard input; says how long each took."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from bench import data


def alone(*statements: str, prepare: Sequence[str] = ()) -> float:
    """Seconds that DuckDB takes for the statements, in a new database file with the table facts, after it has run `prepare`."""
    given = json.dumps([list(prepare), list(statements)])
    done = subprocess.run([sys.executable, "-m", __name__], input=given, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def names(files: Sequence[Path]) -> str:
    """Files as a list of the engine's SQL."""
    return f"[{', '.join(repr(str(one)) for one in files)}]"


def columns() -> str:
    """The columns of the rows as DuckDB's readers of text take them."""
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, _, kind in data.COLUMNS) + "}"


def _main() -> None:
    prepare, statements = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="bench-duckdb-") as folder:
        connection = duckdb.connect(f"{folder}/alone.duckdb")
        connection.execute(data.ddl("facts", duckdb=True))
        for one in prepare:
            connection.execute(one)
        begin = time.perf_counter()
        for one in statements:
            connection.execute(one)
        print(time.perf_counter() - begin)
        connection.close()


if __name__ == "__main__":
    _main()
