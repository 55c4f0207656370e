"""The shop's past: months of events written before the show begins."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from limner.clock import DAY
from limner.demo.shopper import Shopper
from limner.demo.simulation import Shop
from limner.demo.trace import Happening
from limner.engine.limner import Limner
from limner.errors import LimnerError

EVENTS_AT_ONCE = 8_000
SOURCE = "demo"

Tell = Callable[[float], None]
"""Told how much of the past has been written, 0 to 1."""


@dataclass
class Past:
    """What has been written, and of whom."""

    events: int = 0
    seconds: float = 0.0
    """Of wall time, of simulating and of writing together."""
    writing_s: float = 0.0
    """Of sending alone."""
    by_user: Counter[int] = field(default_factory=Counter)
    """Events under their user id, by number of the simulated shopper."""


def write_past(limner: Limner, shop: Shop, *, until_us: int, tell: Tell) -> Past:
    """Everything from the opening to a moment, durable on return.

    Each event arrived as it happened, so that `known` works as in a real shop.
    """
    past, begun = Past(), time.perf_counter()
    span = max(1, until_us - shop.opened_us)
    for some in _pieces(shop.happenings(shop.opened_us, until_us)):
        events = [one.event | {"seen_at": one.event["at"]} for one in some]
        began = time.perf_counter()
        deliver(limner, events)
        past.writing_s += time.perf_counter() - began
        past.events += len(events)
        past.by_user.update(
            one.shopper for one in some if "user_id" in one.event["shopper"]
        )
        tell((some[-1].at - shop.opened_us) / span)
    past.seconds = time.perf_counter() - begun
    return past


def deliver(limner: Limner, events: list[dict[str, object]]) -> None:
    """Send events, each of which must be taken."""
    tally = limner.send(events, source=SOURCE).tally
    if tally.accepted != len(events):
        raise LimnerError(
            f"the demo sent {len(events)} events: expected all to be accepted, got"
            f" {tally.accepted}, with {tally.duplicates} duplicates and"
            f" {tally.dead_letters} dead letters {dict(tally.reasons)}"
        )


def star_of(shop: Shop, past: Past, *, at: int) -> Shopper:
    """The shopper to be shown: honest, known, fond of buying, of a middling past, and,
    where there is one, with passions that turned not long ago."""

    def distance(shopper: Shopper) -> tuple[bool, bool, int]:
        turned_days = (at - shopper.turned_us) / DAY
        count = past.by_user[shopper.index]
        return (
            bool(shopper.trick) or count < 40,
            not 2 < turned_days < 20 or shopper.buys < 0.2,
            abs(count - 150),
        )

    return min(shop.shoppers, key=distance)


def _pieces(happenings: Iterator[Happening]) -> Iterator[list[Happening]]:
    while some := list(islice(happenings, EVENTS_AT_ONCE)):
        yield some
