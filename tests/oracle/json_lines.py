"""The `limner` format: one event of the interface a line."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.oracle import cells
from tests.oracle.event import Account, Event, Identifier

PRIORITY = ["user_id", "anonymous_id", "email", "phone", "device_id"]


def read_json_lines(lines: Iterable[str], *, currency: str = "USD") -> Account:
    """The events of clean lines; `currency` is the store's."""
    account = Account()
    for line in lines:
        account.rows += 1
        said = json.loads(line, parse_float=Decimal)
        event = to_event(said, currency)
        # The owner is part of an identity: two sources of numbers may both begin at 1.
        identity = (event.who[0], said["id"]) if "id" in said else line.strip()
        account.accept(identity, event)
    return account


def to_event(said: dict[str, Any], currency: str) -> Event:
    """One event; what has no currency of its own has the store's."""
    currency = said.get("currency") or currency
    at = cells.iso_time(said["at"])
    seen_at = cells.iso_time(said["seen_at"]) if "seen_at" in said else at
    price = _money(said.get("price"), currency)
    quantity = int(said.get("quantity", 1))
    if said["kind"] == "refund":
        quantity = abs(quantity)
    amount = _money(said.get("amount"), currency)
    if amount is None and price is not None:
        amount = price * quantity
    return Event(
        kind=said["kind"],
        # A clock a little ahead: nothing happens after it arrived.
        at=min(at, seen_at),
        seen_at=seen_at,
        who=identifiers(said["shopper"]),
        item=said.get("item"),
        category=said.get("category"),
        brand=said.get("brand"),
        order=said.get("order"),
        price=price,
        quantity=quantity,
        amount=amount,
        currency=currency,
    )


def identifiers(shopper: dict[str, str]) -> tuple[Identifier, ...]:
    """That of highest priority first; types of a shop's own come last."""
    named = [(type_, cells.identifier(value)) for type_, value in shopper.items()]
    return tuple(sorted(named, key=rank))


def rank(identifier: Identifier) -> tuple[int, Identifier]:
    """The smaller, the higher in priority."""
    type_ = identifier[0]
    known = PRIORITY.index(type_) if type_ in PRIORITY else len(PRIORITY)
    return known, identifier


def _money(said: object, currency: str) -> int | None:
    return None if said is None else cells.money(str(said), currency)
