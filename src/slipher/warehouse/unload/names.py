"""How the objects of an UNLOAD are called (source: Redshift's documentation of UNLOAD; observed names)."""

from __future__ import annotations

from collections.abc import Callable

from slipher.sql.statements.unload import Unload
from slipher.warehouse.unload.compress import COMPRESSIONS

Name = Callable[[str, int, int], str]  # partition's folder ('' without), slice, number among the slice's objects -> key

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
# What Hive writes as %XX in a partition's folder.
ENCODED = {ord(one): f"%{ord(one):02X}" for one in "\"#%'*/:=?\\{[]^\x7f"} | {one: f"%{one:02X}" for one in range(32)}


def root(statement: Unload) -> str:
    """The prefix of everything written: a folder's, where there are partitions."""
    prefix = statement.prefix
    return prefix if not statement.partition_by or prefix.endswith("/") or not prefix else f"{prefix}/"


def namer(statement: Unload) -> Name:
    """The keys of the statement's objects."""
    ending = ".parquet" if statement.format == "parquet" else COMPRESSIONS[statement.compression].ending
    if statement.extension is not None:
        ending = f".{statement.extension}"
    prefix = root(statement)
    if statement.parallel:
        return lambda folder, number, part: f"{prefix}{folder}{number:04d}_part_{part:02d}{ending}"
    return lambda folder, number, part: f"{prefix}{folder}{part:03d}{ending}"


def folder(names: tuple[str, ...], values: tuple[str | None, ...]) -> str:
    """A partition's folder, as Hive names it: a=1/b=x/."""
    parts = (
        f"{name}={NULL_PARTITION if value is None or value == '' else value.translate(ENCODED)}/"
        for name, value in zip(names, values, strict=True)
    )
    return "".join(parts)
