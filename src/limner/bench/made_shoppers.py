"""A store full of shoppers with about a hundred events each, over a year."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import sleep

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from limner.bench.figure import Progress
from limner.clock import DAY, moment_us
from limner.engine.limner import Limner
from limner.engine.limner import open as open_limner
from limner.events.batch import EventBatch, standardise
from limner.events.schema import Schema
from limner.history import links
from limner.stores.contract import EVENTS_MAX, Change, Put, Receipt

EVENTS_EACH = 100
BEGUN = moment_us("2025-03-01")
AT = moment_us("2026-03-01")

_KINDS = np.array(["view", "cart", "favourite", "purchase", "search", "refund"])
_OFTEN = np.array([0.62, 0.12, 0.06, 0.1, 0.08, 0.02])
_PRICED = {"view", "cart", "purchase", "refund"}


def filled(folder: Path, shoppers: int, *, progress: Progress) -> Limner:
    """An open store of so many shoppers, made in this folder."""
    limner = open_limner(folder, create=Schema())
    events = shoppers * EVENTS_EACH
    done = 0
    for batch in batches(shoppers):
        made = standardise(batch, limner.store.schema, secret=limner.store.secret)
        limner.store.commit(Change(made, then=partial(_tied, made)))
        done += batch.num_rows
        progress(done / events, f"{done:,} events written")
    _let_settle(limner)
    return limner


def _let_settle(limner: Limner) -> None:
    """Wait until what was sealed is sorted: a store in use is settled but for its
    newest events."""
    sealed = 2_000_000 * limner.schema.dtype().itemsize
    for _ in range(600):
        if limner.store.totals().bytes_by_part["hot"] < sealed:
            return
        sleep(0.1)


def _tied(made: EventBatch, receipt: Receipt) -> list[Put]:
    return [Put(*put) for put in links.puts(made, receipt)]


def batches(shoppers: int) -> Iterator[pa.RecordBatch]:
    """Full events in the order of their moments, shoppers without locality."""
    random = np.random.default_rng(7)
    events = shoppers * EVENTS_EACH
    for first in range(0, events, EVENTS_MAX):
        number = np.arange(first, min(first + EVENTS_MAX, events))
        yield _batch(number, random, shoppers=shoppers, events=events)


def _batch(
    number: np.ndarray, random: np.random.Generator, *, shoppers: int, events: int
) -> pa.RecordBatch:
    count = len(number)
    kind = random.choice(_KINDS, count, p=_OFTEN)
    item = random.integers(0, 20_000, count)
    at = BEGUN + number * ((AT - BEGUN - DAY) // events)
    priced = np.isin(kind, list(_PRICED))
    ordered = np.isin(kind, ["purchase", "refund"])
    who = random.integers(0, shoppers, count)
    day = number * 365 // events
    return pa.RecordBatch.from_pydict(
        {
            "source": pa.repeat("bench", count),
            "id": _named("e", number),
            "kind": pa.array(kind),
            "at": pa.array(at),
            "seen_at": pa.array(at),
            "content": pa.array(random.integers(0, 2**32, count), pa.uint32()),
            "item": _named("p", item),
            "category": _named("c", item % 40),
            "brand": _named("b", item % 300),
            "price": pa.array(100 + item % 9_000, mask=~priced),
            "quantity": pa.array(1 + item % 3, pa.int32(), mask=~ordered),
            "order": _where(ordered, _named("o", who * 1_000 + day)),
            "shopper.user_id": _named("u", who),
        }
    )


def _where(chosen: np.ndarray, texts: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(chosen), texts, pa.scalar(None, pa.string()))


def _named(letter: str, number: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(letter, pa.array(number).cast(pa.string()), "")
