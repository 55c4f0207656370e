"""Identifiers: the names of shoppers, and which of several goes first."""

from __future__ import annotations

PRIORITY = ("user_id", "anonymous_id", "email", "phone", "device_id")
"""Ready-made types, the most telling first; any other comes after these, by name."""


def priority(identifier_type: str) -> tuple[int, str]:
    """A sort key: the identifier that an event belongs to sorts first."""
    if identifier_type in PRIORITY:
        return PRIORITY.index(identifier_type), ""
    return len(PRIORITY), identifier_type


def without_float_tail(value: str) -> str:
    """``17850.0`` is ``17850``: digits that went through a float column.

    >>> without_float_tail("17850.0"), without_float_tail("v1.0")
    ('17850', 'v1.0')
    """
    if value.endswith(".0") and value[:-2].isascii() and value[:-2].isdigit():
        return value[:-2]
    return value
