"""Lists in the order that readers get: heaviest first, ties by text; compiled."""

from __future__ import annotations

import numpy as np

from limner.compiled import njit

TIE = 1e-9
"""Weights that differ by less than this, relative to the heavier, are a tie."""


@njit
def _sort_ties(keys, weights, ranks, low, high):
    order = np.argsort(ranks[low:high])
    keys[low:high] = keys[low:high][order]
    weights[low:high] = weights[low:high][order]
    ranks[low:high] = ranks[low:high][order]


@njit
def _sort_one(keys, weights, ranks, start, end):
    order = np.argsort(-weights[start:end], kind="mergesort")
    keys[start:end] = keys[start:end][order]
    weights[start:end] = weights[start:end][order]
    ranks[start:end] = ranks[start:end][order]
    low = start
    for i in range(start + 1, end + 1):
        if i == end or weights[low] - weights[i] > TIE * abs(weights[low]):
            if i - low > 1:
                _sort_ties(keys, weights, ranks, low, i)
            low = i


@njit
def settle(keys, weights, ranks, lists, limits):
    """Put every list in order and cut it to its limit, in place.

    keys: int64[n]; weights: float64[n]; ranks: int64[n], the place of each key among
    the texts; lists: int64[shoppers, lists, 2], start and length; limits: int64[lists].
    """
    for s in range(lists.shape[0]):
        for k in range(lists.shape[1]):
            start, length = lists[s, k]
            if length > 1:
                _sort_one(keys, weights, ranks, start, start + length)
            lists[s, k, 1] = min(length, limits[k])
