"""Features of features: arithmetic, comparison, logic, and what None does to them."""

from __future__ import annotations

from typing import Any

import pytest

from limner.clock import DAY, HOUR, SECOND, moment_text
from limner.features.count import count
from limner.features.exists import exists
from limner.features.first import first
from limner.features.last import last
from limner.features.mean import mean
from limner.features.mode import mode
from limner.features.quantile import quantile
from limner.features.top import top
from limner.features.total import total
from limner.language.feature import Feature
from limner.language.vocabulary import Cart, Login, Purchase, Rating, View
from tests.machine.events import Event
from tests.machine.reading import Machine

T = 40 * DAY
STORM = [
    Event(T - 9 * HOUR, "view", 1, item="a", category="hats"),
    Event(T - 8 * HOUR, "view", 2, item="b", category="hats"),
    Event(T - 7 * HOUR, "view", 3, item="c", category="shoes"),
    Event(T - 6 * HOUR, "purchase", 4, item="a", category="hats", amount=300),
    Event(T - 5 * HOUR, "purchase", 5, item="c", category="shoes", amount=700),
    Event(T - 5 * HOUR, "rating", 6, score=4.5),
]
views, spend, score = count(View), total(Purchase.amount), mean(Rating.score)
logins = count(Login)
nothing = mean(View.score)
no_text = mode(View.device)


def read(feature: Feature) -> Any:
    return Machine(feature).it(STORM, T)


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (views + 1, 4),
        (1 + views, 4),
        (views - 1, 2),
        (10 - views, 7),
        (views * 2, 6),
        (2 * views, 6),
        (views * 0.5, 1.5),
        (spend / views, 1000 / 3),
        (9 / views, 3.0),
        (views + score, 7.5),
        (views - views, 0),
        (spend * views, 3000),
        (views / 0, None),
        (views / logins, None),
        (logins / views, 0.0),
        (nothing + 1, None),
        (1 - nothing, None),
        (nothing * views, None),
        (nothing / 2, None),
        (2 / nothing, None),
    ],
)
def test_arithmetic(feature: Feature, expected: Any) -> None:
    found = read(feature)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (views == 3, True),
        (views != 3, False),
        (views != 4, True),
        (views < 4, True),
        (views <= 3, True),
        (views > 2.5, True),
        (views >= 4, False),
        (score > 4, True),
        (views > score, False),
        (spend > total(Purchase.amount).within("6h"), True),
        (mode(Purchase.category) == "hats", True),
        (last(View.category) == "shoes", True),
        (last(View.category) != "hats", True),
        (last(Purchase) > last(View), True),
        (last(Cart) > last(View), False),
        ((views == 3) & (logins == 0), True),
        ((views == 4) & (logins == 0), False),
        ((views == 4) | (logins == 0), True),
        (~(views == 4), True),
        (exists(View) & ~exists(Cart), True),
    ],
)
def test_comparison_and_logic(feature: Feature, expected: bool) -> None:
    assert read(feature) is expected


@pytest.mark.parametrize(
    "feature",
    [
        nothing == 0,
        nothing != 0,
        nothing < 1,
        nothing <= 1,
        nothing > -1,
        nothing >= -1,
        nothing == nothing,
        nothing != views,
        views > nothing,
        no_text == "app",
        no_text != "app",
        nothing.exists,
        no_text.exists,
        top(2, View.device).exists,
        last(Cart).exists,
        (views / 0) > 0,
        first(Cart) < first(View),
    ],
)
def test_a_condition_on_none_is_false(feature: Feature) -> None:
    assert read(feature) is False


def test_exists_asks_for_a_value() -> None:
    assert read(score.exists) is True
    assert read(logins.exists) is True
    assert read(last(View).exists) is True
    assert read(mode(View.category).exists) is True
    assert read(top(2, View.category).exists) is True


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (score.or_else(0), 4.5),
        (nothing.or_else(0), 0.0),
        (nothing.or_else(views), 3.0),
        (nothing.or_else(nothing), None),
        (views.or_else(7), 3),
        (views.or_else(7.5), 3.0),
        (quantile(0.5, View.price).or_else(1) + 1, 2.0),
    ],
)
def test_or_else_fills_in(feature: Feature, expected: Any) -> None:
    found = read(feature)
    assert found == expected
    assert type(found) is type(expected)


def test_moments_and_spans() -> None:
    assert read(last(View)) == moment_text(T - 7 * HOUR)
    assert read(last(Purchase) - last(View)) == 2 * HOUR
    assert read(last(View) + (last(Purchase) - last(View))) == moment_text(T - 5 * HOUR)
    assert read((last(Purchase) - last(View)) / SECOND) == 7200.0


def test_a_condition_may_ask_for_another_feature() -> None:
    favourite = last(View.category)
    features = {
        "there": count(View).where(View.category == favourite),
        "elsewhere": count(View).where(View.category != favourite),
        "since": count(Purchase).where(Purchase.at > last(View)),
        "dear": count(Purchase).where(Purchase.amount > mean(Purchase.amount)),
        "twice": total(Purchase.amount * views),
        "unknown": count(View).where(View.category == no_text),
    }
    assert Machine(features).read([[STORM]], T) == [
        {
            "there": 1,
            "elsewhere": 2,
            "since": 2,
            "dear": 1,
            "twice": 3000,
            "unknown": 0,
        }
    ]


def test_equal_parts_are_computed_once() -> None:
    one, other = count(View).within("1h"), count(View).within("1h")
    machine = Machine({"a": one, "b": one + 1, "c": other * 2, "d": other / one})
    assert len(machine.compiled.kernels) == 1


def test_a_family_is_indexed_by_its_spans() -> None:
    family = count(View).within("8h", "24h")
    assert list(family) == ["8h", "24h"]
    assert read(family["8h"]) == 1
    assert read(family["24h"]) == 3
    assert not family["8h"].faults
    assert "no span '7h' here, got 8h, 24h" in family["7h"].faults


def test_truth_values_are_refused() -> None:
    with pytest.raises(TypeError, match="combine with"):
        bool(views > 3)
    with pytest.raises(TypeError, match="combine with"):
        bool(View.price > 3)


def test_a_favourite_that_is_asked_for_is_the_one_that_is_shown() -> None:
    tied = [
        Event(T - HOUR, "view", 1, item="b", category="x"),
        Event(T, "view", 2, item="a", category="x"),
    ]
    favourite = mode(View.item)
    features = {
        "shown": favourite,
        "is_a": favourite == "a",
        "there": count(View).where(View.item == favourite),
        "nested": mode(View.category).where(View.item == favourite) == "x",
        "none": mode(View.brand) == "a",
    }
    expected = {"shown": "a", "is_a": True, "there": 1, "nested": True, "none": False}
    assert Machine(features).read([[tied], [[]]], T) == [
        expected,
        {"shown": None, "is_a": False, "there": 0, "nested": False, "none": False},
    ]
