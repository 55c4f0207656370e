"""One line for each feature: a declaration, and a twin too simple to be wrong.

A twin gets the events that its feature selects, oldest first, and the moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import fsum
from statistics import mean as average
from statistics import median
from typing import Any, NamedTuple

from limner.clock import DAY, HOUR, MINUTE, moment_text
from limner.features.active_days import active_days
from limner.features.attribute import attribute
from limner.features.count import count
from limner.features.decayed import decayed
from limner.features.distinct import distinct
from limner.features.exists import exists
from limner.features.first import first
from limner.features.intervals import intervals
from limner.features.last import last
from limner.features.maximum import maximum
from limner.features.mean import mean
from limner.features.minimum import minimum
from limner.features.mode import mode
from limner.features.quantile import quantile
from limner.features.sessions import sessions
from limner.features.share import share
from limner.features.since_first import since_first
from limner.features.since_last import since_last
from limner.features.top import top
from limner.features.total import total
from limner.language.selection import Selection
from limner.language.vocabulary import Event as Anything
from limner.language.vocabulary import Kind, Purchase, Rating, View
from tests.machine.events import Event

Events = list[Event]
Twin = Callable[[Events, int], Any]
Wish = Kind(("wish",))
WEIGHTS = {View: 1.0, Purchase: 5.0, Wish: 0.5}
OF_KIND = {"view": 1.0, "purchase": 5.0, "wish": 0.5}


class Line(NamedTuple):
    """A feature, whose events it looks at (None: all activity), and its twin."""

    feature: Selection
    kinds: tuple[str, ...] | None
    twin: Twin


def said(events: Events, name: str) -> list[Any]:
    """What the events say of a column, where they do."""
    return [getattr(e, name) for e in events if getattr(e, name) is not None]


def of(name: str, make: Callable[[list[Any]], Any], *, empty: Any = None) -> Twin:
    """A twin that makes something of what the events say of a column."""
    return lambda es, at: make(said(es, name)) if said(es, name) else empty


def each(name: str) -> Twin:
    """Different values; every event that says none is one of its own."""
    return lambda es, at: len({object() if e is None else e for e in column(es, name)})


def column(events: Events, name: str) -> list[Any]:
    return [getattr(e, name) for e in events]


def often(values: list[Any]) -> Any:
    """The most frequent value; of several the smallest."""
    times = Counter(values)
    return min(value for value in times if times[value] == max(times.values()))


def hours(events: Events) -> list[int]:
    return [e.local_at // HOUR % 24 for e in events]


def weekdays(events: Events) -> list[int]:
    return [(e.local_at // DAY + 3) % 7 for e in events]


def left(event: Event, at: int, half_life: int) -> float:
    """What is left of an event's weight."""
    return float(0.5 ** ((at - event.at) / half_life))


def faded(events: Events, at: int) -> float:
    return sum((left(e, at, HOUR) for e in events), 0.0)


def faded_amount(events: Events, at: int) -> float:
    paid = [e for e in events if e.amount is not None]
    return sum((e.amount * left(e, at, HOUR) for e in paid), 0.0)


def gender(events: Events, at: int) -> str | None:
    told = [e.value for e in events if e.attribute == "gender" and e.value]
    return told[-1] if told else None


def quantile_30(values: list[int]) -> float:
    ordered, place = sorted(values), 0.3 * (len(values) - 1)
    low, high = ordered[int(place)], ordered[min(int(place) + 1, len(values) - 1)]
    return float(low + (place - int(place)) * (high - low))


def visits(events: Events, at: int) -> int:
    gaps = [later.at - e.at for e, later in pairwise(events)]
    return len(events[:1]) + sum(gap > 30 * MINUTE for gap in gaps)


def mean_gap(moments: list[int]) -> float | None:
    gaps = [later - one for one, later in pairwise(sorted(set(moments)))]
    return average(gaps) / DAY if gaps else None


def order_cycle(events: Events, at: int) -> float | None:
    firsts: dict[Any, int] = {}
    for e in events:
        firsts.setdefault(e.order or object(), e.at)
    return mean_gap([*firsts.values()])


def heaviest(weights: Mapping[str, float], k: int) -> list[dict[str, Any]]:
    """The k heaviest, ties by text."""
    ordered = sorted(weights, key=lambda key: (-float(f"{weights[key]:.10g}"), key))
    return [{"key": key, "weight": float(weights[key])} for key in ordered[:k]]


