"""How many shoppers a store has, those with several identifiers counted once."""

from __future__ import annotations

from itertools import islice

import numpy as np

from limner.events.record import WHO
from limner.history import links
from limner.stores.contract import Store

_AT_ONCE = 100_000
_TIE = np.dtype(
    [
        ("who", np.dtype([("hi", ">u8"), ("lo", ">u8")])),
        ("at", ">u8"),
        ("id", ">u8"),
        ("other", np.dtype([("hi", ">u8"), ("lo", ">u8")])),
    ]
)
"""A key of the table of ties; its rows lie in the order of `who`, at and id."""


def count_shoppers(store: Store) -> int:
    """Identifiers that have events, those tied together by all links counted as one.

    Takes a few microseconds for each link in the store.
    """
    count = store.totals().identifiers
    if store.count(links.TABLE) == 0:
        return count
    whos, one, other = _in_force(store)
    present = _have_events(store, whos)
    shopper_of = _connected(len(whos), one=one, other=other)
    shoppers = len(np.unique(shopper_of[present]))
    return count - int(present.sum()) + shoppers


def _in_force(store: Store) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Identifiers (WHO[n]) ever tied to others, and the pairs that still are."""
    parts, is_cut = [], []
    rows = iter(store.items(links.TABLE))
    while some := list(islice(rows, _AT_ONCE)):
        ties = np.frombuffer(b"".join(key for key, _ in some), _TIE)
        parts.append(np.stack([_native(ties["who"]), _native(ties["other"])], axis=1))
        is_cut.append(np.array([value[-1] for _, value in some], np.bool_))
    both = np.concatenate(parts)
    whos, places = np.unique(both, return_inverse=True)
    one, other = places.reshape(both.shape).T
    pair = one * len(whos) + other
    # Of each pair the last tie decides: the first one from behind.
    _, last = np.unique(pair[::-1], return_index=True)
    last = len(pair) - 1 - last
    last = last[~np.concatenate(is_cut)[last]]
    return whos, one[last], other[last]


def _native(whos: np.ndarray) -> np.ndarray:
    """WHO[n] of identifiers as they stand in keys."""
    return whos.astype(WHO)


def _have_events(store: Store, whos: np.ndarray) -> np.ndarray:
    parts = []
    for start in range(0, len(whos), _AT_ONCE // 10):
        some = whos[start : start + _AT_ONCE // 10]
        parts.append(np.diff(store.histories(some).offsets) > 0)
    return np.concatenate(parts)


def _connected(count: int, *, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For each of `count` nodes the smallest one that the pairs connect it with."""
    smallest = np.arange(count)
    while True:
        before = smallest.copy()
        np.minimum.at(smallest, one, before[other])
        np.minimum.at(smallest, other, before[one])
        smallest = smallest[smallest]
        if np.array_equal(smallest, before):
            return smallest
