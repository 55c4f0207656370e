"""When events arrived, and what becomes of those that come before they happen."""

from __future__ import annotations

import numpy as np

from limner.clock import MINUTE
from limner.intake.rows import Fault

AHEAD_MAX_US = 5 * MINUTE
"""A clock that is this much ahead is forgiven: the event happened as it arrived."""

FUTURE = Fault("future", "the time is more than 5 minutes after the arrival")


def settle(
    at: np.ndarray,
    seen_at: np.ndarray | None,
    *,
    has_seen: np.ndarray,
    now: int,
    is_import: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(at, seen_at, is_future) of events, all int64[n] but the last.

    An import's events arrived as they happened, where they do not say otherwise; those
    that come through another door arrive now. Nothing arrives after `now`.
    """
    arrival = np.full(len(at), now, np.int64)
    too_late = np.zeros(len(at), np.bool_)
    if seen_at is not None:
        too_late = has_seen & (seen_at > now + AHEAD_MAX_US)
        arrival = np.where(has_seen, np.minimum(seen_at, now), arrival)
    is_future = (at > arrival + AHEAD_MAX_US) | too_late
    settled = np.minimum(at, arrival)
    spare = settled if is_import else arrival
    seen = np.where(has_seen, arrival, spare)
    return settled, seen, is_future
