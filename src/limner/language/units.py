"""Units of columns and features, and what arithmetic makes of them."""

from __future__ import annotations

MONEY = "minor units"
COUNT = "count"
NUMBER = "number"
DAYS = "days"
SECONDS = "seconds"
MOMENT = "moment"
SPAN = "us"
HOUR = "hour"
DAY = "day"
CODE = "text"
CONDITION = "condition"
UNKNOWN = "unknown"
"""Of a reference, until it is resolved: goes with every unit."""

_PLAIN = frozenset({COUNT, NUMBER})


def are_alike(one: str, other: str) -> bool:
    """Whether two quantities can be added or compared."""
    return one == other or {one, other} <= _PLAIN or UNKNOWN in (one, other)


def added(one: str, other: str) -> str | None:
    """The unit of a sum; None where there is none."""
    if UNKNOWN in (one, other):
        return other if one == UNKNOWN else one
    if {one, other} == {MOMENT, SPAN}:
        return MOMENT
    if one == other == MOMENT or not are_alike(one, other):
        return None
    return one if one == other else NUMBER


def subtracted(one: str, other: str) -> str | None:
    """The unit of a difference; None where there is none."""
    if one == other == MOMENT:
        return SPAN
    return None if (one, other) == (SPAN, MOMENT) else added(one, other)


def multiplied(one: str, other: str) -> str | None:
    """The unit of a product; None where there is none."""
    if UNKNOWN in (one, other):
        return UNKNOWN
    if one in _PLAIN:
        return other if other != COUNT else NUMBER
    return one if other in _PLAIN else None


def divided(one: str, other: str) -> str | None:
    """The unit of a quotient; None where there is none."""
    if UNKNOWN in (one, other):
        return UNKNOWN
    if one == other:
        return NUMBER
    if other in _PLAIN:
        return one if one != COUNT else NUMBER
    return f"{one}/{other}"


RULES = {"add": added, "sub": subtracted, "mul": multiplied, "div": divided}
"""By the name of the operation."""
