"""The machine that reads profiles: one compiled pass over many histories.

A definition is compiled (program.py) to a list of instructions. For each shopper the
machine gathers the visible events, and executes: instructions over events fill
registers, kernels turn selected events into slots, instructions over slots combine
them. One shopper and a million take the same path, and no Python runs in between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from limner.clock import FOR_EVER
from limner.compiled import njit
from limner.events.record import AT, KIND_WORD, NULL, RECORD, column_of
from limner.machine.bits import as_bits, as_number, call_kernel
from limner.machine.event_operations import over_events
from limner.machine.operations import Op
from limner.machine.scalar_operations import apply
from limner.machine.visible import gather_visible

_KERNEL = int(Op.KERNEL)
_FILL = int(Op.FILL)
_KIND_SHIFT = np.uint64(column_of(RECORD, "kind").shift)


class Program(NamedTuple):
    """Instructions and kernel parameters, as arrays."""

    code: np.ndarray
    """int64[instructions, 7]: op, over events?, target, a, b, c, bits."""
    kernels: np.ndarray
    """int64[kernels, 14]: the columns K_* below."""
    weights: np.ndarray
    """float64[tables, 64]: what an event of each kind counts."""
    ints: np.ndarray
    floats: np.ndarray
    sizes: np.ndarray
    """int64[3]: registers, slots, lists."""


(
    K_ADDRESS,
    K_KINDS,
    K_WHERE,
    K_VALUE,
    K_IS_NUMBER,
    K_KEEPS_NULL,
    K_WEIGHTS,
    K_DECAY,
    K_SPAN,
    K_SHIFT,
    K_INTS,
    K_FLOATS,
    K_LIST,
    K_RETURNS_NUMBER,
) = range(14)


class World(NamedTuple):
    """What a reading may look at beside the history, as arrays."""

    spans: np.ndarray
    """int64[64]: how far back a reading sees each kind."""
    newest: np.ndarray
    """int64[64]: at most how many of each kind."""
    fact_items: np.ndarray
    """uint64[facts], sorted by (item, at)."""
    fact_ats: np.ndarray
    facts: np.ndarray
    """int64[facts, 3]: category, brand (codes), price."""
    rate_ats: np.ndarray
    """int64[rates], sorted by (currency, at)."""
    rates: np.ndarray
    """float64[rates]: minor units of the store's currency for one of the other."""
    rate_starts: np.ndarray
    """int64[257]: where the rates of each currency start."""
    currency: np.ndarray
    """int64[1]: the store's."""
    unrated: np.ndarray
    """int64[1]: counts the amounts met that no rate converts."""


class Spill(NamedTuple):
    """Where lists go: keys and weights end to end, and who has which."""

    keys: np.ndarray
    weights: np.ndarray
    lists: np.ndarray
    """int64[shoppers, lists, 2]: start and length."""
    events: np.ndarray
    """int64[shoppers]: how many records each reading saw."""


class Trace(NamedTuple):
    """One kernel watched, for explanations."""

    kernel: np.ndarray
    """int64[2]: the kernel watched (-1: none), and how many events it selected."""
    rows: np.ndarray
    values: np.ndarray
    numbers: np.ndarray
    weights: np.ndarray


class Scratch(NamedTuple):
    """Room for one shopper's selected events."""

    rows: np.ndarray
    at: np.ndarray
    value: np.ndarray
    number: np.ndarray
    weight: np.ndarray
    out: np.ndarray
    out_number: np.ndarray


@njit
def _scratch(n):
    return Scratch(
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.float64),
        np.empty(n, np.float64),
        np.empty(n + 1, np.int64),
        np.empty(n + 1, np.float64),
    )


@njit
def _first_after(at, n, moment):
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
def _select(k, kinds, at, registers, n, now, weights, scratch):
    """The events that a kernel is to see, into scratch; returns how many."""
    end = now - k[K_SHIFT]
    low = 0 if k[K_SPAN] >= FOR_EVER else _first_after(at, n, end - k[K_SPAN])
    high = n if k[K_SHIFT] == 0 else _first_after(at, n, end)
    where, value, table, decay = k[K_WHERE], k[K_VALUE], k[K_WEIGHTS], k[K_DECAY]
    chosen = 0
    for i in range(low, high):
        if (k[K_KINDS] >> kinds[i]) & 1 == 0 or (
            where >= 0 and registers[where, i] != 1
        ):
            continue
        bits = registers[value, i] if value >= 0 else np.int64(1)
        if k[K_IS_NUMBER]:
            number = as_number(bits) + 0.0  # of -0.0, whose bits are NULL's, makes 0.0
            bits = as_bits(number) if number == number else NULL
        else:
            number = np.float64(bits)
        if bits == NULL and not k[K_KEEPS_NULL]:
            continue
        weight = 1.0 if table < 0 else weights[table, kinds[i]]
        if decay >= 0:
            weight *= as_number(registers[decay, i])
        scratch.rows[chosen] = i
        scratch.at[chosen] = at[i]
        scratch.value[chosen] = bits
        scratch.number[chosen] = number
        scratch.weight[chosen] = weight
        chosen += 1
    return chosen


