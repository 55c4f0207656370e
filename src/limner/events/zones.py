"""Local time: the offset of a time zone at many moments at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from limner.clock import DAY
from limner.events.record import QUARTER_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _offset(zone: ZoneInfo, at: int) -> int:
    moment = (_EPOCH + timedelta(microseconds=at)).astimezone(zone)
    shift = moment.utcoffset()
    assert shift is not None
    return round(shift.total_seconds() / 900)


def offsets(zone_name: str, at: np.ndarray) -> np.ndarray:
    """Offsets from UTC at these moments (us), int8[n], in quarters of an hour.

    Zones change their offset on few days; only on those is every quarter looked at.
    """
    if zone_name == "UTC" or len(at) == 0:
        return np.zeros(len(at), np.int8)
    zone = ZoneInfo(zone_name)
    days, day_of = np.unique(at // DAY, return_inverse=True)
    starts = np.array([_offset(zone, int(day) * DAY) for day in days], np.int8)
    ends = np.array([_offset(zone, int(day + 1) * DAY) for day in days], np.int8)
    result = starts[day_of]
    for row in np.flatnonzero((starts != ends)[day_of]):
        result[row] = _offset(zone, int(at[row]) // QUARTER_US * QUARTER_US)
    return result
