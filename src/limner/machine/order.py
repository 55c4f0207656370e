"""Lists in the order that readers get: heaviest first, ties by text; compiled."""

from __future__ import annotations

from limner.compiled import njit

TIE = 1e-9
"""Weights that differ by less than this, relative to the heavier, are a tie."""


@njit
def _sort(keys, weights, ranks, low, high, by_rank):
    """Sort low..high in place: by rank, or heaviest first and then by rank."""
    gap = 1
    while gap * 9 // 4 + 1 < high - low:
        gap = gap * 9 // 4 + 1
    while gap > 0:
        for i in range(low + gap, high):
            key, weight, rank = keys[i], weights[i], ranks[i]
            j = i
            while j >= low + gap:
                k = j - gap
                if by_rank or weights[k] == weight:
                    if ranks[k] <= rank:
                        break
                elif weights[k] > weight:
                    break
                keys[j], weights[j], ranks[j] = keys[k], weights[k], ranks[k]
                j = k
            keys[j], weights[j], ranks[j] = key, weight, rank
        gap = gap * 4 // 9


@njit
def _settle_one(keys, weights, ranks, start, end):
    _sort(keys, weights, ranks, start, end, False)
    low = start
    for i in range(start + 1, end + 1):
        if i == end or weights[low] - weights[i] > TIE * abs(weights[low]):
            if i - low > 1:
                _sort(keys, weights, ranks, low, i, True)
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
                _settle_one(keys, weights, ranks, start, start + length)
            lists[s, k, 1] = min(length, limits[k])
