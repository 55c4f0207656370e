"""Every write to the store's own files passes here, so that a test can keep a journal.

Files are written past their committed lengths with ``pwrite`` and never through a
memory map: a full disk is then an error, where a map would end the process.
"""

from __future__ import annotations

import errno
import mmap
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from limner.errors import StoreDamaged, StoreFull

if sys.platform == "darwin":
    from fcntl import fcntl

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Numbers of errors by which a system says that there is no more room."""
_BARRIER = 51
"""F_FULLFSYNC: on macOS, `fsync` alone leaves the data in the disk's own cache."""
_BINARY = getattr(os, "O_BINARY", 0)
_SYNC: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


@contextmanager
def room() -> Iterator[None]:
    """What a disk that refuses to take more is called here."""
    try:
        yield
    except OSError as fault:
        if fault.errno not in FULL:
            raise
        raise StoreFull(
            f"the disk took no more ({os.strerror(fault.errno or 0)}): nothing of this"
            " commit was kept. Free some room and try again"
        ) from None


def _seek_and_write(descriptor: int, data: memoryview, at: int) -> int:
    """Where there is no ``pwrite`` (Windows); no two threads write one file."""
    os.lseek(descriptor, at, os.SEEK_SET)
    return os.write(descriptor, data)


_WRITE = getattr(os, "pwrite", _seek_and_write)


class Files:
    """Create, write, sync and unlink; a subclass in the tests keeps a journal."""

    def create(self, path: Path, length: int = 0) -> int:
        """A new file of this length (zeros that take no room), open for writing."""
        with room():
            flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | _BINARY
            descriptor = os.open(path, flags, 0o600)
            if length:
                os.ftruncate(descriptor, length)
        return descriptor

    def open(self, path: Path) -> int:
        """An existing file, open for writing."""
        return os.open(path, os.O_RDWR | _BINARY)

    def write(self, descriptor: int, data: bytes | memoryview, *, at: int) -> None:
        """Write all of it at this offset."""
        with room():
            left = memoryview(data).cast("B")
            while left:
                count = _WRITE(descriptor, left, at)
                left, at = left[count:], at + count

    def sync(self, descriptor: int) -> None:
        """On return, what was written is on the disk."""
        with room():
            if sys.platform == "darwin":
                fcntl(descriptor, _BARRIER)
            else:
                _SYNC(descriptor)

    def sync_folder(self, path: Path) -> None:
        """On return, files made in this folder are found there after a power loss."""
        if os.name == "nt":  # folders cannot be opened there
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self, descriptor: int) -> None:
        """Let go of a file."""
        os.close(descriptor)

    def unlink(self, path: Path) -> None:
        """Give a file's room back; who has it mapped still reads it."""
        try:
            path.unlink(missing_ok=True)
        except PermissionError:
            if os.name != "nt":  # there a mapped file stays until the next opening
                raise

    def committed(self) -> None:
        """Called when a transaction of the ledger has returned."""


def map_file(path: Path, length: int) -> mmap.mmap:
    """The first bytes of a file, to be read; StoreDamaged where it has fewer."""
    descriptor = os.open(path, os.O_RDONLY | _BINARY)
    try:
        found = os.fstat(descriptor).st_size
        if found < length:
            raise StoreDamaged(
                f"{path.name} is cut short: {found} bytes, expected {length}"
            )
        return mmap.mmap(descriptor, length, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)


def address_of(mapped: mmap.mmap) -> int:
    """Where a mapped file lies in memory, for compiled code; keep the map alive."""
    return int(np.frombuffer(mapped, np.uint8).ctypes.data)


def address_of_view(data: Any) -> int:
    """Where any buffer lies in memory; keep it alive."""
    held = np.frombuffer(data, np.uint8)
    return int(held.ctypes.data) if len(held) else 0
