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
def _among(kinds, mask, values, others, n, target):
    """For each event, whether its value is that of an event of these kinds."""
    found = np.empty(n, np.int64)
    count = 0
    for i in range(n):
        if (mask >> kinds[i]) & 1 and others[i] != NULL:
            found[count] = others[i]
            count += 1
    wanted = np.sort(found[:count])
    for i in range(n):
        place = np.searchsorted(wanted, values[i])
        target[i] = place < count and wanted[place] == values[i]


@njit
def _fact(world, item, at, which):
    """A catalogue's word on an item as of a moment; the earliest where none is older."""
    if item == NULL:
        return np.int64(NULL)
    low, high = 0, len(world.fact_items)
    start = np.searchsorted(world.fact_items, np.uint64(item))
    if start >= high or world.fact_items[start] != np.uint64(item):
        return np.int64(NULL)
    low = start
    while low + 1 < high and world.fact_items[low + 1] == np.uint64(item):
        if world.fact_ats[low + 1] > at:
            break
        low += 1
    return world.facts[low, which]


@njit
def _converted(world, amount, currency, at):
    """Minor units of the store's currency, rounded half up; none without a rate."""
    if amount == NULL or currency == world.currency[0]:
        return amount
    start, end = world.rate_starts[currency], world.rate_starts[currency + 1]
    if start == end:
        return np.int64(NULL)
    place = start
    while place + 1 < end and world.rate_ats[place + 1] <= at:
        place += 1
    return np.int64(np.floor(amount * world.rates[place] + 0.5))


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
        _among(kinds, step[6], registers[a], registers[b], n, target)
    elif op == _FACT:
        for i in range(n):
            own = registers[c, i]
            target[i] = own if own != NULL else _fact(world, registers[a, i], at[i], b)
    elif op == _MONEY:
        for i in range(n):
            word = words[visible[i], _CURRENCY_WORD] >> _CURRENCY_SHIFT
            currency = np.int64(word) & 255
            target[i] = _converted(world, registers[a, i], currency, at[i])
