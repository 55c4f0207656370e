"""What one cell means: a time, an amount of money, a number, an identifier."""

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

from tests.oracle.event import Refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3}  # every other currency used here: 2


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970; a moment without a zone is UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1)


def rfc3339(at: int) -> str:
    """The moment as commands take it, to the microsecond."""
    moment = EPOCH + timedelta(microseconds=at)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@cache
def iso_time(text: str) -> int:
    """`2011-12-09 12:50:00` or `2026-03-01T10:00:00+08:00`."""
    try:
        return microseconds(datetime.fromisoformat(text))
    except ValueError as error:
        raise Refused("bad_time") from error


@cache
def formatted_time(text: str, pattern: str) -> int:
    """A time in the pattern of strptime, UTC."""
    try:
        return microseconds(datetime.strptime(text, pattern))
    except ValueError as error:
        raise Refused("bad_time") from error


def numeric_time(text: str) -> int:
    """Seconds, milliseconds or microseconds since 1970, told by the size."""
    number = Decimal(text)
    if number < Decimal(10) ** 11:
        return int(number * 1_000_000)
    if number < Decimal(10) ** 14:
        return int(number * 1_000)
    return int(number)


@cache
def money(text: str, currency: str | None) -> int:
    """Minor units, rounded half up: `0.145` dollars are 15 cents."""
    try:
        major = Decimal(text)
    except InvalidOperation as error:
        raise Refused("bad_number") from error
    minor = major * 10 ** MINOR_DIGITS.get(currency or "", 2)
    return int(minor.quantize(Decimal(1), ROUND_HALF_UP))


def identifier(text: str) -> str:
    """`17850.0` is `17850`; anything else is itself."""
    return re.sub(r"^(\d+)\.0$", r"\1", text)
