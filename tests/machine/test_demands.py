"""What a definition asks of a store is checked when the two meet."""

from __future__ import annotations

import pytest

from limner.clock import DAY
from limner.events.schema import Retention, Schema
from limner.features.attribute import attribute
from limner.features.count import count
from limner.features.last import last
from limner.features.top import top
from limner.features.total import total
from limner.language.feature import Feature
from limner.language.vocabulary import Cancel, Kind, Purchase, View
from limner.language.vocabulary import Event as Anything
from limner.machine.demands import faults_with

SCHEMA = Schema(
    kinds=("wish",),
    columns={"country": "text", "stars": "integer"},
    retention={"view": Retention(span_us=30 * DAY)},
)
VIEWED = "looks back {} days at view, the store keeps 30"


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (count(View), []),
        (count(View).within("30d"), []),
        (count(View).within("31d"), [VIEWED.format(31)]),
        (count(View).within("20d").ago("20d"), [VIEWED.format(40)]),
        (count(Anything).within("31d"), [VIEWED.format(31)]),
        (count(Purchase).within("999d"), []),
        (count(Purchase | View).within("999d") > 3, [VIEWED.format(999)]),
        (
            top(3, Anything.item, weight={View: 1}).within("31d"),
            [VIEWED.format(31)],
        ),
        (
            count(Purchase).where(Purchase.price > count(View).within("31d") * 1.0),
            [VIEWED.format(31)],
        ),
        (count(Kind(("wish",))), []),
        (
            count(Kind(("wihs",))),
            ["the store knows no kind 'wihs'. Did you mean 'wish'?"],
        ),
        (
            count(Purchase).where(Purchase.order.among(Kind(("void",)).order)),
            ["the store knows no kind 'void'."],
        ),
        (last(View.field("country")), []),
        (
            last(View.field("city")),
            [
                "the store keeps no column 'city'; add it by"
                " limner migrate --add-column city:text"
            ],
        ),
        (
            total(View.field("fee", "money")) + 1,
            [
                "the store keeps no column 'fee'; add it by"
                " limner migrate --add-column fee:money"
            ],
        ),
        (
            count(View).where(View.field("stars") == "5"),
            ["column 'stars' is integer in the store, expected text"],
        ),
        (attribute("gender"), []),
        (count(Anything | Kind(("impression",))), []),
        (count(Purchase).where(~Purchase.order.among(Cancel.order)), []),
    ],
)
def test_what_a_store_lacks_is_named(feature: Feature, expected: list[str]) -> None:
    found = faults_with("d.x", feature, schema=SCHEMA)
    assert found == [f"d.x: {fault}" for fault in expected]
