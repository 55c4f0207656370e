"""Room for one shopper at a time: visible events, registers, and what kernels see."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from limner.compiled import inlined, njit
from limner.events.record import AT, KIND_WORD, RECORD, column_of
from limner.machine.bits import borrowed

_KIND_SHIFT = np.uint64(column_of(RECORD, "kind").shift)
KINDS = 64


class Scratch(NamedTuple):
    """Selected events, and what a kernel makes of them."""

    rows: np.ndarray
    at: np.ndarray
    value: np.ndarray
    number: np.ndarray
    weight: np.ndarray
    out: np.ndarray
    out_number: np.ndarray


class Room(NamedTuple):
    """All that the machine writes down about one shopper."""

    visible: np.ndarray
    """Positions of the visible events among the records."""
    at: np.ndarray
    kinds: np.ndarray
    by_kind: np.ndarray
    """The visible events, kind by kind, in order."""
    starts: np.ndarray
    """int64[KINDS + 1]: where each kind starts in `by_kind`."""
    registers: np.ndarray
    scratch: Scratch


@inlined
def first_after(at, n, moment):
    """The position of the first of n sorted moments that is later than this one."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if at[middle] <= moment:
            low = middle + 1
        else:
            high = middle
    return low


@njit
def room_for(offsets, groups, registers):
    """Room for the longest history, those of one shopper taken together."""
    n = 1
    for s in range(len(groups) - 1):
        n = max(n, offsets[groups[s + 1]] - offsets[groups[s]])
    return Room(
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(KINDS + 1, np.int64),
        np.empty((registers, n), np.int64),
        Scratch(
            np.empty(n, np.int64),
            np.empty(n, np.int64),
            np.empty(n, np.int64),
            np.empty(n, np.float64),
            np.empty(n, np.float64),
            np.empty(n + 1, np.int64),
            np.empty(n + 1, np.float64),
        ),
    )


@njit
def lent_room(room):
    """The same room, its arrays uncounted."""
    w = room.scratch
    return Room(
        borrowed(room.visible),
        borrowed(room.at),
        borrowed(room.kinds),
        borrowed(room.by_kind),
        borrowed(room.starts),
        borrowed(room.registers),
        Scratch(
            borrowed(w.rows),
            borrowed(w.at),
            borrowed(w.value),
            borrowed(w.number),
            borrowed(w.weight),
            borrowed(w.out),
            borrowed(w.out_number),
        ),
    )


@njit
def enter(words, room, n):
    """Note the moments and kinds of the n visible events, and sort them by kind.

    Returns the kinds that there are, as bits.
    """
    starts = room.starts
    for kind in range(KINDS + 1):
        starts[kind] = 0
    for i in range(n):
        row = room.visible[i]
        code = np.int64(words[row, KIND_WORD] >> _KIND_SHIFT) & (KINDS - 1)
        room.at[i] = np.int64(words[row, AT])
        room.kinds[i] = code
        starts[code] += 1
    place = present = np.int64(0)
    for kind in range(KINDS + 1):
        if starts[kind] > 0:
            present |= np.int64(1) << kind
        place += starts[kind]
        starts[kind] = place
    for i in range(n - 1, -1, -1):
        code = room.kinds[i]
        starts[code] -= 1
        room.by_kind[starts[code]] = i
    return present
