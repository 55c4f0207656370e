"""Compiled grouping by key, in order of first appearance; for kernels."""

from __future__ import annotations

import numpy as np

from limner.compiled import njit


@njit
def group(n, value, group_of, keys):
    """Number the distinct values of value[:n] as they appear.

    Fills group_of[n] (which group each event is in) and keys[groups]; returns how many.
    """
    size = 16
    while size < 2 * n:
        size *= 2
    table = np.full(size, -1, np.int64)
    groups = 0
    for i in range(n):
        hashed = np.uint64(value[i]) * np.uint64(0x9E3779B97F4A7C15)
        place = np.int64(hashed >> np.uint64(20)) & (size - 1)
        while table[place] >= 0 and keys[table[place]] != value[i]:
            place = (place + 1) & (size - 1)
        if table[place] < 0:
            table[place] = groups
            keys[groups] = value[i]
            groups += 1
        group_of[i] = table[place]
    return groups
