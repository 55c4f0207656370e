"""Which events a reading sees: the moment, what was known, and retention, compiled.

Retention is a rule of reading, applied to each identifier's history before histories of
one shopper are united.
"""

from __future__ import annotations

import numpy as np

from limner.compiled import njit
from limner.events.record import AT, ID, KIND_WORD, RECORD, SEEN_AT, column_of

_SHIFT = np.uint64(column_of(RECORD, "kind").shift)


@njit
def _too_many(words, rows, start, end, newest):
    """Keep the newest of each kind among rows[start:end]; returns the new end."""
    left = np.empty(len(newest), np.int64)
    for code in range(len(newest)):
        left[code] = newest[code]
    kept = end
    for i in range(end - 1, start - 1, -1):
        kind = np.int64(words[rows[i], KIND_WORD] >> _SHIFT) & 255
        if left[kind] > 0:
            left[kind] -= 1
            kept -= 1
            rows[kept] = rows[i]
    for i in range(kept, end):
        rows[start + i - kept] = rows[i]
    return start + end - kept


@njit
def _fewest(newest):
    fewest = newest[0]
    for kind in range(1, len(newest)):
        fewest = min(fewest, newest[kind])
    return fewest


@njit
def _of_history(words, low, high, now, known, world, rows, start):
    count = start
    for row in range(low, high):
        at = np.int64(words[row, AT])
        if at > now:
            break
        if np.int64(words[row, SEEN_AT]) > known:
            continue
        kind = np.int64(words[row, KIND_WORD] >> _SHIFT) & 255
        if at > now - world.spans[kind]:
            rows[count] = row
            count += 1
    if count - start > _fewest(world.newest):
        count = _too_many(words, rows, start, count, world.newest)
    return count


@njit
def _is_before(words, one, other):
    if words[one, AT] != words[other, AT]:
        return words[one, AT] < words[other, AT]
    return words[one, ID] < words[other, ID]


@njit
def _unite(words, rows, start, end):
    """Merge the sorted rows[:start] and rows[start:end] by (at, id)."""
    merged = np.empty(end, np.int64)
    a, b = 0, start
    for i in range(end):
        if b >= end or (a < start and not _is_before(words, rows[b], rows[a])):
            merged[i] = rows[a]
            a += 1
        else:
            merged[i] = rows[b]
            b += 1
    for i in range(end):
        rows[i] = merged[i]


@njit
def gather_visible(words, offsets, first, last, now, known, world, rows):
    """The visible events of histories first..last as one shopper's, in (at, id) order.

    Fills `rows` with positions in `words` and returns how many.
    """
    count = np.int64(0)  # not a literal, for which numba would compile twice
    for history in range(first, last):
        start = count
        low, high = offsets[history], offsets[history + 1]
        count = _of_history(words, low, high, now, known, world, rows, start)
        if start > 0 and count > start:
            _unite(words, rows, start, count)
    return count
