"""Compiled judgement of a batch: what becomes of each event, and who needs a name."""

from __future__ import annotations

import numpy as np

from limner.compiled import load64, njit
from limner.events.record import ID
from limner.stores.contract import Outcome
from limner.stores.disk.lookup import newest_in
from limner.stores.disk.rows import content_of, is_of, key_hash, stands_over

ACCEPTED, DUPLICATE = int(Outcome.ACCEPTED), int(Outcome.DUPLICATE)
CONFLICT, REPLACED = int(Outcome.CONFLICT), int(Outcome.REPLACED)
COLLISION = int(Outcome.COLLISION)
_1 = np.uint64(1)


@njit
def judge(rows, words, standing, refused):
    """Outcomes in the order of the batch; and which rows stand when it is over.

    `rows` is the address of the first event's row, `standing` the address of the row
    that stands in the store for each event, or 0.
    """
    count = len(standing)
    outcomes = np.empty(count, np.int8)
    stays = np.zeros(count, np.bool_)
    size = 4
    while size < 2 * count:
        size *= 2
    mask = np.uint64(size - 1)
    table = np.zeros(size, np.int64)
    for i in range(count):
        if refused[i]:
            outcomes[i] = COLLISION
            continue
        row = rows + 8 * words * i
        hi, lo, event = load64(row), load64(row + 8), load64(row + 8 * ID)
        slot = key_hash(lo, event) & mask
        while table[slot] != 0:
            other = rows + 8 * words * (table[slot] - 1)
            if is_of(other, hi, lo) and load64(other + 8 * ID) == event:
                break
            slot = (slot + _1) & mask
        before = table[slot] - 1
        now = standing[i] if before < 0 else rows + 8 * words * before
        if now == 0:
            outcomes[i] = ACCEPTED
        elif stands_over(row, now):
            outcomes[i] = REPLACED
        else:
            same = content_of(row) == content_of(now)
            outcomes[i] = DUPLICATE if same else CONFLICT
            continue
        if before >= 0:
            stays[before] = False
        stays[i] = True
        table[slot] = i + 1
    return outcomes, stays


@njit
def unnamed(hots, rows, words, count, whos):
    """Which of `whos` own one of these rows and have none yet in the active segment.

    `hots` holds the active segment alone, or nothing where a new one begins.
    """
    size = 4
    while size < 2 * len(whos):
        size *= 2
    mask = np.uint64(size - 1)
    table = np.zeros(size, np.int64)
    for i in range(len(whos)):
        slot = whos[i, 1] & mask
        while table[slot] != 0:
            slot = (slot + _1) & mask
        table[slot] = i + 1
    needs = np.zeros(len(whos), np.bool_)
    for i in range(count):
        row = rows + 8 * words * i
        hi, lo = load64(row), load64(row + 8)
        slot = lo & mask
        while table[slot] != 0:
            who = table[slot] - 1
            if whos[who, 0] == hi and whos[who, 1] == lo:
                if not needs[who]:
                    is_new = True
                    if len(hots):
                        is_new = newest_in(hots[0], hi, lo, words) < 0
                    needs[who] = is_new
                break
            slot = (slot + _1) & mask
    return needs
