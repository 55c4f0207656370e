"""Events drawn by hand: what a test says of each, and the records made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from limner.clock import DAY
from limner.events import money
from limner.events.codes import text_code
from limner.events.kinds import ATTRIBUTE
from limner.events.record import NULL
from limner.events.schema import Schema

SCHEMA = Schema(
    currency="USD",
    kinds=("wish",),
    columns={"country": "text", "stars": "integer", "ratio": "number", "fee": "money"},
)
"""Of a store with a kind and columns of its own."""

TEXTS = ("item", "category", "brand", "order", "campaign", "channel", "device")
TEXTS_TOO = ("attribute", "value", "country")
INTEGERS = ("price", "amount", "discount", "stars", "fee")
NUMBERS = ("seconds", "score", "ratio")


class Event(NamedTuple):
    """One event; None is what it does not say. Times in us, money in minor units."""

    at: int
    kind: str = "view"
    id: int = 0
    item: str | None = None
    category: str | None = None
    brand: str | None = None
    order: str | None = None
    campaign: str | None = None
    channel: str | None = None
    device: str | None = None
    attribute: str | None = None
    value: str | None = None
    country: str | None = None
    price: int | None = None
    amount: int | None = None
    discount: int | None = None
    stars: int | None = None
    fee: int | None = None
    quantity: int = 1
    seconds: float | None = None
    score: float | None = None
    ratio: float | None = None
    currency: str | None = "USD"
    flags: int = 0
    quarters: int = 0
    """Offset of local time, in quarters of an hour."""
    seen_at: int | None = None
    """None: when it happened."""

    @property
    def arrival(self) -> int:
        return self.at if self.seen_at is None else self.seen_at

    @property
    def local_at(self) -> int:
        return self.at + self.quarters * DAY // 96


def in_order(events: Iterable[Event]) -> list[Event]:
    """A history: by moment, then by id."""
    return sorted(events, key=lambda event: (event.at, event.id))


def records_of(events: Sequence[Event], schema: Schema = SCHEMA) -> np.ndarray:
    """The records of a history, in the order given."""
    codes = schema.kind_codes() | {"attribute": ATTRIBUTE}
    rows = np.zeros(len(events), schema.dtype())
    names = set(rows.dtype.names or ())
    for row, event in zip(rows, events, strict=True):
        row["at"], row["id"], row["seen_at"] = event.at, event.id, event.arrival
        row["kind"], row["flags"] = codes[event.kind], event.flags
        row["quantity"], row["offset"] = event.quantity, event.quarters
        row["currency"] = money.CODES[event.currency] if event.currency else 0
        for name in names & {*TEXTS, *TEXTS_TOO}:
            text = getattr(event, name)
            row[name] = 0 if text is None else text_code(text)
        _fill(row, event, names & {*INTEGERS}, nothing=NULL)
        _fill(row, event, names & {*NUMBERS}, nothing=np.nan)
    return rows


def _fill(row: Any, event: Event, names: set[str], *, nothing: float) -> None:
    for name in names:
        value = getattr(event, name)
        row[name] = nothing if value is None else value


def texts_of(events: Iterable[Event]) -> dict[int, str]:
    """Every text said, by its code as the machine has it."""
    found = {}
    for event in events:
        for name in (*TEXTS, *TEXTS_TOO):
            text = getattr(event, name)
            if text is not None:
                found[int(np.uint64(text_code(text)).astype(np.int64))] = text
    return found
