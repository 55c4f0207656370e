"""Erasure: a durable marker, obeyed at once by readings and later by merges.

A tombstone says which erasure it was and how far the active segment then went: rows of
older files are dead, rows that come after it are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from limner.events.batch import standardise
from limner.events.kinds import ATTRIBUTE
from limner.events.record import WHO
from limner.history.histories import Histories
from limner.stores.disk import full_events, scan
from limner.stores.disk.ledger import Ledger
from limner.stores.disk.lookup import T_ERASURE
from limner.stores.disk.state import State
from limner.stores.disk.view import View


def erase(ledger: Ledger, txn: Any, *, view: View, whos: np.ndarray) -> int:
    """Mark these identifiers in the transaction; how many events went."""
    wanted = np.unique(np.ascontiguousarray(whos, WHO))
    found = scan.read(view, wanted.view(np.uint64).reshape(-1, 2))
    has = np.diff(found.offsets) > 0
    events = int((found.rows["kind"] != ATTRIBUTE).sum())
    state = view.state
    active = state.segments[-1] if state.segments else None
    position = (active.number, active.rows) if active is not None else (0, 0)
    value = np.array([state.erasures + 1, *position], np.uint64).tobytes()
    for who in wanted[has]:
        key = int(who["hi"]).to_bytes(8, "big") + int(who["lo"]).to_bytes(8, "big")
        txn.put(key, value, db=ledger.erased)
    state = replace(
        state,
        erasures=state.erasures + 1,
        events=state.events - events,
        files=state.files + 1,
        token=state.token + 1,
    )
    ledger.put_state(txn, state)
    return events


def forget_obeyed(ledger: Ledger, txn: Any, *, state: State, tombs: np.ndarray) -> None:
    """Drop the tombstones that every file of this state obeys already."""
    erased = [run.erased for run in state.runs]
    erased += [segment.erased for segment in state.segments]
    oldest = min(erased, default=state.erasures)
    for tomb in tombs:
        if int(tomb[T_ERASURE]) <= oldest:
            key = int(tomb[0]).to_bytes(8, "big") + int(tomb[1]).to_bytes(8, "big")
            txn.delete(key, db=ledger.erased)


def living_blocks(
    folder: Path, view: View, *, secret: bytes
) -> Iterator[pa.RecordBatch]:
    """All full events but erased ones, whose bytes may lie there until compaction."""
    batches = full_events.every(folder, view.state)
    if len(view.tombs) == 0:
        yield from (batch for _, batch in batches)
        return
    tombs = np.ascontiguousarray(view.tombs[:, :2])
    left = scan.read(view, tombs)
    marked = _with_live_places(tombs, left)
    for first_place, batch in batches:
        made = standardise(batch, view.schema, secret=secret)
        records = made.records[: batch.num_rows]
        places = np.uint64(first_place) + np.arange(batch.num_rows, dtype=np.uint64)
        is_dead = np.zeros(batch.num_rows, np.bool_)
        whos = np.stack([records["who_hi"], records["who_lo"]], axis=1)
        for row in np.flatnonzero(np.isin(whos[:, 0], tombs[:, 0])):
            alive = marked.get(whos[row].tobytes())
            is_dead[row] = alive is not None and int(places[row]) not in alive
        alive_rows = batch.filter(pa.array(~is_dead)) if is_dead.any() else batch
        if alive_rows.num_rows:
            yield alive_rows


def _with_live_places(tombs: np.ndarray, left: Histories) -> dict[bytes, set[int]]:
    return {
        tomb.tobytes(): set(left[i]["place"].tolist()) for i, tomb in enumerate(tombs)
    }