def top_categories(events: Events, at: int) -> list[dict[str, Any]]:
    weights: dict[str, float] = {}
    for e in events:
        if e.category is not None:
            more = OF_KIND[e.kind] * left(e, at, 5 * HOUR)
            weights[e.category] = weights.get(e.category, 0.0) + more
    return heaviest(weights, 2)


def top_items(items: list[str]) -> list[dict[str, Any]]:
    return heaviest(Counter(items), 3)


OWN_STARS = Anything.field("stars", "integer")
OWN_FEE = Anything.field("fee", "money")

LINES: dict[str, Line] = {
    "active_days": Line(
        active_days(), None, lambda es, at: len({e.local_at // DAY for e in es})
    ),
    "attribute": Line(attribute("gender"), ("attribute",), gender),
    "count": Line(count(View), ("view",), lambda es, at: len(es)),
    "count_of_column": Line(count(Anything.item), None, of("item", len, empty=0)),
    "count_own_kind": Line(count(Wish), ("wish",), lambda es, at: len(es)),
    "decayed": Line(decayed(View, half_life="1h"), ("view",), faded),
    "decayed_sum": Line(
        decayed(Purchase.amount, half_life="1h"), ("purchase",), faded_amount
    ),
    "distinct": Line(
        distinct(Anything.item), None, of("item", lambda v: len({*v}), empty=0)
    ),
    "distinct_each": Line(
        distinct(Purchase.order, missing="each"), ("purchase",), each("order")
    ),
    "distinct_number": Line(
        distinct(Rating.score, missing="each"), ("rating",), each("score")
    ),
    "exists": Line(exists(View), ("view",), lambda es, at: len(es) > 0),
    "first": Line(first(Anything.campaign), None, of("campaign", lambda v: v[0])),
    "first_moment": Line(
        first(Purchase), ("purchase",), of("at", lambda v: moment_text(v[0]))
    ),
    "intervals": Line(intervals(Purchase.order), ("purchase",), order_cycle),
    "intervals_of_events": Line(intervals(View), ("view",), of("at", mean_gap)),
    "last": Line(last(View.category), ("view",), of("category", lambda v: v[-1])),
    "last_number": Line(last(Rating.score), ("rating",), of("score", lambda v: v[-1])),
    "maximum": Line(maximum(Purchase.price), ("purchase",), of("price", max)),
    "maximum_number": Line(maximum(Rating.score), ("rating",), of("score", max)),
    "mean": Line(mean(Rating.score), ("rating",), of("score", average)),
    "minimum": Line(minimum(Purchase.price), ("purchase",), of("price", min)),
    "minimum_number": Line(minimum(Rating.score), ("rating",), of("score", min)),
    "mode": Line(mode(Anything.item), None, of("item", often)),
    "mode_hour": Line(
        mode(Anything.local_hour), None, lambda es, at: often(hours(es)) if es else None
    ),
    "mode_weekday": Line(
        mode(Anything.weekday), None, lambda es, at: often(weekdays(es)) if es else None
    ),
    "mode_number": Line(mode(Rating.score), ("rating",), of("score", often)),
    "quantile": Line(
        quantile(0.3, Purchase.price), ("purchase",), of("price", quantile_30)
    ),
    "quantile_median": Line(
        quantile(0.5, Rating.score), ("rating",), of("score", median)
    ),
    "sessions": Line(sessions(), None, visits),
    "share": Line(
        share(View, View.channel == "app"),
        ("view",),
        lambda es, at: sum(e.channel == "app" for e in es) / len(es) if es else None,
    ),
    "since_first": Line(
        since_first(Purchase),
        ("purchase",),
        lambda es, at: (at - es[0].at) / DAY if es else None,
    ),
    "since_last": Line(
        since_last(Purchase),
        ("purchase",),
        lambda es, at: (at - es[-1].at) / DAY if es else None,
    ),
    "top": Line(
        top(2, Anything.category, weight=WEIGHTS, half_life="5h"),
        tuple(OF_KIND),
        top_categories,
    ),
    "top_plain": Line(top(3, View.item), ("view",), of("item", top_items, empty=[])),
    "total": Line(total(Purchase.amount), ("purchase",), of("amount", sum, empty=0)),
    "total_number": Line(
        total(View.seconds), ("view",), of("seconds", fsum, empty=0.0)
    ),
    "total_own_column": Line(total(OWN_STARS), None, of("stars", sum, empty=0)),
    "total_own_money": Line(total(OWN_FEE), None, of("fee", sum, empty=0)),
}
"""Every feature under its name; further lines of one begin with its name too."""
