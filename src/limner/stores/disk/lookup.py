"""Compiled look-ups: where the records of an identifier, or of an event, lie.

Compiled code is told of files by rows of int64: see the positions below. A *run* is
sorted and has a directory; a *hot* segment is in order of arrival and has a hash index.
Tombstones are rows of uint64 sorted by (hi, lo).
"""

from __future__ import annotations

import numpy as np

from limner.compiled import load32, load64, njit
from limner.events.record import AT, ID
from limner.stores.disk.rows import is_attribute, is_of, key_hash, stands_over

ROWS, COUNT, ERASED = 0, 1, 2
"""Of both: address of the first row, rows, erasures obeyed when it was made."""
DIRECTORY, WHOS, PREFIX, SHIFT, BLOOM, BLOOM_LINES = 3, 4, 5, 6, 7, 8
RUN_FIELDS = 9
SLOTS, MASK, BEFORE, EVENTS, NUMBER = 3, 4, 5, 6, 7
HOT_FIELDS = 8
ENTRY = 32
"""Bytes of a directory entry: hi, lo, first row, offset of its name."""
T_HI, T_LO, T_ERASURE, T_SEGMENT, T_ROW = range(5)
TOMB_FIELDS = 5

_1 = np.uint64(1)
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_PROBES = 6


@njit
def bucket_at(run, hi):
    """Where the prefix table of a run says where in the directory to look."""
    return run[PREFIX] + 4 * np.int64(hi >> np.uint64(run[SHIFT]))


@njit
def bucket_entries(run, hi):
    """Where the directory entries of a bucket begin."""
    return run[DIRECTORY] + ENTRY * np.int64(load32(bucket_at(run, hi)))


@njit
def entry_of(run, hi, lo):
    """The position of an identifier in a run's directory; -1 where it is not."""
    bucket = bucket_at(run, hi)
    first, end = np.int64(load32(bucket)), np.int64(load32(bucket + 4))
    while first < end:
        middle = (first + end) >> 1
        entry = run[DIRECTORY] + ENTRY * middle
        found = load64(entry)
        if found == hi and load64(entry + 8) == lo:
            return middle
        if found < hi or (found == hi and load64(entry + 8) < lo):
            first = middle + 1
        else:
            end = middle
    return -1


@njit
def span_of(run, entry):
    """First row and end of the rows of a directory entry."""
    at = run[DIRECTORY] + ENTRY * entry
    return np.int64(load64(at + 16)), np.int64(load64(at + 16 + ENTRY))


@njit
def tomb_of(tombs, hi, lo):
    """The tombstone of an identifier; -1 where it has none."""
    first, end = 0, len(tombs)
    while first < end:
        middle = (first + end) >> 1
        if tombs[middle, T_HI] < hi or (
            tombs[middle, T_HI] == hi and tombs[middle, T_LO] < lo
        ):
            first = middle + 1
        else:
            end = middle
    if first < len(tombs) and tombs[first, T_HI] == hi and tombs[first, T_LO] == lo:
        return first
    return -1


@njit
def alive_from(tombs, tomb, hot):
    """The first row of a hot segment that a tombstone leaves."""
    if tomb < 0 or np.int64(tombs[tomb, T_ERASURE]) <= hot[ERASED]:
        return 0
    if hot[NUMBER] < np.int64(tombs[tomb, T_SEGMENT]):
        return hot[COUNT]
    if hot[NUMBER] > np.int64(tombs[tomb, T_SEGMENT]):
        return 0
    return np.int64(tombs[tomb, T_ROW])


@njit
def is_erased(tombs, tomb, run):
    """Whether a tombstone covers all that a run has of its identifier."""
    return tomb >= 0 and np.int64(tombs[tomb, T_ERASURE]) > run[ERASED]


@njit
def newest_in(hot, hi, lo, words):
    """The newest indexed row of an identifier in a hot segment; -1 where none is."""
    mask = np.uint64(hot[MASK])
    slot = lo & mask
    while True:
        held = load64(hot[SLOTS] + np.int64(slot) * 8)
        if held == np.uint64(0):
            return -1
        if held >> _32 == hi >> _32:
            row = np.int64(held & _LOW) - 1
            if is_of(hot[ROWS] + 8 * words * row, hi, lo):
                return row
        slot = (slot + _1) & mask


