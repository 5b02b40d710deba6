"""The session's cluster for drivers, and a user with a role of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from slipher.testing.instance import Cluster, Instance

_NUMBERS = itertools.count(1)


@pytest.fixture
def make_user(slipher: Instance) -> Iterator[Callable[..., str]]:
    """Make users that are gone after the test: make_user("password 'Abcdefg1' ...") gives the name."""
    made: list[str] = []
    with slipher.cluster.connect() as admin:

        def make(words: str) -> str:
            name = f"driver_user_{next(_NUMBERS)}"
            admin.rows(f"create user {name} {words}")
            made.append(name)
            return name

        yield make
        for name in made:
            admin.simple(f"drop user {name}")


@pytest.fixture
def cluster(slipher: Instance) -> Cluster:
    """The instance's cluster."""
    return slipher.cluster
