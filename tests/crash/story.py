"""A story of numbered events: both who writes and who checks can tell it alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from limner.events.batch import standardise
from limner.events.codes import source_seed
from limner.events.hashing import hash_texts
from limner.stores.contract import Change, Outcome, Put, Store
from limner.stores.disk import Tuning

SHOPPERS = 37
TINY = Tuning(
    hot_rows=300, fan=3, block_events=32, block_file_bytes=20_000, write_bytes=8_192
)


def events(first: int, last: int) -> pa.RecordBatch:
    """The full events of these numbers."""
    numbers = np.arange(first, last)
    at = pa.array((numbers * 7_919) % 1_000_003)
    return pa.RecordBatch.from_pydict(
        {
            "source": ["story"] * len(numbers),
            "id": _texts("e", numbers),
            "kind": ["view"] * len(numbers),
            "at": at,
            "seen_at": at,
            "content": pa.array(numbers, pa.uint32()),
            "item": _texts("i", numbers % 101),
            "shopper.user_id": _texts("u", numbers % SHOPPERS),
        }
    )


def _texts(prefix: str, numbers: np.ndarray) -> list[str]:
    return [f"{prefix}{number}" for number in numbers]


def tell(store: Store, *, first: int, last: int) -> int:
    """Commit these events and the position reached; returns how many were new."""
    batch = standardise(events(first, last), store.schema, secret=store.secret)
    put = Put("story", b"told", str(last).encode())
    receipt = store.commit(Change(batch, [put]))
    return receipt.count(Outcome.ACCEPTED)


def told(store: Store) -> int:
    """How many events the store says it was told."""
    return int(store.get("story", b"told") or 0)


def check(store: Store, *, acknowledged: int) -> None:
    """Nothing acknowledged is lost, nothing is doubled, and everything can be read."""
    count = told(store)
    assert count >= acknowledged, f"{acknowledged - count} acknowledged events lost"
    assert store.totals().events == count
    assert store.totals().identifiers == min(count, SHOPPERS)
    found = []
    for piece in store.scan(rows_max=1_000):
        for i in range(len(piece.whos)):
            history = piece.histories[i]
            order = np.lexsort((history["id"], history["at"]))
            assert (order == np.arange(len(history))).all()
        found.append(piece.histories.rows)
        again = store.histories(piece.whos)
        assert again.rows.tobytes() == piece.histories.rows.tobytes()
    rows = np.concatenate(found) if found else np.zeros(0, store.schema.dtype())
    assert len(rows) == count, f"{len(rows)} records of {count} events"
    told_ids = np.sort(_ids(count))
    assert (np.sort(rows["id"]) == told_ids).all(), "other events than were told"
    assert sum(batch.num_rows for batch in store.blocks()) == count
    some = rows[:: max(1, len(rows) // 50)]
    full = store.full_events(some["place"])
    if len(some):
        assert (hash_texts(full["id"].combine_chunks(), _seed()) == some["id"]).all()
    texts = store.texts(np.unique(rows["item"]))
    assert None not in texts


def _seed() -> int:
    return source_seed("story")


def _ids(count: int) -> np.ndarray:
    return hash_texts(pa.array(_texts("e", np.arange(count)), pa.string()), _seed())
