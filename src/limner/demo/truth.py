"""What profiles found, beside what the simulated shoppers hide: honest numbers.

Each figure stands beside what somebody would score who tells the same of everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from limner.demo.shopper import Shopper

TOP = 3
HOURS_NEAR = 2
SUSPICIONS = frozenset({"suspicious", "returner"})
"""Labels of the ready-made shop that speak of fraud."""

Found = Mapping[str, Any]
"""A profile in the JSON form: ``{"profile": …, "labels": …}``."""
Weights = dict[str, float]


class Score(msgspec.Struct, frozen=True):
    """How good, 0 to 1; and how good the same answer for everybody would be."""

    found: float
    same_for_all: float


class Truth(msgspec.Struct, frozen=True):
    """Discovered preferences against hidden interests."""

    shoppers: int
    """How many profiles were compared."""
    favourite_category: Score
    """How often the heaviest category is the truly dearest of 14."""
    top_3_categories: Score
    """What part of the three truly dearest is among the three heaviest."""
    usual_hour: Score
    """How often the usual hour is within two hours of the habit."""
    price_rank_correlation: float
    """Of the median price paid with the hidden price level, by rank: −1 to 1."""
    fraudsters: int
    fraudsters_labelled: int
    """Of them, how many have a label that speaks of fraud now."""
    honest_labelled: int
    """How many honest shoppers have one."""


def compare(shoppers: Sequence[Shopper], found: Sequence[Found], *, at: int) -> Truth:
    """Shoppers beside their profiles, in the same order, read at a moment (us)."""
    hidden = [shopper.interests_at(at) for shopper in shoppers]
    named = [bool(SUSPICIONS & set(one["labels"])) for one in found]
    is_fraud = [bool(shopper.trick) for shopper in shoppers]
    return Truth(
        shoppers=len(shoppers),
        favourite_category=_category_score(hidden, found, top=1),
        top_3_categories=_category_score(hidden, found, top=TOP),
        usual_hour=_hour_score(shoppers, found),
        price_rank_correlation=_price_correlation(shoppers, found),
        fraudsters=sum(is_fraud),
        fraudsters_labelled=sum(a and b for a, b in zip(named, is_fraud, strict=True)),
        honest_labelled=sum(a and not b for a, b in zip(named, is_fraud, strict=True)),
    )


def dearest(interests: Weights, count: int) -> list[str]:
    """The categories of the greatest weights."""
    return sorted(interests, key=lambda key: (-interests[key], key))[:count]


def heaviest(found: Found, count: int) -> list[str]:
    """The categories that a profile puts first."""
    entries = found["profile"]["preference"]["categories"]
    return [entry["key"] for entry in entries[:count]]


def _category_score(
    hidden: list[Weights], found: Sequence[Found], *, top: int
) -> Score:
    true = [set(dearest(interests, top)) for interests in hidden]
    told = [set(heaviest(one, top)) for one in found]
    votes = Counter(key for keys in told for key in keys)
    common = {key for key, _ in votes.most_common(top)}
    return Score(
        _mean(len(a & b) / top for a, b in zip(true, told, strict=True)),
        _mean(len(keys & common) / top for keys in true),
    )


def _hour_score(shoppers: Sequence[Shopper], found: Sequence[Found]) -> Score:
    def is_near(shopper: Shopper, hour: int | None) -> bool:
        if hour is None:
            return False
        apart = abs(hour + 0.5 - shopper.hour) % 24
        return min(apart, 24 - apart) <= HOURS_NEAR

    told = [one["profile"]["behaviour"]["usual_hour_90d"] for one in found]
    best = max(range(24), key=lambda h: sum(is_near(s, h) for s in shoppers))
    return Score(
        _mean(is_near(s, hour) for s, hour in zip(shoppers, told, strict=True)),
        _mean(is_near(s, best) for s in shoppers),
    )


def _price_correlation(shoppers: Sequence[Shopper], found: Sequence[Found]) -> float:
    told = [one["profile"]["preference"]["price_median_365d"] for one in found]
    pairs = [
        (shopper.price_level, price)
        for shopper, price in zip(shoppers, told, strict=True)
        if price is not None
    ]
    if len(pairs) < 3:
        return 0.0
    ranks = np.argsort(np.argsort(np.array(pairs), axis=0), axis=0)
    return float(np.asarray(np.corrcoef(ranks.T))[0, 1])


def _mean(values: Any) -> float:
    numbers = [float(value) for value in values]
    return sum(numbers) / len(numbers) if numbers else 0.0
