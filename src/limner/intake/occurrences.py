"""Compiled: how often each row of a file has come before."""

from __future__ import annotations

import numpy as np

from limner.compiled import njit

_FIRST_SLOTS = 1 << 16


@njit
def _slot(keys, counts, key):
    mask = np.uint64(len(keys) - 1)
    at = (key ^ (key >> np.uint64(32))) & mask
    while counts[at] and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


@njit
def _count(hashes, keys, counts, out):
    added = 0
    for i in range(len(hashes)):
        at = _slot(keys, counts, hashes[i])
        out[i] = counts[at]
        if counts[at] == 0:
            keys[at] = hashes[i]
            added += 1
        counts[at] += np.uint32(1)
    return added


@njit
def _move(keys, counts, into_keys, into_counts):
    for i in range(len(keys)):
        if counts[i]:
            at = _slot(into_keys, into_counts, keys[i])
            into_keys[at], into_counts[at] = keys[i], counts[i]


class Occurrences:
    """Rows seen in a file so far. Memory: some 20 to 40 bytes a distinct row."""

    def __init__(self) -> None:
        self._keys = np.zeros(_FIRST_SLOTS, np.uint64)
        self._counts = np.zeros(_FIRST_SLOTS, np.uint32)
        self._held = 0

    def count(self, hashes: np.ndarray) -> np.ndarray:
        """uint32[n]: how many rows of each hash came before, in all calls."""
        while 3 * (self._held + len(hashes)) > 2 * len(self._keys):
            self._grow()
        out = np.empty(len(hashes), np.uint32)
        self._held += _count(hashes, self._keys, self._counts, out)
        return out

    def _grow(self) -> None:
        keys = np.zeros(2 * len(self._keys), np.uint64)
        counts = np.zeros(2 * len(self._keys), np.uint32)
        _move(self._keys, self._counts, keys, counts)
        self._keys, self._counts = keys, counts
