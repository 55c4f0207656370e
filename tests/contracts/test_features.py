"""Every feature keeps every promise, and equals a twin too simple to be wrong."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.clock import FOR_EVER, HOUR, MINUTE
from limner.events.kinds import NOT_ACTIVITY
from limner.events.schema import Retention
from limner.features.registry import declarations, selections
from limner.language.selection import Selection
from limner.language.vocabulary import Event as Anything
from tests.features.twins import LINES, Line
from tests.machine.events import SCHEMA, Event, in_order
from tests.machine.reading import Machine

T0 = 400 * 24 * HOUR
SPAN = 3 * HOUR
NAMES = sorted(LINES)
ADDITIVE = ("count", "decayed", "distinct", "mean", "sessions", "share", "total")
"""Features whose contributions add up to their value."""

every_line = pytest.mark.parametrize("name", NAMES)
storm_settings = settings(max_examples=20)


def happenings(rng: random.Random) -> Event:
    """Any event at all; most say little."""

    def maybe(*values: Any) -> Any:
        return rng.choice([None, *values])

    cents = (0, 1, 99, 250, 10**12)
    return Event(
        at=T0 + rng.randrange(65) * 15 * MINUTE,
        kind=rng.choice(KINDS),
        item=maybe("a", "b", "é", "c"),
        category=maybe("shoes", "hats"),
        order=maybe("o1", "o2", "o3"),
        campaign=maybe("spring", "autumn"),
        channel=maybe("app", "web"),
        attribute=maybe("gender", "age"),
        value=maybe("f", "m"),
        price=maybe(*cents),
        amount=maybe(*cents),
        stars=maybe(-3, 4, 5),
        fee=maybe(*cents),
        seconds=maybe(0.0, 2.5, 30.0),
        score=maybe(-1.5, -0.0, 0.0, 1.5, 2.25, 5.0),
        quarters=rng.choice([0, 0, 32, -20]),
        seen_at=maybe(None, T0 + 8 * HOUR, T0 + 17 * HOUR),
    )


def numbered(drawn: list[Event]) -> list[Event]:
    """Each event with an id of its own, in an order that `at` does not tell."""
    return in_order(e._replace(id=n * 7919 % 1009) for n, e in enumerate(drawn))


KINDS = "view purchase rating wish cancel impression identify attribute".split()
POOL = [happenings(random.Random(seed)) for seed in range(2_000)]
storms = st.lists(st.sampled_from(POOL), max_size=25).map(numbered)
moments = st.integers(-1, 66).map(lambda quarter: T0 + quarter * 15 * MINUTE)


@cache
def machine(name: str, narrowing: str = "") -> Machine:
    """A line's feature, narrowed in some way, compiled once."""
    feature: Selection = LINES[name].feature
    if "within" in narrowing:
        feature = feature.within("3h")
    if "where" in narrowing:
        feature = feature.where(Anything.channel == "app")
    if "ago" in narrowing:
        feature = feature.ago("2h")
    return Machine(feature)


def twin(line: Line, seen: list[Event], at: int, span: int = FOR_EVER) -> Any:
    """What the twin says of the events in (at - span, at] of the line's kinds."""
    kinds = line.kinds
    mine = [
        e
        for e in seen
        if at - span < e.at <= at
        and (e.kind in kinds if kinds else e.kind not in {*NOT_ACTIVITY, "attribute"})
    ]
    return line.twin(mine, at)


def same(one: Any, other: Any) -> bool:
    """Equal; floats to 1e-9."""
    if isinstance(one, list):
        return len(one) == len(other) and all(
            a["key"] == b["key"] and same(a["weight"], b["weight"])
            for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9, abs=1e-12)
    return type(one) is type(other) and one == other


def test_every_feature_has_a_line() -> None:
    named = {name for name in declarations() if name in LINES}
    classes = {type(line.feature) for line in LINES.values()}
    assert named == set(declarations())
    assert set(selections()) <= classes


def test_every_line_is_of_a_feature() -> None:
    for name in NAMES:
        assert any(name.startswith(known) for known in declarations())


