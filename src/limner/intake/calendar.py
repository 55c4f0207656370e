"""Compiled: dates and times of day from bytes, by ISO 8601 or by a pattern."""

from __future__ import annotations

import numpy as np

from limner.compiled import njit
from limner.intake.numbers import decimal, trimmed

UNREAD, LOCAL, ABSOLUTE, SKIPPED = range(4)
"""What became of a text: not read, a local time, a moment, or left out."""

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND

(_YEAR, _MONTH, _DAY_OF, _HOUR, _MINUTE, _SECONDS, _FRACTION, _LITERAL, _GAP,
 _SHORT_YEAR) = range(10)  # fmt: skip
_OPERATIONS = {
    "Y": [_YEAR],
    "m": [_MONTH],
    "d": [_DAY_OF],
    "H": [_HOUR],
    "M": [_MINUTE],
    "S": [_SECONDS],
    "f": [_FRACTION],
    "y": [_SHORT_YEAR],
    "F": [],
    "T": [_HOUR, _LITERAL, _MINUTE, _LITERAL, _SECONDS],
}


def program_of(pattern: str) -> np.ndarray | None:
    """A strptime pattern as steps, int64[n, 2]; None where only Python can read it."""
    steps: list[tuple[int, int]] = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "%":
            at += 1
            code = _OPERATIONS.get(pattern[at : at + 1])
            if code is None or len(code) != 1:
                return None
            steps.append((code[0], 0))
        elif letter.isspace():
            steps.append((_GAP, 0))
        elif letter.isascii():
            steps.append((_LITERAL, ord(letter)))
        else:
            return None
        at += 1
    return np.array(steps, np.int64).reshape(len(steps), 2)


