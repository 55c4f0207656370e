"""Storms: events late, twice, shuffled, in any batches, over two stores; the profiles
are those that the naive judge computes from all events at once.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limner.clock import DAY, HOUR, moment_text
from limner.engine.everybody import Everybody
from limner.engine.limner import Limner
from limner.events.schema import Schema
from limner.history.moment import Moment
from limner.shop import Shopper
from limner.stores.disk import Tuning, open_store
from limner.stores.memory import open_memory
from tests.oracle.json_lines import read_json_lines
from tests.oracle.verdict import judge
from tests.oracle.world import World

START = 1_000_000_000_000_000  # 2001: twenty years of gaps stay in the past
KINDS = "view view cart favourite purchase purchase refund cancel impression login"
# gaps that fall on, and beside, the edges of windows and visits
GAPS = [0, 1, HOUR // 2, HOUR // 2 + 1, HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY]


@st.composite
def storms(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to 20 events of up to three shoppers, some of whom turn out to be one."""
    at, events = START, []
    for number in range(draw(st.integers(1, 20))):
        at += draw(st.sampled_from(GAPS))
        kind = draw(st.sampled_from(KINDS.split()))
        who = {"user_id": draw(st.sampled_from("abc"))}
        if kind == "login":
            who["anonymous_id"] = draw(st.sampled_from("xyz"))
        late = draw(st.sampled_from([0, 0, 0, DAY]))
        event = {
            "id": f"e{number}",
            "kind": kind,
            "at": moment_text(at),
            "seen_at": moment_text(at + late),
            "shopper": who,
            "item": draw(st.sampled_from(["p1", "p2", "鞋", "P1"])),
            "category": draw(st.sampled_from(["shoes", "hats", None])),
            "order": draw(st.sampled_from(["o1", "o2", None])),
            "price": draw(st.sampled_from(["0.00", "12.50", "0.99", None])),
            "quantity": draw(st.sampled_from([1, 2, 7])),
        }
        events.append({name: said for name, said in event.items() if said is not None})
    return events


@contextmanager
def opened(kind: str) -> Iterator[Limner]:
    """An empty store in memory, or one on disk that merges all the time."""
    if kind == "memory":
        yield Limner(open_memory(Schema()))
        return
    with tempfile.TemporaryDirectory() as folder:
        tuning = Tuning(hot_rows=16)
        store = open_store(f"{folder}/store", create=Schema(), tuning=tuning)
        with Limner(store) as shop:
            yield shop


def table_of(shop: Limner, at: int, known: int) -> pa.Table:
    """Everybody's profiles."""
    everybody = Everybody(shop.reader(Shopper), Moment(at, known))
    return pa.Table.from_batches(list(everybody.batches(cores=1)), everybody.schema())


@pytest.mark.parametrize("kind", ["memory", "disk"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=storms(), seed=st.integers(0, 2**32))
def test_profiles_do_not_depend_on_order_batches_or_duplicates(
    kind: str, events: list[dict[str, Any]], seed: int
) -> None:
    chance = Random(seed)
    deliveries = events + chance.sample(events, len(events) // 3)
    chance.shuffle(deliveries)
    lines = [json.dumps(event) for event in events]
    world = World(read_json_lines(lines).events, currency="USD")
    moments = chance.sample(world.moments, min(2, len(world.moments)))
    with opened(kind) as shop:
        while deliveries:
            size = chance.randint(1, 9)
            shop.send(deliveries[:size])
            deliveries = deliveries[size:]
        for at in (*moments, max(world.moments) + 30 * DAY):
            for known in (at, 2**62):
                expected = world.profiles(at, known)
                judge(table_of(shop, at, known), expected, data=f"seed {seed}", at=at)
