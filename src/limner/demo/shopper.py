"""A simulated shopper: hidden interests and habits, and what she would admit to.

What is in here is the truth that a profile is to discover; events never carry it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random

from limner.clock import DAY, FOR_EVER, HOUR
from limner.demo.catalogue import CATEGORIES, CATEGORY, OFFSET_US

TRICKS = ("brushing", "refunding", "carding")
"""Fraud: praising an item by buying it over and over, sending nearly everything back,
and trying stolen cards in a burst of dear orders."""

TRICKSTERS = 0.02
TURNING = 0.3
"""The part of the shoppers that is dishonest; whose passions change within a year."""

_NEWCOMERS = 0.3
_OPENING_DAYS = 90
_CITIES = "Shanghai Beijing Guangzhou Shenzhen Hangzhou Chengdu Wuhan Nanjing".split()
_AGES = "18-24 25-34 35-44 45-54 55-64".split()
_JOBS = "engineer teacher nurse designer student clerk chef driver".split()


@dataclass(frozen=True, slots=True)
class Shopper:
    """One shopper; nothing in it ever changes."""

    index: int
    passions: tuple[dict[str, float], dict[str, float]]
    """Weights of categories, summing to 1: before and after the turn."""
    turned_us: int
    """When the passions changed; FOR_EVER where they never do."""
    price_level: float
    """The preferred place in a category's prices: 0 the cheapest, 1 the dearest."""
    brands: dict[str, str]
    """The preferred brand of each category."""
    cycles: dict[str, tuple[int, int]]
    """Categories bought again by habit: first at which moment, then how often (us)."""
    visits_per_day: float
    hour: float
    """Of the day, 0 to 24, in the shop's local time: around it most visits happen."""
    buys: float
    """Probabilities, 0 to 1: that a visit ends with an order, that a line is sent back,
    that something is liked, shared or commented on, that the visit is by phone."""
    returns: float
    talks: float
    mobile: float
    bargains: float
    """How much more is bought in a campaign: 0 to 2."""
    content: float
    """The usual rating given, 1 to 5."""
    joined_us: int
    """When the anonymous visitor became a known user; until then only a cookie is."""
    declared: dict[str, str]
    """Attributes given on joining."""
    trick: str = ""
    """One of TRICKS, or nothing for the honest."""

    @property
    def user_id(self) -> str:
        """The identifier once known."""
        return f"u{self.index:05d}"

    @property
    def cookie(self) -> str:
        """The anonymous identifier before joining."""
        return f"a{self.index:05d}"

    def interests_at(self, at: int) -> dict[str, float]:
        """True weights of all categories at a moment (us), summing to 1.

        The passions in force, leaning towards what the season sells.
        """
        passions = self.passions[at >= self.turned_us]
        day = (at + OFFSET_US) // DAY
        leaning = {key: passions[key] * season(key, day) for key in passions}
        total = sum(leaning.values())
        return {key: weight / total for key, weight in leaning.items()}


@lru_cache(maxsize=16_384)
def season(category: str, day: int) -> float:
    """How much more a category is wanted on a local day since 1970.

    1 to 2, smooth over the year.
    """
    peak = CATEGORY[category].peak_month
    if peak == 0:
        return 1.0
    here = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    month = here.timetuple().tm_yday / 365.25 * 12 + 0.5
    nearness = math.cos((month - peak) / 12 * 2 * math.pi)
    return 1.0 + max(0.0, nearness) ** 2


def born(seed: int, index: int, *, opened_us: int) -> Shopper:
    """The shopper of this number in the shop of this seed that opened at a moment.

    Depends on nothing else: the first 300 of 1,000 shoppers are those of 300.
    """
    random = Random(f"{seed}/shopper/{index}")
    trick = random.choice(TRICKS) if random.random() < TRICKSTERS else ""
    turns = random.random() < TURNING
    passions = (_passions(random), _passions(random))
    turned = opened_us + int(random.random() * 365 * DAY) if turns else FOR_EVER
    is_new = random.random() < _NEWCOMERS
    joined = opened_us + int(random.random() * _OPENING_DAYS * DAY if is_new else HOUR)
    return Shopper(
        index=index,
        passions=passions,
        turned_us=turned,
        price_level=random.betavariate(1.5, 2.0),
        brands={c.key: random.choice(c.items).brand for c in CATEGORIES},
        cycles=_cycles(random, passions[0], opened_us=opened_us),
        visits_per_day=0.115 * random.lognormvariate(0.0, 0.7),
        hour=random.choice((8.5, 12.5, 18.5, 20.5, 21.5, 23.0)) + random.gauss(0, 0.5),
        buys=random.betavariate(2, 6),
        returns=0.85 if trick == "refunding" else random.betavariate(1.2, 16),
        talks=random.betavariate(1, 7),
        mobile=random.betavariate(4, 1.5),
        bargains=2 * random.betavariate(1, 2),
        content=min(4.9, random.gauss(4.2, 0.5)),
        joined_us=joined,
        declared=_declared(random),
        trick=trick,
    )


def _passions(random: Random) -> dict[str, float]:
    """A few strong interests and a little of everything, summing to 1."""
    drawn = [random.gammavariate(0.25, 1.0) + 0.004 for _ in CATEGORIES]
    total = sum(drawn)
    return {c.key: w / total for c, w in zip(CATEGORIES, drawn, strict=True)}


def _cycles(
    random: Random, passions: dict[str, float], *, opened_us: int
) -> dict[str, tuple[int, int]]:
    """What is bought again by habit: the used-up sorts among the strong interests."""
    cycles = {}
    for category in CATEGORIES:
        if category.cycle_days and passions[category.key] > 0.15:
            period = int(category.cycle_days * random.uniform(0.8, 1.25) * DAY)
            cycles[category.key] = (opened_us + int(random.random() * period), period)
    return cycles


def _declared(random: Random) -> dict[str, str]:
    """What somebody tells when joining; each thing may be left out."""
    told = {
        "gender": random.choice("fm"),
        "age_band": random.choice(_AGES),
        "region": random.choice(_CITIES),
        "occupation": random.choice(_JOBS),
        "level": random.choice(("silver", "silver", "gold")),
    }
    return {name: value for name, value in told.items() if random.random() < 0.8}
