"""A run as a reader sees it: an immutable, mapped file sorted by (who, at, id).

Sections, in this order: header (4096 bytes), rows, directory (32 bytes for each
identifier: hi, lo, first row, offset of its name; and one more entry that ends the
last), names (``type:value``, end to end), prefix table (uint32: where in the directory
each first bits of `hi` begin), Bloom filter over (identifier, event id).
"""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import numpy as np
import xxhash

from limner.errors import StoreDamaged
from limner.stores.disk.files import address_of, map_file
from limner.stores.disk.lookup import ENTRY, RUN_FIELDS
from limner.stores.disk.state import Run

HEADER_BYTES = 4096
MAGIC = b"LmRn"


class Header(msgspec.Struct, frozen=True):
    """Where the sections of a run begin, and what they should sum up to."""

    version: int
    encryption: int
    """0: none. Reserved, so that a later version can encrypt a run."""
    words: int
    rows: int
    whos: int
    directory: int
    names: int
    names_bytes: int
    prefix: int
    shift: int
    bloom: int
    bloom_bytes: int
    directory_sum: int
    """xxh64 of the directory; that of the names, prefixes and filter follow."""
    names_sum: int
    prefix_sum: int
    bloom_sum: int

    @property
    def length(self) -> int:
        """Bytes of the whole file."""
        return self.bloom + self.bloom_bytes


def packed(header: Header) -> bytes:
    """The first 4096 bytes of a run."""
    body = msgspec.json.encode(header)
    front = MAGIC + len(body).to_bytes(4, "little")
    digest = xxhash.xxh64_digest(front + body)
    return (front + digest + body).ljust(HEADER_BYTES, b"\0")


def unpacked(data: bytes, file_name: str) -> Header:
    """The header in the first bytes of a run, if it is whole."""
    length = int.from_bytes(data[4:8], "little")
    body = data[16 : 16 + length]
    if data[:4] != MAGIC or xxhash.xxh64_digest(data[:8] + body) != data[8:16]:
        raise StoreDamaged(f"{file_name}: its header is not what was written")
    return msgspec.json.decode(body, type=Header)


class RunFile:
    """One run, mapped; directory verified at opening, filter at its first use."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.number, self.run = run.number, run
        self.path = folder / run.name
        self._map = map_file(self.path, run.bytes)
        self.address = address_of(self._map)
        self.header = unpacked(self._map[:HEADER_BYTES], run.name)
        self._lock = threading.Lock()
        self._verified: set[str] = set()
        head = self.header
        if head.length != run.bytes or head.rows != run.rows:
            raise StoreDamaged(f"{run.name}: not the run that the ledger speaks of")
        self._verify("directory", head.directory, (head.whos + 1) * ENTRY)
        self._verify("prefix", head.prefix, head.bloom - head.prefix)

    def _verify(self, section: str, start: int, length: int) -> None:
        data = memoryview(self._map)[start : start + length]
        if xxhash.xxh64_intdigest(data) != getattr(self.header, f"{section}_sum"):
            raise StoreDamaged(
                f"{self.path.name}: its {section} is not what was written"
            )

    def verify_bloom(self) -> None:
        """Before a writer trusts the filter."""
        self._verify_once("bloom", self.header.bloom, self.header.bloom_bytes)

    def _verify_once(self, section: str, start: int, length: int) -> None:
        with self._lock:
            if section not in self._verified:
                self._verify(section, start, length)
                self._verified.add(section)

    def fields(self) -> np.ndarray:
        """What compiled code needs, int64[RUN_FIELDS]; keep this object alive."""
        head, base = self.header, self.address
        fields = (
            base + HEADER_BYTES,
            head.rows,
            self.run.erased,
            base + head.directory,
            head.whos,
            base + head.prefix,
            head.shift,
            base + head.bloom,
            head.bloom_bytes // 64,
        )
        assert len(fields) == RUN_FIELDS
        return np.array(fields, np.int64)

    def words(self) -> np.ndarray:
        """All rows as a read-only matrix of words."""
        count = self.header.rows * self.header.words
        flat = np.frombuffer(self._map, np.uint64, count, HEADER_BYTES)
        return flat.reshape(self.header.rows, self.header.words)

    def directory(self) -> np.ndarray:
        """uint64[whos + 1, 4]: hi, lo, first row, offset of the name."""
        count = (self.header.whos + 1) * 4
        flat = np.frombuffer(self._map, np.uint64, count, self.header.directory)
        return flat.reshape(-1, 4)

    def names(self) -> memoryview:
        """The names, end to end; verified at their first use."""
        start, length = self.header.names, self.header.names_bytes
        self._verify_once("names", start, length)
        return memoryview(self._map)[start : start + length]
