"""A process that does without a package works as where it is not installed."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from slipher.base import lean
import slipher.warehouse.listen
assert "pandas" not in sys.modules, "imported before main()"
lean.do_without("pandas")
import pyarrow as pa
assert pa.array([1, None]).to_pylist() == [1, None]
import duckdb
with duckdb.connect() as connection:
    assert connection.execute("select $1", [7]).fetchall() == [(7,)]
    assert connection.sql("select 1 as a").to_arrow_table().to_pydict() == {"a": [1]}
assert "pandas" not in sys.modules
"""


def test_arrow_and_the_engine_load_no_pandas() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
