"""What compaction leaves out: events that no reading from the horizon on can see."""

from __future__ import annotations

import numpy as np

from limner.clock import FOR_EVER
from limner.compiled import load64, njit
from limner.events.record import AT, KIND_WORD, PLACE, SEEN_AT
from limner.events.schema import Schema
from limner.stores.disk.rows import is_attribute

_KINDS = 64
NOTHING = np.zeros((_KINDS + 1, 2), np.int64)
"""The rules by which no event expires: there is no horizon."""


def rules(schema: Schema) -> np.ndarray:
    """int64[65, 2]: the horizon, then span and number of each kind by its code."""
    table = np.full((_KINDS + 1, 2), FOR_EVER, np.int64)
    table[0] = schema.horizon, 0
    for name, code in schema.kind_codes().items():
        kept = schema.kept(name)
        table[1 + code] = min(kept.span_us, FOR_EVER), kept.newest
    return table


@njit
def without_expired(rows, start, end, rules):
    """Drop expired events of one identifier, whose rows are in order; the new end.

    An event goes if its kind's span ended before the horizon, or if as many newer
    ones of its kind as are ever read had happened and arrived by then. One that
    declares attributes stays, because these are read for longer.
    """
    horizon = rules[0, 0]
    newer = np.zeros(64, np.int64)
    goes = np.zeros(end - start, np.bool_)
    for i in range(end - 1, start - 1, -1):
        row = rows[i]
        at = np.int64(load64(row + 8 * AT))
        if at > horizon or is_attribute(row):
            continue
        kind = np.int64(load64(row + 8 * KIND_WORD) >> np.uint64(32)) & 63
        span, newest = rules[1 + kind, 0], rules[1 + kind, 1]
        if at <= horizon - span or newer[kind] >= newest:
            goes[i - start] = not _declares(rows, start, end, row)
        if np.int64(load64(row + 8 * SEEN_AT)) <= horizon:
            newer[kind] += 1
    kept = start
    for i in range(start, end):
        if not goes[i - start]:
            rows[kept] = rows[i]
            kept += 1
    return kept


@njit
def _declares(rows, start, end, event):
    """Whether an event has records of attributes: they share its moment and place."""
    place, at = load64(event + 8 * PLACE), load64(event + 8 * AT)
    low, high = start, end
    while low < high:
        middle = (low + high) >> 1
        if np.int64(load64(rows[middle] + 8 * AT)) < np.int64(at):
            low = middle + 1
        else:
            high = middle
    while low < end and load64(rows[low] + 8 * AT) == at:
        if is_attribute(rows[low]) and load64(rows[low] + 8 * PLACE) == place:
            return True
        low += 1
    return False
