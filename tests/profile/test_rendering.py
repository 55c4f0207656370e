"""Features as text: what is shown is what could have been written."""

from __future__ import annotations

import pytest

import limner
from limner import Cart, Event, Purchase, View, active_days, count, quantile, top
from limner.language.feature import Feature
from limner.profile.rendering import rendered


class Names(dict[str, object]):
    """Every public name of Limner, as a definition would import it."""

    def __missing__(self, name: str) -> object:
        return getattr(limner, name)


DECLARED = [
    'count(View).within("24h")',
    'count(Purchase | Cart).within("90m").ago("7d")',
    'count(Purchase.field("gift", "integer"))',
    'decayed(Event, half_life="3d")',
    'distinct(Purchase.order, missing="each")',
    "distinct(Purchase.order).where(~Purchase.order.among(Cancel.order))",
    'exists(Cart).within("2h") & ~exists(Purchase)',
    "intervals(Purchase.order)",
    "last((Rating | Review).score) <= 2",
    'sessions(Event, gap="30m").within("30d")',
    "share(Event, (Event.local_hour >= 22) | (Event.local_hour < 5)) > 0.5",
    "since_last(Purchase)",
    "total(Purchase.price * Purchase.quantity)",
    "total(Purchase.amount) / (count(Purchase) + 1)",
    "count(Purchase).where(Purchase.price < Purchase.list_price)",
    "count(Purchase).or_else(0)",
    "total(Purchase.amount).exists",
    'last(View.category) == "shoes"',
    'ref("value.spend_30d") >= 5',
]


@pytest.mark.parametrize("text", DECLARED)
def test_what_is_shown_declares_the_same_feature_again(text: str) -> None:
    feature: Feature = eval(text, {}, Names())
    assert feature.faults == ()
    shown = rendered(feature)
    assert shown == text.replace('ref("value.spend_30d")', "value.spend_30d")


@pytest.mark.parametrize(
    ("feature", "text"),
    [
        (
            top(5, Event.category, weight={View: 1, Cart: 3}, half_life="14d"),
            'top(Event.category, k=5, weight={View: 1, Cart: 3}, half_life="14d")',
        ),
        (quantile(0.5, Purchase.price), "quantile(Purchase.price, q=0.5)"),
        (active_days(), "active_days(Event.local_day)"),
    ],
)
def test_parameters_are_named(feature: Feature, text: str) -> None:
    assert rendered(feature) == text


def test_a_part_is_called_by_its_name_where_it_has_one() -> None:
    views = count(View).within("24h")
    names = {views.key(): "behaviour.views_24h"}
    assert rendered(views >= 20, names) == "behaviour.views_24h >= 20"
    assert rendered(views, names) == 'count(View).within("24h")'
