"""What a process does without: Arrow imports pandas wherever it is installed, for half a second and 40 MiB of nothing."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType


class _Missing:
    """Finds no module of some names, whatever is installed."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """None leaves it to the other finders."""
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"this process does without {name}", name=name)
        return None


def do_without(*names: str) -> None:
    """From here on these packages are not there for this process, as if they were not installed."""
    sys.meta_path.insert(0, _Missing(frozenset(names)))
