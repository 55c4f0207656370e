"""The events that a kernel is to see, copied out for it; compiled."""

from __future__ import annotations

import numpy as np

from limner.clock import FOR_EVER
from limner.compiled import inlined
from limner.events.record import NULL
from limner.language.kernel import LOOKS_AT
from limner.machine.bits import as_bits, as_number
from limner.machine.room import first_after

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
    K_LOOKS_AT,
    K_ONE_KIND,
) = range(16)
"""The columns of a program's table of kernels."""

_AT, _WEIGHT = LOOKS_AT["at"], LOOKS_AT["weight"]
_VALUE = LOOKS_AT["value"] | LOOKS_AT["number"]


@inlined
def _of_kinds(mask, room, low, high):
    """Note the events of these kinds among low..high; returns how many."""
    kinds, rows = room.kinds, room.scratch.rows
    count = np.int64(0)
    for i in range(low, high):
        if (mask >> kinds[i]) & 1:
            rows[count] = i
            count += 1
    return count


@inlined
def _of_kind(kind, room, low, high):
    """The same of one kind alone, without looking at the others."""
    by_kind, rows = room.by_kind, room.scratch.rows
    count = np.int64(0)
    for place in range(room.starts[kind], room.starts[kind + 1]):
        i = by_kind[place]
        if i >= low and i < high:
            rows[count] = i
            count += 1
    return count


@inlined
def _where(condition, rows, count):
    """Drop the events that do not fulfil a condition."""
    kept = np.int64(0)
    for j in range(count):
        i = rows[j]
        rows[kept] = i
        kept += condition[i] == 1
    return kept


@inlined
def _with_value(column, is_number, keeps_null, count, scratch):
    """Copy the column, dropping the events that do not say it."""
    rows, value, number = scratch.rows, scratch.value, scratch.number
    kept = np.int64(0)
    for j in range(count):
        bits = column[rows[j]]
        if is_number:
            said = as_number(bits) + 0.0  # of -0.0, whose bits are NULL's, makes 0.0
            bits = as_bits(said) if said == said else NULL
        else:
            said = np.float64(bits)
        rows[kept], value[kept], number[kept] = rows[j], bits, said
        kept += keeps_null | (bits != NULL)
    return kept


@inlined
def _weigh(table, weights, decay, registers, kinds, count, scratch):
    rows, weight = scratch.rows, scratch.weight
    for j in range(count):
        weight[j] = 1.0
    if table >= 0:
        for j in range(count):
            weight[j] = weights[table, kinds[rows[j]]]
    if decay >= 0:
        for j in range(count):
            weight[j] *= as_number(registers[decay, rows[j]])


@inlined
def select(k, room, n, now, weights, looks_at):
    """The events that a kernel is to see, into scratch; returns how many.

    Only what it looks at is filled in.
    """
    at, registers, scratch = room.at, room.registers, room.scratch
    rows = scratch.rows
    end = now - k[K_SHIFT]
    low = 0 if k[K_SPAN] >= FOR_EVER else first_after(at, n, end - k[K_SPAN])
    high = n if k[K_SHIFT] == 0 else first_after(at, n, end)
    if k[K_ONE_KIND] >= 0:
        count = _of_kind(k[K_ONE_KIND], room, low, high)
    else:
        count = _of_kinds(k[K_KINDS], room, low, high)
    if k[K_WHERE] >= 0:
        count = _where(registers[k[K_WHERE]], rows, count)
    if k[K_VALUE] >= 0:
        column = registers[k[K_VALUE]]
        keeps_null = k[K_KEEPS_NULL] == 1
        count = _with_value(column, k[K_IS_NUMBER] == 1, keeps_null, count, scratch)
    elif looks_at & _VALUE:
        for j in range(count):
            scratch.value[j], scratch.number[j] = 1, 1.0
    if looks_at & _AT:
        for j in range(count):
            scratch.at[j] = at[rows[j]]
    if looks_at & _WEIGHT:
        table, decay = k[K_WEIGHTS], k[K_DECAY]
        _weigh(table, weights, decay, registers, room.kinds, count, scratch)
    return count
