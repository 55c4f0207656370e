"""The shop's calendar of campaigns: when, for what, and how much off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from limner.clock import DAY
from limner.demo.catalogue import CATEGORIES, OFFSET_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A time of lower prices."""

    key: str
    english: str
    chinese: str
    off: float
    """Part of the price that is let off: 0 to 1."""
    categories: frozenset[str]


_ALL = frozenset(category.key for category in CATEGORIES)
_YEARLY = {
    (1, 1): Campaign("new-year", "New year", "元旦", 0.15, _ALL),
    (3, 8): Campaign(
        "goddess-day", "8 March", "女神节", 0.2, frozenset({"skincare", "fashion"})
    ),
    (4, 20): Campaign(
        "spring-run", "Spring run", "春跑季", 0.2, frozenset({"running", "outdoor"})
    ),
    (6, 18): Campaign("618", "18 June", "618大促", 0.25, _ALL),
    (9, 1): Campaign(
        "school", "Back to school", "开学季", 0.15, frozenset({"books", "phones"})
    ),
    (11, 11): Campaign("double-11", "Double 11", "双十一", 0.3, _ALL),
    (12, 12): Campaign("double-12", "Double 12", "双十二", 0.2, _ALL),
}
_MEMBERS = Campaign("member-day", "Member day", "会员日", 0.1, _ALL)
_YEARLY_DAYS = 3


def campaign_at(at: int) -> Campaign | None:
    """The campaign in force at a moment (us), of the shop's local day; None without.

    The yearly ones last three days; every Wednesday is the members' day.
    """
    return campaign_on((at + OFFSET_US) // DAY)


@lru_cache(maxsize=512)
def campaign_on(day: int) -> Campaign | None:
    """The campaign of a local day, counted from 1970."""
    for back in range(_YEARLY_DAYS):
        date = _EPOCH + timedelta(days=day - back)
        found = _YEARLY.get((date.month, date.day))
        if found:
            return found
    return _MEMBERS if (_EPOCH + timedelta(days=day)).weekday() == 2 else None
