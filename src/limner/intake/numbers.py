"""Numbers from texts: whole ones, decimals of money, and plain reals."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa

from limner.compiled import njit
from limner.errors import EventFault
from limner.events import full, hashing, money

_DIGITS_MAX = 17
"""So many digits and half a unit fit into an int64."""

_ZERO, _NINE, _POINT, _PLUS, _MINUS, _BLANK, _TAB = 48, 57, 46, 43, 45, 32, 9


@njit
def trimmed(data, start, end):
    """The span of a text without blanks at both ends."""
    while start < end and (data[start] == _BLANK or data[start] == _TAB):
        start += 1
    while end > start and (data[end - 1] == _BLANK or data[end - 1] == _TAB):
        end -= 1
    return start, end


@njit
def decimal(data, start, end, places):
    """A decimal text times 10**places, rounded half up: (value, whether it is one).

    Not for exponents, nor for more digits than an int64 holds.
    """
    value, digits, dropped = 0, 0, 0
    start, end = trimmed(data, start, end)
    negative = start < end and data[start] == _MINUS
    if start < end and (data[start] == _MINUS or data[start] == _PLUS):
        start += 1
    after, seen, pointed = 0, 0, False
    for i in range(start, end):
        byte = data[i]
        if byte == _POINT and not pointed:
            pointed = True
            continue
        if byte < _ZERO or byte > _NINE:
            return 0, False
        seen += 1
        if pointed and after >= places:
            if after == places:
                dropped = byte - _ZERO
            after += 1
            continue
        after += pointed
        value = value * 10 + (byte - _ZERO)
        digits += value > 0
        if digits > _DIGITS_MAX:
            return 0, False
    while after < places:
        value, after = value * 10, after + 1
        digits += value > 0
    if seen == 0 or digits > _DIGITS_MAX:
        return 0, False
    value += dropped >= 5
    return -value if negative else value, True


@njit
def _all_decimals(data, offsets, places, skip, out, fine):
    for i in range(len(out)):
        out[i], fine[i] = 0, True
        if not skip[i]:
            exponent = places[i % len(places)]
            out[i], fine[i] = decimal(data, offsets[i], offsets[i + 1], exponent)


@njit
def _all_whole(data, offsets, skip, out, fine):
    """Digits, and nothing but zeros after a point."""
    for i in range(len(out)):
        out[i], fine[i] = 0, True
        if skip[i]:
            continue
        start, end = offsets[i], offsets[i + 1]
        out[i], fine[i] = decimal(data, start, end, 0)
        pointed = False
        for at in range(start, end):
            if pointed and _ZERO < data[at] <= _NINE:
                fine[i] = False
            pointed |= data[at] == _POINT


def whole(texts: pa.Array, skip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers, int64[n], and which texts are one; `6.0` is, `6.5` is not.

    Skipped texts are 0, and fine.
    """
    data, offsets = hashing.buffers(texts)
    out, fine = np.empty(len(texts), np.int64), np.empty(len(texts), np.bool_)
    _all_whole(data, offsets, skip, out, fine)
    return out, fine


def minor_units(
    texts: pa.Array, skip: np.ndarray, *, currencies: np.ndarray, names: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Money in minor units, int64[n], and which texts are an amount of money.

    `currencies` says which of `names` each text is in: one for all, or one for each.
    Exact: no binary fractions; rounded half up, away from zero.
    """
    exponents = np.array([money.EXPONENTS[name] for name in names], np.int64)
    data, offsets = hashing.buffers(texts)
    out, fine = np.empty(len(texts), np.int64), np.empty(len(texts), np.bool_)
    _all_decimals(data, offsets, exponents[currencies], skip, out, fine)
    fine &= np.abs(out) <= money.MINOR_MAX
    for row in np.flatnonzero(~fine):
        name = names[int(currencies[row % len(currencies)])]
        value = _exactly(texts[int(row)].as_py(), name)
        if value is not None:
            out[row], fine[row] = value, True
    return out, fine


def _exactly(text: str, currency: str) -> int | None:
    """By Python's decimals: exponents, and numbers of many digits."""
    text = text.strip()
    if not text.isascii() or "_" in text or len(text) > 64:
        return None
    try:
        if not Decimal(text).is_finite():
            return None
        return money.minor(text, currency)
    except (InvalidOperation, EventFault):
        return None


def reals(texts: pa.Array, skip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finite numbers, float32[n], and which texts are one; skipped ones are NaN."""
    encoded = texts.dictionary_encode()
    values = np.array([_real(text) for text in encoded.dictionary.to_pylist()] + [0.0])
    indices = full.indices(encoded, len(values) - 1)
    out = values[indices].astype(np.float32)
    fine = np.isfinite(out) | skip
    out[skip] = np.nan
    return out, fine


def _real(text: str) -> float:
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan
