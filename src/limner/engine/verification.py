"""Proof on the user's own data: rebuild everything another way, and compare.

All full events are given to a second store in another order, in other batch sizes, with
some of them twice; then every feature of every shopper is read from both at several
moments. Whole numbers, texts and conditions must be equal, floats to 1e-9 relative.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from limner.clock import DAY, moment_text
from limner.engine.everybody import Everybody
from limner.engine.reader import Reader
from limner.events.batch import EventBatch, standardise, texts_only
from limner.history import catalogue, links
from limner.history.moment import Moment
from limner.profile.definition import Definition
from limner.stores.contract import EVENTS_MAX, Change, Put, Receipt, Store
from limner.stores.disk import open_store

RELATIVE = 1e-9
MOMENTS = 4
HELD_BLOCKS = 64
"""Blocks shuffled together: bounds memory."""
DOUBLED = 0.05
"""The share of events that is given twice."""

Progress = Callable[[float, str], None]


class Verification(msgspec.Struct, frozen=True):
    """What was compared, and how much differed."""

    shoppers: int
    moments: int
    features: int
    differences: int
    first_difference: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The document of `limner verify`."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told


def verify(
    store: Store,
    definition: Definition,
    *,
    moments: list[int] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Verification:
    """Rebuild a store's events elsewhere and compare all readings.

    moments: us; by default four, spread over the events, the last after all of them.
    Needs room on disk for a second store, in the system's temporary folder.
    """
    tell = progress or (lambda fraction, text: None)
    with tempfile.TemporaryDirectory(prefix="limner-verify-") as folder:
        place = Path(folder) / "store"
        other = open_store(place, create=store.schema, secret=store.secret)
        try:
            span = _rebuild(store, other, random.Random(seed), tell)
            chosen = moments or _spread(*span)
            return _compare(store, other, definition, chosen, tell)
        finally:
            other.close()


def _spread(first: int, last: int) -> list[int]:
    inner = np.linspace(first, last, MOMENTS + 1)[1:-1]
    return [*(int(at) for at in inner), last + DAY]


def _rebuild(
    store: Store, other: Store, chance: random.Random, tell: Progress
) -> tuple[int, int]:
    """Give every full event to the other store; the first and the last moment."""
    for table in (catalogue.TABLE,):
        puts = [Put(table, key, value) for key, value in store.items(table)]
        other.commit(Change(puts=puts))
    _copy_texts(store, other)
    events, done = max(store.totals().events, 1), 0
    first, last = 2**62, 0
    for batch in _shuffled(store, chance):
        made = standardise(batch, other.schema, secret=other.secret)
        other.commit(Change(batch=made, then=_ties_of(made)))
        first = min(first, int(made.records["at"].min()))
        last = max(last, int(made.records["at"].max()))
        done += batch.num_rows
        tell(min(0.5, done / events / 2), "rebuilding")
    return (first, last) if last else (0, 0)


def _ties_of(batch: EventBatch) -> Callable[[Receipt], list[Put]]:
    """What the commit of a batch adds to the tables of who is who."""
    return lambda receipt: [Put(*put) for put in links.puts(batch, receipt)]


def _copy_texts(store: Store, other: Store) -> None:
    """Texts that only the catalogue has: they are in no event."""
    if store.count(catalogue.TABLE) == 0:
        return
    for codes, texts in store.dictionary():
        words = pa.array(texts, pa.string())
        other.commit(Change(batch=texts_only(codes, words, schema=store.schema)))


def _shuffled(store: Store, chance: random.Random) -> Iterator[pa.RecordBatch]:
    """All full events, blocks and rows mixed, cut anew, some of them twice."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for block in store.blocks():
        held.append(block)
        rows += block.num_rows
        if len(held) >= HELD_BLOCKS or rows >= 4 * EVENTS_MAX:
            yield from _mixed(held, chance)
            held, rows = [], 0
    yield from _mixed(held, chance)


def _mixed(
    blocks: list[pa.RecordBatch], chance: random.Random
) -> Iterator[pa.RecordBatch]:
    if not blocks:
        return
    whole = pa.Table.from_batches(
        [], schema=pa.unify_schemas([block.schema for block in blocks])
    )
    parts = [pa.Table.from_batches([block]) for block in blocks]
    whole = pa.concat_tables([whole, *parts], promote_options="default")
    order = np.random.default_rng(chance.getrandbits(64)).permutation(whole.num_rows)
    twice = order[: int(len(order) * DOUBLED)]
    whole = whole.take(pa.array(np.concatenate([order, twice])))
    start = 0
    while start < whole.num_rows:
        size = chance.choice([1_000, 7_919, 30_000, EVENTS_MAX])
        piece = whole.slice(start, size).combine_chunks()
        yield from piece.to_batches()
        start += size


def _compare(
    store: Store,
    other: Store,
    definition: Definition,
    moments: list[int],
    tell: Progress,
) -> Verification:
    one, two = Reader(store, definition), Reader(other, definition)
    shoppers = differences = 0
    first: str | None = None
    for number, at in enumerate(moments):
        tell(0.5 + number / len(moments) / 2, f"comparing at {moment_text(at)}")
        mine, theirs = _everybody(one, at), _everybody(two, at)
        shoppers = max(shoppers, mine.num_rows)
        found, text = difference(mine, theirs)
        differences += found
        if first is None and text is not None:
            first = f"at {moment_text(at)}: {text}"
    tell(1.0, "compared")
    features = len(definition.features)
    return Verification(shoppers, len(moments), features, differences, first)


def _everybody(reader: Reader, at: int) -> pa.Table:
    batches = list(Everybody(reader, Moment(at)).batches())
    if not batches:
        return pa.table({"shopper": pa.array([], pa.string())})
    table = pa.Table.from_batches(batches)
    return table.sort_by([("shopper_type", "ascending"), ("shopper", "ascending")])


def difference(one: pa.Table, other: pa.Table) -> tuple[int, str | None]:
    """How many values differ between two tables of profiles, and the first in words."""
    if one.num_rows != other.num_rows:
        gap = abs(one.num_rows - other.num_rows)
        return gap, f"{one.num_rows} shoppers and {other.num_rows}"
    count, first = 0, None
    for name in one.schema.names:
        unlike = _unlike(one.column(name), other.column(name))
        count += len(unlike)
        if len(unlike) and first is None:
            row = int(unlike[0])
            got, expected = (
                one.column(name)[row].as_py(),
                other.column(name)[row].as_py(),
            )
            first = f"{name} of shopper row {row}: {got!r} and {expected!r}"
    return count, first


def _unlike(one: pa.ChunkedArray, other: pa.ChunkedArray) -> np.ndarray:
    if one.equals(other):
        return np.zeros(0, np.int64)
    pairs = zip(one.to_pylist(), other.to_pylist(), strict=True)
    return np.array([n for n, (a, b) in enumerate(pairs) if not _alike(a, b)], np.int64)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= RELATIVE * max(abs(one), abs(other))
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_alike(a, b) for a, b in pairs)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[k], other[k]) for k in one)
    return bool(one == other)
