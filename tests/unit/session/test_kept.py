"""Results kept for clients that fetch in parts: the same rows in order, from memory or from disk, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from slipher.warehouse.run import kept


@pytest.mark.parametrize("in_memory", [0, 100, 2**30])
@pytest.mark.parametrize("part", [1, 7, 1000, None])
def test_rows_come_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int, part: int | None
) -> None:
    monkeypatch.setattr(kept, "IN_MEMORY", in_memory)
    rows = kept.Kept(tmp_path)
    for start in range(0, 50, 10):
        rows.add(pa.record_batch([pa.array(range(start, start + 10))], names=["a"]))
    assert list(tmp_path.iterdir()) == []  # a spilled file has no name
    found: list[int] = []
    while taken := [value for batch in rows.take(part) for value in batch.column(0).to_pylist()]:
        assert part is None or len(taken) <= part
        found += taken
    assert found == list(range(50))
    rows.close()
    assert list(rows.take(None)) == []
