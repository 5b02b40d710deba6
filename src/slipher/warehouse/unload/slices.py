"""A cluster's slices at work: rows are dealt over files, which format and compress in threads of their own, and upload in
others."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from slipher.warehouse.statement import CancelToken
from slipher.warehouse.unload.files import Files, Make
from slipher.warehouse.unload.objects import Object, Target, Writer

MAX_THREADS = 8
WAITING = 2  # batches that may wait for a thread: what bounds memory
POLL_SECONDS = 0.1


class Slices:
    """The slices' files, spread over a few threads. Each slice gets its share of every batch, in order."""

    def __init__(self, target: Target, make: Make, count: int, cancel: CancelToken) -> None:
        self._cancel = cancel
        self._uploads = ThreadPoolExecutor(min(count, MAX_THREADS), "unload-upload")
        self._writers = [Writer(target, number, self._uploads) for number in range(count)]
        files = [make(writer, "") for writer in self._writers]
        self._failure: BaseException | None = None
        self._queues: list[queue.Queue[pa.RecordBatch | None]] = []
        self._threads: list[threading.Thread] = []
        threads = min(count, MAX_THREADS)
        for index in range(threads):
            mine: queue.Queue[pa.RecordBatch | None] = queue.Queue(WAITING)
            args = (index, threads, files[index::threads], mine)
            thread = threading.Thread(target=self._work, args=args, name=f"unload-{index}")
            thread.start()
            self._queues.append(mine)
            self._threads.append(thread)

    @property
    def objects(self) -> Sequence[Object]:
        """All objects, by slice."""
        return [one for writer in self._writers for one in writer.objects]

    def write(self, batch: pa.RecordBatch) -> None:
        """Deal out a batch's rows; waits while the threads are busy. Raises what a thread failed with."""
        for waiting in self._queues:
            self._put(waiting, batch)

    def finish(self) -> None:
        """Wait until everything is written."""
        for waiting in self._queues:
            self._put(waiting, None)
        self._join()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Give up: the threads end as soon as they can, and have ended when this returns."""
        if self._failure is None:
            self._failure = StoppedError()
        self._join()

    def _put(self, waiting: queue.Queue[pa.RecordBatch | None], item: pa.RecordBatch | None) -> None:
        while True:
            self._cancel.check()
            if self._failure is not None:
                raise self._failure
            try:
                waiting.put(item, timeout=POLL_SECONDS)
                return
            except queue.Full:
                continue

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
        self._uploads.shutdown(cancel_futures=True)

    def _work(self, index: int, threads: int, files: Sequence[Files], mine: queue.Queue[pa.RecordBatch | None]) -> None:
        try:
            for batch in self._items(mine):
                for position, one in enumerate(files):
                    share = self._share(batch, index + position * threads)
                    if share.num_rows:
                        one.write(share)
            if self._failure is None:
                for one in files:
                    one.finish()
                for writer in self._writers[index::threads]:
                    writer.settle()
        except BaseException as error:
            if self._failure is None:
                self._failure = error

    def _items(self, mine: queue.Queue[pa.RecordBatch | None]) -> Iterator[pa.RecordBatch]:
        while self._failure is None:
            try:
                item = mine.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if item is None:
                return
            yield item

    def _share(self, batch: pa.RecordBatch, number: int) -> pa.RecordBatch:
        """A slice's rows of a batch: neighbours, so that each slice keeps the query's order."""
        count = len(self._writers)
        start, stop = (-(-batch.num_rows * one // count) for one in (number, number + 1))
        return batch.slice(start, stop - start)


class StoppedError(Exception):
    """The UNLOAD was given up."""
