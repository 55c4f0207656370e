"""Directories of identifiers: walking those of several files together, in order.

A directory is uint64[n + 1, 4] (hi, lo, rows before, bytes of names before) beside the
names end to end; the last entry only ends the one before it. Runs have theirs on disk;
one is made here for a hot segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from limner.compiled import load64, njit
from limner.stores.disk import blocks, full_events
from limner.stores.disk.files import address_of_view
from limner.stores.disk.lookup import ENTRY, earlier, newest_in
from limner.stores.disk.state import Segment, State
from limner.stores.disk.view import View

S_ENTRIES, S_NAMES, S_NEXT, S_END = range(4)
"""Columns of a table of sources, int64[k, 4]; `next` moves as entries are taken."""


@dataclass(frozen=True)
class Directory:
    """Entries and names, kept alive for compiled code."""

    entries: np.ndarray
    names: Any
    """Anything with a buffer."""

    def source(self, low: int, high: int) -> tuple[int, int, int, int]:
        """A row of a table of sources: identifiers with low <= hi < high."""
        base = self.entries.ctypes.data
        count = len(self.entries) - 1
        first = _first_at(base, count, np.uint64(low))
        end = count if high >= 1 << 64 else _first_at(base, count, np.uint64(high))
        return base, address_of_view(self.names), first, end


@njit
def _first_at(base, count, hi):
    first, end = 0, count
    while first < end:
        middle = (first + end) >> 1
        if load64(base + ENTRY * middle) < hi:
            first = middle + 1
        else:
            end = middle
    return first


def names_of_segment(folder: Path, state: State, *, segment: Segment) -> blocks.Names:
    """Every identifier of a hot segment, in the order of its hash."""
    later = [s for s in state.segments if s.number > segment.number]
    end = later[0].names_from if later else None
    found = list(
        full_events.names_between(folder, state, start=segment.names_from, end=end)
    )
    if not found:
        return blocks.NO_NAMES
    whos = np.concatenate([names.whos for names in found])
    order = order_of(whos)
    texts = pa.concat_arrays([names.texts for names in found]).take(pa.array(order))
    return blocks.Names(whos[order], texts)


def order_of(whos: np.ndarray) -> np.ndarray:
    """The order of hashes. One key sorts ten times faster than two, and it is enough
    unless two identifiers share their first 64 bits."""
    order = np.argsort(whos["hi"])
    hi = whos["hi"][order]
    if (hi[1:] == hi[:-1]).any():
        return np.lexsort((whos["lo"], whos["hi"]))
    return order


def of_segment(folder: Path, view: View, *, position: int) -> Directory:
    """The directory of a hot segment, made from its names and its index, and kept
    until the segment has grown: the parts of a scan share it."""
    hot, rows = view.segments[position], int(view.hots[position, 1])
    held = hot.directory
    if held is None or held[0] != rows:
        held = hot.directory = rows, _made_of_segment(folder, view, position=position)
    made: Directory = held[1]
    return made


def _made_of_segment(folder: Path, view: View, *, position: int) -> Directory:
    number = view.segments[position].number
    segment = next(s for s in view.state.segments if s.number == number)
    names = names_of_segment(folder, view.state, segment=segment)
    entries = np.zeros((len(names.whos) + 1, 4), np.uint64)
    entries[:-1, 0], entries[:-1, 1] = names.whos["hi"], names.whos["lo"]
    count_rows(view.hots[position], view.words, entries)
    _, offsets, data = names.texts.buffers()
    if len(names.whos):
        entries[:, 3] = np.frombuffer(offsets, np.int32)[: len(entries)]
    return Directory(entries, data if data is not None else b"\0")


@njit
def count_rows(hot, words, entries):
    """Fill in how many rows come before each identifier of a hot segment."""
    total = 0
    for i in range(len(entries) - 1):
        entries[i, 2] = np.uint64(total)
        row = newest_in(hot, entries[i, 0], entries[i, 1], words)
        while row >= 0:
            if row < hot[1]:
                total += 1
            row = earlier(hot, row)
    entries[len(entries) - 1, 2] = np.uint64(total)


def every(folder: Path, view: View) -> list[Directory]:
    """The directories of all files of a view."""
    runs = [Directory(part.directory(), part.names()) for part in view.run_files]
    hots = [of_segment(folder, view, position=i) for i in range(len(view.segments))]
    return runs + hots


@njit
def lowest(sources):
    """The source with the lowest identifier next; -1 when all are done."""
    best = -1
    hi = lo = np.uint64(0)
    for s in range(len(sources)):
        if sources[s, S_NEXT] >= sources[s, S_END]:
            continue
        entry = sources[s, S_ENTRIES] + ENTRY * sources[s, S_NEXT]
        its_hi, its_lo = load64(entry), load64(entry + 8)
        if best < 0 or its_hi < hi or (its_hi == hi and its_lo < lo):
            best, hi, lo = s, its_hi, its_lo
    return best, hi, lo


@njit
def step(sources, hi, lo):
    """Move all sources past an identifier; returns how many rows they have of it."""
    rows = np.int64(0)
    for s in range(len(sources)):
        if sources[s, S_NEXT] >= sources[s, S_END]:
            continue
        entry = sources[s, S_ENTRIES] + ENTRY * sources[s, S_NEXT]
        if load64(entry) == hi and load64(entry + 8) == lo:
            rows += np.int64(load64(entry + 16 + ENTRY) - load64(entry + 16))
            sources[s, S_NEXT] += 1
    return rows


@njit
def append_name(source, names, end):
    """Append the name of a source's next identifier; the buffer grows as it must."""
    entry = source[S_ENTRIES] + ENTRY * source[S_NEXT]
    first = np.int64(load64(entry + 24))
    count = np.int64(load64(entry + 24 + ENTRY)) - first
    if end + count > len(names):
        larger = np.empty(2 * (end + count), np.uint8)
        for i in range(end):
            larger[i] = names[i]
        names = larger
    at = source[S_NAMES] + first
    for i in range(count):
        # Whole words only: the byte is cut out of the word that it lies in.
        word = load64((at + i) & ~7)
        names[end + i] = np.uint8(word >> np.uint64(8 * ((at + i) & 7)))
    return names, end + count


@njit
def _doubled(whos, offsets, count):
    more = np.empty((2 * count, 2), np.uint64)
    further = np.zeros(2 * count + 1, np.int32)
    for i in range(count):
        more[i, 0], more[i, 1] = whos[i, 0], whos[i, 1]
        further[i + 1] = offsets[i + 1]
    return more, further


@njit
def take(sources, rows_max):
    """The next identifiers, of about so many rows.

    Returns [n, 2] words, n + 1 offsets and the bytes of names, each with room to
    spare, and n.
    """
    whos = np.empty((1024, 2), np.uint64)
    offsets = np.zeros(1025, np.int32)
    names = np.empty(32 * 1024, np.uint8)
    count = rows = end = np.int64(0)
    while rows < rows_max:
        source, hi, lo = lowest(sources)
        if source < 0:
            break
        if count == len(whos):
            whos, offsets = _doubled(whos, offsets, count)
        names, end = append_name(sources[source], names, end)
        whos[count, 0], whos[count, 1] = hi, lo
        count += 1
        offsets[count] = end
        rows += step(sources, hi, lo)
    return whos, offsets, names, count


@njit
def count_identifiers(sources):
    """How many different identifiers there are in all sources."""
    count = 0
    while True:
        source, hi, lo = lowest(sources)
        if source < 0:
            return count
        step(sources, hi, lo)
        count += 1
