"""The simulated shop: seed and span in, events in order of time out.

Pure: no clock, no files. What each shopper does on each day depends on the seed, her
number and the moment the shop opened alone, so that a span may be asked for in pieces,
and events of the first 300 of 1,000 shoppers are those of a shop of 300. The hidden
truth is in ``Shop.shoppers``.

>>> from limner.clock import DAY, moment_us
>>> start = moment_us("2026-03-01")
>>> events = list(simulate(7, 20, start_us=start, end_us=start + 3 * DAY))
>>> events == list(simulate(7, 20, start_us=start, end_us=start + 3 * DAY))
True
>>> events[0]["kind"]
'page'
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, count
from random import Random
from typing import Any

from limner.clock import DAY, MINUTE, SECOND
from limner.demo.campaign import campaign_at
from limner.demo.catalogue import OFFSET_US
from limner.demo.fraud import OFTEN, fraud
from limner.demo.order import AFTERMATH_DAYS
from limner.demo.shopper import Shopper, born
from limner.demo.trace import Happening
from limner.demo.visit import Visit, start_of

PACE = 14.0
"""In a rush, shoppers hesitate this many times less."""

SPOTLIGHT_PACE, KEENNESS = 24.0, 2.5
"""In the spotlight even less, and this many times more is bought."""


def simulate(
    seed: int, shoppers: int, *, start_us: int, end_us: int
) -> Iterator[dict[str, Any]]:
    """The events of a shop that opens at `start_us`, as Limner takes them in.

    In the order of (at, id), with `start_us` ≤ at < `end_us` (UTC microseconds): about
    2.3 a day and shopper, made at some 60,000 a second. Ids are unique within a seed.
    Holds a day's events, and what is still to come of a month's orders, in memory. The
    truth behind them is in ``Shop(seed, shoppers, start_us).shoppers``.
    """
    shop = Shop(seed, shoppers, start_us)
    return (one.event for one in shop.happenings(start_us, end_us))


@dataclass(frozen=True)
class Shop:
    """A shop with so many shoppers that opened at a moment (UTC microseconds)."""

    seed: int
    size: int
    opened_us: int

    @cached_property
    def shoppers(self) -> tuple[Shopper, ...]:
        """Everybody, with what they hide."""
        return tuple(
            born(self.seed, index, opened_us=self.opened_us)
            for index in range(self.size)
        )

    def happenings(self, start_us: int, end_us: int) -> Iterator[Happening]:
        """Everything with `start_us` ≤ at < `end_us`, in the order of (at, id)."""
        start_us = max(start_us, self.opened_us)
        first = max(self._day(self.opened_us), self._day(start_us) - AFTERMATH_DAYS)
        coming: list[Happening] = []
        for day in range(first, self._day(end_us - 1) + 1):
            for shopper in self.shoppers:
                coming += self._on(shopper, day)
            coming.sort()
            done = min(self._midnight(day + 1), end_us)
            cut = bisect_left(coming, done, key=lambda one: one.at)
            yield from (one for one in coming[:cut] if one.at >= start_us)
            del coming[:cut]

    def rush(
        self, start_us: int, *, visits_per_s: float, without: int = -1
    ) -> Iterator[Happening]:
        """A busy hour without end: many visits, each at a quick pace, in order of time.

        The same hidden interests, other events: rush and `happenings` share no ids.
        `without` is the number of a shopper who stays away.
        """
        random = Random(f"{self.seed}/rush")
        crowd = [shopper for shopper in self.shoppers if shopper.index != without]
        total = list(accumulate(shopper.visits_per_day for shopper in crowd))
        coming: list[Happening] = []
        at = start_us - MINUTE  # so that it is busy from the first second on
        for number in count():
            at += int(random.expovariate(visits_per_s) * SECOND)
            while coming and coming[0].at < at:
                one = heapq.heappop(coming)
                if one.at >= start_us:
                    yield one
            shopper = random.choices(crowd, cum_weights=total)[0]
            name = f"{self.seed}.r{number}.{shopper.index}"
            visit = Visit(shopper, Random(name), at=at, name=name, pace=PACE)
            for one in visit.happenings():
                if one.at < at + DAY:  # the next day of a rush never comes
                    heapq.heappush(coming, one)

    def spotlight(self, index: int, start_us: int) -> Iterator[Happening]:
        """One shopper's visits at a quick pace, one after another without end.

        In the first she looks at some things before she says who she is.
        """
        shopper, at = self.shoppers[index], start_us
        for number in count():
            name = f"{self.seed}.s{number}.{index}"
            visit = Visit(
                shopper,
                Random(name),
                at=at,
                name=name,
                pace=SPOTLIGHT_PACE,
                keenness=KEENNESS,
            )
            told = visit.sign_in_late(looks=4) if number == 0 else visit.happenings()
            for one in told:
                if one.at <= visit.left_us:  # what comes of it comes too late
                    yield one
            at = visit.left_us + SECOND

    def _on(self, shopper: Shopper, day: int) -> Iterator[Happening]:
        """Everything that begins on a local day of the shop, with what comes of it."""
        random = Random(f"{self.seed}/{shopper.index}/{day - self._first_day}")
        name = f"{self.seed}.{shopper.index}.{day - self._first_day}"
        midnight = self._midnight(day)
        if self._day(shopper.joined_us) == day:
            visit = Visit(shopper, random, at=shopper.joined_us, name=name + ".j")
            yield from visit.join()
            return
        for number, wanted in enumerate(self._visits(shopper, day, random=random)):
            at = start_of(shopper, random, day_us=midnight)
            if at >= self.opened_us:
                visit = Visit(shopper, random, at=at, name=f"{name}.{number}")
                yield from visit.happenings(wanted)
        is_known = shopper.joined_us < midnight
        if is_known and random.random() < OFTEN.get(shopper.trick, 0.0):
            at = midnight + int(random.random() * DAY)
            yield from fraud(shopper, random, at=at, name=name + ".f")

    def _visits(self, shopper: Shopper, day: int, *, random: Random) -> Iterator[str]:
        """One for each visit of a day: the category wanted by habit, or nothing."""
        midnight = self._midnight(day)
        for key, (first, period) in shopper.cycles.items():
            if (midnight - first) // period != (midnight + DAY - first) // period:
                yield key
        rate = shopper.visits_per_day * (1 + bool(campaign_at(midnight)))
        rate *= 1.4 if day % 7 in (2, 3) else 1.0  # 1970 began on a Thursday
        for _ in range(3):
            if random.random() < rate / 3:
                yield ""

    @cached_property
    def _first_day(self) -> int:
        return self._day(self.opened_us)

    def _day(self, at: int) -> int:
        return (at + OFFSET_US) // DAY

    def _midnight(self, day: int) -> int:
        return day * DAY - OFFSET_US
