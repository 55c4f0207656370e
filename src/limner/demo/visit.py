"""A visit to the simulated shop: what somebody looks at, picks, and leaves with."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from limner.clock import HOUR, SECOND
from limner.demo.campaign import Campaign, campaign_at
from limner.demo.catalogue import CATEGORY, Item
from limner.demo.order import Line, follow_up, line_of, place
from limner.demo.shopper import Shopper
from limner.demo.trace import Happening, Trace, money, pause

STRAYS = 0.12
"""The part of what is looked at that says nothing about the shopper."""

ANONYMOUS = 0.12
"""The part of a known shopper's visits that begin without signing in."""

_GAP_SECONDS = 22


class Visit:
    """One visit of one shopper; `happenings` acts it out."""

    def __init__(
        self,
        shopper: Shopper,
        random: Random,
        *,
        at: int,
        name: str,
        pace: float = 1.0,
        keenness: float = 1.0,
    ) -> None:
        self.shopper, self.random, self.keenness = shopper, random, keenness
        self.trace = Trace(name, at, shopper=shopper.index, pace=pace)
        self.campaign: Campaign | None = campaign_at(at)
        interests = shopper.interests_at(at)
        self.keys, self.weights = list(interests), list(interests.values())
        self.basket: list[Line] = []
        self.left_us = at
        """When the visit ended; what comes of an order comes later."""

    def happenings(self, wanted: str = "") -> Iterator[Happening]:
        """The whole visit and what comes of it.

        `wanted` is the category of what is bought again by habit, where that is why
        the shopper came.
        """
        shopper, random = self.shopper, self.random
        if self.trace.at < shopper.joined_us:
            self._enter({"anonymous_id": shopper.cookie})
        elif random.random() < ANONYMOUS:
            self._sign_in_late(looks=random.randint(1, 4))
        else:
            self._enter({"user_id": shopper.user_id})
            if random.random() < 0.3:
                self.trace.tell("login")
        if wanted:
            self._look(self._usual(wanted), is_wanted=True)
        return self._stroll()

    def join(self) -> Iterator[Happening]:
        """The visit in which an anonymous visitor becomes a known user."""
        shopper, trace = self.shopper, self.trace
        self._enter({"anonymous_id": shopper.cookie})
        for _ in range(self.random.randint(1, 4)):
            self._look(self._something())
        trace.who = {"user_id": shopper.user_id, "anonymous_id": shopper.cookie}
        trace.tell("identify", attributes=shopper.declared)
        trace.tell("login")
        trace.who = {"user_id": shopper.user_id}
        return self._stroll()

    def sign_in_late(self, looks: int) -> Iterator[Happening]:
        """A visit from an unknown browser that says after some looks who it is."""
        self._sign_in_late(looks)
        return self._stroll()

    def _sign_in_late(self, looks: int) -> None:
        cookie = {"anonymous_id": f"b{self.trace.prefix}"}
        self._enter(cookie)
        for _ in range(looks):
            self._look(self._something())
        who = {"user_id": self.shopper.user_id}
        self.trace.who = who | cookie
        self.trace.tell("login")
        self.trace.who = who

    def _stroll(self) -> Iterator[Happening]:
        """Look around, and leave with or without an order."""
        for _ in range(min(30, int(self.random.expovariate(1 / 4.0)))):
            self._look(self._something())
        self._leave()
        return iter(self.trace)

    def _enter(self, who: dict[str, str]) -> None:
        random, trace = self.random, self.trace
        is_mobile = random.random() < self.shopper.mobile
        trace.who = who
        trace.always = {
            "channel": random.choice(("app", "mini-program")) if is_mobile else "web",
            "device": "mobile" if is_mobile else random.choice(("desktop", "tablet")),
        }
        if self.campaign and random.random() < 0.3 + 0.3 * self.shopper.bargains:
            trace.always["campaign"] = self.campaign.key
            trace.tell("promotion")
        else:
            trace.tell("page", fields={"page": "home"})
        trace.wait(pause(random, 8))

    def _something(self) -> Item:
        """What catches the eye: mostly of the true interests, brand and price level."""
        random, shopper = self.random, self.shopper
        if random.random() < STRAYS:
            return random.choice(CATEGORY[random.choice(self.keys)].items)
        key = random.choices(self.keys, self.weights)[0]
        items = CATEGORY[key].items
        first, second = (self._near(len(items)) for _ in range(2))
        likes_first = items[first].brand == shopper.brands[key]
        return items[first if likes_first else second]

    def _near(self, count: int) -> int:
        level = self.random.gauss(self.shopper.price_level, 0.15)
        return round(min(1.0, max(0.0, level)) * (count - 1))

    def _usual(self, key: str) -> Item:
        """The one item of a category that is bought again and again."""
        items = CATEGORY[key].items
        return items[round(self.shopper.price_level * (len(items) - 1))]

    def _look(self, item: Item, is_wanted: bool = False) -> None:
        random, trace, shopper = self.random, self.trace, self.shopper
        if random.random() < 0.15:
            noun = item.chinese if random.random() < 0.7 else item.english.lower()
            trace.tell("search", query=noun)
            trace.wait(pause(random, 6))
        seconds = round(pause(random, _GAP_SECONDS), 1)
        trace.tell("view", item, seconds=seconds, **money(item.price_minor))
        trace.wait(seconds)
        if random.random() < 0.06:
            trace.tell("favourite", item)
            trace.wait(pause(random, 4))
        if random.random() < shopper.talks * 0.4:
            kind = random.choice(("like", "share", "comment", "follow", "like"))
            trace.tell(kind, item)
            trace.wait(pause(random, 10))
        chance = 0.14 * self.keenness * (1 + shopper.bargains * bool(self.campaign))
        if is_wanted or random.random() < chance:
            self._pick(item)

    def _pick(self, item: Item) -> None:
        random, trace = self.random, self.trace
        line = line_of(item, random.choice((1, 1, 1, 2)), campaign=self.campaign)
        trace.tell("cart", item, quantity=line.quantity, **money(line.paid_minor))
        trace.wait(pause(random, 10))
        if random.random() < 0.1:
            trace.tell("uncart", item)
            trace.wait(pause(random, 5))
        else:
            self.basket.append(line)

    def _leave(self) -> None:
        random, shopper = self.random, self.shopper
        buys = min(0.95, 1.6 * self.keenness * shopper.buys)
        is_habit = any(line.item.category in shopper.cycles for line in self.basket)
        self.left_us = self.trace.at
        if not self.basket or not (is_habit or random.random() < buys):
            return
        order = place(self.trace, random, lines=self.basket)
        self.left_us = self.trace.at
        if random.random() < 0.02 + 0.1 * shopper.talks:
            self.trace.wait(pause(random, 30))
            self.trace.tell("referral")
        follow_up(self.trace, random, shopper=shopper, order=order, lines=self.basket)


def start_of(shopper: Shopper, random: Random, *, day_us: int) -> int:
    """When on a day, whose local midnight is given (us), somebody comes by."""
    hour = random.gauss(shopper.hour, 1.6) % 24
    return day_us + int(hour * HOUR) + int(random.random() * SECOND)
