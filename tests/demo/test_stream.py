"""The past and the present of the simulated shop go through the real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from limner.clock import DAY, now_us
from limner.demo.catalogue import CURRENCY, TIME_ZONE
from limner.demo.past import Past, deliver, star_of, write_past
from limner.demo.scene import Scene
from limner.demo.simulation import Shop
from limner.demo.stream import Stream, contains
from limner.engine.limner import Limner
from limner.engine.limner import open as open_limner
from limner.errors import LimnerError
from limner.events.schema import Schema
from limner.shop import Shopper as Definition

DAYS = 25


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(2, 25, now_us() - DAYS * DAY)


@pytest.fixture(scope="module")
def limner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Limner]:
    schema = Schema(currency=CURRENCY, time_zone=TIME_ZONE)
    folder: Path = tmp_path_factory.mktemp("demo") / "store"
    with open_limner(folder, create=schema) as opened:
        yield opened


@pytest.fixture(scope="module")
def past(limner: Limner, shop: Shop) -> Past:
    parts: list[float] = []
    written = write_past(limner, shop, until_us=now_us(), tell=parts.append)
    assert parts == sorted(parts)
    assert 0.9 < parts[-1] <= 1
    return written


def test_all_of_the_past_is_in_the_store(
    limner: Limner, shop: Shop, past: Past
) -> None:
    assert past.events == limner.store.totals().events > 500
    star = star_of(shop, past, at=now_us())
    told = list(limner.timeline(f"user_id:{star.user_id}"))
    mine = [
        one.id
        for one in shop.happenings(shop.opened_us, now_us())
        if one.shopper == star.index
    ]
    assert {event["id"] for event in told} <= set(mine)
    assert past.by_user[star.index] <= len(told)


def test_the_past_arrived_as_it_happened(
    limner: Limner, shop: Shop, past: Past
) -> None:
    star = star_of(shop, past, at=now_us())
    name, then = f"user_id:{star.user_id}", now_us() - 5 * DAY
    one = limner.read(Definition, name, then)
    other = limner.read(Definition, name, then, known=then)
    assert one.profile == other.profile
    assert one["behaviour.sessions_30d"] > 0


def test_the_star_is_known_and_honest(shop: Shop, past: Past) -> None:
    star = star_of(shop, past, at=now_us())
    assert not star.trick
    assert past.by_user[star.index] >= 40


def test_what_is_streamed_is_read_back_at_once(
    limner: Limner, shop: Shop, past: Past
) -> None:
    scene = Scene(star_of(shop, past, at=now_us()), 5.0, {}, stored=past.events)
    stream = Stream(limner, shop, scene)
    while scene.sent < 20 and scene.elapsed < 20:
        stream.tick()
    assert scene.sent >= 20
    assert limner.store.totals().events == scene.stored
    assert scene.delays.quantiles().samples > 0
    assert 0 < scene.delays.newest[0] < 5
    assert scene.profile["preference"]["categories"]


def test_a_reading_from_before_an_event_does_not_contain_it(
    limner: Limner, shop: Shop, past: Past
) -> None:
    star = star_of(shop, past, at=now_us())
    mine = [
        one
        for one in shop.happenings(shop.opened_us, shop.opened_us + DAYS * DAY)
        if one.event["shopper"] == {"user_id": star.user_id}
    ]
    newest = mine[-1]
    name = f"user_id:{star.user_id}"
    assert contains(limner.read(Definition, name, newest.at), newest)
    assert not contains(limner.read(Definition, name, newest.at - 2_000), newest)


def test_an_event_that_is_not_taken_ends_the_demo(limner: Limner) -> None:
    with pytest.raises(LimnerError, match="1 dead letters"):
        deliver(limner, [{"kind": "view", "at": "nonsense", "shopper": {"a": "b"}}])
