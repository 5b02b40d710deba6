"""COPY JOB: a COPY that loads the files that arrive after it, each once."""

from __future__ import annotations

from dataclasses import dataclass

from slipher.sql.statements.copy import Copy


@dataclass(frozen=True, slots=True)
class CreateCopyJob:
    """COPY ... JOB CREATE name [AUTO ON | OFF]. `text` is the COPY by itself."""

    name: str
    auto: bool
    copy: Copy
    text: str


@dataclass(frozen=True, slots=True)
class AlterCopyJob:
    """COPY JOB ALTER name [AUTO ON | OFF]; `auto` None leaves it."""

    name: str
    auto: bool | None


@dataclass(frozen=True, slots=True)
class RunCopyJob:
    """COPY JOB RUN name."""

    name: str


@dataclass(frozen=True, slots=True)
class DropCopyJob:
    """COPY JOB DROP name."""

    name: str


@dataclass(frozen=True, slots=True)
class ShowCopyJob:
    """COPY JOB SHOW name, or COPY JOB LIST without one."""

    name: str | None
