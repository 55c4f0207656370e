"""Instructions over all visible events of one shopper, compiled."""

from __future__ import annotations

import numpy as np

from limner.compiled import inlined, njit
from limner.events.record import NULL, QUARTER_US, RECORD, column_of
from limner.features.sorting import find, sort
from limner.machine.bits import as_bits, as_number
from limner.machine.operations import Op, Stored
from limner.machine.scalar_operations import apply

_LOAD, _, _SLOT, _LOCAL_AT, _AMONG, _FACT, _MONEY, _DECAY = (
    int(op) for op in Op if Op.LOAD <= op < Op.KERNEL
)
_CODE, _INT64, _FLOAT64, _INT32, _FLOAT32, _UINT8, _INT8 = (int(s) for s in Stored)
_EQ_I, _LT_I, _LE_I = int(Op.EQ_I), int(Op.LT_I), int(Op.LE_I)
_AND, _OR, _NOT = int(Op.AND), int(Op.OR), int(Op.NOT)
_FLOORDIV_I, _MOD_I = int(Op.FLOORDIV_I), int(Op.MOD_I)
_EXACT = 2**52
"""Smaller integers, and so their quotients, are exact as floats."""
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
    sort(found, count)
    for i in range(n):
        is_own = (own >> kinds[i]) & 1
        target[i] = count > 0 and is_own and find(found, count, values[i])


@njit
def _decay(half_life, shift, now, at, n, target):
    """0.5 ** (age / half_life), as bits; meaningless of events after the moment."""
    for i in range(n):
        target[i] = as_bits(np.exp2((at[i] - now + shift) / half_life))


@njit
def _divided(op, x, by, n, target):
    """Whole division by one positive number, exact: quotients stay below 2**52."""
    divisor = np.float64(by)
    for i in range(n):
        if abs(x[i]) >= _EXACT:
            target[i] = apply(op, x[i], by)
            continue
        whole = np.int64(np.floor(x[i] / divisor))
        target[i] = whole if op == _FLOORDIV_I else x[i] - whole * by


@inlined
def _each(op, x, y, n, target):
    """One operation on two registers; the frequent ones as loops of their own."""
    if op == _EQ_I:
        for i in range(n):
            target[i] = x[i] == y[i] and x[i] != NULL
    elif op == _LT_I:
        for i in range(n):
            target[i] = x[i] < y[i] and x[i] != NULL
    elif op == _LE_I:
        for i in range(n):
            target[i] = x[i] <= y[i] and x[i] != NULL
    elif op == _AND:
        for i in range(n):
            target[i] = (x[i] == 1) & (y[i] == 1)
    elif op == _OR:
        for i in range(n):
            target[i] = (x[i] == 1) | (y[i] == 1)
    elif op == _NOT:
        for i in range(n):
            target[i] = x[i] != 1
    elif (op == _FLOORDIV_I or op == _MOD_I) and n > 0 and y[0] > 0:
        _divided(op, x, y[0], n, target)
    else:
        for i in range(n):
            target[i] = apply(op, x[i], y[i])


@njit
def _fact(items, ats, item, at):
    """Where a catalogue's word on an item as of a moment is; the earliest if none is
    older; -1 if there is none.
    """
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] < item:
            low = middle + 1
        else:
            high = middle
    if low == len(items) or items[low] != item:
        return -1
    while low + 1 < len(items) and items[low + 1] == item and ats[low + 1] <= at:
        low += 1
    return low


@njit
def _fill(target, n, bits):
    for i in range(n):
        target[i] = bits


@njit
def _facts(world, items, at, which, own, n, target):
    # The tables are named here: handing the whole world to a call per event costs more
    # than the search.
    fact_items, fact_ats, facts = world.fact_items, world.fact_ats, world.facts
    for i in range(n):
        target[i] = own[i]
        if own[i] == NULL and items[i] != NULL and len(fact_items) > 0:
            place = _fact(fact_items, fact_ats, np.uint64(items[i]), at[i])
            if place >= 0:
                target[i] = facts[place, which]


@njit
def _converted(ats, rates, start, end, amount, at):
    """Minor units of the store's currency, rounded half up; none without a rate.

    Half up means away from zero, as money.minor has it.
    """
    if start == end:
        return np.int64(NULL)
    place = start
    while place + 1 < end and ats[place + 1] <= at:
        place += 1
    exact = abs(amount) * rates[place]
    rounded = np.int64(np.floor(exact * ROUNDING + 0.5))
    return rounded if amount >= 0 else -rounded


@njit
def _money(world, words, visible, amounts, counts, at, n, target):
    own, starts = world.currency[0], world.rate_starts
    ats, rates = world.rate_ats, world.rates
    for i in range(n):
        word = words[visible[i], _CURRENCY_WORD] >> _CURRENCY_SHIFT
        currency = np.int64(word) & 255
        target[i] = amounts[i]
        if currency != own and amounts[i] != NULL:
            start, end = starts[currency], starts[currency + 1]
            target[i] = _converted(ats, rates, start, end, amounts[i], at[i])
            world.unrated[0] += counts and start == end


@inlined
def _load(words, visible, n, word, shift, stored, target):
    if stored == _CODE:
        for i in range(n):
            code = np.int64(words[visible[i], word])
            target[i] = code if code != 0 else NULL
    elif stored == _INT64 or stored == _FLOAT64:
        for i in range(n):
            target[i] = np.int64(words[visible[i], word])
    else:
        for i in range(n):
            target[i] = _loaded(words[visible[i], word], shift, stored)


@inlined
def over_events(step, words, room, start, end, now, world, slots):
    """Execute one instruction for the visible events start..end."""
    op, a, b, c = step[0], step[3], step[4], step[5]
    visible, at, kinds = room.visible[start:], room.at[start:], room.kinds[start:]
    registers, n = room.registers, end - start
    target = registers[step[2], start:]
    if op < _LOAD:
        _each(op, registers[a, start:], registers[b, start:], n, target)
    elif op == _LOAD:
        _load(words, visible, n, a, b, c, target)
    elif op == _SLOT:
        _fill(target, n, slots[a])
    elif op == _LOCAL_AT:
        for i in range(n):
            quarters = _signed(words[visible[i], _OFFSET_WORD] >> _OFFSET_SHIFT, 8)
            target[i] = at[i] + quarters * QUARTER_US
    elif op == _DECAY:
        _decay(step[6], a, now, at, n, target)
    elif op == _AMONG:
        _among(kinds, c, step[6], registers[a], registers[b], n, target)
    elif op == _FACT:
        _facts(world, registers[a, start:], at, b, registers[c, start:], n, target)
    elif op == _MONEY:
        _money(world, words, visible, registers[a, start:], b, at, n, target)
