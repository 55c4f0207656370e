"""One event, and the account of what became of every row that was given."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

Identifier = tuple[str, str]
"""A type and a value: ("user_id", "42")."""


@dataclass(slots=True)
class Event:
    """What an event said; times in UTC microseconds, money in minor units.

    `who` holds its identifiers, that of highest priority first: the event is his.
    """

    kind: str
    at: int
    seen_at: int
    who: tuple[Identifier, ...]
    item: str | None = None
    category: str | None = None
    brand: str | None = None
    order: str | None = None
    price: int | None = None
    quantity: int = 1
    amount: int | None = None
    currency: str | None = None


class Refused(Exception):
    """A row that cannot be an event; its only argument is the reason code."""


@dataclass
class Account:
    """Every row ends in exactly one place: accepted, duplicate or dead letter."""

    rows: int = 0
    duplicates: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    by_identity: dict[Hashable, Event] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        """The accepted events, each once."""
        return list(self.by_identity.values())

    def accept(self, identity: Hashable, event: Event) -> None:
        """Of several deliveries of one identity the first to arrive stands."""
        known = self.by_identity.get(identity)
        if known is not None:
            self.duplicates += 1
        if known is None or event.seen_at < known.seen_at:
            self.by_identity[identity] = event

    def counts(self) -> dict[str, object]:
        """The numbers as `limner ingest --json` prints them."""
        return {
            "rows": self.rows,
            "accepted": len(self.by_identity),
            "duplicates": self.duplicates,
            "dead_letters": self.reasons.total(),
            "reasons": dict(self.reasons),
        }