@njit
def _grown(array, needed):
    size = max(len(array) * 2, needed)
    larger = np.empty(size, array.dtype)
    for i in range(len(array)):
        larger[i] = array[i]
    return larger


@njit
def _call(k, n, now, ints, floats, scratch):
    return call_kernel(
        k[K_ADDRESS],
        n,
        scratch.at.ctypes.data,
        scratch.value.ctypes.data,
        scratch.number.ctypes.data,
        scratch.weight.ctypes.data,
        ints.ctypes.data + 8 * k[K_INTS],
        floats.ctypes.data + 8 * k[K_FLOATS],
        now - k[K_SHIFT],
        scratch.out.ctypes.data,
        scratch.out_number.ctypes.data,
    )


@njit
def _slot_of(k, count, scratch):
    if k[K_RETURNS_NUMBER]:
        return as_bits(scratch.out_number[0] if count > 0 else np.nan)
    return scratch.out[0] if count > 0 else NULL


@njit
def _watch(trace, row, n, scratch, visible):
    if trace.kernel[0] == row:
        trace.kernel[1] = n
        for i in range(n):
            trace.rows[i] = visible[scratch.rows[i]]
            trace.values[i] = scratch.value[i]
            trace.numbers[i] = scratch.number[i]
            trace.weights[i] = scratch.weight[i]


@njit
def _over_slots(step, slots):
    op = step[0]
    if op == _FILL:
        return step[6]
    return apply(op, slots[step[3]], slots[step[4]])


class Room(NamedTuple):
    """Room for one shopper at a time: visible events and registers."""

    visible: np.ndarray
    at: np.ndarray
    kinds: np.ndarray
    registers: np.ndarray
    scratch: Scratch


@njit
def _room(offsets, groups, registers):
    n = 1
    for s in range(len(groups) - 1):
        n = max(n, offsets[groups[s + 1]] - offsets[groups[s]])
    ints = np.empty((3, n), np.int64)
    made = np.empty((registers, n), np.int64)
    return Room(ints[0], ints[1], ints[2], made, _scratch(n))


@njit
def _see(words, offsets, first, last, now, known, world, room):
    """The visible events of one shopper, their moments and kinds; how many."""
    n = gather_visible(words, offsets, first, last, now, known, world, room.visible)
    for i in range(n):
        row = room.visible[i]
        room.at[i] = np.int64(words[row, AT])
        room.kinds[i] = np.int64(words[row, KIND_WORD] >> _KIND_SHIFT) & 255
    return n


@njit
def _paint(words, n, now, program, world, room, slots, trace, spill, used):
    """Execute the program for one shopper; returns the lists' room and what is used."""
    keys, weights, lists = spill
    for step in program.code:
        if step[0] == _KERNEL:
            k = program.kernels[step[3]]
            m = _select(
                k,
                room.kinds,
                room.at,
                room.registers,
                n,
                now,
                program.weights,
                room.scratch,
            )
            _watch(trace, step[3], m, room.scratch, room.visible)
            count = _call(k, m, now, program.ints, program.floats, room.scratch)
            if k[K_LIST] < 0:
                slots[step[2]] = _slot_of(k, count, room.scratch)
                continue
            if used + count > len(keys):
                keys = _grown(keys, used + count)
                weights = _grown(weights, used + count)
            for i in range(count):
                keys[used + i] = room.scratch.out[i]
                weights[used + i] = room.scratch.out_number[i]
            lists[k[K_LIST], 0], lists[k[K_LIST], 1] = used, count
            used += count
        elif step[1]:
            over_events(
                step,
                words,
                room.visible,
                n,
                now,
                room.at,
                room.kinds,
                room.registers,
                world,
                slots,
            )
        else:
            slots[step[2]] = _over_slots(step, slots)
    return keys, weights, used


@njit
def run(words, offsets, groups, ats, knowns, program, world, slots, trace):
    """Execute a program for shoppers; fills `slots` and returns the lists.

    words: uint64[rows, width], the records. offsets: int64[histories + 1].
    groups: int64[shoppers + 1], which histories are a shopper's.
    ats, knowns: int64[shoppers], each shopper's moments.
    slots: int64[shoppers, slots], may hold values given from outside.
    """
    room = _room(offsets, groups, program.sizes[0])
    lists = np.zeros((len(ats), program.sizes[2], 2), np.int64)
    events = np.empty(len(ats), np.int64)
    keys, weights = np.empty(256, np.int64), np.empty(256, np.float64)
    used = np.int64(0)  # not a literal, for which numba would compile twice
    for s in range(len(ats)):
        n = _see(
            words, offsets, groups[s], groups[s + 1], ats[s], knowns[s], world, room
        )
        events[s] = n
        keys, weights, used = _paint(
            words,
            n,
            ats[s],
            program,
            world,
            room,
            slots[s],
            trace,
            (keys, weights, lists[s]),
            used,
        )
    return Spill(keys[:used], weights[:used], lists, events)
