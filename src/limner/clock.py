"""The only place that asks what time it is; and the forms in which time is written."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from limner.errors import InputError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
FOR_EVER = 2**62
"""A moment, or a span, beyond every other (microseconds)."""

_UNITS = {"ms": 1000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_us() -> int:
    """This moment, in UTC microseconds."""
    return time.time_ns() // 1000


def span_us(text: str | int | timedelta) -> int:
    """A span such as ``30m``, ``24h``, ``14d`` or ``2w`` in microseconds.

    Units: ms, s, m (minutes), h, d, w; an int is taken as microseconds.

    >>> span_us("24h") == 24 * HOUR
    True
    """
    if isinstance(text, timedelta):
        return round(text.total_seconds() * SECOND)
    if isinstance(text, int):
        return text
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise InputError(f"span {text!r}: expected a number and ms, s, m, h, d or w")
    return round(float(match[1]) * _UNITS[match[2]])


def span_text(microseconds: int) -> str:
    """A span as people write it, in the largest unit that leaves no fraction.

    A day is ``24h``; from two days on it is days.

    >>> span_text(24 * HOUR), span_text(14 * DAY), span_text(90 * SECOND)
    ('24h', '14d', '90s')
    """
    if microseconds >= 2 * DAY and microseconds % DAY == 0:
        return f"{microseconds // DAY}d"
    for unit in ("h", "m", "s"):
        if microseconds >= _UNITS[unit] and microseconds % _UNITS[unit] == 0:
            return f"{microseconds // _UNITS[unit]}{unit}"
    return f"{microseconds / 1000:g}ms"


def moment_us(text: str | int | datetime | None) -> int:
    """A moment (RFC 3339, a date, or microseconds) in UTC microseconds; None is now.

    A time without a zone is UTC; a date is its midnight.

    >>> moment_us("1970-01-02")
    86400000000
    """
    if text is None:
        return now_us()
    if isinstance(text, int):
        return text
    if isinstance(text, str):
        try:
            parsed = datetime.fromisoformat(text.strip())
        except ValueError:
            raise InputError(
                f"moment {text!r}: expected RFC 3339 such as 2011-10-01T00:00:00Z,"
                " or a date such as 2011-10-01"
            ) from None
    else:
        parsed = text
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return (parsed - _EPOCH) // timedelta(microseconds=1)


def moment_text(at: int) -> str:
    """A moment as RFC 3339 in UTC, with as many decimals as it needs."""
    if not 0 <= at < 253_402_300_800 * SECOND:
        return f"{at} us"
    parsed = _EPOCH + timedelta(microseconds=at)
    text = parsed.replace(tzinfo=None).isoformat(timespec="auto")
    return text + "Z"
