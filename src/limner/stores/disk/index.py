"""The index of a hot segment: whose rows are where, kept in each process's memory.

It is made from the segment alone, by reading what other processes have committed, so
there is no shared index that could be torn, and none to be repaired.
"""

from __future__ import annotations

import numpy as np

from limner.compiled import load64, njit
from limner.events.record import ID
from limner.stores.disk.rows import is_attribute, is_of, is_whole, key_hash

_1 = np.uint64(1)
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@njit
def add_whos(rows, words, start, end, slots, before):
    """Add rows [start, end) of the rows at an address; the first damaged one, or -1.

    A slot holds 32 bits of the identifier and its newest row + 1; `before` the row
    before + 2, where 1 says that there is none and 0 that it is not written yet.
    """
    mask = np.uint64(len(slots) - 1)
    for i in range(start, end):
        row = rows + 8 * words * i
        if not is_whole(row, words):
            return i
        hi, lo = load64(row), load64(row + 8)
        slot = lo & mask
        while True:
            held = slots[slot]
            if held == np.uint64(0):
                before[i] = 1
                break
            if held >> _32 == hi >> _32:
                newest = np.int64(held & _LOW) - 1
                if is_of(rows + 8 * words * newest, hi, lo):
                    before[i] = newest + 2
                    break
            slot = (slot + _1) & mask
        slots[slot] = (hi >> _32 << _32) | np.uint64(i + 1)
    return -1


@njit
def add_events(rows, words, start, end, slots):
    """Add the (identifier, id) of rows [start, end); the newest of equal ones stays."""
    mask = np.uint64(len(slots) - 1)
    for i in range(start, end):
        row = rows + 8 * words * i
        if is_attribute(row):
            continue
        lo, event = load64(row + 8), load64(row + 8 * ID)
        key = key_hash(lo, event)
        slot = key & mask
        while True:
            held = slots[slot]
            if held == np.uint64(0):
                break
            if held >> _32 == key >> _32:
                other = rows + 8 * words * (np.int64(held & _LOW) - 1)
                same = is_of(other, load64(row), lo)
                if same and load64(other + 8 * ID) == event:
                    break
            slot = (slot + _1) & mask
        slots[slot] = (key >> _32 << _32) | np.uint64(i + 1)
