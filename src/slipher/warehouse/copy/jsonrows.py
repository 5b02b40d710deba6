"""COPY of JSON: chunks of whole objects as rows. Where each line is one object the whole chunk goes at once."""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa

from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.chunks import Chunk
from slipher.warehouse.copy.errors import FieldError, LoadError, decode, visible
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.jsonengine import engine_way
from slipher.warehouse.copy.jsontext import records
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.copy.paths import Selector
from slipher.warehouse.copy.supers import super_text
from slipher.warehouse.copy.values import Values
from slipher.warehouse.statement import CancelToken

BLANK = b" \t\r\n"  # what JSON may have between values


class JsonParser:
    """The rules of one COPY, ready to be used; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout, cancel: CancelToken, selector: Selector) -> None:
        self._cancel = cancel
        self._values = Values(statement, layout, selector)
        self._engine = engine_way(statement, layout, selector)

    def parse(self, chunk: Chunk) -> Parsed:
        """A chunk's rows and errors."""
        self._cancel.check()
        if chunk.error is not None:
            return Parsed(errors=[LoadError(chunk.first_line, -1, 0, "", "", chunk.error.code, chunk.error.reason)])
        batch = self._engine.parse(chunk.data) if self._engine is not None and chunk.data else None
        if batch is None:
            batch = self.fast(chunk.data)
        if batch is not None:
            return Parsed([batch] if batch.num_rows else [])
        return self.exact(chunk.data, chunk.first_line)

    def fast(self, data: bytes) -> pa.RecordBatch | None:
        """Lines that are an object each; None in doubt. Arrow's own JSON reader is no quicker by much, and malformed text can
        make it end the process."""
        lines = data.split(b"\n")
        if lines and not lines[-1].strip(BLANK):
            lines.pop()
        try:
            decoded: list[Any] = list(map(orjson.loads, lines))
        except (orjson.JSONDecodeError, RecursionError):
            return None
        if not set(map(type, decoded)) <= {dict, list}:
            return None
        return self._values.whole(decoded)

    def exact(self, data: bytes, first_line: int) -> Parsed:
        """Objects wherever they stand."""
        return self._values.parse(records(data, first_line))


class NoShredParser:
    """'noshred': each root value whole into the one SUPER column, as it is written."""

    def __init__(self, layout: Layout, cancel: CancelToken) -> None:
        self._cancel, self._layout = cancel, layout

    def parse(self, chunk: Chunk) -> Parsed:
        """A chunk's rows and errors."""
        self._cancel.check()
        if chunk.error is not None:
            return Parsed(errors=[LoadError(chunk.first_line, -1, 0, "", "", chunk.error.code, chunk.error.reason)])
        batch = self.fast(chunk.data)
        if batch is not None:
            return Parsed([batch] if batch.num_rows else [])
        found = Parsed()
        values = []
        for record in records(chunk.data, chunk.first_line):
            try:
                if record.error is not None:
                    raise record.error
                values.append(super_text(decode(record.raw).strip()))
            except FieldError as error:
                raw = visible(record.raw.strip())
                column = -1 if record.error is not None else 0
                found.errors.append(
                    LoadError(record.line, column, error.position, raw, raw, error.code, error.reason, (raw,))
                )
        if values:
            arrays = [pa.array(values, self._layout.schema[0].type)]
            found.batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema))
        return found

    def fast(self, data: bytes) -> pa.RecordBatch | None:
        """Lines that are an object each; None in doubt."""
        try:
            texts = [line for line in data.decode().split("\n") if line.strip(BLANK.decode())]
            if not all(line.lstrip(BLANK.decode())[0] in "{[" for line in texts):
                return None
            return pa.RecordBatch.from_arrays(
                [pa.array(map(super_text, texts), pa.string())], schema=self._layout.schema
            )
        except (FieldError, UnicodeDecodeError, RecursionError):
            return None
