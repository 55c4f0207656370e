"""A store in memory: as simple as the contract allows, for tests and small trials."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from limner.errors import StoreError, StoreFull
from limner.events.batch import EventBatch, standardise
from limner.events.record import REPLACES, TEXTS, WHO
from limner.events.schema import Schema
from limner.history.histories import Histories
from limner.stores.contract import (
    EVENTS_MAX,
    Change,
    Outcome,
    Put,
    Receipt,
    Scanned,
    Totals,
)
from limner.stores.settings import check_change

EVENTS_HELD_MAX = 1_000_000


def open_memory(schema: Schema, *, events_max: int = EVENTS_HELD_MAX) -> MemoryStore:
    """An empty store that lives as long as this object, of at most so many events."""
    return MemoryStore(schema.check(), secrets.token_bytes(32), events_max=events_max)


@dataclass
class _Delivery:
    """The delivery of an event that stands, with the records of its attributes."""

    rank: tuple[int, int]
    records: np.ndarray


class MemoryStore:
    """See ``stores/contract.py``. A dict of dicts, and one lock around it."""

    def __init__(self, schema: Schema, secret: bytes, *, events_max: int) -> None:
        self.schema, self.secret = schema, secret
        self._events_max = events_max
        self._histories: dict[bytes, dict[int, _Delivery]] = {}
        self._names: dict[bytes, str] = {}
        self._texts: dict[int, str] = {}
        self._full: dict[int, pa.RecordBatch] = {}
        self._tables: dict[str, dict[bytes, bytes]] = {}
        self._token = 0
        self._lock = threading.RLock()

    def commit(self, change: Change) -> Receipt:
        """Add a batch and puts."""
        with self._lock:
            outcomes = np.zeros(0, np.int8)
            stays = np.zeros(0, np.bool_)
            batch = change.batch
            if batch is not None:
                refused = self._refused(batch)
                outcomes, stays = self._judge(batch, refused)
            receipt = Receipt(outcomes, self._token + 1)
            puts = [*change.puts, *(change.then(receipt) if change.then else ())]
            if batch is not None:
                self._keep(batch, stays)
            self._put(puts)
            self._token += 1
        return receipt

    def _refused(self, batch: EventBatch) -> set[int]:
        said = zip(batch.text_codes.tolist(), batch.texts.to_pylist(), strict=True)
        others = [c for c, text in said if self._texts.get(c, text) != text]
        own = [n for n, kind in self.schema.columns.items() if kind == "text"]
        refused: set[int] = set()
        for name in (*TEXTS, "attribute", "value", *own):
            bad = np.isin(batch.records[name], np.array(others, np.uint64))
            refused.update(batch.event_of[bad].tolist())
        return refused

    def _judge(
        self, batch: EventBatch, refused: set[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        count = batch.full.num_rows
        if count > EVENTS_MAX:
            raise StoreError(f"{count} events in one commit, at most {EVENTS_MAX}")
        if batch.records.dtype != self.schema.dtype():
            raise StoreError(
                "the batch was made for another schema: make it again with this store's"
            )
        outcomes, stays = np.zeros(count, np.int8), np.zeros(count, np.bool_)
        now: dict[tuple[bytes, int], tuple[tuple[int, int], int]] = {}
        for i, record in enumerate(batch.records[:count]):
            if i in refused:
                outcomes[i] = Outcome.COLLISION
                continue
            key, rank = (_who(record), int(record["id"])), _rank(record)
            held = self._histories.get(key[0], {}).get(key[1])
            before = now.get(key, (held.rank, -1) if held else None)
            if before is None:
                outcomes[i] = Outcome.ACCEPTED
            elif rank < before[0]:
                outcomes[i] = Outcome.REPLACED
            else:
                same = rank[1] == before[0][1]
                outcomes[i] = Outcome.DUPLICATE if same else Outcome.CONFLICT
                continue
            if before is not None and before[1] >= 0:
                stays[before[1]] = False
            stays[i] = True
            now[key] = rank, i
        new = int((outcomes == Outcome.ACCEPTED).sum())
        if self._events() + new > self._events_max:
            raise StoreFull(f"a store in memory takes {self._events_max} events")
        return outcomes, stays

    def _keep(self, batch: EventBatch, stays: np.ndarray) -> None:
        codes = zip(batch.text_codes.tolist(), batch.texts.to_pylist(), strict=True)
        for code, text in codes:
            self._texts.setdefault(code, text)
        self._names.update(
            zip((_who(w) for w in batch.whos), batch.names.to_pylist(), strict=True)
        )
        first = max(self._full, default=0) + 1
        kept = np.flatnonzero(stays)
        if len(kept) == 0:
            return
        self._full[first] = batch.full.take(pa.array(kept))
        place_of = np.zeros(len(stays), np.uint64)
        place_of[kept] = np.arange(len(kept)) + (first << 16)
        records = batch.records.copy()
        records["place"] = place_of[batch.event_of]
        records["flags"] &= ~np.uint8(REPLACES)
        order = np.argsort(batch.event_of, kind="stable")
        bounds = np.searchsorted(batch.event_of[order], np.arange(len(stays) + 1))
        for i in kept:
            mine = records[order[bounds[i] : bounds[i + 1]]]
            history = self._histories.setdefault(_who(mine[0]), {})
            history[int(mine[0]["id"])] = _Delivery(_rank(mine[0]), mine)

    def _put(self, puts: list[Put]) -> None:
        for table, key, value in puts:
            held = self._tables.setdefault(table, {})
            if value is None:
                held.pop(key, None)
            else:
                held[key] = value

    def _events(self) -> int:
        return sum(len(history) for history in self._histories.values())

    def _history(self, who: bytes) -> np.ndarray:
        parts = [d.records for d in self._histories.get(who, {}).values()]
        rows = np.concatenate(parts) if parts else np.zeros(0, self.schema.dtype())
        return rows[np.lexsort((rows["id"], rows["at"]))]

    def histories(self, whos: np.ndarray) -> Histories:
        """The histories of these identifiers, in this order."""
        with self._lock:
            parts = [self._history(_who(who)) for who in whos]
        return Histories.of(parts, self.schema.dtype())

    def scan(
        self, part: int = 0, of: int = 1, *, rows_max: int = 500_000
    ) -> Iterator[Scanned]:
        """Every identifier that has events, in the order of its hash."""
        low, high = (1 << 64) * part // of, (1 << 64) * (part + 1) // of
        with self._lock:
            keys = sorted(
                key
                for key, history in self._histories.items()
                if history and low <= int.from_bytes(key[:8], "big") < high
            )
        while keys:
            rows, count = 0, 0
            while count < len(keys) and rows < rows_max:
                rows += len(self._history(keys[count]))
                count += 1
            whos = _whos(keys[:count])
            names = [self._names[key] for key in keys[:count]]
            yield Scanned(whos, names, self.histories(whos))
            keys = keys[count:]

    def texts(self, codes: np.ndarray) -> list[str | None]:
        """The texts of these codes."""
        return [self._texts.get(int(code)) for code in codes]

    def dictionary(self) -> Iterator[tuple[np.ndarray, list[str]]]:
        """Every code and its text, in one piece."""
        held = sorted(self._texts.items())
        if held:
            yield np.array([c for c, _ in held], np.uint64), [text for _, text in held]

    def full_events(self, places: np.ndarray) -> pa.Table:
        """The full events at these places, in this order."""
        rows = [
            pa.Table.from_batches(
                [self._full[int(place) >> 16].slice(int(place) & 0xFFFF, 1)]
            )
            for place in places
        ]
        if not rows:
            return pa.table({})
        return pa.concat_tables(rows, promote_options="default").combine_chunks()

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """All full events of deliveries that stand, in order of arrival."""
        with self._lock:
            held = list(self._full.items())
            standing = {
                int(delivery.records["place"][0])
                for history in self._histories.values()
                for delivery in history.values()
            }
        for number, batch in held:
            rows = [i for i in range(batch.num_rows) if (number << 16) + i in standing]
            if rows:
                yield batch.take(pa.array(rows))

    def get(self, table: str, key: bytes) -> bytes | None:
        """One value of a small table."""
        return self._tables.get(table, {}).get(key)

    def items(self, table: str, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys that begin with this, in order, with their values."""
        with self._lock:
            held = sorted(self._tables.get(table, {}).items())
        yield from (item for item in held if item[0].startswith(prefix))

    def count(self, table: str) -> int:
        """How many keys a small table has."""
        return len(self._tables.get(table, {}))

    def token(self) -> int:
        """The number of the newest commit."""
        return self._token

    def totals(self) -> Totals:
        """What is in the store now; a store in memory counts its full events' bytes."""
        room = sum(batch.nbytes for batch in self._full.values())
        shoppers = sum(1 for history in self._histories.values() if history)
        return Totals(self._events(), shoppers, {"blocks": room})

    def erase(self, whos: np.ndarray) -> int:
        """Forget the histories of these identifiers; returns how many events went."""
        with self._lock:
            gone = [self._histories.pop(_who(who), {}) for who in whos]
            self._token += 1
        return sum(len(history) for history in gone)

    def change_schema(self, schema: Schema) -> None:
        """Take new settings; records are made again where they may differ."""
        check_change(self.schema, schema)
        with self._lock:
            batches = list(self.blocks())
            self.schema = schema
            self._histories, self._full = {}, {}
            for batch in batches:
                made = standardise(batch, schema, secret=self.secret)
                self._keep(made, np.ones(batch.num_rows, np.bool_))
            self._token += 1

    def compact(self, progress: Callable[[float], None] | None = None) -> None:
        """Delete what no reading at or after the horizon can see."""
        with self._lock:
            for history in self._histories.values():
                for event in _expired(history, self.schema):
                    del history[event]
            self._full = dict(_blocks_in_use(self._histories, self._full))
            self._token += 1
        if progress is not None:
            progress(1.0)

    def close(self) -> None:
        """Nothing to let go of."""


