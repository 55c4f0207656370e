"""A made-up shop's log in the `limner` format, full of what real logs are full of.

Seeded. Besides the random shoppers it holds a few drawn by hand, each for one rule:
windows cut exactly at their edge, ties, a robot, two devices of one person.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.oracle.cells import iso_time, rfc3339
from tests.oracle.promised import DAY, HOUR

NOON = iso_time("2023-06-15T12:00:00Z")
"""The moment around which the shoppers drawn by hand are arranged."""

MINUTE = HOUR // 60
SECOND = MINUTE // 60
SPANS = [HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY]
ITEMS = ["shoe", "Shoe", "zebra", "éclair", "鞋", "hat", "sock", "p1", "p10", "p2"]
CATEGORIES = ["wear", "Wear", "food", "été", "服装", "toys", "book"]
KINDS = {
    "view": 30,
    "cart": 8,
    "favourite": 6,
    "purchase": 12,
    "refund": 4,
    "cancel": 2,
    "impression": 6,
    "identify": 2,
    "search": 3,
    "page": 3,
    "uncart": 2,
    "rating": 1,
    "click": 3,
}
PRICES = ["12.50", "0.145", "2.675", "1.005", "0.004", "0.005", "9.99", "0", "1200"]
QUANTITIES = [1, 2, 3, 12]
CURRENCIES = [None] * 6 + ["USD", "EUR", "JPY"]

Said = dict[str, Any]


def storm(seed: int) -> list[str]:
    """The lines of the file, in no order."""
    chance = random.Random(seed)
    said = [*random_shoppers(chance), *drawn_by_hand()]
    for number, one in enumerate(said):
        one.setdefault("id", f"e{number}")
    said += redelivered(chance, said)
    lines = [json.dumps(one, ensure_ascii=False) for one in said]
    nameless = [without_id(one) for one in said[:40]]
    lines += nameless + nameless[:10]
    chance.shuffle(lines)
    return lines


def event(kind: str, at: int, user: str, **more: object) -> Said:
    """One event of a user."""
    return {"kind": kind, "at": rfc3339(at), "shopper": {"user_id": user}, **more}


def random_shoppers(chance: random.Random) -> Iterator[Said]:
    """Forty shoppers over fourteen months; some events arrive days late."""
    for number in range(40):
        user = f"u{number}"
        at = NOON - chance.randrange(400 * DAY)
        for _ in range(chance.randrange(5, 120)):
            at += chance.choice([SECOND, 5 * MINUTE, 30 * MINUTE, 3 * HOUR, 6 * DAY])
            yield random_event(chance, user, at)


def random_event(chance: random.Random, user: str, at: int) -> Said:
    """One event, with as many fields as chance will have it."""
    kind = chance.choices(list(KINDS), weights=list(KINDS.values()))[0]
    said = event(kind, at, user)
    if kind not in ("identify", "search", "page"):
        said["item"] = chance.choice(ITEMS)
        said |= sometimes(chance, 0.8, category=chance.choice(CATEGORIES))
    if kind in ("purchase", "refund", "cancel"):
        said |= sometimes(chance, 0.7, order=f"o{chance.randrange(12)}")
    if kind in ("purchase", "refund"):
        said |= random_money(chance, kind)
    if chance.random() < 0.2:
        said["seen_at"] = rfc3339(at + chance.randrange(10 * DAY))
    return said


def random_money(chance: random.Random, kind: str) -> Said:
    """Prices as text and as numbers, amounts, quantities, currencies; or none."""
    price = chance.choice(PRICES)
    quantity = chance.choice(QUANTITIES)
    if kind == "refund" and chance.random() < 0.5:
        quantity = -quantity
    said = sometimes(chance, 0.8, price=chance.choice([price, float(price)]))
    said |= sometimes(chance, 0.2, amount=chance.choice(["20.00", 7.125, "3.335"]))
    said |= sometimes(chance, 0.7, quantity=quantity)
    currency = chance.choice(CURRENCIES)
    return said | ({"currency": currency} if currency else {})


def sometimes(chance: random.Random, share: float, **fields: object) -> Said:
    """The fields, or nothing."""
    return fields if chance.random() < share else {}


def redelivered(chance: random.Random, said: list[Said]) -> Iterator[Said]:
    """The same ids again: the same event, or another that arrived later."""
    people = [one for one in said if one["shopper"] != {"user_id": "robot"}]
    for original in chance.sample(people, 200):
        if chance.random() < 0.5:
            yield original
        else:
            changed = original | {"kind": "view", "category": "changed"}
            changed.pop("quantity", None)  # a refund's may be negative, a view's not
            yield changed | {"seen_at": rfc3339(NOON + 900 * DAY)}
    # Another shopper's event may have the same id.
    yield event("view", NOON - HOUR, "same-id", item="hat", id="e0")
    yield event("view", NOON - HOUR, "same-id-too", item="hat", id="e0")


def without_id(said: Said) -> str:
    """A line whose id has to be derived from what it says."""
    nameless = said | {"shopper": {"user_id": "nameless"}}
    del nameless["id"]
    return json.dumps(nameless)


def drawn_by_hand() -> Iterator[Said]:
    """One shopper, or one person, for each rule."""
    yield from edges()
    yield from visits()
    yield from ties()
    yield from orders()
    yield from only_impressions()
    yield from robot()
    yield from devices()
    yield from unlinked()
    yield from told_late()
    yield from floats()


def edges() -> Iterator[Said]:
    """Events at the very edges of every window that ends at noon."""
    for span in [0, *SPANS]:
        for user, off in (("edge-out", 0), ("edge-in", 1)):
            at = NOON - span + off
            yield event("view", at, user, item="hat", category="wear")
            yield event("cart", at, user, item="sock", category="toys")
            bought = {"item": "shoe", "category": "food", "price": "10.00"}
            yield event("purchase", at, user, **bought, quantity=span % 7 + 1)
            yield event("refund", at, user, **bought, order=f"back{span}")


def visits() -> Iterator[Said]:
    """Pauses of exactly 30 minutes, and of a microsecond more."""
    at = NOON - 20 * DAY
    for pause in [30 * MINUTE, 30 * MINUTE + 1, 0, 1, 30 * MINUTE]:
        at += pause
        yield event("page", at, "visits")
    for kind in ("impression", "identify"):
        yield event(kind, at + 31 * MINUTE, "visits")
    yield event("search", at + 60 * MINUTE, "visits")


def ties() -> Iterator[Said]:
    """Equal weights, equal hours, equally often bought."""
    at = NOON - 3 * DAY
    for item, category in zip(ITEMS, CATEGORIES, strict=False):
        yield event("view", at, "ties", item=item, category=category)
    for kind in ("view", "view", "cart"):  # five, as much as the purchase below
        yield event(kind, at, "ties", item="together", category="together")
    yield event("purchase", at, "ties", item="at-once", category="at-once")
    for hour in (23, 4, 23, 4, 11):
        yield event("page", at - 5 * DAY + hour * HOUR, "hours")
    for item in ("éclair", "zebra", "Zebra", "鞋", "éclair", "zebra", "Zebra", "鞋"):
        yield event("purchase", at, "bought-evenly", item=item)


def orders() -> Iterator[Said]:
    """Lines of one order, cancelled orders, purchases without an order."""
    day = NOON - 40 * DAY
    line = {"item": "shoe", "category": "wear", "price": "5.00"}
    for number in range(6):
        at = day + number * 5 * DAY
        order = f"A{number}"
        yield event("purchase", at, "orders", **line, order=order, quantity=2)
        yield event("purchase", at + 2 * MINUTE, "orders", **line, order=order)
    yield event("cancel", day + 26 * DAY, "orders", order="A1")
    yield event("cancel", NOON + 1, "orders", order="A2")
    yield event("cancel", day - DAY, "orders", order="A3")  # before its purchase
    yield event("cancel", day, "orders")  # of nothing
    yield event("cancel", day, "no-orders", order="A0")  # another shopper's
    yield event("refund", day + 27 * DAY, "orders", **line, order="A1", quantity=-1)
    for _ in range(2):
        yield event("purchase", day, "no-orders", **line)
    yield event("purchase", day, "all-cancelled", **line, order="B")
    yield event("cancel", day, "all-cancelled", order="B")


def only_impressions() -> Iterator[Said]:
    """Somebody with a row, and without events."""
    for kind in ("impression", "identify"):
        yield event(kind, NOON - HOUR, "shadow", item="hat", category="wear")


def robot() -> Iterator[Said]:
    """More views than a reading sees; the oldest are of a category of their own."""
    for number in range(20_050):
        at = NOON - 25 * DAY + number * SECOND
        category = "unseen" if number < 50 else "wear"
        yield event("view", at, "robot", item="hat", category=category)


def devices() -> Iterator[Said]:
    """An anonymous browser and an app that turn out to be one known person."""
    browser, app = {"anonymous_id": "a1"}, {"device_id": "d1"}
    person, mail = {"user_id": "person"}, {"email": "p@example.org"}
    seen = {"item": "hat", "category": "wear"}
    for days in (40, 20, 2):
        for shopper in (browser, app, person, mail):
            yield event("view", NOON - days * DAY, "", **seen) | {"shopper": shopper}
    both = event("purchase", NOON - 15 * DAY, "", item="shoe", order="P1", price=3)
    yield both | {"shopper": browser}
    login = event("login", NOON - 10 * DAY, "")
    yield login | {"shopper": browser | person}
    link = event("link", NOON - 5 * DAY, "")
    yield link | {"shopper": app | mail}
    cancel = event("cancel", NOON - 4 * DAY, "", order="P1")
    yield cancel | {"shopper": person}
    identify = event("identify", NOON - DAY, "")
    yield identify | {"shopper": mail | person}
    member = {"member_card": "m7"}
    yield event("view", NOON - 9 * DAY, "", **seen) | {"shopper": member}
    yield event("link", NOON - 8 * DAY, "") | {"shopper": member | app}


def unlinked() -> Iterator[Said]:
    """A shared tablet, tied to somebody for a while, and tied again."""
    tablet, owner = {"device_id": "tablet"}, {"user_id": "owner"}
    for days in (30, 12, 4, 1):
        for shopper in (tablet, owner):
            yield event("view", NOON - days * DAY, "", item="p1") | {"shopper": shopper}
    for kind, days in (("link", 20), ("unlink", 10)):
        yield event(kind, NOON - days * DAY, "") | {"shopper": tablet | owner}
    again = event("link", NOON + 10 * DAY, "")
    yield again | {"shopper": tablet | owner}


def told_late() -> Iterator[Said]:
    """Events, a cancellation and a link that arrive long after they happened."""
    late = {"seen_at": rfc3339(NOON + 5 * DAY)}
    bought = {"item": "hat", "category": "food", "price": "8.00", "order": "L1"}
    yield event("view", NOON - 3 * DAY, "late", item="hat", category="wear")
    yield event("purchase", NOON - 2 * DAY, "late", **bought)
    yield event("cart", NOON - DAY, "late", item="hat", category="toys", **late)
    yield event("cancel", NOON - DAY, "late", order="L1", **late)
    phone = {"device_id": "late-device"}
    yield event("view", NOON - DAY, "", item="p2") | {"shopper": phone}
    link = event("link", NOON - DAY, "", **late)
    yield link | {"shopper": {"user_id": "late"} | phone}
    yield event("view", NOON - 6 * DAY, "only-late", item="p2", **late)


def floats() -> Iterator[Said]:
    """The number of a shopper as a table of numbers spells it."""
    yield event("view", NOON - 2 * DAY, "17850.0", item="hat")
    yield event("view", NOON - DAY, "17850", item="hat")
    yield event("view", NOON - DAY, "17850.50", item="hat")
