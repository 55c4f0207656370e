"""active_days: on how many days something happened."""

from __future__ import annotations

from limner.features.distinct import Distinct
from limner.language import units
from limner.language.kind import Event, Kind


class ActiveDays(Distinct):
    """The number of local days with at least one selected event. 0 without any."""

    counted_in = units.DAYS


def active_days(kind: Kind = Event) -> ActiveDays:
    """On how many days: ``active_days().within("30d")``."""
    return ActiveDays(kind.local_day)
