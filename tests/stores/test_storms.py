"""Seeded storms over the store on disk, judged by the one in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner.events.schema import Retention, Schema
from limner.stores.contract import Store
from limner.stores.disk import Tuning, open_store
from limner.stores.memory import open_memory
from tests.stores.shop import DAY, add, contents, random_events, who

_SHOPPERS = 9
_KEPT = {"view": Retention(span_us=20 * DAY), "purchase": Retention(newest=5)}


def tuning(seed: int) -> Tuning:
    """Tiny files; every second storm merges within its commits."""
    return Tuning(
        hot_rows=70 + 30 * seed,
        fan=2 + seed % 3,
        block_events=8,
        block_file_bytes=6_000,
        write_bytes=4_096,
        in_background=seed % 2 == 0,
    )


def same(store: Store, judge: Store) -> None:
    """Both stores say the same of everybody."""
    assert contents(store) == contents(judge)
    ours, theirs = store.totals(), judge.totals()
    assert (ours.events, ours.identifiers) == (theirs.events, theirs.identifiers)
    said = [i for part in store.blocks() for i in part.column("id").to_pylist()]
    needed = [i for part in judge.blocks() for i in part.column("id").to_pylist()]
    assert set(needed) <= set(said)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_both_stores_agree(store_dir: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    schema = Schema(retention=_KEPT)
    store: Store = open_store(store_dir, create=schema, tuning=tuning(seed))
    judge = open_memory(schema)
    for step in range(60):
        what = rng.choice(["add", "add", "add", "add", "erase", "compact", "reopen"])
        if what == "add":
            events = random_events(rng, int(rng.integers(1, 90)), _SHOPPERS)
            ours, theirs = add(store, *events), add(judge, *events)
            assert list(ours.outcomes) == list(theirs.outcomes)
        elif what == "erase":
            name = f"u{rng.integers(_SHOPPERS)}"
            assert store.erase(who(store, name)) == judge.erase(who(judge, name))
        elif what == "compact":
            store.compact()
            judge.compact()
        else:
            store.close()
            store = open_store(store_dir, tuning=tuning(seed))
        if step == 40:
            wider = Schema(retention=_KEPT, columns={"size": "text"})
            store.change_schema(wider)
            judge.change_schema(wider)
        if step % 5 == 0:
            same(store, judge)
    same(store, judge)
    moved = Schema(retention=_KEPT, columns={"size": "text"}, horizon=30 * DAY)
    for each in (store, judge):
        each.change_schema(moved)
        each.compact()
    same(store, judge)
    store.close()
