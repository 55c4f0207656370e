"""The record: one row of fixed size per event, with every column that features read.

A row is a whole number of 8-byte words, so that compiled code reads rows of any schema
as a matrix of words: a store's own columns are further words at the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NULL = -(2**63)
"""No value, in an integer column."""

BOT, STAFF, OUTLIER, ZERO_PRICE = 1, 2, 4, 8
FLAGS = {"bot": BOT, "staff": STAFF, "outlier": OUTLIER, "zero_price": ZERO_PRICE}
REPLACES = 128
"""Set by the store: an earlier delivery of the same event came later, and stands."""

RECORD = np.dtype(
    [
        ("who_hi", "u8"),  # identifier: 128-bit keyed hash, high half first
        ("who_lo", "u8"),
        ("at", "i8"),  # UTC microseconds, never negative
        ("id", "u8"),  # event_id() of source and id
        ("seen_at", "i8"),  # arrival, UTC microseconds
        ("content", "u4"),  # hash of what the event says, but for its arrival
        ("check", "u4"),  # of all other bytes of the row; the store's
        ("item", "u8"),  # text codes: 0 is none
        ("category", "u8"),
        ("brand", "u8"),
        ("order", "u8"),
        ("campaign", "u8"),
        ("channel", "u8"),
        ("device", "u8"),
        ("attribute", "u8"),  # of ATTRIBUTE records: its name and value
        ("value", "u8"),
        ("price", "i8"),  # minor units of `currency`; NULL is none
        ("amount", "i8"),
        ("discount", "i8"),
        ("place", "u8"),  # of the full event; the store's
        ("quantity", "i4"),
        ("seconds", "f4"),  # NaN is none
        ("score", "f4"),
        ("kind", "u1"),
        ("flags", "u1"),
        ("currency", "u1"),  # money.CODES; 0 is none
        ("offset", "i1"),  # of the store's time zone at `at`, quarters of an hour
    ]
)
"""168 bytes. The order of a history is (at, id)."""

WORDS = RECORD.itemsize // 8
WHO_HI, WHO_LO, AT, ID, SEEN_AT, CONTENT_CHECK = range(6)
PLACE = RECORD.fields["place"][1] // 8  # type: ignore[index]
KIND_WORD = RECORD.fields["kind"][1] // 8  # type: ignore[index]
"""Positions, in words, of what the store's compiled code looks at."""

TEXTS = ("item", "category", "brand", "campaign", "channel", "device")
"""Columns of text whose codes are in the store's dictionary. An order's text is not:
every order is new, and its full event has it."""

QUARTER_US = 15 * 60 * 1_000_000

WHO = np.dtype([("hi", "u8"), ("lo", "u8")])
"""An identifier as the store knows it: its keyed 128-bit hash."""


class Column(NamedTuple):
    """Where compiled code finds a column: word, bits to shift, and stored type."""

    word: int
    shift: int
    stored: str


def dtype_with(own: list[tuple[str, str]]) -> np.dtype[np.void]:
    """The record of a store that has columns of its own: (name, numpy type)."""
    return np.dtype([*RECORD.descr, *own])


def column_of(dtype: np.dtype[np.void], name: str) -> Column:
    """Where a column lies in records of this type."""
    assert dtype.fields is not None
    field, offset = dtype.fields[name][:2]
    return Column(offset // 8, offset % 8 * 8, field.str[1:])


def words_of(records: np.ndarray) -> np.ndarray:
    """Records seen as a matrix of uint64 words, [rows, words]; no copy."""
    words = records.dtype.itemsize // 8
    return records.view(np.uint64).reshape(len(records), words)
