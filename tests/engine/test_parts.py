"""Features asked for by others: ties settled alike, and each part explained."""

from __future__ import annotations

from pathlib import Path

import limner
from limner import (
    Dimension,
    Profile,
    Schema,
    View,
    count,
    first,
    last,
    mode,
    quantile,
    top,
)


class Taste(Dimension):
    item = mode(View.item)
    is_a = item == "a"
    seen = count(View).where(View.item == item)


class Shopper(Profile):
    taste = Taste


def test_ties_are_settled_before_anybody_asks(tmp_path: Path) -> None:
    events = [
        {"kind": "view", "at": f"2026-03-0{day}", "item": item, "shopper": {"u": who}}
        for day, item, who in ((1, "b", "1"), (2, "a", "1"), (3, "c", "2"))
    ]
    with limner.open(tmp_path / "store", create=Schema()) as shop:
        shop.send(events)
        reading = shop.read(Shopper, "1", "2026-04-01")
        assert reading.profile == {"taste": {"item": "a", "is_a": True, "seen": 1}}
        other = shop.read(Shopper, "2", "2026-04-01")
        assert other.profile == {"taste": {"item": "c", "is_a": False, "seen": 1}}
        why = shop.explain(Shopper, "1", "taste.is_a", "2026-04-01")
        assert [one.at for one in why.contributions] == ["2026-03-02T00:00:00Z"]


def test_parts_of_every_sort_are_explained(tmp_path: Path) -> None:
    class Parts(Dimension):
        has = top(3, View.item).exists & (count(View) > 1)
        hour = mode(View.local_hour) + 1
        span = last(View) - first(View)
        median = quantile(0.5, View.price).or_else(0)

    class Whole(Profile):
        parts = Parts

    events = [
        {"kind": "view", "at": f"2026-03-0{day}", "item": "a", "shopper": {"u": "1"}}
        for day in (1, 2, 3)
    ]
    with limner.open(tmp_path / "store", create=Schema()) as shop:
        shop.send(events)
        said = {
            name: shop.explain(Whole, "1", f"parts.{name}", "2026-04-01")
            for name in ("has", "hour", "span", "median")
        }
    assert {name: one.count for name, one in said.items()} == {
        "has": 3,
        "hour": 3,
        "span": 2,
        "median": 0,
    }
    assert [one.key for one in said["has"].contributions] == ["a"] * 3
