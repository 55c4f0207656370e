"""Batches of full events for the tests of stores, and what stores say back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from limner.events.batch import EventBatch, standardise
from limner.events.codes import event_id, who_of
from limner.events.full import NEEDED, OPTIONAL
from limner.stores.contract import Change, Receipt, Store

DAY = 86_400_000_000


@dataclass(frozen=True)
class Event:
    """One event of a test: what matters to a store, with defaults."""

    id: str
    who: str = "ann"
    at: int = 1_000
    seen_at: int | None = None
    content: int = 1
    kind: str = "view"
    item: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    source: str = "web"

    def row(self) -> dict[str, object]:
        """As a row of full events."""
        seen_at = self.at if self.seen_at is None else self.seen_at
        named = {f"attributes.{name}": v for name, v in self.attributes.items()}
        return {
            "source": self.source,
            "id": self.id,
            "kind": self.kind,
            "at": self.at,
            "seen_at": seen_at,
            "content": self.content,
            "item": self.item,
            "text": f"{self.who} {self.id}",
            "shopper.user_id": self.who,
            **named,
        }


def full(events: Iterable[Event]) -> pa.RecordBatch:
    """A batch of full events."""
    rows = [event.row() for event in events]
    names = list(dict.fromkeys(name for row in rows for name in row))
    kinds = NEEDED | OPTIONAL
    return pa.RecordBatch.from_arrays(
        [
            pa.array([row.get(name) for row in rows], kinds.get(name, pa.string()))
            for name in names
        ],
        names,
    )


def batch(store: Store, events: Iterable[Event]) -> EventBatch:
    """Events as this store takes them."""
    return standardise(full(events), store.schema, secret=store.secret)


def add(store: Store, *events: Event) -> Receipt:
    """Commit these events."""
    return store.commit(Change(batch(store, events)))


def who(store: Store, *names: str) -> np.ndarray:
    """The identifiers of these user ids."""
    return who_of(store.secret, [("user_id", name) for name in names])


def ids(records: np.ndarray, of: Iterable[Event]) -> list[str]:
    """The ids of the events among records, in their order; attributes as ``id+``."""
    names = {event_id(event.source, event.id): event.id for event in of}
    return [names.get(int(value), "+") for value in records["id"]]


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All that a store has, by name of shopper, without what each store sets itself."""
    held: dict[str, list[tuple[object, ...]]] = {}
    for piece in store.scan():
        names = (
            piece.names.to_pylist()
            if isinstance(piece.names, pa.Array)
            else piece.names
        )
        for i, name in enumerate(names):
            assert name not in held
            held[name] = [plain(record) for record in piece.histories[i]]
    return held


def plain(record: np.void) -> tuple[object, ...]:
    """A record without identifier, place and check, fit for comparing."""
    left = {"who_hi", "who_lo", "place", "check"}
    return tuple(
        str(record[name]) for name in record.dtype.names or () if name not in left
    )


def random_events(rng: np.random.Generator, count: int, shoppers: int) -> list[Event]:
    """Events with twins, late ones, other deliveries of the same and attributes."""
    events = []
    for _ in range(count):
        number = int(rng.integers(0, max(4, count)))
        kind = "identify" if number % 11 == 0 else "purchase" if number % 3 else "view"
        at = int(rng.integers(0, 50)) * DAY if rng.random() < 0.2 else number * 1_000
        events.append(
            Event(
                id=f"e{number}",
                who=f"u{number % shoppers}",
                at=at,
                seen_at=int(rng.integers(0, 5)) * DAY + number,
                content=int(rng.integers(0, 3)),
                kind=kind,
                item=f"i{number % 17}",
                attributes={"city": f"c{number % 5}"} if kind == "identify" else {},
            )
        )
    return events
