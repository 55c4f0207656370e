"""Which events a reading sees, at the very edges; and in which order."""

from __future__ import annotations

import msgspec
import pytest

from limner.clock import DAY
from limner.events.schema import Retention
from limner.features.count import count
from limner.features.first import first
from limner.features.last import last
from limner.features.top import top
from limner.language.vocabulary import Event as Anything
from limner.language.vocabulary import View
from tests.machine.events import SCHEMA, Event
from tests.machine.reading import Machine

T = 400 * DAY


@pytest.mark.parametrize(("late", "seen"), [(-1, 1), (0, 1), (1, 0)])
def test_what_arrives_at_the_very_moment_is_known(late: int, seen: int) -> None:
    event = Event(T - DAY, "view", seen_at=T + late)
    assert Machine(count(View)).it([event], T, known=T) == seen
    assert Machine(count(View)).it([event], T) == 1


@pytest.mark.parametrize(("later", "seen"), [(-1, 1), (0, 1), (1, 0)])
def test_the_moment_itself_is_seen(later: int, seen: int) -> None:
    assert Machine(count(View)).it([Event(T + later, "view")], T) == seen


@pytest.mark.parametrize(("age", "seen"), [(DAY - 1, 1), (DAY, 0), (DAY + 1, 0)])
def test_retention_is_half_open(age: int, seen: int) -> None:
    kept = {"view": Retention(span_us=DAY)}
    schema = msgspec.structs.replace(SCHEMA, retention=kept)
    assert Machine(count(View), schema=schema).it([Event(T - age, "view")], T) == seen


def test_the_newest_of_a_kind_are_kept_and_other_kinds_untouched() -> None:
    kept = {"view": Retention(newest=2)}
    schema = msgspec.structs.replace(SCHEMA, retention=kept)
    storm = [Event(T, "view", n, item=f"i{n}") for n in range(5)]
    storm += [Event(T, "cart", n, item="c") for n in range(5, 9)]
    features = {
        "views": count(View),
        "events": count(Anything),
        "first": first(View.item),
    }
    assert Machine(features, schema=schema).read([[storm]], T) == [
        {"views": 2, "events": 6, "first": "i3"}
    ]


def test_histories_are_united_in_the_order_of_moment_and_id() -> None:
    one = [Event(T, "view", 2, item="b"), Event(T, "view", 5, item="e")]
    other = [Event(T, "view", 1, item="a"), Event(T, "view", 4, item="d")]
    third = [Event(T, "view", 2**63 + 9, item="z"), Event(T - 1, "view", 9, item="0")]
    features = {"first": first(View.item), "last": last(View.item)}
    machine = Machine(features)
    assert machine.read([[one, other]], T) == [{"first": "a", "last": "e"}]
    assert machine.read([[other, one]], T) == [{"first": "a", "last": "e"}]
    assert machine.read([[one, third, other]], T) == [{"first": "0", "last": "z"}]
    assert machine.read([[one, []], [[], []]], T) == [
        {"first": "b", "last": "e"},
        {"first": None, "last": None},
    ]


def test_all_that_tie_at_the_cut_are_candidates() -> None:
    machine = Machine(top(1, View.item, half_life="365d"))
    nearly = [Event(T - 20_000, "view", 1, item="a"), Event(T, "view", 2, item="b")]
    [entry] = machine.it(nearly, T)
    assert entry["key"] == "a"
    less = [Event(T - 200_000, "view", 1, item="a"), Event(T, "view", 2, item="b")]
    [entry] = machine.it(less, T)
    assert entry["key"] == "b"
