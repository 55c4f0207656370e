"""Definitions: names, all faults at once, references, and the fingerprint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from limner.errors import DefinitionError
from limner.features.count import count
from limner.features.last import last
from limner.features.mean import mean
from limner.features.mode import mode
from limner.features.quantile import quantile
from limner.features.top import top
from limner.features.total import total
from limner.language.feature import Feature
from limner.language.python_feature import feature
from limner.language.vocabulary import Cancel, Cart, Purchase, Refund, View
from limner.profile.definition import Definition, Dimension, Profile, label, ref
from limner.profile.rates import Rates
from tests.machine.events import Event
from tests.machine.reading import Machine


def defined(**features: Any) -> Definition:
    """A profile of one dimension, d, and of labels where there are some."""
    labels = features.pop("labels", None)
    body: dict[str, Any] = {"d": type("D", (Dimension,), features)}
    if labels is not None:
        body["labels"] = type("L", (Dimension,), labels)
    return type("P", (Profile,), body).definition


def faults(build: Callable[[], object]) -> list[str]:
    with pytest.raises(DefinitionError) as raised:
        build()
    return raised.value.faults


def test_names_are_dimension_and_feature_in_the_order_written() -> None:
    class Behaviour(Dimension):
        views = count(View).within("1h", "24h")
        helper = View.price > 3
        limit = 5
        busy = views["24h"] > limit

    class Value(Dimension):
        spend = total(Purchase.amount)

    class Shopper(Profile):
        behaviour = Behaviour
        value = Value

    assert list(Shopper.definition.features) == [
        "behaviour.views_1h",
        "behaviour.views_24h",
        "behaviour.busy",
        "value.spend",
    ]
    assert Shopper.definition.name == "Shopper"


def test_a_profile_may_extend_another() -> None:
    class One(Dimension):
        views = count(View)

    class Two(Dimension):
        carts = count(Cart)

    class Small(Profile):
        one = One

    class Large(Small):
        two = Two

    class More(One):
        spend = total(Purchase.amount)

    class Changed(Large):
        one = More

    assert list(Small.definition.features) == ["one.views"]
    assert list(Large.definition.features) == ["one.views", "two.carts"]
    assert list(Changed.definition.features) == ["one.views", "one.spend", "two.carts"]


def test_dimensions_may_be_nested() -> None:
    class Shopper(Profile):
        class behaviour(Dimension):
            views = count(View)

    assert list(Shopper.definition.features) == ["behaviour.views"]


def test_all_faults_are_reported_together() -> None:
    def build() -> None:
        class Wrong(Dimension):
            x = total(Purchase.amont)
            x = count(View).within("3q")
            y = total(Purchase.amount) + count(View)
            z = ref("d.q") > 3
            views = count(View).within("1h", "2h")
            views_1h = count(View)

        class Labels(Dimension):
            many = count(View)

        class Broken(Profile):
            d = Wrong
            labels = Labels

    assert faults(build) == [
        "d.x is given twice",
        "d.views_1h is given twice",
        "d.z: no feature 'd.q'. Did you mean 'd.z'?",
        "d.x: span '3q': expected a number and ms, s, m, h, d or w",
        "d.y: add: units do not fit, got minor units and count",
        "labels.many: a label is a condition, got integer",
    ]


def test_an_empty_profile_is_refused() -> None:
    assert faults(lambda: type("Empty", (Profile,), {})) == [
        "Empty: expected at least one dimension with a feature"
    ]


def test_an_unknown_feature_is_named() -> None:
    with pytest.raises(DefinitionError, match=r"no feature 'd\.viws'\. Did you mean"):
        defined(views=count(View))["d.viws"]


# ---- references

STORM = [
    Event(1, "view", 1, item="a", category="hats"),
    Event(2, "view", 2, item="b", category="shoes"),
    Event(3, "view", 3, item="b", category="shoes"),
    Event(3, "purchase", 4, item="b", amount=500),
]


def read(definition: Definition) -> dict[str, Any]:
    return Machine(definition.features).read([[STORM]], 5)[0]


def test_references_stand_for_the_feature_itself() -> None:
    definition = defined(
        half=ref("d.views") / 2,
        more=ref("d.views") + 1,
        views=count(View),
        spend=total(Purchase.amount),
        average=ref("d.spend") / ref("d.views"),
        there=count(View).where(View.category == ref("d.favourite")),
        favourite=mode(View.category),
        same=ref("d.favourite"),
        labels={
            "busy": label(ref("d.views") > 2, en="Busy", zh="忙"),
            "idle": ~ref("labels.busy"),
            "both": ref("labels.busy") & (ref("d.spend") >= 500),
        },
    )
    assert read(definition) == {
        "d.half": 1.5,
        "d.more": 4,
        "d.views": 3,
        "d.spend": 500,
        "d.average": 500 / 3,
        "d.there": 2,
        "d.favourite": "shoes",
        "d.same": "shoes",
        "labels.busy": True,
        "labels.idle": False,
        "labels.both": True,
    }
    assert definition["labels.busy"].titles.zh == "忙"
    assert definition["d.average"].unit == "minor units"


def test_units_are_checked_through_references() -> None:
    assert faults(
        lambda: defined(
            views=count(View),
            spend=total(Purchase.amount),
            item=mode(View.item),
            wrong=ref("d.views") + ref("d.spend"),
            worse=ref("d.item") * 2,
            worst=count(View).where(View.price > ref("d.item")),
            labels={"many": ref("d.views")},
        )
    ) == [
        "d.wrong: add: units do not fit, got count and minor units",
        "d.worse: mul: expected numbers, got text",
        "d.worst: lt: text can only be compared by == and !=",
        "labels.many: a label is a condition, got integer",
    ]


@pytest.mark.parametrize(
    "features",
    [
        {"a": ref("d.a")},
        {"a": ref("d.b") + 1, "b": ref("d.a") + 1},
        {"a": count(View).where(View.price > ref("d.a"))},
        {"a": ref("d.b"), "b": count(View).where(View.price > ref("d.a"))},
    ],
)
def test_cycles_are_refused(features: dict[str, Feature]) -> None:
    assert "d.a: refers to itself" in faults(lambda: defined(**features))


def test_a_reference_in_a_condition_must_exist_too() -> None:
    wrong = count(View).where(View.price > ref("d.vews"))
    assert faults(lambda: defined(views=count(View), wrong=wrong)) == [
        "d.wrong: no feature 'd.vews'. Did you mean 'd.views'?"
    ]


# ---- fingerprint


def weighing(n: int) -> Feature:
    @feature(returns="integer")
    def weighed(history: Any, at: int) -> int:
        return n

    return weighed


VARIANTS: list[Callable[[], Feature]] = [
    lambda: count(View),
    lambda: count(Cart),
    lambda: count(View | Cart),
    lambda: count(View.item),
    lambda: count(View.category),
    lambda: count(View).within("1h"),
    lambda: count(View).within("2h"),
    lambda: count(View).ago("1h"),
    lambda: count(View).where(View.price > 1),
    lambda: count(View).where(View.price > 1.0),
    lambda: count(View).where(View.price >= 1),
    lambda: count(View).where(View.price < 1),
    lambda: count(View).where(View.channel == "1"),
    lambda: count(View).where(View.channel != "1"),
    lambda: count(View) + 1,
    lambda: count(View) + 1.0,
    lambda: 1 - count(View),
    lambda: count(View) - 1,
    lambda: count(Purchase).where(Purchase.order.among(Cancel.order)),
    lambda: count(Purchase).where(Purchase.order.among(Refund.order)),
    lambda: count(Purchase).where(~Purchase.order.among(Refund.order)),
    lambda: total(View.price),
    lambda: mean(View.price),
    lambda: quantile(0.5, View.price),
    lambda: quantile(0.6, View.price),
    lambda: top(5, View.item),
    lambda: top(6, View.item),
    lambda: top(5, View.item, half_life="1d"),
    lambda: top(5, View.item, weight={View: 1}),
    lambda: top(5, View.item, weight={View: 2}),
    lambda: last(View),
    lambda: last(View.field("country")),
    lambda: last(View.field("city")),
    lambda: weighing(1),
    lambda: weighing(2),
]


def test_equal_definitions_have_equal_fingerprints() -> None:
    for make in VARIANTS:
        assert defined(x=make()).fingerprint == defined(x=make()).fingerprint


def test_any_change_is_another_fingerprint() -> None:
    prints = [defined(x=make()).fingerprint for make in VARIANTS]
    prints += [
        defined(y=count(View)).fingerprint,
        defined(x=count(View), y=count(View)).fingerprint,
        type(
            "P",
            (Profile,),
            {
                "d": type("D", (Dimension,), {"x": count(View)}),
                "rates": Rates({"EUR": {"2026-01-01": "1.1"}}),
            },
        ).definition.fingerprint,
    ]
    assert len(set(prints)) == len(prints)
    assert all(len(one) == 16 for one in prints)


def test_a_name_for_people_and_a_reference_change_nothing() -> None:
    plain = defined(x=count(View), y=count(View) + 1).fingerprint
    named = count(View).named("Views", "浏览")
    assert defined(x=named, y=ref("d.x") + 1).fingerprint == plain
