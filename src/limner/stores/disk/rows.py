"""Compiled looks at single rows: checksum, order, and which delivery stands.

A row is named by its address, so that rows of mapped files and of arrays are alike; its
 width in words is an argument, so that nothing compiles anew for another schema.
"""

from __future__ import annotations

import numpy as np

from limner.compiled import load64, njit
from limner.events.kinds import ATTRIBUTE
from limner.events.record import (
    CONTENT_CHECK,
    ID,
    KIND_WORD,
    PLACE,
    REPLACES,
    SEEN_AT,
    WHO_HI,
    WHO_LO,
)

_P1 = np.uint64(0x9E3779B185EBCA87)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_P3 = np.uint64(0x165667B19E3779F9)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_KIND = np.uint64(255 << 32)
_ATTRIBUTE = np.uint64(ATTRIBUTE << 32)
_REPLACES = np.uint64(REPLACES << 40)
_KEPT_FLAGS = ~_REPLACES


@njit
def _turn(x):
    return (x << np.uint64(29)) | (x >> np.uint64(35))


@njit
def _masked(row, word):
    value = load64(row + 8 * word)
    return value & _LOW if word == CONTENT_CHECK else value


@njit
def check_of(row, words):
    """32 bits over all of a row but its own `check`; any single flipped bit shows."""
    a, b, c, d = _P1, _P2, _P3, np.uint64(words)
    word = 0
    while word + 4 <= words:
        a = _turn((a ^ _masked(row, word)) * _P1)
        b = _turn((b ^ _masked(row, word + 1)) * _P1)
        c = _turn((c ^ _masked(row, word + 2)) * _P1)
        d = _turn((d ^ _masked(row, word + 3)) * _P1)
        word += 4
    while word < words:
        a = _turn((a ^ _masked(row, word)) * _P1)
        word += 1
    a = _turn((a ^ b) * _P2) ^ _turn((c ^ d) * _P3)
    a = (a ^ (a >> _32)) * _P2
    return np.uint32(a >> _32)


@njit
def is_whole(row, words):
    """Whether a row is what was written."""
    return np.uint32(load64(row + 8 * CONTENT_CHECK) >> _32) == check_of(row, words)


@njit
def stamp(rows):
    """Set the check of each row of a matrix of words."""
    words = rows.shape[1]
    for i in range(len(rows)):
        row = np.int64(rows.ctypes.data) + 8 * words * i
        held = rows[i, CONTENT_CHECK] & _LOW
        rows[i, CONTENT_CHECK] = held | (np.uint64(check_of(row, words)) << _32)


@njit
def is_attribute(row):
    """Whether a row declares an attribute, and is no event itself."""
    return load64(row + 8 * KIND_WORD) & _KIND == _ATTRIBUTE


@njit
def is_replacement(row):
    """Whether an earlier committed delivery of the same event may still be about."""
    return load64(row + 8 * KIND_WORD) & _REPLACES != np.uint64(0)


@njit
def stands_over(row, other):
    """Whether of two deliveries of an event the first one stands."""
    seen = np.int64(load64(row + 8 * SEEN_AT))
    seen_other = np.int64(load64(other + 8 * SEEN_AT))
    if seen != seen_other:
        return seen < seen_other
    return content_of(row) < content_of(other)


@njit
def content_of(row):
    """The hash of what an event says."""
    return load64(row + 8 * CONTENT_CHECK) & _LOW


@njit
def is_of(row, hi, lo):
    """Whether a row belongs to this identifier."""
    return load64(row + 8 * WHO_HI) == hi and load64(row + 8 * WHO_LO) == lo


@njit
def key_hash(lo, event):
    """A hash of (identifier, event id): both are hashes already."""
    value = (lo ^ (event * _P1)) * _P2
    value ^= value >> _32
    value *= _P3
    return value ^ (value >> np.uint64(29))


@njit
def without_lost(rows, start, end):
    """Drop the records of deliveries that another one stands over.

    `rows` are addresses of all records of one identifier at [start, end); the ones
    that stay are moved up, their order kept. Returns the new end. All records of one
    delivery have its place, which no other delivery has.
    """
    size = 4
    while size < 2 * (end - start):
        size *= 2
    mask = np.uint64(size - 1)
    standing = np.zeros(size, np.int64)
    lost = np.zeros(size, np.uint64)
    for i in range(start, end):
        row = rows[i]
        if is_attribute(row):
            continue
        event = load64(row + 8 * ID)
        slot = key_hash(np.uint64(0), event) & mask
        while standing[slot] and load64(standing[slot] + 8 * ID) != event:
            slot = (slot + np.uint64(1)) & mask
        if standing[slot] == 0:
            standing[slot] = row
            continue
        loser = row
        if stands_over(row, standing[slot]):
            loser, standing[slot] = standing[slot], row
        _insert(lost, mask, load64(loser + 8 * PLACE))
    kept = start
    for i in range(start, end):
        if not _holds(lost, mask, load64(rows[i] + 8 * PLACE)):
            rows[kept] = rows[i]
            kept += 1
    return kept


@njit
def _insert(table, mask, place):
    slot = key_hash(np.uint64(1), place) & mask
    while table[slot] != np.uint64(0):
        slot = (slot + np.uint64(1)) & mask
    table[slot] = place


@njit
def _holds(table, mask, place):
    slot = key_hash(np.uint64(1), place) & mask
    while table[slot] != np.uint64(0):
        if table[slot] == place:
            return True
        slot = (slot + np.uint64(1)) & mask
    return False


@njit
def clear_replacement(rows, row):
    """Take the mark of a replacement from a row of a matrix that goes to a reader."""
    rows[row, KIND_WORD] &= _KEPT_FLAGS


@njit
def words_at(rows, word):
    """One word of each of the rows at these addresses; 0 for an address of 0."""
    values = np.zeros(len(rows), np.uint64)
    for i in range(len(rows)):
        if rows[i]:
            values[i] = load64(rows[i] + 8 * word)
    return values
