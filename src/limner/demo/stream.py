"""Events of the show go into the store as they happen; delays are taken on the way."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator

from limner.clock import DAY, SECOND, now_us
from limner.demo.past import deliver
from limner.demo.scene import Scene
from limner.demo.simulation import Shop
from limner.demo.trace import Happening
from limner.engine.limner import Limner
from limner.engine.reading import Reading
from limner.errors import LimnerError
from limner.shop import Shopper as Definition

VISITS_PER_S = 6.0
GLANCE_EVERY_S = 0.5
"""So often a profile is read though nothing happened: time alone changes it too."""
PATIENCE_S = 5.0


class Stream:
    """A show's events, sent when their time has come."""

    def __init__(self, limner: Limner, shop: Shop, scene: Scene) -> None:
        self.limner, self.scene = limner, scene
        self.begun_us = now_us()
        star = scene.star.index
        self._coming: Iterator[Happening] = heapq.merge(
            shop.rush(self.begun_us, visits_per_s=VISITS_PER_S, without=star),
            shop.spotlight(star, self.begun_us),
        )
        self._next = next(self._coming)
        self._glanced = -GLANCE_EVERY_S

    def tick(self) -> None:
        """Send what is due, read it back, and look at the shopper of the show."""
        scene = self.scene
        moment = now_us()
        scene.elapsed = (moment - self.begun_us) / SECOND
        due = []
        while self._next.at <= moment:
            due.append(self._next)
            self._next = next(self._coming)
        mine = [one for one in due if one.shopper == scene.star.index]
        if due:
            scene.delays.add(self._sent_and_read((mine or due)[-1], due))
            scene.happened(due)
        if mine or scene.elapsed - self._glanced >= GLANCE_EVERY_S:
            self._glanced = scene.elapsed
            reading = self.limner.read(Definition, f"user_id:{scene.star.user_id}")
            scene.see(reading.profile, reading.labels)

    def _sent_and_read(self, one: Happening, due: list[Happening]) -> float:
        """Seconds from sending some events until a profile contains one of them."""
        who = one.event["shopper"]
        kind = "user_id" if "user_id" in who else "anonymous_id"
        events = [other.event for other in due]
        begun = time.perf_counter()
        deliver(self.limner, events)
        while True:
            reading = self.limner.read(Definition, f"{kind}:{who[kind]}")
            taken = time.perf_counter() - begun
            if contains(reading, one):
                return taken
            if taken > PATIENCE_S:
                raise LimnerError(
                    f"event {one.id!r} was accepted, but after {PATIENCE_S:.0f} s"
                    " the profile does not contain it"
                )


def contains(reading: Reading, one: Happening) -> bool:
    """Whether a profile has seen an event, or one of the shopper's that came later."""
    last_seen_days: float | None = reading["behaviour.last_seen_days"]
    if last_seen_days is None:
        return False
    return reading.at - last_seen_days * DAY >= one.at - 1_000  # days are floats
