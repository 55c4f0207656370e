"""What the few dishonest shoppers of the simulated shop do besides."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from limner.demo.catalogue import CATEGORY, Item
from limner.demo.order import Line, place
from limner.demo.shopper import Shopper
from limner.demo.trace import Happening, Trace, money, pause

OFTEN = {"brushing": 0.35, "carding": 0.1}
"""How likely a day is one of those, by trick."""


def fraud(
    shopper: Shopper, random: Random, *, at: int, name: str
) -> Iterator[Happening]:
    """One bout of brushing or carding."""
    trace = Trace(name, at, shopper=shopper.index, pace=1.0)
    trace.who = {"user_id": shopper.user_id}
    trace.always = {"channel": "web", "device": "desktop"}
    act = _brush if shopper.trick == "brushing" else _card
    for _ in range(random.randint(4, 9)):
        act(trace, random, shopper=shopper)
        trace.wait(pause(random, 150))
    return iter(trace)


def _brush(trace: Trace, random: Random, *, shopper: Shopper) -> None:
    """Buy the same thing again, barely looking, and praise it at once."""
    shelf = CATEGORY[max(shopper.passions[0], key=shopper.passions[0].__getitem__)]
    item = shelf.items[shopper.index % len(shelf.items)]
    _view(trace, item, seconds=round(random.uniform(0.5, 2), 1))
    place(trace, random, lines=[Line(item, 1, item.price_minor)])
    trace.tell("rating", item, score=5.0)
    trace.tell("review", item, score=5.0, text="很好，会再买。")


def _card(trace: Trace, random: Random, *, shopper: Shopper) -> None:
    """Try cards that are not one's own on something dear, from ever other devices."""
    trace.always["device"] = random.choice(("desktop", "mobile", "tablet", "other"))
    item = random.choice(CATEGORY["phones"].items[-4:])
    _view(trace, item, seconds=round(random.uniform(1, 4), 1))
    if random.random() < 0.6:
        status = {"method": "card", "status": "failed"}
        trace.tell("payment", None, fields=status, **money(item.price_minor))
        return
    order = place(trace, random, lines=[Line(item, 2, item.price_minor)])
    if random.random() < 0.3:
        trace.wait(600)
        trace.tell("cancel", order=order)


def _view(trace: Trace, item: Item, *, seconds: float) -> None:
    trace.tell("view", item, seconds=seconds, **money(item.price_minor))
    trace.wait(seconds)
