"""Instructions over all visible events of one shopper, compiled."""

from __future__ import annotations

import numpy as np

from limner.compiled import njit
from limner.events.record import NULL, QUARTER_US, RECORD, column_of
from limner.machine.bits import as_bits, as_number
from limner.machine.operations import Op, Stored
from limner.machine.scalar_operations import apply

_LOAD, _FILL, _SLOT, _LOCAL_AT, _AMONG, _FACT, _MONEY = (
    int(op) for op in Op if Op.LOAD <= op < Op.KERNEL
)
_CODE, _INT64, _FLOAT64, _INT32, _FLOAT32, _UINT8, _INT8 = (int(s) for s in Stored)
_OFFSET, _CURRENCY = column_of(RECORD, "offset"), column_of(RECORD, "currency")
_OFFSET_WORD, _OFFSET_SHIFT = _OFFSET.word, np.uint64(_OFFSET.shift)
_CURRENCY_WORD, _CURRENCY_SHIFT = _CURRENCY.word, np.uint64(_CURRENCY.shift)

ROUNDING = 1.0 + 2.0**-50
"""Brings a half that a binary product just misses back to a half."""


@njit
def _signed(value, bits):
    value = np.int64(value) & ((1 << bits) - 1)
    return value - (1 << bits) if value >> (bits - 1) else value


@njit
def _float32(bits):
    """The float64 of the 32 bits of a float32, without a detour through memory."""
    sign = -1.0 if bits >> 31 else 1.0
    exponent, fraction = (bits >> 23) & 255, bits & 0x7FFFFF
    if exponent == 255:
        return np.nan if fraction else sign * np.inf
    if exponent == 0:
        return sign * fraction * 2.0**-149
    return as_number(((bits >> 31) << 63) | ((exponent + 896) << 52) | (fraction << 29))


@njit
def _loaded(word, shift, stored):
    if stored == _CODE:
        return np.int64(word) if word != 0 else np.int64(NULL)
    if stored == _INT64 or stored == _FLOAT64:
        return np.int64(word)
    moved = np.int64(word >> np.uint64(shift))
    if stored == _INT32:
        return _signed(moved, 32)
    if stored == _FLOAT32:
        return as_bits(_float32(moved & 0xFFFFFFFF))
    if stored == _UINT8:
        return moved & 255
    return _signed(moved, 8)


@njit
def _among(kinds, own, mask, values, others, n, target):
    """For each event of its own kinds: is its value that of an event of the others?"""
    found = np.empty(n, np.int64)
    count = 0
    for i in range(n):
        if (mask >> kinds[i]) & 1 and others[i] != NULL:
            found[count] = others[i]
            count += 1
    wanted = np.sort(found[:count])
    for i in range(n):
        place = np.searchsorted(wanted, values[i])
        is_found = place < count and wanted[place] == values[i]
        target[i] = is_found and (own >> kinds[i]) & 1


@njit
def _fact(world, item, at, which):
    """A catalogue's word on an item as of a moment; the earliest if none is older."""
    items = world.fact_items
    code = np.uint64(item)
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] < code:
            low = middle + 1
        else:
            high = middle
    if item == NULL or low == len(items) or items[low] != code:
        return np.int64(NULL)
    while low + 1 < len(items) and items[low + 1] == code:
        if world.fact_ats[low + 1] > at:
            break
        low += 1
    return world.facts[low, which]


@njit
def _converted(world, amount, currency, at):
    """Minor units of the store's currency, rounded half up; none without a rate.

    Half up means away from zero, as money.minor has it.
    """
    if amount == NULL or currency == world.currency[0]:
        return amount
    start, end = world.rate_starts[currency], world.rate_starts[currency + 1]
    if start == end:
        return np.int64(NULL)
    place = start
    while place + 1 < end and world.rate_ats[place + 1] <= at:
        place += 1
    exact = abs(amount) * world.rates[place]
    rounded = np.int64(np.floor(exact * ROUNDING + 0.5))
    return rounded if amount >= 0 else -rounded


@njit
def _facts(world, items, at, which, own, n, target):
    for i in range(n):
        said = own[i]
        target[i] = said if said != NULL else _fact(world, items[i], at[i], which)


@njit
def _money(world, words, visible, amounts, at, n, target):
    for i in range(n):
        word = words[visible[i], _CURRENCY_WORD] >> _CURRENCY_SHIFT
        target[i] = _converted(world, amounts[i], np.int64(word) & 255, at[i])


@njit
def over_events(step, words, visible, n, at, kinds, registers, world, slots):
    """Execute one instruction for every visible event."""
    op, target, a, b, c = step[0], registers[step[2]], step[3], step[4], step[5]
    if op < _LOAD:
        for i in range(n):
            target[i] = apply(op, registers[a, i], registers[b, i])
    elif op == _LOAD:
        for i in range(n):
            target[i] = _loaded(words[visible[i], a], b, c)
    elif op == _FILL:
        target[:n] = step[6]
    elif op == _SLOT:
        target[:n] = slots[a]
    elif op == _LOCAL_AT:
        for i in range(n):
            quarters = _signed(words[visible[i], _OFFSET_WORD] >> _OFFSET_SHIFT, 8)
            target[i] = at[i] + quarters * QUARTER_US
    elif op == _AMONG:
        _among(kinds, c, step[6], registers[a], registers[b], n, target)
    elif op == _FACT:
        _facts(world, registers[a], at, b, registers[c], n, target)
    elif op == _MONEY:
        _money(world, words, visible, registers[a], at, n, target)
