"""Arithmetic, comparison and logic on single values, compiled."""

from __future__ import annotations

import numpy as np

from limner.compiled import njit
from limner.events.record import NULL
from limner.machine.bits import as_bits, as_number
from limner.machine.operations import Op

(
    _ADD_I,
    _SUB_I,
    _MUL_I,
    _ADD_N,
    _SUB_N,
    _MUL_N,
    _DIV_N,
    _EQ_I,
    _LT_I,
    _LE_I,
    _EQ_N,
    _LT_N,
    _LE_N,
    _AND,
    _OR,
    _NOT,
    _HAS_I,
    _HAS_N,
    _TO_N,
    _FLOORDIV_I,
    _MOD_I,
    _OR_ELSE_I,
    _OR_ELSE_N,
) = (int(op) for op in Op if op < Op.LOAD)


@njit
def _integers(op, x, y):
    if x == NULL or y == NULL:
        return np.int64(NULL)
    if op == _ADD_I:
        return x + y
    if op == _SUB_I:
        return x - y
    if op == _MUL_I:
        return x * y
    if y == 0:
        return np.int64(NULL)
    return x // y if op == _FLOORDIV_I else x % y


@njit
def _numbers(op, x, y):
    if op == _ADD_N:
        return x + y
    if op == _SUB_N:
        return x - y
    if op == _MUL_N:
        return x * y
    return x / y if y != 0.0 else np.nan


@njit
def _logic(op, x, y):
    if op == _AND:
        return x == 1 and y == 1
    if op == _OR:
        return x == 1 or y == 1
    if op == _NOT:
        return x != 1
    if op == _HAS_I:
        return x != NULL
    return not np.isnan(as_number(x))


@njit
def _compare(op, x, y):
    if op == _EQ_N or op == _LT_N or op == _LE_N:
        a, b = as_number(x), as_number(y)
        if op == _EQ_N:
            return a == b
        return a < b if op == _LT_N else a <= b
    if x == NULL or y == NULL:
        return False
    if op == _EQ_I:
        return x == y
    return x < y if op == _LT_I else x <= y


@njit
def apply(op, x, y):
    """One operation on the bits of one or two values; the bits of its result."""
    if op <= _MUL_I or op == _FLOORDIV_I or op == _MOD_I:
        return _integers(op, x, y)
    if op <= _DIV_N:
        return as_bits(_numbers(op, as_number(x), as_number(y)))
    if op <= _LE_N:
        return np.int64(_compare(op, x, y))
    if op == _TO_N:
        return as_bits(np.nan if x == NULL else np.float64(x))
    if op == _OR_ELSE_I:
        return x if x != NULL else y
    if op == _OR_ELSE_N:
        return y if np.isnan(as_number(x)) else x
    return np.int64(_logic(op, x, y))
