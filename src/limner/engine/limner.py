"""Limner in process: one store, to send to and to read from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from limner.clock import FOR_EVER, moment_us
from limner.engine import explanation
from limner.engine.everybody import Everybody
from limner.engine.explanation import Explanation
from limner.engine.reader import Reader
from limner.engine.reading import Reading, Readings
from limner.engine.shoppers import Names, check_known, members
from limner.engine.verification import Verification, verify
from limner.events.event import to_json
from limner.events.kinds import ATTRIBUTE
from limner.events.record import WHO
from limner.events.schema import Schema
from limner.history.histories import Histories
from limner.history.links import Who
from limner.history.moment import Moment
from limner.intake.ingest import ingest
from limner.intake.mapping import Mapping, load_mapping
from limner.intake.sending import Sent, send
from limner.intake.tally import Summary
from limner.profile.definition import Definition, Profile
from limner.stores.contract import Store
from limner.stores.disk import open_store

if TYPE_CHECKING:
    from limner.events.event import Event

When = str | int | datetime | None
Progress = Callable[[float, str], None]
ROWS_A_GROUP = 100_000


def open(
    path: str | os.PathLike[str],
    *,
    create: Schema | None = None,
    read_only: bool = False,
) -> Limner:
    """The store in this folder, ready to send to and to read from.

    `create` makes it where there is none. Raises StoreAbsent, StoreForeign.
    """
    store = open_store(os.fspath(path), create=create, read_only=read_only)
    return Limner(store)


class Limner:
    """One store. Close it, or use it in a with statement."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._readers: dict[str, Reader] = {}
        self._names = Names(store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store's files."""
        self.store.close()

    @property
    def schema(self) -> Schema:
        """The store's settings."""
        return self.store.schema

    def send(
        self, events: Iterable[Event | dict[str, Any]], *, source: str = "limner"
    ) -> Sent:
        """Take events in the JSON form; durable, and readable, on return.

        Refused ones are dead letters, counted in the summary.
        """
        return send(self.store, list(events), source=source)

    def ingest(
        self,
        mapping: str | Mapping,
        paths: Sequence[str | os.PathLike[str]],
        *,
        progress: Progress | None = None,
    ) -> Summary:
        """Take files by a mapping (its name, its file, or itself)."""
        chosen = load_mapping(mapping) if isinstance(mapping, str) else mapping
        files = [Path(path) for path in paths]
        return ingest(self.store, chosen, paths=files, progress=progress)

    def reader(self, definition: type[Profile] | Definition) -> Reader:
        """A definition over this store, compiled once."""
        made = (
            definition if isinstance(definition, Definition) else definition.definition
        )
        key = made.fingerprint
        reader = self._readers.get(key)
        if reader is None or reader.compiled_for != self.store.schema:
            reader = self._readers[key] = Reader(self.store, made)
        return reader

    @overload
    def read(
        self,
        definition: type[Profile] | Definition,
        who: str,
        at: When = None,
        *,
        known: When = None,
    ) -> Reading: ...
    @overload
    def read(
        self,
        definition: type[Profile] | Definition,
        who: list[str] | tuple[str, ...],
        at: When = None,
        *,
        known: When = None,
    ) -> Readings: ...
    def read(
        self,
        definition: type[Profile] | Definition,
        who: str | list[str] | tuple[str, ...],
        at: When = None,
        *,
        known: When = None,
    ) -> Reading | Readings:
        """The profile of one shopper, or of several, at a moment (default: now).

        known: events and links that arrived later do not exist. Raises UnknownShopper,
        BeforeHorizon, DefinitionError.
        """
        reader, moment = self.reader(definition), _moment(at, known)
        if isinstance(who, str):
            return reader.one(who, self._members(who, moment), moment=moment)
        groups = [self._members(name, moment) for name in who]
        return reader.many(list(who), groups, moment=moment)

    def _members(self, name: str, moment: Moment) -> list[Who]:
        return members(self.store, self._names.who(name), moment=moment)

    def export(
        self,
        definition: type[Profile] | Definition,
        path: str | os.PathLike[str],
        at: When = None,
        *,
        known: When = None,
        progress: Progress | None = None,
    ) -> int:
        """Everybody's profiles to a Parquet file, replaced when done; how many rows."""
        import pyarrow.parquet as pq  # not before it is needed

        everybody = Everybody(self.reader(definition), _moment(at, known))
        target = Path(path)
        half = target.with_name(f".{target.name}.{os.getpid()}.part")
        rows = 0
        try:
            with pq.ParquetWriter(half, everybody.schema()) as writer:
                for batch in everybody.batches(progress=progress):
                    writer.write_batch(batch, row_group_size=ROWS_A_GROUP)
                    rows += batch.num_rows
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
        return rows

    def explain(
        self,
        definition: type[Profile] | Definition,
        who: str,
        feature: str,
        at: When = None,
        *,
        known: When = None,
    ) -> Explanation:
        """The events behind one value (``value.spend_30d``), and what each adds."""
        reader, moment = self.reader(definition), _moment(at, known)
        group = self._members(who, moment)
        return explanation.explain(reader, group, name=feature, moment=moment)

    def check(self, who: str) -> Histories:
        """The histories of a shopper, as linked now; raises UnknownShopper."""
        group = self._members(who, Moment(moment_us(None)))
        histories = self.store.histories(np.array(group, WHO))
        check_known(self.store, group, histories=histories)
        return histories

    def timeline(self, who: str) -> Iterator[dict[str, Any]]:
        """The events of a shopper, as linked now, in the JSON form, oldest first."""
        rows = self.check(who).rows
        rows = rows[rows["kind"] != ATTRIBUTE]
        rows = rows[np.lexsort((rows["id"], rows["at"]))]
        for start in range(0, len(rows), 1_000):
            places = np.ascontiguousarray(rows["place"][start : start + 1_000])
            yield from to_json(self.store.full_events(places), self.schema)

    def verify(
        self,
        definition: type[Profile] | Definition,
        *,
        moments: Sequence[When] | None = None,
        progress: Progress | None = None,
    ) -> Verification:
        """Rebuild everything another way and compare every feature of everybody."""
        chosen = None if moments is None else [moment_us(at) for at in moments]
        made = self.reader(definition).definition
        return verify(self.store, made, moments=chosen, progress=progress)


def _moment(at: When, known: When) -> Moment:
    return Moment(moment_us(at), FOR_EVER if known is None else moment_us(known))
