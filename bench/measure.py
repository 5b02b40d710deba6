"""Contestants in turn, ratios pair by pair, processor seconds by process: on a busy machine only these can be believed."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

Contestant = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what was measured, in what unit; our median; the peer, its median, our speed over its, the goal."""

    what: str
    ours: str
    peer: str = ""
    theirs: str = ""
    ratio: str = ""
    goal: str = ""
    met: str = ""


def rounds(count: int, contestants: Mapping[str, Contestant], warmup: int = 1) -> dict[str, list[float]]:
    """Seconds of each contestant, round by round; each round begins with another one. Writes left over are settled between."""
    found: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(-warmup, count):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            os.sync()
            seconds = contestants[name]()
            if number >= 0:
                found[name].append(seconds)
    return found


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def speedup(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, str]:
    """How many times the peer's speed ours is: the median over the rounds, and it with its least and its most."""
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    middle = median(ratios)
    return middle, f"{middle:.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def compared(
    what: str,
    show: Callable[[float], str],
    found: Mapping[str, list[float]],
    peer: str,
    goal: float | None,
    note: str = "",
) -> Row:
    """A row for one peer of Slipher among the contestants."""
    middle, text = speedup(found["Slipher"], found[peer])
    met = "" if goal is None else "yes" if middle >= goal else f"no: {middle / goal:.0%} of it"
    wanted = "" if goal is None else f">= {goal:g}"
    return Row(what, show(median(found["Slipher"])), peer + note, show(median(found[peer])), text, wanted, met)


class Work:
    """Processor seconds of some processes, by name, while the block runs."""

    def __init__(self, processes: Mapping[str, psutil.Process]) -> None:
        self._processes = processes
        self.seconds: dict[str, float] = {}

    def _now(self) -> dict[str, float]:
        return {name: sum(one.cpu_times()[:2]) for name, one in self._processes.items()}

    def __enter__(self) -> Work:
        self._before = self._now()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = {name: value - self._before[name] for name, value in self._now().items()}


def processes(pid: int) -> dict[str, psutil.Process]:
    """A running instance's processes: supervisor, gateway, cluster."""
    root = psutil.Process(pid)
    found = {"supervisor": root}
    for child in root.children(recursive=True):
        words = " ".join(child.cmdline())
        name = "gateway" if "slipher.cloud" in words else "cluster" if "slipher.warehouse" in words else words[:40]
        found[name] = child
    return found


def machine() -> str:
    """Its size."""
    memory = psutil.virtual_memory().total / 2**30
    model = ""
    try:
        with Path("/proc/cpuinfo").open() as file:
            model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        pass
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} processors ({model or platform.processor()}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}; load average at the start {load:.1f}"
    )


HEAD = Row("what", "Slipher", "peer", "peer's", "our speed / its (least-most)", "goal", "met")


def table(rows: Sequence[Row]) -> str:
    """Rows as Markdown."""
    fields = list(Row.__dataclass_fields__)
    lines = [[getattr(row, name) for name in fields] for row in (HEAD, *rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(fields))]
    shown = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)
