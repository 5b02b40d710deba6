"""MANIFEST: entries are looked up several at a time, and come in their own order."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from slipher.base.errors import SqlError
from slipher.warehouse.copy.manifest import LOOKUPS, MISSING, Entry, found
from slipher.warehouse.s3 import S3Object

NOW = datetime(2020, 1, 1, tzinfo=UTC)


class Store:
    """Objects whose numbers are even; notes how many look-ups were under way at once."""

    def __init__(self) -> None:
        self.asked = self.under_way = self.most = 0
        self._lock = threading.Lock()
        self._several = threading.Barrier(2)

    def find(self, bucket: str, key: str) -> S3Object | None:
        """As S3.find; the first two wait for each other."""
        with self._lock:
            self.asked += 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            first = self.asked <= 2
        if first:
            self._several.wait(30)
        with self._lock:
            self.under_way -= 1
        return S3Object(key, 1, "e", NOW) if int(key) % 2 == 0 else None


def entries(count: int, mandatory: int | None = None) -> list[Entry]:
    return [Entry("b", str(one), one == mandatory, None) for one in range(count)]


def test_order_and_bound() -> None:
    store = Store()
    seen = [entry.key for entry, _ in found(store, entries(200))]  # type: ignore[arg-type]
    assert seen == [str(one) for one in range(0, 200, 2)]
    assert store.asked == 200 and 2 <= store.most <= LOOKUPS


def test_a_missing_mandatory_entry_ends_it_without_asking_for_all() -> None:
    store = Store()
    with pytest.raises(SqlError) as refused:
        list(found(store, entries(10_000, mandatory=3)))  # type: ignore[arg-type]
    assert refused.value.message == MISSING
    assert store.asked < 1000


def test_no_entries() -> None:
    assert list(found(Store(), [])) == []  # type: ignore[arg-type]
