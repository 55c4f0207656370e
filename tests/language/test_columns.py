"""Columns: what they say of an event, computed, compared and combined."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.clock import DAY, HOUR
from limner.events.codes import text_code
from limner.events.record import NULL
from limner.features.count import count
from limner.features.last import last
from limner.features.mode import mode
from limner.features.total import total
from limner.language.columns import Column
from limner.language.vocabulary import AnyEvent, Cancel, Kind, Purchase, Refund, View
from limner.language.vocabulary import Event as Anything
from tests.machine.events import Event
from tests.machine.reading import Machine, world

NOON = 40 * DAY + 12 * HOUR


def holds(condition: Column, event: Event, *others: Event) -> bool:
    """Whether a condition holds for an event."""
    found = Machine(count(Anything).where(condition)).it([event, *others], NOON)
    without = Machine(count(Anything).where(condition)).it([*others], NOON)
    return found - without == 1


def value(column: Column, event: Event) -> Any:
    return Machine(last(column)).it([event], NOON)


def view(**said: Any) -> Event:
    return Event(NOON, "view", **said)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (View.price == 5, True),
        (View.price != 5, False),
        (View.price != 6, True),
        (View.price < 5, False),
        (View.price <= 5, True),
        (View.price > 4, True),
        (View.price >= 6, False),
        (View.price > 4.5, True),
        (View.price + 1 == 6, True),
        (1 + View.price == 6, True),
        (View.price - 7 == -2, True),
        (7 - View.price == 2, True),
        (View.price * 3 == 15, True),
        (3 * View.price == 15, True),
        (View.price / 2 == 2.5, True),
        (10 / View.price == 2, True),
        (View.price / 0 == 0, False),
        ((View.price / 0).exists, False),
        (View.price / View.amount == 2.5, True),
        (View.channel == "app", True),
        (View.channel != "web", True),
        (View.channel.is_in("web", "app"), True),
        (View.channel.is_in("web"), False),
        (View.price.is_in(1, 5, 7), True),
        (View.price.between(5, 6), True),
        (View.price.between(4, 5), False),
        (View.price.between(5, 4), True),
        ((View.price == 5) & (View.channel == "app"), True),
        ((View.price == 5) & (View.channel == "web"), False),
        ((View.price == 4) | (View.channel == "app"), True),
        (~(View.price == 4), True),
        (View.price.exists, True),
        (View.brand.exists, False),
        (View.quantity == 1, True),
        (View.flags == 4, True),
    ],
)
def test_an_event_fulfils_a_condition(condition: Column, expected: bool) -> None:
    said = view(price=5, amount=2, channel="app", flags=4)
    assert holds(condition, said) == expected


@pytest.mark.parametrize(
    "condition",
    [
        View.price == 5,
        View.price != 5,
        View.price < 5,
        View.price >= 5,
        View.price == View.amount,
        View.price != View.amount,
        View.score < 5.0,
        View.score != 5.0,
        View.channel == "app",
        View.channel != "app",
        View.channel == View.device,
        View.price + 1 > 0,
        View.price * View.score > 0,
        View.price / 2 < 9,
        View.price.exists,
        View.score.exists,
        View.channel.exists,
        View.price.between(9, 1),
        View.channel.is_in("app", "web"),
        View.order.among(Cancel.order),
    ],
)
def test_a_condition_on_what_is_not_said_is_false(condition: Column) -> None:
    assert not holds(condition, view())


@pytest.mark.parametrize("hour", range(24))
def test_between_goes_around_midnight(hour: int) -> None:
    event = Event(40 * DAY + hour * HOUR, "view")
    night = Machine(count(View).where(View.local_hour.between(22, 5)))
    assert night.it([event], 41 * DAY) == int(hour >= 22 or hour < 5)


@given(st.integers(0, 400 * DAY), st.integers(-48, 56))
def test_local_time_is_the_clock_of_the_store(at: int, quarters: int) -> None:
    event = Event(at, "view", quarters=quarters)
    local = at + quarters * 15 * HOUR // 60
    expected = (local // HOUR % 24, (local // DAY + 3) % 7, local // DAY)
    columns = (View.local_hour, View.weekday, View.local_day)
    found = [Machine(mode(column)).it([event], at) for column in columns]
    assert tuple(found) == expected


def test_among_looks_at_all_visible_events_of_the_other_kind() -> None:
    cancelled = Purchase.order.among(Cancel.order)
    sold = [Event(NOON - n, "purchase", n, order=f"o{n}") for n in range(30)]
    cancels = [Event(NOON, "cancel", 99, order=f"o{n}") for n in range(0, 30, 3)]
    machine = Machine(count(Purchase).where(cancelled))
    assert machine.it(sold + cancels, NOON) == 10
    assert machine.it(sold, NOON) == 0
    late = [event._replace(at=NOON + 1) for event in cancels]
    assert machine.it(sold + late, NOON) == 0


def test_among_tells_kinds_apart() -> None:
    features = {
        "cancelled": count(Purchase).where(Purchase.order.among(Cancel.order)),
        "refunded": count(Purchase).where(Purchase.order.among(Refund.order)),
    }
    storm = [Event(NOON, "purchase", 1, order="o"), Event(NOON, "cancel", 2, order="o")]
    assert Machine(features).read([[storm]], NOON) == [{"cancelled": 1, "refunded": 0}]


def test_among_is_of_its_own_kind_only() -> None:
    kept = count(View | Purchase).where(~Purchase.order.among(Cancel.order))
    storm = [
        Event(NOON, "purchase", 1, order="o"),
        Event(NOON, "view", 2, order="o"),
        Event(NOON, "cancel", 3, order="o"),
    ]
    assert Machine(kept).it(storm, NOON) == 1


def test_kinds_are_joined() -> None:
    storm = [Event(NOON, k, n) for n, k in enumerate(("view", "cart", "impression"))]
    impressions = Kind(("impression",))
    for kind, expected in (
        (View | Purchase, 1),
        (Anything, 2),
        (Anything | View, 2),
        (Anything | impressions, 3),
        (impressions | Anything | impressions, 3),
        (AnyEvent, 3),
    ):
        assert Machine(count(kind)).it(storm, NOON) == expected


def test_a_kind_of_the_stores_own_is_activity() -> None:
    storm = [Event(NOON, "wish")]
    assert Machine(count(Kind(("wish",)))).it(storm, NOON) == 1
    assert Machine(count(Anything)).it(storm, NOON) == 1


def test_columns_of_the_stores_own() -> None:
    event = view(country="FR", stars=4, ratio=0.25, fee=99)
    assert value(View.field("country"), event) == "FR"
    assert value(View.field("stars", "integer"), event) == 4
    assert value(View.field("ratio", "number"), event) == 0.25
    assert value(View.field("fee", "money"), event) == 99
    assert value(View.field("ratio", "number"), view()) is None
    assert holds(View.field("country") == "FR", event)


def test_an_unsaid_currency_is_the_stores_only_where_there_is_money() -> None:
    assert value(View.price, view(price=7)) == 7


# ---- catalogue


def code(text: str) -> int:
    return int(np.uint64(text_code(text)).astype(np.int64))


FACTS = [
    (text_code("i"), 10 * DAY, code("old"), code("first"), 500),
    (text_code("i"), 40 * DAY, code("new"), NULL, 700),
    (text_code("j"), 10 * DAY, code("other"), NULL, NULL),
]


@pytest.mark.parametrize(
    ("day", "category", "price"),
    [(5, "old", 500), (10, "old", 500), (39, "old", 500), (40, "new", 700)],
)
def test_a_fact_is_as_of_the_event(day: int, category: str, price: int) -> None:
    features = {"category": last(View.category), "price": last(View.list_price)}
    machine = Machine(features, of_world=world(facts=FACTS))
    teller = Event(0, "search", 9, category="old", brand="new")  # texts to be shown
    event = Event(day * DAY, "view", item="i")
    assert machine.read([[[event, teller]]], NOON) == [
        {"category": category, "price": price}
    ]


def test_the_events_own_word_wins_over_the_catalogue() -> None:
    machine = Machine(last(View.category), of_world=world(facts=FACTS))
    assert machine.it([view(item="i", category="mine")], NOON) == "mine"


def test_an_item_without_a_fact_has_none() -> None:
    machine = Machine(last(View.brand), of_world=world(facts=FACTS))
    assert machine.it([view(item="j")], NOON) is None
    assert machine.it([view(item="k")], NOON) is None
    assert machine.it([view()], NOON) is None


# ---- money

RATES = [("EUR", 10 * DAY, 1.1), ("EUR", 40 * DAY, 1.2), ("JPY", 0, 0.65)]


@pytest.mark.parametrize(
    ("day", "currency", "amount", "expected"),
    [
        (41, "USD", 105, 105),
        (41, "EUR", 105, 126),
        (40, "EUR", 105, 126),
        (39, "EUR", 105, 116),  # 115.5
        (5, "EUR", 105, 116),  # the earliest rate
        (41, "JPY", 10, 7),  # 6.5
        (41, "GBP", 105, 0),  # no rate: absent
        (41, "EUR", -105, -126),
        (39, "EUR", -105, -116),
    ],
)
def test_money_is_converted(
    day: int, currency: str, amount: int, expected: int
) -> None:
    machine = Machine(total(Purchase.amount), of_world=world(rates=RATES))
    event = Event(day * DAY, "purchase", amount=amount, currency=currency)
    assert machine.it([event], 100 * DAY) == expected


@given(
    amount=st.integers(-(10**9), 10**9),
    rate=st.decimals("0.0001", "999", places=4, allow_nan=False),
)
def test_conversion_rounds_half_up(amount: int, rate: Decimal) -> None:
    of_world = world(rates=[("EUR", 0, float(rate))])
    machine = Machine(total(Purchase.amount), of_world=of_world)
    exact = (amount * rate).to_integral_value(rounding=ROUND_HALF_UP)
    event = Event(NOON, "purchase", amount=amount, currency="EUR")
    assert machine.it([event], NOON) == int(exact)


def test_money_without_a_rate_is_absent_and_not_zero() -> None:
    machine = Machine(last(Purchase.amount), of_world=world(rates=RATES))
    event = Event(NOON, "purchase", amount=5, currency="GBP")
    assert machine.it([event], NOON) is None


def test_own_money_is_converted_too() -> None:
    of_world = world(rates=RATES)
    machine = Machine(last(View.field("fee", "money")), of_world=of_world)
    assert machine.it([view(fee=105, currency="EUR")], 100 * DAY) == 126


def test_a_negative_zero_is_a_value() -> None:
    assert value(View.score, view(score=-0.0)) == 0.0
