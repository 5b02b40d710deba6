"""What the commands of `slipher` share: which data directory, and how they fail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from slipher.host.datadir import DataDirectory, default_directory

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where everything is kept (default: $SLIPHER_DATA_DIR, else ~/.slipher)."),
]


def directory_of(data_dir: Path | None) -> DataDirectory:
    """The data directory that a command is about."""
    return DataDirectory(data_dir.expanduser() if data_dir else default_directory())


def fail(message: str) -> NoReturn:
    """Say why, and end with status 1."""
    typer.echo(f"slipher: {message}", err=True)
    raise typer.Exit(1)
