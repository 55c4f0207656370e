"""Compiled reading of histories: records from all files, in order."""

from __future__ import annotations

import numpy as np

from limner.compiled import load64, njit, prefetch
from limner.events.record import AT, ID
from limner.stores.disk.lookup import (
    ROWS,
    alive_from,
    bucket_at,
    bucket_entries,
    earlier,
    entry_of,
    is_erased,
    newest_in,
    span_of,
    tomb_of,
)
from limner.stores.disk.rows import (
    clear_replacement,
    is_replacement,
    is_whole,
    without_lost,
)

_TOGETHER = 32
"""Histories whose rows are asked for before the first of them is looked at."""


@njit
def _grown(held, used, more):
    if used + more <= len(held):
        return held
    larger = np.empty(2 * (used + more), np.int64)
    for i in range(used):  # slices would do, but take seconds to compile
        larger[i] = held[i]
    return larger


@njit
def _ask_for(first, end):
    for line in range(first, end, 64):
        prefetch(line)


@njit
def collect(runs, hots, tombs, hi, lo, words, found, start):
    """Append the addresses of all rows of an identifier, and ask for the rows.

    Those of one file come together and in order, but for rows that came late into a
    hot segment. Returns the (perhaps larger) array and its new length.
    """
    tomb = tomb_of(tombs, hi, lo) if len(tombs) else -1
    end = start
    for r in range(len(runs)):
        prefetch(bucket_at(runs[r], hi))
    for r in range(len(runs)):
        prefetch(bucket_entries(runs[r], hi))
    for r in range(len(runs)):
        entry = entry_of(runs[r], hi, lo)
        if entry < 0 or is_erased(tombs, tomb, runs[r]):
            continue
        first, last = span_of(runs[r], entry)
        found = _grown(found, end, last - first)
        here = runs[r, ROWS] + 8 * words * first
        # Asked for now, and looked at when all files are through.
        _ask_for(here, here + 8 * words * (last - first))
        for row in range(last - first):
            found[end + row] = here + 8 * words * row
        end += last - first
    for h in range(len(hots)):
        from_row = alive_from(tombs, tomb, hots[h])
        row = newest_in(hots[h], hi, lo, words)
        first = end
        while row >= from_row:
            if row < hots[h, 1]:
                found = _grown(found, end, np.int64(1))
                found[end] = hots[h, ROWS] + 8 * words * row
                # The index is near; the rows lie far apart.
                _ask_for(found[end], found[end] + 8 * words)
                end += 1
            row = earlier(hots[h], row)
        for i in range((end - first) // 2):
            other = end - 1 - i
            found[first + i], found[other] = found[other], found[first + i]
    return found, end


@njit
def any_replaces(found, start, end):
    """Whether any of these rows came to replace another delivery."""
    replaces = False
    for i in range(start, end):
        replaces |= is_replacement(found[i])
    return replaces


@njit
def is_before(row, other):
    """Whether a row comes first in the order of (at, id)."""
    at, at_other = np.int64(load64(row + 8 * AT)), np.int64(load64(other + 8 * AT))
    if at != at_other:
        return at < at_other
    return load64(row + 8 * ID) < load64(other + 8 * ID)


@njit
def _rise(rows, start, end):
    """The end of the longest ordered stretch from here."""
    start += 1
    while start < end and not is_before(rows[start], rows[start - 1]):
        start += 1
    return start


@njit
def _merge(rows, start, middle, end, spare):
    """Merge two neighbouring stretches; `spare` is as long as the first, or longer."""
    count = middle - start
    for i in range(count):
        spare[i] = rows[start + i]
    left, right, into = 0, middle, start
    while left < count:
        if right < end and is_before(rows[right], spare[left]):
            rows[into] = rows[right]
            right += 1
        else:
            rows[into] = spare[left]
            left += 1
        into += 1


@njit
def order(rows, start, end):
    """Sort addresses by the (at, id) of their rows: merges what is in order already."""
    if _rise(rows, start, end) >= end:
        return
    spare = np.empty(end - start, np.int64)
    while True:
        first, merged = start, False
        while first < end:
            middle = _rise(rows, first, end)
            if middle >= end:
                break
            last = _rise(rows, middle, end)
            _merge(rows, first, middle, last, spare)
            first, merged = last, True
        if not merged:
            return


@njit
def copy_rows(found, count, words):
    """The rows at these addresses as a matrix; and the first damaged one, or 0."""
    rows = np.empty((count, words), np.uint64)
    for i in range(count):
        row = found[i]
        if not is_whole(row, words):
            return rows, row
        for word in range(words):
            rows[i, word] = load64(row + 8 * word)
        if is_replacement(row):
            clear_replacement(rows, i)
    return rows, np.int64(0)


@njit
def _in_order(found, offsets, first, last):
    """Put the rows of histories first..last in order, without those replaced, and
    close the gaps; returns where the last one ends now.
    """
    end = start = offsets[first]
    for i in range(first, last):
        stop = offsets[i + 1]
        if end < start:
            for row in range(start, stop):
                found[end + row - start] = found[row]
        before, end = end, end + stop - start
        start = stop
        if any_replaces(found, before, end):
            end = without_lost(found, before, end)
        order(found, before, end)
        offsets[i + 1] = end
    return end


@njit
def gather(runs, hots, tombs, whos, words):
    """Histories of identifiers, [n, 2] words: rows, offsets, damaged address or 0."""
    count = len(whos)
    offsets = np.zeros(count + 1, np.int64)
    found = np.empty(256 + 16 * count, np.int64)
    end = np.int64(0)
    for first in range(0, count, _TOGETHER):
        last = min(first + _TOGETHER, count)
        for i in range(first, last):
            hi, lo = whos[i, 0], whos[i, 1]
            found, end = collect(runs, hots, tombs, hi, lo, words, found, end)
            offsets[i + 1] = end
        end = _in_order(found, offsets, first, last)
    rows, damaged = copy_rows(found, end, words)
    return rows, offsets, damaged
