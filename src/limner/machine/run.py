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
from limner.compiled import inlined, njit
from limner.events.record import NULL
from limner.language.kernel import LOOKS_AT
from limner.machine.bits import as_bits, borrowed, call_kernel
from limner.machine.event_operations import over_events
from limner.machine.operations import EVERY_EVENT, ONCE, Op
from limner.machine.room import enter, first_after, lent_room, room_for
from limner.machine.scalar_operations import apply
from limner.machine.selected import (
    K_ADDRESS,
    K_FLOATS,
    K_INTS,
    K_LIST,
    K_LOOKS_AT,
    K_RETURNS_NUMBER,
    K_SHIFT,
    select,
)
from limner.machine.visible import gather_visible

_KERNEL = int(Op.KERNEL)
_FILL = int(Op.FILL)
EVERYTHING = sum(LOOKS_AT.values())


class Program(NamedTuple):
    """Instructions and kernel parameters, as arrays."""

    code: np.ndarray
    """int64[instructions, 9]: op, over what, target, a, b, c, bits; and of those over
    events, for which kinds and how far back (interest.py)."""
    kernels: np.ndarray
    """int64[kernels, 16]: the columns K_* of selected.py."""
    weights: np.ndarray
    """float64[tables, 64]: what an event of each kind counts."""
    ints: np.ndarray
    floats: np.ndarray
    sizes: np.ndarray
    """int64[3]: registers, slots, lists."""


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


@njit
def _grown(array, needed):
    size = max(len(array) * 2, needed)
    larger = np.empty(size, array.dtype)
    for i in range(len(array)):
        larger[i] = array[i]
    return larger


@inlined
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


@inlined
def _slot_of(k, count, scratch):
    if k[K_RETURNS_NUMBER]:
        return as_bits(scratch.out_number[0] if count > 0 else np.nan)
    return scratch.out[0] if count > 0 else NULL


@njit
def _watch(trace, n, scratch, visible):
    trace.kernel[1] = n
    for i in range(n):
        trace.rows[i] = visible[scratch.rows[i]]
        trace.values[i] = scratch.value[i]
        trace.numbers[i] = scratch.number[i]
        trace.weights[i] = scratch.weight[i]


@inlined
def _over_slots(step, slots):
    op = step[0]
    if op == _FILL:
        return step[6]
    return apply(op, slots[step[3]], slots[step[4]])


@njit
def _fill_constants(code, registers):
    """What no shopper changes is filled in once."""
    for step in code:
        if step[1] == ONCE:
            for i in range(registers.shape[1]):
                registers[step[2], i] = step[6]


@inlined
def _paint(words, n, present, now, program, world, room, slots, trace, spill, used):
    """Execute the program for one shopper; returns the lists' room and what is used."""
    keys, weights, lists = spill
    for step in program.code:
        if step[0] == _KERNEL:
            k = program.kernels[step[3]]
            is_watched = trace.kernel[0] == step[3]
            m = select(
                k,
                room,
                n,
                now,
                program.weights,
                EVERYTHING if is_watched else k[K_LOOKS_AT],
            )
            if is_watched:
                _watch(trace, m, room.scratch, room.visible)
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
        elif step[1] == EVERY_EVENT:
            if step[7] & present:
                start = 0
                if step[8] < FOR_EVER:
                    start = first_after(room.at, n, now - step[8])
                over_events(step, words, room, start, n, now, world, slots)
        elif step[1] == 0:
            slots[step[2]] = _over_slots(step, slots)
    return keys, weights, used


@njit
def _lent_trace(trace):
    return Trace(
        borrowed(trace.kernel),
        borrowed(trace.rows),
        borrowed(trace.values),
        borrowed(trace.numbers),
        borrowed(trace.weights),
    )


@njit
def _lent_program(program):
    return Program(
        borrowed(program.code),
        borrowed(program.kernels),
        borrowed(program.weights),
        borrowed(program.ints),
        borrowed(program.floats),
        borrowed(program.sizes),
    )


@njit
def _lent_world(world):
    return World(
        borrowed(world.spans),
        borrowed(world.newest),
        borrowed(world.fact_items),
        borrowed(world.fact_ats),
        borrowed(world.facts),
        borrowed(world.rate_ats),
        borrowed(world.rates),
        borrowed(world.rate_starts),
        borrowed(world.currency),
        borrowed(world.unrated),
    )


@njit
def run(words, offsets, groups, ats, knowns, program, world, slots, trace):
    """Execute a program for shoppers; fills `slots` and returns the lists.

    words: uint64[rows, width], the records. offsets: int64[histories + 1].
    groups: int64[shoppers + 1], which histories are a shopper's.
    ats, knowns: int64[shoppers], each shopper's moments.
    slots: int64[shoppers, slots], may hold values given from outside.
    """
    owned = room_for(offsets, groups, program.sizes[0])
    room, program, world = lent_room(owned), _lent_program(program), _lent_world(world)
    words, offsets, slots = borrowed(words), borrowed(offsets), borrowed(slots)
    trace = _lent_trace(trace)
    _fill_constants(program.code, room.registers)
    lists = np.zeros((len(ats), program.sizes[2], 2), np.int64)
    events = np.empty(len(ats), np.int64)
    keys, weights = np.empty(256, np.int64), np.empty(256, np.float64)
    used = np.int64(0)  # not a literal, for which numba would compile twice
    for s in range(len(ats)):
        n = gather_visible(
            words,
            offsets,
            groups[s],
            groups[s + 1],
            ats[s],
            knowns[s],
            world,
            room.visible,
        )
        present = enter(words, room, n)
        events[s] = n
        keys, weights, used = _paint(
            words,
            n,
            present,
            ats[s],
            program,
            world,
            room,
            slots[s],
            trace,
            (keys, weights, lists[s]),
            used,
        )
    owned.visible[0] = 0  # looked at here, so that it lives until here
    return Spill(keys[:used], weights[:used], lists, events)
