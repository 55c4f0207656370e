"""Blocks: full events, compressed, in order of arrival; with names of identifiers.

A block is a header, a section of names (hash and ``type:value`` of identifiers whose
first record in the current hot segment came with it) and a section of events (an Arrow
stream). Both sections are zstd frames, and one checksum covers all of it.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import xxhash
import zstandard

from limner.errors import StoreDamaged
from limner.events.record import WHO

_HEADER = struct.Struct("<4sHHIIIIIIQ")
_MAGIC, _VERSION = b"LmBk", 1
HEADER_BYTES = _HEADER.size
_LOCAL = threading.local()


class Header(NamedTuple):
    """The fixed part in front of a block; lengths are of stored, raw bytes."""

    magic: bytes
    version: int
    encryption: int
    """0: none. Reserved, so that a later version can encrypt a block."""
    events: int
    names: int
    names_stored: int
    names_raw: int
    events_stored: int
    events_raw: int
    checksum: int

    @property
    def length(self) -> int:
        """Bytes of the whole block; blocks begin at multiples of eight."""
        return -(-(HEADER_BYTES + self.names_stored + self.events_stored) // 8) * 8


@dataclass(frozen=True)
class Names:
    """Identifiers and their names."""

    whos: np.ndarray
    texts: pa.Array


NO_NAMES = Names(np.zeros(0, WHO), pa.array([], pa.string()))


def _compressed(raw: bytes | memoryview) -> bytes:
    held = getattr(_LOCAL, "compressor", None)
    if held is None:
        held = _LOCAL.compressor = zstandard.ZstdCompressor(level=1)
    data: bytes = held.compress(raw)
    return data


def _plain(stored: bytes | memoryview, length: int) -> bytes:
    data: bytes = zstandard.ZstdDecompressor().decompress(
        stored, max_output_size=length
    )
    return data


def encode(batch: pa.RecordBatch, names: Names = NO_NAMES) -> bytes:
    """A block of these events and names."""
    raw_names = _raw_names(names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    raw_events = memoryview(sink.getvalue())
    stored_names = _compressed(raw_names) if raw_names else b""
    stored_events = _compressed(raw_events)
    header = Header(
        _MAGIC,
        _VERSION,
        0,
        batch.num_rows,
        len(names.whos),
        len(stored_names),
        len(raw_names),
        len(stored_events),
        len(raw_events),
        0,
    )
    digest = xxhash.xxh64(_HEADER.pack(*header))
    digest.update(stored_names)
    digest.update(stored_events)
    front = _HEADER.pack(*header._replace(checksum=digest.intdigest()))
    padding = header.length - HEADER_BYTES - len(stored_names) - len(stored_events)
    return b"".join((front, stored_names, stored_events, bytes(padding)))


def _raw_names(names: Names) -> bytes:
    if len(names.whos) == 0:
        return b""
    texts = pa.concat_arrays([names.texts])  # offsets from zero
    texts = texts if texts.offset == 0 else pa.array(texts.to_pylist(), pa.string())
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, np.int32)[: len(texts) + 1]
    held = memoryview(data)[starts[0] : starts[-1]] if data is not None else b""
    starts = starts - starts[0]
    return b"".join((names.whos.tobytes(), starts.tobytes(), held))


@dataclass(frozen=True)
class Mapped:
    """The committed part of a file of blocks."""

    data: memoryview
    name: str

    def header(self, offset: int) -> Header:
        """The header of the block at this offset, if one is there."""
        try:
            header = Header(*_HEADER.unpack_from(self.data, offset))
        except struct.error:
            raise StoreDamaged(f"{self.name} is cut short at {offset}") from None
        if header.magic != _MAGIC or header.version != _VERSION:
            raise StoreDamaged(f"{self.name}: no block begins at {offset}")
        if offset + header.length > len(self.data):
            raise StoreDamaged(f"{self.name} is cut short at {offset}")
        return header

    def events(self, offset: int) -> pa.RecordBatch:
        """The full events of the block at this offset, its checksum verified."""
        header = self._verified(offset)
        start = offset + HEADER_BYTES + header.names_stored
        stored = self.data[start : start + header.events_stored]
        with pa.ipc.open_stream(_plain(stored, header.events_raw)) as reader:
            return reader.read_next_batch()

    def names(self, offset: int) -> Names:
        """The names that came with the block at this offset, its checksum verified."""
        if self.header(offset).names == 0:
            return NO_NAMES
        header = self._verified(offset)
        start = offset + HEADER_BYTES
        raw = _plain(self.data[start : start + header.names_stored], header.names_raw)
        whos = np.frombuffer(raw, WHO, header.names)
        at = header.names * WHO.itemsize
        texts_at = at + 4 * (header.names + 1)
        texts = pa.StringArray.from_buffers(
            header.names, pa.py_buffer(raw[at:texts_at]), pa.py_buffer(raw[texts_at:])
        )
        return Names(whos, texts)

    def offsets(self, start: int = 0, end: int | None = None) -> Iterator[int]:
        """Where the blocks between these offsets begin."""
        offset = start
        while offset < (len(self.data) if end is None else end):
            yield offset
            offset += self.header(offset).length

    def _verified(self, offset: int) -> Header:
        header = self.header(offset)
        digest = xxhash.xxh64(_HEADER.pack(*header._replace(checksum=0)))
        start = offset + HEADER_BYTES
        end = start + header.names_stored + header.events_stored
        digest.update(self.data[start:end])
        if digest.intdigest() != header.checksum:
            raise StoreDamaged(
                f"{self.name}: the block at {offset} is not what was written"
            )
        return header