@every_line
@given(storm=storms, at=moments)
@storm_settings
def test_it_equals_its_twin(name: str, storm: list[Event], at: int) -> None:
    expected = twin(LINES[name], storm, at)
    assert same(machine(name).it(storm, at), expected), expected


@every_line
@given(storm=storms, at=moments)
@storm_settings
def test_within_is_half_open(name: str, storm: list[Event], at: int) -> None:
    expected = twin(LINES[name], storm, at, SPAN)
    assert same(machine(name, "within").it(storm, at), expected), expected


@every_line
def test_the_edges_of_a_window_are_exact(name: str) -> None:
    line, at = LINES[name], T0 + 10 * HOUR
    kind = (line.kinds or ("view",))[0]
    full = Event(
        at=0, kind=kind, item="i", category="c", order="o", campaign="s", channel="app",
        attribute="gender", value="f", price=5, amount=5, stars=5, fee=5, seconds=5.0,
        score=5.0,
    )  # fmt: skip
    for edge, inside in ((-SPAN, False), (-SPAN + 1, True), (0, True), (1, False)):
        event = full._replace(at=at + edge)
        expected = twin(line, [event] if inside else [], at)
        assert same(machine(name, "within").it([event], at), expected), edge


@every_line
@given(storm=storms, at=moments)
@storm_settings
def test_where_narrows(name: str, storm: list[Event], at: int) -> None:
    app = [e for e in storm if e.channel == "app"]
    expected = twin(LINES[name], app, at, SPAN)
    assert same(machine(name, "within where").it(storm, at), expected), expected


@every_line
@given(storm=storms, at=moments)
@storm_settings
def test_ago_is_a_reading_of_then(name: str, storm: list[Event], at: int) -> None:
    expected = twin(LINES[name], storm, at - 2 * HOUR, SPAN)
    assert same(machine(name, "within ago").it(storm, at), expected), expected


@every_line
@given(storm=storms, at=moments, order=st.randoms())
@storm_settings
def test_the_order_of_arrival_does_not_matter(
    name: str, storm: list[Event], at: int, order: Any
) -> None:
    shuffled = list(storm)
    order.shuffle(shuffled)
    assert machine(name).it(shuffled, at) == machine(name).it(storm, at)


@every_line
@given(storm=storms, at=moments)
@storm_settings
def test_later_events_do_not_exist(name: str, storm: list[Event], at: int) -> None:
    past = [e for e in storm if e.at <= at]
    assert machine(name).it(storm, at) == machine(name).it(past, at)


@every_line
@given(storm=storms, at=moments, known=moments)
@storm_settings
def test_what_arrived_later_was_not_known(
    name: str, storm: list[Event], at: int, known: int
) -> None:
    heard = [e for e in storm if e.arrival <= known]
    assert machine(name).it(storm, at, known=known) == machine(name).it(heard, at)


KEPT = {
    "view": Retention(span_us=4 * HOUR),
    "purchase": Retention(newest=2),
    "*": Retention(span_us=9 * HOUR, newest=3),
}
FORGETFUL = msgspec.structs.replace(SCHEMA, retention=KEPT)


def kept(history: list[Event], at: int, known: int = FOR_EVER) -> list[Event]:
    """What a reading sees of one identifier's history."""
    seen: list[Event] = []
    for e in reversed([e for e in history if e.at <= at and e.arrival <= known]):
        rule = KEPT.get(e.kind, KEPT["*"])
        often = sum(one.kind == e.kind for one in seen)
        if e.at > at - rule.span_us and often < rule.newest:
            seen.append(e)
    return seen[::-1]


@cache
def forgetful(name: str) -> Machine:
    return Machine(LINES[name].feature, schema=FORGETFUL)


@every_line
@given(storm=storms, at=moments)
@storm_settings
def test_retention_is_a_rule_of_reading(name: str, storm: list[Event], at: int) -> None:
    expected = twin(LINES[name], kept(storm, at), at)
    assert same(forgetful(name).it(storm, at), expected), expected


