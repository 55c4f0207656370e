"""The events that a kernel is to see, copied out for it; compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from limner.clock import FOR_EVER
from limner.compiled import njit
from limner.events.record import NULL
from limner.language.kernel import LOOKS_AT
from limner.machine.bits import as_bits, as_number

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
) = range(15)
"""The columns of a program's table of kernels."""

_AT, _WEIGHT = LOOKS_AT["at"], LOOKS_AT["weight"]
_VALUE = LOOKS_AT["value"] | LOOKS_AT["number"]


class Scratch(NamedTuple):
    """Room for one shopper's selected events, and for what a kernel makes of them."""

    rows: np.ndarray
    at: np.ndarray
    value: np.ndarray
    number: np.ndarray
    weight: np.ndarray
    out: np.ndarray
    out_number: np.ndarray


@njit
def scratch(n):
    """Room for n events."""
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
def _of_kinds(mask, kinds, low, high, rows):
    count = np.int64(0)
    for i in range(low, high):
        if (mask >> kinds[i]) & 1:
            rows[count] = i
            count += 1
    return count


@njit
def _of_kinds_where(mask, kinds, where, low, high, rows):
    count = np.int64(0)
    for i in range(low, high):
        if (mask >> kinds[i]) & 1 and where[i] == 1:
            rows[count] = i
            count += 1
    return count


@njit
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


@njit
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


@njit
def select(k, kinds, at, registers, n, now, weights, scratch, looks_at):
    """The events that a kernel is to see, into scratch; returns how many.

    Only what it looks at is filled in.
    """
    end = now - k[K_SHIFT]
    low = 0 if k[K_SPAN] >= FOR_EVER else _first_after(at, n, end - k[K_SPAN])
    high = n if k[K_SHIFT] == 0 else _first_after(at, n, end)
    rows = scratch.rows
    if k[K_WHERE] < 0:
        count = _of_kinds(k[K_KINDS], kinds, low, high, rows)
    else:
        where = registers[k[K_WHERE]]
        count = _of_kinds_where(k[K_KINDS], kinds, where, low, high, rows)
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
        _weigh(k[K_WEIGHTS], weights, k[K_DECAY], registers, kinds, count, scratch)
    return count
