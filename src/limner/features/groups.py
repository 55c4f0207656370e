"""Compiled grouping by key, in order of first appearance; for kernels.

table, groups = empty_table(n), 0
for i in range(n):
    g = group_of(value[i], table, keys, groups)
    if g == groups:  # a new one
        groups += 1
"""

from __future__ import annotations

import numpy as np

from limner.compiled import njit


@njit
def empty_table(n):
    """Room to find up to n keys in, at most half full."""
    size = 16
    while size < 2 * n:
        size *= 2
    return np.full(size, -1, np.int64)


@njit
def group_of(key, table, keys, groups):
    """The number of a key among keys[:groups]; where it is new, it is put there."""
    last = len(table) - 1
    hashed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    place = np.int64(hashed >> np.uint64(20)) & last
    while table[place] >= 0 and keys[table[place]] != key:
        place = (place + 1) & last
    if table[place] < 0:
        table[place] = groups
        keys[groups] = key
    return table[place]
