"""What a store promises, whatever it is made of.

Events are *added to a set*: a commit is all or nothing, durable when `commit` returns,
and giving the same events again changes nothing. Beside the histories a store keeps
small keyed tables (dead letters, links, import positions, catalogue facts, ...), whose
changes ride in the same commits. Every promise here is a test in
``tests/contracts/test_stores.py``, run over each store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from limner.events.batch import EventBatch
from limner.events.schema import Schema
from limner.history.histories import Histories

EVENTS_MAX = 65_536
"""Events in one commit, at most."""


class Outcome(IntEnum):
    """What became of one event of a commit."""

    ACCEPTED = 0
    DUPLICATE = 1
    """Already there, with the same content."""
    CONFLICT = 2
    """Already there with other content; the earlier delivery stands. A duplicate."""
    REPLACED = 3
    """Already there, but this delivery has the smaller (seen_at, content): it stands
    from now on. Counted as a duplicate."""
    COLLISION = 4
    """Refused: one of its texts has the code of another text."""


class Put(NamedTuple):
    """A change of a small table: value None deletes."""

    table: str
    key: bytes
    value: bytes | None


@dataclass(frozen=True)
class Receipt:
    """What a commit did."""

    outcomes: np.ndarray
    """int8[events]: Outcome of each event of the batch."""
    token: int
    """Readings that have caught up with this number see the commit."""

    @property
    def stands(self) -> np.ndarray:
        """bool[events]: whether this delivery of the event is the one that stands."""
        return np.isin(self.outcomes, (Outcome.ACCEPTED, Outcome.REPLACED))

    def count(self, *outcomes: Outcome) -> int:
        """How many events came to one of these ends."""
        return int(np.isin(self.outcomes, outcomes).sum())


@dataclass(frozen=True)
class Change:
    """Everything that one commit adds, all or nothing."""

    batch: EventBatch | None = None
    puts: Sequence[Put] = ()
    then: Callable[[Receipt], Iterable[Put]] | None = None
    """Further puts of the same commit, made once the outcomes are known. Called with
    the store locked: quick, and it must not touch the store."""


@dataclass(frozen=True)
class Scanned:
    """Some identifiers of a scan, in the order of their hash."""

    whos: np.ndarray
    """WHO[n]."""
    names: Sequence[str] | pa.Array
    """``type:value`` of each."""
    histories: Histories


@dataclass
class Totals:
    """What a store holds."""

    events: int = 0
    """Events, without the records of their attributes."""
    identifiers: int = 0
    """Identifiers that have at least one event."""
    bytes_by_part: dict[str, int] = field(default_factory=dict)
    """Room taken, in bytes, by part (hot, runs, blocks, ledger)."""


class Store(Protocol):
    """Histories by identifier, full events, texts, and small keyed tables.

    Methods may be called from several threads; stores on disk also from several
    processes. A process must open a store after it was forked.
    """

    @property
    def schema(self) -> Schema:
        """The settings, as they are now."""
        ...

    @property
    def secret(self) -> bytes:
        """The key of the hashes of identifiers."""
        ...

    def commit(self, change: Change) -> Receipt:
        """Add a batch of at most EVENTS_MAX events, and puts; durable on return.

        Duplicates are found within the batch too. Full events are kept of accepted
        and replacing events.
        """
        ...

    def histories(self, whos: np.ndarray) -> Histories:
        """The histories of these identifiers (WHO[n]), in this order; empty where
        there is none. Sees every commit that returned before the call, of any
        process. No retention, no links: those are rules of reading.
        """
        ...

    def scan(
        self, part: int = 0, of: int = 1, *, rows_max: int = 500_000
    ) -> Iterator[Scanned]:
        """Every identifier that has events, in the order of (hi, lo), in pieces of
        about `rows_max` records at most (a single history may be larger); part `part`
        of `of` equal ranges of hashes. Sees at least what was committed before the
        first piece was asked for.
        """
        ...

    def texts(self, codes: np.ndarray) -> list[str | None]:
        """The texts of these codes (uint64[n]); None for 0 and for a code unknown."""
        ...

    def dictionary(self) -> Iterator[tuple[np.ndarray, list[str]]]:
        """Every code and its text, in pieces."""
        ...

    def full_events(self, places: np.ndarray) -> pa.Table:
        """The full events at these places (uint64[n], from records), in this order;
        a column absent from a block is null."""
        ...

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """All full events as they were kept, in order of arrival."""
        ...

    def get(self, table: str, key: bytes) -> bytes | None:
        """One value of a small table."""
        ...

    def items(self, table: str, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys (at most 500 bytes) that begin with this, in order, with their values.
        Tolerates commits, and calls of other methods, in between."""
        ...

    def count(self, table: str) -> int:
        """How many keys a small table has."""
        ...

    def token(self) -> int:
        """The number of the newest commit, of any process."""
        ...

    def totals(self) -> Totals:
        """What is in the store now."""
        ...

    def erase(self, whos: np.ndarray) -> int:
        """Forget the histories of these identifiers; returns how many events went."""
        ...

    def change_schema(self, schema: Schema) -> None:
        """Take new settings. Where columns or the time zone differ, every record is
        made again from its full event. The currency and kinds' codes must stay."""
        ...

    def compact(self, progress: Callable[[float], None] | None = None) -> None:
        """Merge everything into as few pieces as can be, and give space back."""
        ...

    def close(self) -> None:
        """Let go of files. What was committed is already safe."""
        ...
