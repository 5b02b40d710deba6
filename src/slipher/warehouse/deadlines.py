"""One thread for everything that must happen at a time unless it is called off: statement_timeout."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True, order=True)
class _Due:
    at: float
    number: int
    action: Callable[[], None] | None = field(compare=False)


class Deadlines:
    """Safe from any thread. Actions must be quick."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._heap: list[_Due] = []
        self._numbers = itertools.count()
        self._started = False

    def after(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Call `action` once that much time has passed; what is returned calls it off."""
        due = _Due(time.monotonic() + seconds, next(self._numbers), action)
        with self._changed:
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()
            heapq.heappush(self._heap, due)
            if self._heap[0] is due:
                self._changed.notify()

        def off() -> None:
            due.action = None

        return off

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._heap or self._heap[0].at > time.monotonic():
                    self._changed.wait(self._heap[0].at - time.monotonic() if self._heap else None)
                action = heapq.heappop(self._heap).action
            if action is not None:
                action()
