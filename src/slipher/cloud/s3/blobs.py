"""Bodies of objects: immutable files named by random ids, whole before any row names them; small ones are rows themselves.

A small body is written in the transaction of the row that names it: one sync of the disk, which concurrent writers share,
where a file takes three. Its id begins with a mark, and what is done with the rows of objects is done with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from io import BytesIO, FileIO
from pathlib import Path

from sqlalchemy import Connection, insert, select

from slipher.cloud.context import Gateway
from slipher.cloud.s3 import index
from slipher.cloud.state.s3 import bodies, objects, parts, versions

PIECE = 1024 * 1024
SMALL = 64 * 1024  # bytes of a body that becomes a row
ROW = "="  # begins the id of such a one
File = FileIO | BytesIO


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored body: its id, its size in bytes, its MD5 (hex). A small one has yet to be written, by `keep`."""

    id: str
    size: int
    md5: str
    body: bytes | None = None


def path_of(gateway: Gateway, blob: str) -> Path:
    """Where a blob is: spread over 256 folders."""
    return gateway.blobs_dir / blob[:2] / blob


async def receive(gateway: Gateway, body: AsyncIterator[bytes]) -> Blob:
    """Take a body: a small one to be kept with its row, any other into a file."""
    first: list[bytes] = []
    size = 0
    async for piece in body:
        first.append(piece)
        size += len(piece)
        if size > SMALL:
            break
    else:
        whole = b"".join(first)
        digest = hashlib.md5(whole, usedforsecurity=False).hexdigest()
        return Blob(ROW + secrets.token_hex(16), size, digest, whole)

    async def all_of_it() -> AsyncIterator[bytes]:
        for piece in first:
            yield piece
        first.clear()
        async for piece in body:
            yield piece

    return await store(gateway, all_of_it())


def keep(db: Connection, blob: Blob) -> None:
    """Write a small body, with the row that names it; a file is there already."""
    if blob.body is not None:
        db.exec_driver_sql(index.INSERT_BODY, (blob.id, blob.body))


def forget(db: Connection, blobs: Iterable[str]) -> list[str]:
    """Delete the small ones among bodies that no row names any more; the others, for `remove` after the commit."""
    files = []
    for blob in blobs:
        if blob.startswith(ROW):
            db.exec_driver_sql(index.DELETE_BODY, (blob,))
        else:
            files.append(blob)
    return files


async def store(gateway: Gateway, body: AsyncIterator[bytes]) -> Blob:
    """Write a body: temporary file, fsync, rename. An error of the body's checks leaves nothing."""
    blob, target, temporary = _place(gateway)
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
            _publish(temporary, target)

        await asyncio.to_thread(finish)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    return Blob(blob, size, digest.hexdigest())


def join(gateway: Gateway, blobs: Iterable[str]) -> Blob:
    """One blob of several, in order (CompleteMultipartUpload)."""
    blob, target, temporary = _place(gateway)
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
        _publish(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return Blob(blob, size, "")


def _place(gateway: Gateway) -> tuple[str, Path, Path]:
    """A new blob's id, its file, and the temporary file to write first."""
    blob = secrets.token_hex(16)
    target = path_of(gateway, blob)
    if not target.parent.is_dir():
        target.parent.mkdir(exist_ok=True)
        _sync_directory(gateway.blobs_dir)
    return blob, target, target.with_suffix(".part")


def _publish(temporary: Path, target: Path) -> None:
    """Give a whole, synced file its name, and sync the name: a row is written only after this."""
    temporary.rename(target)
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def again(gateway: Gateway, db: Connection, blob: str) -> str:
    """A second name for a blob's bytes (CopyObject): bodies never change, so a hard link is a copy. A small one is copied."""
    if blob.startswith(ROW):
        new = ROW + secrets.token_hex(16)
        db.execute(insert(bodies).values(id=new, body=db.scalar(select(bodies.c.body).where(bodies.c.id == blob))))
        return new
    new, target, _ = _place(gateway)
    os.link(path_of(gateway, blob), target)
    _sync_directory(target.parent)
    return new


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def open_blob(gateway: Gateway, blob: str, size: int) -> File:
    """A blob's bytes, which stay readable when the object is deleted meanwhile; OSError if they are not whole."""
    if blob.startswith(ROW):
        found = index.body_now(gateway, blob)
        if found is None:
            raise FileNotFoundError(f"there is no body {blob}")
        if len(found) != size:
            raise OSError(f"body {blob} is not as long as its row says")
        return BytesIO(found)
    file = FileIO(path_of(gateway, blob))
    if os.fstat(file.fileno()).st_size != size:
        file.close()
        raise OSError(f"blob {blob} is not as long as its row says")
    return file


def at_once(file: File, start: int, length: int) -> AsyncIterator[bytes]:
    """A small range of an open blob, read now."""
    try:
        file.seek(start)
        piece = file.read(length)
    finally:
        file.close()
    if len(piece) != length:
        raise OSError("a blob is shorter than its row says")

    async def one() -> AsyncIterator[bytes]:
        if piece:
            yield piece

    return one()


async def read(file: File, start: int, length: int) -> AsyncIterator[bytes]:
    """A range of an open blob, in pieces."""
    try:
        file.seek(start)
        left = length
        while left > 0:
            piece = await asyncio.to_thread(file.read, min(PIECE, left))
            if not piece:
                raise OSError("a blob is shorter than its row says")
            left -= len(piece)
            yield piece
    finally:
        file.close()


def remove(gateway: Gateway, blobs: Iterable[str]) -> None:
    """Delete files that no row names any more; after the commit that took the rows away."""
    for blob in blobs:
        if blob.startswith(ROW):
            continue  # a transaction that was not committed
        with contextlib.suppress(FileNotFoundError):
            path_of(gateway, blob).unlink()


def sweep(gateway: Gateway) -> None:
    """At start: delete files that a crash left without a row."""
    with gateway.read() as db:
        named = {blob for table in (objects, parts, versions) for blob in db.scalars(select(table.c.blob))}
    for directory in gateway.blobs_dir.iterdir():
        for file in directory.iterdir() if directory.is_dir() else ():
            if file.name not in named:
                file.unlink(missing_ok=True)
