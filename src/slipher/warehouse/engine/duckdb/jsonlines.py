"""Top-level values of JSON objects by the engine's own parser, outside Python's lock: a column of texts for each key.

The engine's parser is laxer than JSON (NaN, commas at the end) and takes the first of equal keys: who calls this has
ruled that out.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import duckdb
import orjson
import pyarrow as pa


class JsonLines:
    """The values of some keys, plain words all of them; safe from any thread. It has a small engine of its own, in memory."""

    def __init__(self, keys: Sequence[str]) -> None:
        paths = ", ".join(f"'$.{key}'" for key in keys)
        values = ", ".join(f"found[{number}]" for number in range(1, len(keys) + 1))
        self._query = f"SELECT {values} FROM (SELECT json_extract_string(line, [{paths}]) AS found FROM lines)"
        self._engine = duckdb.connect(":memory:", config={"threads": 1, "python_enable_replacements": "false"})
        self._local = threading.local()

    def texts(self, lines: pa.StringArray) -> list[pa.StringArray] | None:
        """Each key's values: a string's text, a number or truth value as it prints; NULL for null and where the key is missing.
        None if a line is no JSON."""
        try:
            table = self._run(lines, self._query).to_arrow_table().combine_chunks()
        except duckdb.Error:
            return None
        return [column.chunk(0) if column.num_chunks else pa.array([], pa.string()) for column in table.columns]

    def typed(self, lines: pa.StringArray, kinds: Sequence[tuple[str, str]]) -> list[pa.Array] | None:
        """Each key's values as the engine's type for it, converted as the engine does; NULL for null. None if a line is no JSON,
        or has a key not exactly once, or a value that cannot be converted."""
        structure = orjson.dumps(dict(kinds)).decode().replace("'", "''")
        values = ", ".join('found."' + key.replace('"', '""') + '"' for key, _ in kinds)
        query = f"SELECT {values} FROM (SELECT json_transform_strict(line, '{structure}') AS found FROM lines)"
        try:
            table = self._run(lines, query).to_arrow_table().combine_chunks()
        except duckdb.Error:
            return None
        return [column.chunk(0) for column in table.columns] if table.num_rows else None

    def present(self, lines: pa.StringArray, keys: Sequence[str]) -> int:
        """How many of the keys the lines have, together."""
        tests = " + ".join(f"count_if(json_exists(line, '$.{key}'))" for key in keys)
        return int(self._run(lines, f"SELECT {tests} FROM lines").fetchall()[0][0])

    def _run(self, lines: pa.StringArray, query: str) -> duckdb.DuckDBPyRelation:
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._engine.cursor()
        found = cursor.from_arrow(pa.table({"line": lines})).query("lines", query)
        assert isinstance(found, duckdb.DuckDBPyRelation)  # a SELECT has rows
        return found
