"""COPY from DynamoDB: items as rows, names matched whatever their case (source: reference on COPY, section 2)."""

from __future__ import annotations

import dataclasses
import json
import queue
import threading
import time
from collections.abc import Generator, Sequence
from typing import Any

import pyarrow as pa

from slipher.base.errors import engine_error
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.batches import Doubt, Texts
from slipher.warehouse.copy.cells import cell
from slipher.warehouse.copy.errors import INVALID_TYPE, FieldError, LoadError, visible
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.dynamodb import DynamoDB
from slipher.warehouse.s3 import pause
from slipher.warehouse.statement import CancelToken

WAIT = 0.1
AHEAD = 4  # pages read and waiting
TYPES = ("S", "N")


class Rate:
    """Read units a second that all segments may use together; 0: as many as there are. `use` waits after a page."""

    def __init__(self, units: float, cancel: CancelToken) -> None:
        self._units, self._cancel = units, cancel
        self._lock = threading.Lock()
        self._free_at = time.monotonic()

    def use(self, consumed: float) -> None:
        """Account for a page; returns when the next may be read."""
        if not self._units:
            return
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + consumed / self._units
            wait = self._free_at - time.monotonic()
        pause(wait, self._cancel)


class Rows:
    """Turns items into rows; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout) -> None:
        self._layout = layout
        self._places = {column.name.lower(): index for index, column in enumerate(layout.columns)}
        self._cells = [cell(column, statement, None) for column in layout.columns]
        plain = dataclasses.replace(statement, null_as=None)
        self._texts_of = [Texts(column, plain) for column in layout.columns]

    def parse(self, items: Sequence[dict[str, Any]]) -> Parsed:
        """A page; an attribute of a type that no column takes fails the load."""
        every: list[list[str | None]] = []
        for item in items:
            texts = self._texts(item)
            if isinstance(texts, LoadError):
                return Parsed(errors=[texts])
            every.append(texts)
        batch = self._whole(every)
        if batch is not None:
            return Parsed([batch] if batch.num_rows else [])
        columns: list[list[Any]] = [[] for _ in self._cells]
        found = Parsed()
        for texts in every:
            row: list[Any] = []
            for index, (text, convert) in enumerate(zip(texts, self._cells, strict=True)):
                try:
                    if text is None:
                        if self._layout.columns[index].not_null:
                            raise FieldError(1213, "Missing data for not-null field")
                        row.append(None)
                    else:
                        row.append(convert(text))
                except FieldError as error:
                    found.errors.append(_error(index, error, texts))
                    break
            else:
                for values, value in zip(columns, row, strict=True):
                    values.append(value)
        if columns[0]:
            arrays = [pa.array(values, one.type) for values, one in zip(columns, self._layout.schema, strict=True)]
            found.batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema))
        return found

    def _whole(self, every: Sequence[Sequence[str | None]]) -> pa.RecordBatch | None:
        """All items at once, a column at a time; None in doubt."""
        arrays = []
        for column, texts, values in zip(self._layout.columns, self._texts_of, zip(*every, strict=True), strict=False):
            try:
                array = texts.convert(pa.array(values, pa.string()))
            except (Doubt, pa.ArrowException, UnicodeEncodeError):
                return None
            if column.not_null and array.null_count:
                return None
            arrays.append(array)
        return pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema) if arrays else None

    def _texts(self, item: dict[str, Any]) -> list[str | None] | LoadError:
        texts: list[str | None] = [None] * len(self._cells)
        seen: set[str] = set()
        for name, value in item.items():
            lower = name.lower()
            if lower in seen:
                raise engine_error(f"DynamoDB item has several attributes named '{lower}' that differ only in case")
            seen.add(lower)
            place = self._places.get(lower)
            if place is None:
                continue
            ((kind, inner),) = value.items()
            if kind not in TYPES:
                reason = f"Unsupported DynamoDB type {kind} of attribute '{name}'"
                raw = visible(json.dumps(item, separators=(",", ":")).encode())
                shown = visible(json.dumps(inner, separators=(",", ":")).encode())
                fields = (*(visible((one or "").encode()) for one in texts[:place]), shown)
                return LoadError(-1, place, 0, raw, shown, INVALID_TYPE, reason, fields)
            texts[place] = str(inner)
        return texts


def _error(index: int, error: FieldError, texts: Sequence[str | None]) -> LoadError:
    fields = tuple(visible((one or "").encode()) for one in texts[: index + 1])
    raw = "|".join(visible((one or "").encode()) for one in texts)[:1024]
    return LoadError(-1, index, error.position, raw, fields[index], error.code, error.reason, fields)


def items(
    client: DynamoDB, table: str, capacity: int, statement: Copy, layout: Layout, segments: int, cancel: CancelToken
) -> Generator[Parsed, None, None]:
    """The pages of a table's segments as they come. READRATIO percent of the table's capacity are used; a table on demand has
    no capacity to take a share of."""
    rows = Rows(statement, layout)
    rate = Rate(capacity * (statement.read_ratio or 100) / 100, cancel)
    pages: queue.Queue[Parsed | BaseException | None] = queue.Queue(AHEAD)
    stopping = threading.Event()

    def put(page: Parsed | BaseException | None) -> None:
        while not stopping.is_set():
            try:
                pages.put(page, timeout=WAIT)
                return
            except queue.Full:
                continue

    def work(segment: int) -> None:
        start: dict[str, Any] | None = None
        try:
            while not stopping.is_set():
                answer = client.scan(table, segment, segments, start)
                put(rows.parse(answer.get("Items", ())))
                start = answer.get("LastEvaluatedKey")
                if start is None:
                    break
                rate.use(float(answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0)))
            put(None)
        except BaseException as error:  # raised by who takes it
            put(error)

    threads = [threading.Thread(target=work, args=(one,), name="copy-scan", daemon=True) for one in range(segments)]
    for thread in threads:
        thread.start()
    try:
        left = segments
        while left:
            cancel.check()
            try:
                page = pages.get(timeout=WAIT)
            except queue.Empty:
                continue
            if isinstance(page, BaseException):
                raise page
            if page is None:
                left -= 1
            else:
                yield page
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
