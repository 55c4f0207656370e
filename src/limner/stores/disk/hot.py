"""A hot segment as this process sees it: the mapped file and the index over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from limner.errors import StoreDamaged
from limner.stores.disk import index
from limner.stores.disk.files import address_of, map_file
from limner.stores.disk.lookup import HOT_FIELDS
from limner.stores.disk.state import Segment


class HotSegment:
    """Rows of one segment, and who and which events are in them.

    Memory: 20 bytes for each record of its capacity, 36 once `events` are asked for;
    pages of it are taken only as records come.
    """

    def __init__(self, folder: Path, segment: Segment, words: int) -> None:
        self.number, self.words = segment.number, words
        self.path = folder / segment.name
        self._map = map_file(self.path, segment.capacity * words * 8)
        self.address = address_of(self._map)
        size = 1 << max(4, (segment.capacity * 5 // 4).bit_length())
        self._slots = np.zeros(size, np.uint64)
        self._before = np.zeros(segment.capacity, np.uint32)
        self._events: np.ndarray | None = None
        self._rows_with_who = self._rows_with_event = 0
        self.directory: tuple[int, Any] | None = None
        """For how many rows it was made, and who is in them in order (directory.py)."""

    def catch_up(self, rows: int, *, with_events: bool) -> None:
        """Index the rows committed since; the caller holds the lock of the view."""
        if with_events and self._events is None:
            self._events = np.zeros(len(self._slots), np.uint64)
        if rows > self._rows_with_who:
            damaged = index.add_whos(
                self.address,
                self.words,
                self._rows_with_who,
                rows,
                self._slots,
                self._before,
            )
            if damaged >= 0:
                raise StoreDamaged(
                    f"{self.path.name}: record {damaged} is not what was written"
                )
            self._rows_with_who = rows
        if self._events is not None and rows > self._rows_with_event:
            index.add_events(
                self.address, self.words, self._rows_with_event, rows, self._events
            )
            self._rows_with_event = rows

    def fields(self, segment: Segment) -> np.ndarray:
        """What compiled code needs, int64[HOT_FIELDS]; keep this object alive."""
        assert len(self._before) >= segment.rows
        events = 0 if self._events is None else self._events.ctypes.data
        fields = (
            self.address,
            segment.rows,
            segment.erased,
            self._slots.ctypes.data,
            len(self._slots) - 1,
            self._before.ctypes.data,
            events,
            segment.number,
        )
        assert len(fields) == HOT_FIELDS
        return np.array(fields, np.int64)

    def words_at(self, rows: int) -> np.ndarray:
        """The first rows as a read-only matrix of words."""
        flat = np.frombuffer(self._map, np.uint64, rows * self.words)
        return flat.reshape(rows, self.words)
