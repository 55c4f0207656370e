"""Identifiers whose hashes begin alike: no store will meet them, and every one may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from limner.events.record import WHO
from limner.events.schema import Schema
from limner.stores.contract import Change, Outcome
from limner.stores.disk import open_store
from limner.stores.disk.directory import order_of
from tests.stores.shop import Event, batch
from tests.stores.test_disk_files import QUIET


def test_hashes_that_share_their_first_half_are_ordered_by_the_second() -> None:
    rng = np.random.default_rng(1)
    whos = np.zeros(500, WHO)
    whos["hi"], whos["lo"] = rng.integers(0, 40, 500), rng.integers(0, 2**63, 500)
    ordered = whos[order_of(whos)]
    assert ordered.tolist() == sorted(whos.tolist())


def test_shoppers_whose_hashes_begin_alike_stay_apart(store_dir: Path) -> None:
    store = open_store(store_dir, create=Schema(), tuning=QUIET)
    for start in range(0, 300, 30):
        events = [
            Event(f"e{n}", who=f"u{n % 6}", at=n) for n in range(start, start + 30)
        ]
        made = batch(store, events)
        records, whos = made.records.copy(), made.whos.copy()
        for column in (records["who_hi"], whos["hi"]):
            column[:] = 7 + (column >> np.uint64(63))
        forged = replace(made, records=records, whos=whos)
        assert store.commit(Change(forged)).count(Outcome.ACCEPTED) == 30
        assert store.commit(Change(forged)).count(Outcome.DUPLICATE) == 30
    found = np.concatenate([piece.whos for piece in store.scan(rows_max=40)])
    assert found.tolist() == sorted(found.tolist())
    assert np.diff(store.histories(found).offsets).tolist() == [50] * 6
    store.compact()
    assert np.diff(store.histories(found[::-1]).offsets).tolist() == [50] * 6
    found.setflags(write=False)
    assert np.diff(store.histories(found).offsets).tolist() == [50] * 6
    assert store.totals().identifiers == 6
    store.close()