@njit
def earlier(hot, row):
    """The row before this one of the same identifier; -1 is none.

    Another thread may just be adding rows: its link to an older one is written before
    the row is found, but a processor may show it later, as 0; then look again.
    """
    while True:
        held = np.int64(load32(hot[BEFORE] + 4 * row))
        if held != 0:
            return held - 2


@njit
def event_in(hot, row, words):
    """The newest row with the identifier and id of another row; 0 where none is."""
    hi, lo, event = load64(row), load64(row + 8), load64(row + 8 * ID)
    key = key_hash(lo, event)
    mask = np.uint64(hot[MASK])
    slot = key & mask
    while True:
        held = load64(hot[EVENTS] + np.int64(slot) * 8)
        if held == np.uint64(0):
            return 0
        if held >> _32 == key >> _32:
            found = hot[ROWS] + 8 * words * (np.int64(held & _LOW) - 1)
            if is_of(found, hi, lo) and load64(found + 8 * ID) == event:
                return found
        slot = (slot + _1) & mask


@njit
def bloom_line(key, lines):
    """The line (64 bytes) of a Bloom filter that a key belongs to."""
    return np.int64(((key >> _32) * np.uint64(lines)) >> _32)


@njit
def may_hold(run, key):
    """What a run's Bloom filter says of a key."""
    line = run[BLOOM] + 64 * bloom_line(key, run[BLOOM_LINES])
    bits = key * np.uint64(0xC2B2AE3D27D4EB4F)
    for _ in range(_PROBES):
        word = load64(line + 8 * np.int64(bits >> np.uint64(61)))
        if (word >> ((bits >> np.uint64(55)) & np.uint64(63))) & _1 == np.uint64(0):
            return False
        bits <<= np.uint64(9)
    return True


@njit
def bloom_add(bloom, key):
    """Add a key to a filter: uint64 words, eight to a line."""
    line = 8 * bloom_line(key, len(bloom) // 8)
    bits = key * np.uint64(0xC2B2AE3D27D4EB4F)
    for _ in range(_PROBES):
        word = line + np.int64(bits >> np.uint64(61))
        bloom[word] |= _1 << ((bits >> np.uint64(55)) & np.uint64(63))
        bits <<= np.uint64(9)


@njit
def event_at(run, row, words):
    """The row of a run with the identifier and id of another; 0 where none is.

    Looks first where the same moment would be; only another delivery with another
    moment, or a false word of the filter, makes it read the whole history.
    """
    entry = entry_of(run, load64(row), load64(row + 8))
    if entry < 0:
        return 0
    first, end = span_of(run, entry)
    at, event = np.int64(load64(row + 8 * AT)), load64(row + 8 * ID)
    low, high = first, end
    while low < high:
        middle = (low + high) >> 1
        found = run[ROWS] + 8 * words * middle
        moment = np.int64(load64(found + 8 * AT))
        if moment < at or (moment == at and load64(found + 8 * ID) < event):
            low = middle + 1
        else:
            high = middle
    if low < end:
        found = run[ROWS] + 8 * words * low
        if load64(found + 8 * ID) == event and not is_attribute(found):
            return found
    for place in range(first, end):
        found = run[ROWS] + 8 * words * place
        if load64(found + 8 * ID) == event and not is_attribute(found):
            return found
    return 0


@njit
def standing_rows(runs, hots, tombs, rows, words):
    """For each row of an event, the row that stands in the store; 0 where none does.

    `rows` is the address of the first and their number.
    """
    address, count = rows
    result = np.zeros(count, np.int64)
    for h in range(len(hots)):
        for i in range(count):
            row = address + 8 * words * i
            found = event_in(hots[h], row, words)
            if found and len(tombs):
                tomb = tomb_of(tombs, load64(row), load64(row + 8))
                first = hots[h, ROWS] + 8 * words * alive_from(tombs, tomb, hots[h])
                found = 0 if found < first else found
            if found and (result[i] == 0 or stands_over(found, result[i])):
                result[i] = found
    for r in range(len(runs)):
        for i in range(count):
            row = address + 8 * words * i
            key = key_hash(load64(row + 8), load64(row + 8 * ID))
            if not may_hold(runs[r], key):
                continue
            found = event_at(runs[r], row, words)
            if found and len(tombs):
                tomb = tomb_of(tombs, load64(row), load64(row + 8))
                found = 0 if is_erased(tombs, tomb, runs[r]) else found
            if found and (result[i] == 0 or stands_over(found, result[i])):
                result[i] = found
    return result
