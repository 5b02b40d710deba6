"""Work on several files at once, in bounded memory, its results in the order of the files."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from slipher.warehouse.copy.files import File
from slipher.warehouse.statement import CancelToken

T = TypeVar("T")
AT_ONCE = 2
WAIT = 0.1


class _End:
    """A file's results are all there, or stop with an error."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Ahead(Generic[T]):
    """Iterates over (file, result) while `produce` runs in threads, one result ahead for each file. close() ends them."""

    def __init__(self, files: Sequence[File], produce: Callable[[File], Iterator[T]], cancel: CancelToken) -> None:
        self._files, self._produce, self._cancel = files, produce, cancel
        self._lanes: list[queue.Queue[T | _End]] = [queue.Queue(maxsize=1) for _ in files]
        self._next = iter(range(len(files)))
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name="copy-read", daemon=True) for _ in range(min(AT_ONCE, len(files)))
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Iterator[tuple[File, T]]:
        for file, lane in zip(self._files, self._lanes, strict=True):
            while True:
                self._cancel.check()
                try:
                    found = lane.get(timeout=WAIT)
                except queue.Empty:
                    continue
                if not isinstance(found, _End):
                    yield file, found
                elif found.error is not None:
                    raise found.error
                else:
                    break

    def close(self) -> None:
        """Stop; returns when the threads have ended."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _put(self, lane: queue.Queue[T | _End], item: T | _End) -> bool:
        while not self._stopping.is_set():
            try:
                lane.put(item, timeout=WAIT)
                return True
            except queue.Full:
                continue
        return False

    def _work(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                place = next(self._next, None)
            if place is None:
                return
            lane, error = self._lanes[place], None
            try:
                for result in self._produce(self._files[place]):
                    if not self._put(lane, result):
                        return
            except BaseException as failure:  # raised by who takes it
                error = failure
            self._put(lane, _End(error))
