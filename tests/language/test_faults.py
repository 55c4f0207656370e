"""Mistakes in a definition: each is found, named with what was got, and none raises."""

from __future__ import annotations

import pytest

from limner.features.count import Count, count
from limner.features.decayed import decayed
from limner.features.first import first
from limner.features.last import last
from limner.features.maximum import maximum
from limner.features.mean import mean
from limner.features.mode import mode
from limner.features.quantile import quantile
from limner.features.sessions import sessions
from limner.features.share import share
from limner.features.top import top
from limner.features.total import total
from limner.language.feature import Feature, all_parts
from limner.language.python_feature import feature
from limner.language.vocabulary import Cancel, Cart, Kind, Purchase, View
from limner.language.vocabulary import Event as Anything

views, spend = count(View), total(Purchase.amount)
text, several = mode(View.item), count(View).within("1h", "2h")
mistyped: Kind = Purchase  # its columns are asked for by getattr, as types see through


def faults_of(made: Feature) -> list[str]:
    return [fault for part in all_parts(made) for fault in part.faults]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        # columns
        (
            total(Purchase.amont),
            "no column 'amont' of purchase. Did you mean 'amount'?",
        ),
        (
            mode(Anything.locl_hour),
            "no column 'locl_hour' of events. Did you mean 'local_hour'?",
        ),
        (
            total((View | Cart).zzz),
            "no column 'zzz' of view/cart.",
        ),
        (
            count(View).where(View.prise > 3),
            "no column 'prise' of view. Did you mean 'price'?",
        ),
        (
            count(View).where(View.price > "3"),
            "lt: text can only be compared by == and !=",
        ),
        (
            count(View).where(View.price == "3"),
            "eq: cannot compare integer with text",
        ),
        (
            count(View).where(View.item > "a"),
            "lt: text can only be compared by == and !=",
        ),
        (
            count(View).where(View.price > View.quantity),
            "lt: units differ, got count and minor units",
        ),
        (
            total(View.price + View.quantity),
            "add: units do not fit, got minor units and count",
        ),
        (total(View.item * 2), "mul: expected numbers, got text"),
        (
            total((View.price > 2) + View.quantity),
            "add: expected numbers, got condition",
        ),
        (
            count(View).where((View.price > 2) & View.quantity),
            "and: expected conditions, got integer",
        ),
        (count(View).where(~View.quantity), "not: expected conditions, got integer"),
        (
            count(View).where(View.price == [1]),
            "expected a column, a feature or a plain value, got list",
        ),
        (
            count(View).where(View.price == 2**70),
            f"expected a number of at most 64 bits, got {2**70}",
        ),
        (count(View).where(View.item.is_in()), "is_in: got no value"),
        (
            count(Purchase).where(Purchase.order.among(Cancel.amount)),
            "among: cannot compare text with integer",
        ),
        (
            total(Purchase.amount - View.price),
            "sub: no event is both purchase and view",
        ),
        (
            count(View).where(View.item == top(3, View.item)),
            "a list cannot be compared",
        ),
        # selections
        (
            total(View),  # type: ignore[arg-type]
            "total: expected a column such as Purchase.amount, got a kind",
        ),
        (mean(View.item), "mean: expected a column of numbers, got text"),
        (
            maximum(View.price > 1),
            "maximum: expected a column of numbers, got condition",
        ),
        (share(View, View.price), "share: expected a column of condition, got integer"),
        (
            share(View, Purchase.price > 1),
            "share: a condition on purchase, looking at view",
        ),
        (
            count(View).where(View.price),
            "where: expected a condition on events, got integer",
        ),
        (
            count(View).where(views > 3),  # type: ignore[arg-type]
            "where: expected a condition on events, got Combined",
        ),
        (
            count(View).where(Purchase.amount > 3),
            "where: a condition on purchase, looking at view",
        ),
        (
            count(View).within("3q"),
            "span '3q': expected a number and ms, s, m, h, d or w",
        ),
        (
            count(View).within("0d"),
            "span '0d': expected more than nothing, and less than for ever",
        ),
        (
            count(View).within(-5),
            "span -5: expected more than nothing, and less than for ever",
        ),
        (
            count(View).within("99999999999d"),
            "span '99999999999d': expected more than nothing, and less than for ever",
        ),
        (
            count(View).ago("x"),
            "span 'x': expected a number and ms, s, m, h, d or w",
        ),
        (
            count(View).within("1h", "1h")["1h"],
            "within: expected different spans such as '24h', got ('1h', '1h')",
        ),
        (
            sessions(gap="soon"),
            "span 'soon': expected a number and ms, s, m, h, d or w",
        ),
        (
            decayed(View, half_life="slow"),
            "span 'slow': expected a number and ms, s, m, h, d or w",
        ),
        (
            Count(View, weights={View: 2.0}),
            "count: takes no weight and no half-life",
        ),
        (
            Count(View, half_life_us=5),
            "count: takes no weight and no half-life",
        ),
        (
            top(3, View.item, weight={Purchase: 2}),
            "weight of purchase: never met, looking at view",
        ),
        (
            top(3, Anything.item, weight={View: float("nan")}),
            "weight of view: expected a number, got nan",
        ),
        (top(0, View.item), "top: expected at least 1, got 0"),
        (
            top(3, View.score),
            "top: expected a column of texts or whole numbers, got number",
        ),
        (
            quantile(1.5, View.price),
            "quantile: expected a share from 0 to 1, got 1.5",
        ),
        # features
        (views + spend, "add: units do not fit, got count and minor units"),
        (views < spend, "lt: units differ, got count and minor units"),
        (views + text, "add: expected numbers, got text"),
        (views + (views > 1), "add: expected numbers, got condition"),
        (views == "a", "eq: cannot compare integer with text"),
        (text < "a", "lt: text can only be compared by == and !="),
        (text == 3, "eq: cannot compare text with integer"),
        (top(2, View.item) == 3, "eq: a list cannot be compared"),
        (~views, "not: expected conditions, got integer"),
        ((views > 1) & views, "and: expected conditions, got integer"),
        (text.or_else(3), "or_else: cannot compare text with integer"),
        (last(View) > last(View) - last(Cart), "lt: units differ, got us and moment"),
        (first(View) + first(Cart), "add: units do not fit, got moment and moment"),
        (
            views + several,
            "expected a feature or a number, got several spans (1h, 2h),"
            " pick one by [span]",
        ),
        (views > [3], "expected a feature or a number, got list"),
        (views > 2**64, "expected a feature or a number, got int"),
        (
            feature(returns="list")(lambda history, at: []),
            "a Python feature returns one value, not a list",
        ),
    ],
    ids=lambda given: given[:40] if isinstance(given, str) else "",
)
def test_a_mistake_is_named(made: Feature, expected: str) -> None:
    assert expected in faults_of(made)


@pytest.mark.parametrize(
    "made",
    [
        spend / views > 3,
        spend > 3,
        spend * 2 + spend / 2,
        views + 1,
        count(View).where(View.price > 3.5),
        count(View).where(View.price * 2 > View.amount),
        count(Anything).where(View.price > 3),
        count(View | Cart).where(View.price > 3),
        top(3, Anything.item, weight={View: 1, Purchase: 2}, half_life="3d"),
        total(Purchase.price * Purchase.quantity),
        maximum(View.price) / mean(View.price),
        (spend / count(Purchase)).or_else(0),
        last(View) - first(View) > 5,
        share(View, View.local_hour.between(22, 5)),
        quantile(0, View.price),
        quantile(1, View.price),
    ],
)
def test_what_is_right_has_no_fault(made: Feature) -> None:
    assert not faults_of(made)


def test_several_mistakes_are_kept_together() -> None:
    made = total(Purchase.amont).within("3q").where(View.price > "x")
    assert len(set(faults_of(made + text))) == 5