@njit
def _days(year, month, day):
    """Days since 1970 of a date. Source: H. Hinnant, chrono-compatible algorithms."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    shifted = month - 3 if month > 2 else month + 9
    of_year = (153 * shifted + 2) // 5 + day - 1
    return (
        era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    )


@njit
def _is_date(year, month, day):
    if not (1 <= month <= 12 and 1 <= day <= 31 and year >= 1):
        return False
    if month in (4, 6, 9, 11):
        return day <= 30
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= (29 if leap else 28)
    return True


@njit
def _digits(data, at, end, count):
    """A number of exactly so many digits at `at`, or -1."""
    if at + count > end:
        return -1
    value = 0
    for i in range(at, at + count):
        if data[i] < 48 or data[i] > 57:
            return -1
        value = value * 10 + (data[i] - 48)
    return value


@njit
def _fraction(data, at, end):
    """Digits after a point as microseconds: (where they end, microseconds)."""
    value, scale = 0, 100_000
    while at < end and 48 <= data[at] <= 57:
        value += (data[at] - 48) * scale
        scale //= 10
        at += 1
    return at, value


@njit
def _clock(data, at, end):
    """`HH[:MM[:SS[.f]]]` at `at`: (where it ends or -1, microseconds)."""
    hour = _digits(data, at, end, 2)
    if hour < 0 or hour > 23:
        return -1, 0
    at += 2
    minute = second = micro = 0
    if at < end and data[at] == 58:
        minute = _digits(data, at + 1, end, 2)
        at += 3
        if minute >= 0 and at < end and data[at] == 58:
            second = _digits(data, at + 1, end, 2)
            at += 3
            if second >= 0 and at + 1 < end and (data[at] == 46 or data[at] == 44):
                at, micro = _fraction(data, at + 1, end)
    if minute < 0 or minute > 59 or second < 0 or second > 59:
        return -1, 0
    return at, ((hour * 60 + minute) * 60 + second) * _SECOND + micro


@njit
def _zone(data, at, end):
    """`Z`, `UTC` or `±HH[:]MM` up to `end`: (form, microseconds east of UTC)."""
    while at < end and data[at] == 32:
        at += 1
    if at == end:
        return LOCAL, 0
    if at + 1 == end and (data[at] == 90 or data[at] == 122):
        return ABSOLUTE, 0
    if at + 3 == end and data[at] == 85 and data[at + 1] == 84 and data[at + 2] == 67:
        return ABSOLUTE, 0
    if data[at] != 43 and data[at] != 45:
        return UNREAD, 0
    sign = 1 if data[at] == 43 else -1
    hours = _digits(data, at + 1, end, 2)
    at += 3
    minutes = 0
    if at < end:
        at += data[at] == 58
        minutes = _digits(data, at, end, 2)
        at += 2
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59 or at != end:
        return UNREAD, 0
    return ABSOLUTE, sign * (hours * 60 + minutes) * 60 * _SECOND


@njit
def _iso(data, at, end):
    """An ISO time: (microseconds, form)."""
    year = _digits(data, at, end, 4)
    if year < 0 or end - at < 10 or data[at + 4] != 45 or data[at + 7] != 45:
        return 0, UNREAD
    month, day = _digits(data, at + 5, end, 2), _digits(data, at + 8, end, 2)
    if not _is_date(year, month, day):
        return 0, UNREAD
    moment = _days(year, month, day) * _DAY
    at += 10
    if at == end:
        return moment, LOCAL
    if data[at] != 84 and data[at] != 32 and data[at] != 116:
        return 0, UNREAD
    at, clock = _clock(data, at + 1, end)
    if at < 0:
        return 0, UNREAD
    form, east = _zone(data, at, end)
    return moment + clock - east, form


@njit
def _number(data, at, end, scale):
    """A number since 1970, in units of `scale` us (0: ns; -1: by its size)."""
    if scale == 0:
        value, fine = decimal(data, at, end, 0)
        return value // 1000, ABSOLUTE if fine else UNREAD
    if scale < 0:
        size, fine = decimal(data, at, end, 0)
        if not fine:
            return 0, UNREAD
        scale = 1
        if size < 100_000_000_000:
            scale = _SECOND
        elif size < 100_000_000_000_000:
            scale = 1000
    places = 6 if scale == _SECOND else (3 if scale == 1000 else 0)
    value, fine = decimal(data, at, end, places)
    return value, ABSOLUTE if fine else UNREAD


@njit
def _is_number(data, at, end):
    """Digits and points, perhaps after a sign."""
    if at < end and (data[at] == 45 or data[at] == 43):
        at += 1
    for i in range(at, end):
        if not (48 <= data[i] <= 57 or data[i] == 46):
            return False
    return end > at


@njit
def iso_or_number(data, offsets, skip, scale, out, forms):
    """Read each text as an ISO time, or as a number if it is one."""
    for i in range(len(out)):
        if skip[i]:
            forms[i] = SKIPPED
            continue
        at, end = trimmed(data, offsets[i], offsets[i + 1])
        if _is_number(data, at, end):
            out[i], forms[i] = _number(data, at, end, scale)
        else:
            out[i], forms[i] = _iso(data, at, end)


@njit
def _greedy(data, at, end, most):
    """A number of one or two digits not above `most`: (where it ends or -1, value)."""
    value = _digits(data, at, end, 2)
    if 0 <= value <= most:
        return at + 2, value
    value = _digits(data, at, end, 1)
    return (at + 1 if value >= 0 else -1), value


@njit
def _run(data, at, end, program):  # noqa: C901, PLR0912  one branch a step
    """One text through the steps of a pattern: (microseconds, form)."""
    year, month, day, clock = 1900, 1, 1, 0
    for step in range(len(program)):
        operation, value = program[step, 0], 0
        if operation == _YEAR:
            year = _digits(data, at, end, 4)
            at = at + 4 if year >= 0 else -1
        elif operation == _SHORT_YEAR:
            value = _digits(data, at, end, 2)
            year = value + (2000 if value <= 68 else 1900)
            at = at + 2 if value >= 0 else -1
        elif operation == _MONTH:
            at, month = _greedy(data, at, end, 12)
        elif operation == _DAY_OF:
            at, day = _greedy(data, at, end, 31)
        elif operation == _HOUR:
            at, value = _greedy(data, at, end, 23)
            clock += value * 3600 * _SECOND
        elif operation == _MINUTE:
            at, value = _greedy(data, at, end, 59)
            clock += value * 60 * _SECOND
        elif operation == _SECONDS:
            at, value = _greedy(data, at, end, 59)
            clock += value * _SECOND
        elif operation == _FRACTION:
            begun = at
            at, value = _fraction(data, at, end)
            clock += value
            at = at if begun < at <= begun + 6 else -1
        elif operation == _GAP:
            at = at + 1 if at < end and data[at] == 32 else -1
        elif at < end and data[at] == program[step, 1]:
            at += 1
        else:
            at = -1
        if at < 0:
            return 0, UNREAD
    if at != end or not _is_date(year, month, day):
        return 0, UNREAD
    return _days(year, month, day) * _DAY + clock, LOCAL


@njit
def by_program(data, offsets, skip, program, out, forms):
    """Read each text by the steps of a pattern."""
    for i in range(len(out)):
        if skip[i]:
            forms[i] = SKIPPED
            continue
        at, end = trimmed(data, offsets[i], offsets[i + 1])
        out[i], forms[i] = _run(data, at, end, program)
