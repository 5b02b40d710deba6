"""Queries of thousands of parts: read and bound in time that grows with their length, and cancelled meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import pytest

from slipher.base.errors import SqlError
from slipher.sql.bind import BindSettings, bind
from slipher.sql.parse import parse


class NoNames:
    """A catalog that holds nothing."""

    database = "dev"

    def relation(self, name: object) -> None:
        return None


def nested(depth: int) -> str:
    text = "select 1 as a"
    for number in range(depth):
        text = f"select a from ({text}) q{number}"
    return text


def unions(count: int) -> str:
    return " union all ".join(f"select {number} as a" for number in range(count))


def deep(work: Callable[[], None]) -> None:
    """Run it with a stack as big as the cluster's process has."""
    limit, size = sys.getrecursionlimit(), threading.stack_size(256 * 1024 * 1024)
    failed: list[BaseException] = []

    def inside() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    sys.setrecursionlimit(20_000)
    try:
        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if failed:
        raise failed[0]


@pytest.mark.parametrize("text", [nested(300), unions(800)], ids=["nested", "unions"])
def test_big_queries_are_read_and_bound_soon(text: str) -> None:
    deep(lambda: reads_soon(text))


def reads_soon(text: str) -> None:
    began = time.monotonic()
    bound = bind(parse(text)[0].statement, NoNames(), settings=BindSettings())  # type: ignore[arg-type]
    assert [one.name for one in bound.columns] == ["a"]
    assert time.monotonic() - began < 2  # it is hundredths; a copy of every subquery made it many seconds


@pytest.mark.parametrize("text", [unions(100), f"select 1 where 1 in ({', '.join(map(str, range(1000)))})"])
def test_a_cancel_ends_binding(text: str) -> None:
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 5:
            raise SqlError("57014", "Query (1) cancelled on user's request")

    with pytest.raises(SqlError) as caught:
        bind(parse(text)[0].statement, NoNames(), settings=BindSettings(check=check))  # type: ignore[arg-type]
    assert caught.value.sqlstate == "57014" and looks == 5