def _blocks_in_use(
    histories: dict[bytes, dict[int, _Delivery]], full: dict[int, pa.RecordBatch]
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The blocks that some record still points into."""
    numbers = {
        int(delivery.records["place"][0]) >> 16
        for history in histories.values()
        for delivery in history.values()
    }
    yield from ((n, batch) for n, batch in full.items() if n in numbers)


def _expired(history: dict[int, _Delivery], schema: Schema) -> list[int]:
    """Ids of events that no reading at or after the horizon sees."""
    if not schema.horizon:
        return []
    names, horizon = schema.kind_names(), schema.horizon
    newest_first = sorted(
        ((int(d.records["at"][0]), event, d) for event, d in history.items()),
        reverse=True,
        key=lambda item: item[:2],
    )
    newer: dict[int, int] = {}
    gone = []
    for at, event, delivery in newest_first:
        kind = int(delivery.records["kind"][0])
        kept = schema.kept(names[kind])
        if at > horizon:
            continue
        seen = int(delivery.records["seen_at"][0]) <= horizon
        if at <= horizon - kept.span_us or newer.get(kind, 0) >= kept.newest:
            gone.append(event)
        if seen:
            newer[kind] = newer.get(kind, 0) + 1
    return gone


def _who(record: np.void) -> bytes:
    hi = record["who_hi"] if "who_hi" in (record.dtype.names or ()) else record["hi"]
    lo = record["who_lo"] if "who_lo" in (record.dtype.names or ()) else record["lo"]
    return int(hi).to_bytes(8, "big") + int(lo).to_bytes(8, "big")


def _whos(keys: list[bytes]) -> np.ndarray:
    flat = np.frombuffer(b"".join(keys), np.dtype([("hi", ">u8"), ("lo", ">u8")]))
    return flat.astype(WHO)


def _rank(record: np.void) -> tuple[int, int]:
    return int(record["seen_at"]), int(record["content"])
