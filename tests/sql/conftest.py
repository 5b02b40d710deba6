"""Collects the .slt files below this folder: each is one test, run on the session's instance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from slipher.testing.plugin import instance_of
from slipher.testing.slt import run_file


class SltFailed(Exception):
    """A file states something else than what came."""


class SltItem(pytest.Item):
    def runtest(self) -> None:
        problems = run_file(instance_of(self.config), self.path)
        if problems:
            raise SltFailed("\n\n".join(map(str, problems)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, SltFailed):
            return str(excinfo.value)
        return str(excinfo.getrepr())

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name


class SltFile(pytest.File):
    def collect(self) -> Iterator[SltItem]:
        yield SltItem.from_parent(self, name="behaviour")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".slt":
        return SltFile.from_parent(parent, path=file_path)
    return None
