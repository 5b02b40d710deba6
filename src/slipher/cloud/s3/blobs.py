"""Bodies of objects: immutable files named by random ids, whole before any row names them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from slipher.cloud.context import Gateway
from slipher.cloud.state.s3 import objects, parts

PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored body: its id, its size in bytes, its MD5 (hex)."""

    id: str
    size: int
    md5: str


def path_of(gateway: Gateway, blob: str) -> Path:
    """Where a blob is: spread over 256 folders."""
    return gateway.blobs_dir / blob[:2] / blob


async def store(gateway: Gateway, body: AsyncIterator[bytes]) -> Blob:
    """Write a body: temporary file, fsync, rename. An error of the body's checks leaves nothing."""
    blob = secrets.token_hex(16)
    target = path_of(gateway, blob)
    target.parent.mkdir(exist_ok=True)
    temporary = target.with_suffix(".part")
    digest, size = hashlib.md5(usedforsecurity=False), 0
    buffered: list[bytes] = []
    waiting = 0

    def write(file: int, pieces: list[bytes]) -> None:
        for piece in pieces:
            digest.update(piece)
            view = memoryview(piece)
            while view:
                view = view[os.write(file, view) :]

    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        async for piece in body:
            buffered.append(piece)
            waiting += len(piece)
            size += len(piece)
            if waiting >= PIECE:
                await asyncio.to_thread(write, descriptor, buffered)
                buffered, waiting = [], 0

        def finish() -> None:
            write(descriptor, buffered)
            os.fsync(descriptor)
            temporary.rename(target)

        await asyncio.to_thread(finish)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    return Blob(blob, size, digest.hexdigest())


def join(gateway: Gateway, blobs: Iterable[str]) -> Blob:
    """One blob of several, in order (CompleteMultipartUpload)."""
    blob = secrets.token_hex(16)
    target = path_of(gateway, blob)
    target.parent.mkdir(exist_ok=True)
    temporary = target.with_suffix(".part")
    size = 0
    try:
        with open(temporary, "xb", buffering=0, opener=_private) as out:
            for part in blobs:
                with path_of(gateway, part).open("rb", buffering=0) as source:
                    length = os.fstat(source.fileno()).st_size
                    done = 0
                    while done < length:
                        done += os.sendfile(out.fileno(), source.fileno(), done, length - done)
                    size += length
            os.fsync(out.fileno())
        temporary.rename(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return Blob(blob, size, "")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def read(gateway: Gateway, blob: str, start: int, length: int) -> AsyncIterator[bytes]:
    """A range of a blob, in pieces. The file stays readable when the object is deleted meanwhile."""
    file = await asyncio.to_thread(path_of(gateway, blob).open, "rb", 0)
    try:
        file.seek(start)
        left = length
        while left > 0:
            piece = await asyncio.to_thread(file.read, min(PIECE, left))
            if not piece:
                raise OSError(f"blob {blob} is shorter than its row says")
            left -= len(piece)
            yield piece
    finally:
        file.close()


def remove(gateway: Gateway, blobs: Iterable[str]) -> None:
    """Delete files that no row names any more; after the commit that took the rows away."""
    for blob in blobs:
        with contextlib.suppress(FileNotFoundError):
            path_of(gateway, blob).unlink()


def sweep(gateway: Gateway) -> None:
    """At start: delete files that a crash left without a row."""
    with gateway.read() as db:
        named = set(db.scalars(select(objects.c.blob))) | set(db.scalars(select(parts.c.blob)))
    for directory in gateway.blobs_dir.iterdir():
        for file in directory.iterdir() if directory.is_dir() else ():
            if file.name not in named:
                file.unlink(missing_ok=True)