@every_line
@given(storm=storms, other=storms, at=moments)
@storm_settings
def test_identifiers_are_united_after_retention(
    name: str, storm: list[Event], other: list[Event], at: int
) -> None:
    other = [e._replace(id=e.id + 2000) for e in other]
    union = in_order(kept(storm, at) + kept(other, at))
    expected = twin(LINES[name], union, at)
    found = forgetful(name).read([[storm, other]], at)[0]["it"]
    assert same(found, expected), expected


@every_line
@given(drawn=st.lists(st.tuples(storms, storms), min_size=1, max_size=5), at=moments)
@settings(max_examples=10)
def test_alone_and_in_a_batch_are_the_same_bits(name: str, drawn: Any, at: int) -> None:
    shoppers = [
        [one, [e._replace(id=e.id + 2000) for e in other]] for one, other in drawn
    ]
    of_all = machine(name).read(shoppers, at)
    alone = [machine(name).read([shopper], at)[0] for shopper in shoppers]
    assert of_all == alone
    _, slots, _ = machine(name).raw(shoppers, at)
    _, again, _ = machine(name).raw(shoppers, at)
    assert slots.tobytes() == again.tobytes()


@every_line
def test_without_events_it_says_what_it_declares(name: str) -> None:
    feature = LINES[name].feature
    expected = [] if feature.returns == "list" else feature.empty
    assert machine(name).it([], T0) == expected
    assert machine(name).it([Event(at=T0, kind="impression")], T0) == expected


@every_line
def test_events_that_say_nothing_are_borne(name: str) -> None:
    line = LINES[name]
    bare = [Event(at=T0, kind=k, id=n) for n, k in enumerate(line.kinds or ("view",))]
    assert same(machine(name).it(bare, T0 + HOUR), twin(line, bare, T0 + HOUR))


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(ADDITIVE)])
@given(storm=storms, at=moments)
@storm_settings
def test_contributions_add_up(name: str, storm: list[Event], at: int) -> None:
    feature, value = LINES[name].feature, machine(name).it(storm, at)
    added = feature.contributions(machine(name).chosen(storm, at), value)
    assert np.nansum(added) == pytest.approx(value or 0, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", ["top", "top_plain"])
@given(storm=storms, at=moments)
@storm_settings
def test_contributions_to_a_list_add_up(name: str, storm: list[Event], at: int) -> None:
    feature, value = LINES[name].feature, machine(name).it(storm, at)
    added = feature.contributions(machine(name).chosen(storm, at), value)
    weights = sum(entry["weight"] for entry in value)
    assert np.nansum(added) == pytest.approx(weights, rel=1e-9)


@every_line
@given(storm=storms, at=moments)
@settings(max_examples=10)
def test_every_event_selected_has_a_contribution(
    name: str, storm: list[Event], at: int
) -> None:
    chosen = machine(name).chosen(storm, at)
    value = machine(name).it(storm, at)
    added = LINES[name].feature.contributions(chosen, value)
    assert added.shape == chosen.at.shape
    assert added.dtype == np.float64


@every_line
def test_a_robot_does_not_make_it_slow(name: str) -> None:
    kinds = LINES[name].kinds or ("view",)
    robot = [
        Event(
            at=T0 + n * MINUTE, id=n, kind=kinds[n % len(kinds)], item=f"i{n}",
            category=f"c{n}", order=f"o{n}", campaign="s", price=n, amount=n,
            attribute="gender", value="f", seconds=1.0, score=float(n), stars=n, fee=n,
        )
        for n in range(2_000)
    ]  # fmt: skip
    shopper = [
        [e._replace(id=e.id + part * 2_000) for e in robot] for part in range(10)
    ]
    machine(name).it(robot[:2], T0)  # compiles
    begun = time.perf_counter()
    machine(name).raw([shopper], FOR_EVER // 2)
    assert time.perf_counter() - begun < 5


def test_weights_are_by_kind_and_others_are_left_out() -> None:
    line = replace(LINES["top"].feature, half_life_us=0)
    storm = [Event(T0, "view", 1, category="a"), Event(T0, "rating", 2, category="a")]
    assert Machine(line).it(storm, T0) == [{"key": "a", "weight": 1.0}]
