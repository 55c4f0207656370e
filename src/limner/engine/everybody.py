"""Everybody's profiles: the whole store, part by part, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from limner.engine.asked import Asked
from limner.engine.reader import Reader
from limner.engine.shoppers import best_name
from limner.events.record import WHO
from limner.history import links
from limner.history.histories import Histories
from limner.history.links import Who
from limner.history.moment import Moment
from limner.stores.contract import Scanned

Progress = Callable[[float, str], None]
SHOPPERS_AT_ONCE = 10_000
PARTS_AHEAD = 2
"""Parts that a core may have finished before they are taken: bounds memory."""
EVENTS_A_PART = 1_000_000
MANY = 5_000
"""With fewer shoppers than this, only the texts that they need are looked up."""
ROWS_AT_ONCE = 100_000
"""Records read together: more would not stay in the allocator's memory, and page faults
would cost a third of the time."""


class Everybody:
    """Profiles of all shoppers with an event at or before a moment."""

    def __init__(self, reader: Reader, moment: Moment) -> None:
        reader.check_moment(moment)
        self.reader, self.moment = reader, moment
        self.store = reader.store
        self.tied = links.tied_identifiers(self.store)
        # made once, before threads share them
        _ = reader.world, reader.program, reader.dress
        if self.store.totals().identifiers >= MANY:
            reader.texts.learn_all()

    def batches(
        self, *, cores: int | None = None, progress: Progress | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Profiles as Arrow batches, in the order of hashes, tied shoppers last."""
        cores = cores or os.cpu_count() or 1
        events = self.store.totals().events
        parts = max(cores * 4, events // EVENTS_A_PART + 1) if events else 1
        with ThreadPoolExecutor(cores) as pool:
            waiting: list[Future[list[pa.RecordBatch]]] = []
            for part in range(parts):
                waiting.append(pool.submit(self._part, part, parts))
                if len(waiting) > cores * PARTS_AHEAD:
                    yield from waiting.pop(0).result()
                    if progress:
                        progress((part - len(waiting) + 1) / parts, "reading profiles")
            for future in waiting:
                yield from future.result()
        yield from self._tied()
        if progress:
            progress(1.0, "reading profiles")

    def schema(self) -> pa.Schema:
        """The columns of the batches."""
        nobody = Histories.of([], self.store.schema.dtype())
        names = pa.array([], pa.string())
        return self._painted(names, nobody, groups=np.zeros(1, np.int64))[0].schema

    def _part(self, part: int, of: int) -> list[pa.RecordBatch]:
        scanned = self.store.scan(part, of, rows_max=ROWS_AT_ONCE)
        return [batch for one in scanned if (batch := self._read(one)) is not None]

    def _read(self, scanned: Scanned) -> pa.RecordBatch | None:
        names, histories = pa.array(scanned.names, pa.string()), scanned.histories
        groups = np.arange(len(names) + 1, dtype=np.int64)
        batch, saw = self._painted(names, histories, groups=groups)
        if len(self.tied):
            saw &= ~np.isin(scanned.whos, self.tied)
        return batch.filter(pa.array(saw)) if saw.any() else None

    def _painted(
        self, names: pa.Array, histories: Histories, *, groups: np.ndarray
    ) -> tuple[pa.RecordBatch, np.ndarray]:
        """Profiles of everybody given, and bool[n]: who has an event by then."""
        asked = Asked.at_one_moment(histories, groups, moment=self.moment)
        painted = self.reader.paint(asked)
        columns = self.reader.dress.columns(painted)
        split = pc.split_pattern(names, ":", max_splits=1)
        types = pc.list_element(split, 0)
        values = pc.list_element(split, 1)
        named = {"shopper": values, "shopper_type": types} | columns
        batch = pa.RecordBatch.from_arrays(list(named.values()), list(named))
        return batch, painted.spill.events > 0

    def _tied(self) -> Iterator[pa.RecordBatch]:
        """Those with several identifiers, and those once tied and now alone."""
        if len(self.tied) == 0:
            return
        groups = links.components(self.store, self.tied, moment=self.moment)
        for start in range(0, len(groups), SHOPPERS_AT_ONCE):
            batch = self._united(groups[start : start + SHOPPERS_AT_ONCE])
            if batch is not None:
                yield batch

    def _united(self, groups: list[list[Who]]) -> pa.RecordBatch | None:
        flat = np.array([who for group in groups for who in group], WHO)
        bounds = np.zeros(len(groups) + 1, np.int64)
        bounds[1:] = np.cumsum([len(group) for group in groups])
        names = pa.array(
            [best_name(self.store, group) for group in groups], pa.string()
        )
        batch, saw = self._painted(names, self.store.histories(flat), groups=bounds)
        return batch.filter(pa.array(saw)) if saw.any() else None
