"""Writing a run: its sections side by side, each from a known offset, in one pass.

Where a section begins follows from how many rows, identifiers and bytes of names there
can be at most; what is not needed of that stays a hole in the file and takes no room.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xxhash

from limner.compiled import njit
from limner.events.record import ID, WHO_LO
from limner.stores.disk.files import Files
from limner.stores.disk.lookup import ENTRY, bloom_add
from limner.stores.disk.rows import is_attribute, key_hash
from limner.stores.disk.run import HEADER_BYTES, Header, packed

_BLOOM_BITS = 16
_WHOS_IN_BUCKET = 4
VERSION = 1


@dataclass(frozen=True)
class Bounds:
    """What a run has at most, known before it is written."""

    rows: int
    whos: int
    """At most; and about so many, unless sources share identifiers."""
    whos_likely: int
    names_bytes: int


@njit
def _add_to_bloom(rows, bloom):
    words = rows.shape[1]
    for i in range(len(rows)):
        if not is_attribute(np.int64(rows.ctypes.data) + 8 * words * i):
            bloom_add(bloom, key_hash(rows[i, WHO_LO], rows[i, ID]))


def _aligned(offset: int) -> int:
    return -(-offset // 4096) * 4096


class RunWriter:
    """Takes pieces in order; `finish` syncs the file and tells its header.

    Memory: two bytes for each row (the filter), and four for each four identifiers.
    """

    def __init__(
        self, files: Files, path: Path, *, words: int, bounds: Bounds, sync_bytes: int
    ) -> None:
        self._files, self._words = files, words
        self._path, self._sync_bytes = path, sync_bytes
        self.rows = self.whos = self.names_bytes = 0
        self._directory = _aligned(HEADER_BYTES + bounds.rows * words * 8)
        self._names = _aligned(self._directory + (bounds.whos + 1) * ENTRY)
        self._prefix = _aligned(self._names + bounds.names_bytes)
        bits = max(1, (bounds.whos_likely // _WHOS_IN_BUCKET).bit_length())
        self._shift = 64 - bits
        self._buckets = np.zeros((1 << bits) + 1, np.uint32)
        lines = max(1, -(-bounds.rows * _BLOOM_BITS // 512))
        self._bloom_filter = np.zeros(8 * lines, np.uint64)
        self._sums = {"directory": xxhash.xxh64(), "names": xxhash.xxh64()}
        self._unsynced = 0
        self._file = files.create(path)

    def add(self, rows: np.ndarray, *, entries: np.ndarray, names: np.ndarray) -> None:
        """The next identifiers: a matrix of rows, and [n, 4] hi, lo, first row and
        offset of the name, both counted from the start of this piece."""
        _add_to_bloom(rows, self._bloom_filter)
        self._write(rows, HEADER_BYTES + self.rows * self._words * 8)
        entries = entries + np.array([0, 0, self.rows, self.names_bytes], np.uint64)
        self._sums["directory"].update(entries.data)
        self._write(entries, self._directory + self.whos * ENTRY)
        self._sums["names"].update(names.data)
        self._write(names, self._names + self.names_bytes)
        bucket = (entries[:, 0] >> np.uint64(self._shift)).astype(np.int64)
        np.add.at(self._buckets, bucket + 1, 1)
        self.rows += len(rows)
        self.whos += len(entries)
        self.names_bytes += len(names)

    def _write(self, data: np.ndarray, at: int) -> None:
        """In bites, each synced: a commit beside this never waits for more than one."""
        left = np.ascontiguousarray(data).view(np.uint8).reshape(-1).data
        while left:
            bite = left[: self._sync_bytes]
            self._files.write(self._file, bite, at=at)
            self._unsynced += len(bite)
            if self._unsynced >= self._sync_bytes:
                self._files.sync(self._file)
                self._unsynced = 0
            left, at = left[len(bite) :], at + len(bite)

    def finish(self) -> Header:
        """Write what comes last, and sync; then the run may be published."""
        end = np.array([[0, 0, self.rows, self.names_bytes]], np.uint64)
        self._sums["directory"].update(end.data)
        self._write(end, self._directory + self.whos * ENTRY)
        prefix = np.cumsum(self._buckets, dtype=np.uint32)
        bloom_at = _aligned(self._prefix + prefix.nbytes)
        padded = np.zeros((bloom_at - self._prefix) // 4, np.uint32)
        padded[: len(prefix)] = prefix
        self._write(padded, self._prefix)
        self._write(self._bloom_filter, bloom_at)
        header = Header(
            version=VERSION,
            encryption=0,
            words=self._words,
            rows=self.rows,
            whos=self.whos,
            directory=self._directory,
            names=self._names,
            names_bytes=self.names_bytes,
            prefix=self._prefix,
            shift=self._shift,
            bloom=bloom_at,
            bloom_bytes=self._bloom_filter.nbytes,
            directory_sum=self._sums["directory"].intdigest(),
            names_sum=self._sums["names"].intdigest(),
            prefix_sum=xxhash.xxh64_intdigest(padded.data),
            bloom_sum=xxhash.xxh64_intdigest(self._bloom_filter.data),
        )
        self._files.write(self._file, packed(header), at=0)
        self._files.sync(self._file)
        self._files.close(self._file)
        self._files.sync_folder(self._path.parent)
        return header

    def abandon(self) -> None:
        """Take away a run that will not be finished."""
        self._files.close(self._file)
        self._files.unlink(self._path)
