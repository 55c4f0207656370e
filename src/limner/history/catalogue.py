"""Dated facts about items, and the fact that held when an event happened.

Facts are versioned by their moment and never changed in place: a reading takes, for
each event, the newest fact of its item at or before the event's `at`, and the earliest
one where none is older. So it does not matter which arrived first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

TABLE = "facts"
"""Key: item code and `at`. Value: codes and price packed, then the texts."""

_KEY = struct.Struct(">QQ")
_FACT = np.dtype(
    [("category", "<u8"), ("brand", "<u8"), ("price", "<i8"), ("currency", "u1")]
)
_PACKED = struct.Struct("<QQqB")
assert _PACKED.size == _FACT.itemsize


@dataclass(frozen=True)
class Catalogue:
    """All facts of a store, sorted by (item, at)."""

    item: np.ndarray
    """uint64[n]: text codes."""
    at: np.ndarray
    """int64[n]: since when, UTC microseconds."""
    category: np.ndarray
    """uint64[n]: text codes; 0 is none."""
    brand: np.ndarray
    price: np.ndarray
    """int64[n]: minor units of `currency`; NULL is none."""
    currency: np.ndarray
    """uint8[n]: money.CODES."""

    def __len__(self) -> int:
        return len(self.item)

    @staticmethod
    def of(facts: Iterable[tuple[bytes, bytes]]) -> Catalogue:
        """The catalogue of a store's ``items(TABLE)``."""
        keys, values = [], []
        for key, value in facts:
            keys.append(key)
            values.append(value[: _PACKED.size])
        pairs = np.frombuffer(b"".join(keys), ">u8").reshape(len(keys), 2)
        packed = np.frombuffer(b"".join(values), _FACT)
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        return Catalogue(
            item=pairs[order, 0].astype(np.uint64),
            at=pairs[order, 1].astype(np.int64),
            category=packed["category"][order].astype(np.uint64),
            brand=packed["brand"][order].astype(np.uint64),
            price=packed["price"][order].astype(np.int64),
            currency=packed["currency"][order].copy(),
        )


def keys_of(items: np.ndarray, at: np.ndarray) -> list[bytes]:
    """Keys of facts, by item code and moment."""
    return [_KEY.pack(*pair) for pair in zip(items.tolist(), at.tolist(), strict=True)]


def pack(
    category: int,
    brand: int,
    *,
    price: int,
    currency: int,
    texts: Sequence[str | None],
) -> bytes:
    """The value of a fact; texts are those of item, category, brand and title."""
    codes = _PACKED.pack(category, brand, price, currency)
    return codes + msgspec.msgpack.encode(texts)


def texts_of(value: bytes) -> list[str | None]:
    """Item, category, brand and title of a stored fact, as texts."""
    said: list[str | None] = msgspec.msgpack.decode(value[_PACKED.size :])
    return said
