"""A new schema: every record is made again from its full event, into new runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from limner.events.batch import EventBatch, standardise
from limner.events.record import PLACE, words_of
from limner.events.schema import Schema
from limner.stores.disk import full_events, rows
from limner.stores.disk.dictionary import Dictionary
from limner.stores.disk.files import Files
from limner.stores.disk.lookup import standing_rows
from limner.stores.disk.rows import words_at
from limner.stores.disk.run_writer import Bounds, RunWriter
from limner.stores.disk.state import Run, State
from limner.stores.disk.tuning import Tuning
from limner.stores.disk.view import View


def with_schema(state: State) -> State:
    """The state of a commit that changes the schema."""
    return replace(
        state,
        schemas=state.schemas + 1,
        files=state.files + 1,
        token=state.token + 1,
    )


class Rebuilding:
    """New runs beside the old files, which stay as they are until the commit."""

    def __init__(
        self, folder: Path, files: Files, *, view: View, schema: Schema, tuning: Tuning
    ) -> None:
        self._folder, self._files, self._tuning = folder, files, tuning
        self._view, self._schema = view, schema
        self.state = view.state
        self._records: list[np.ndarray] = []
        self._whos: list[np.ndarray] = []
        self._names: list[pa.Array] = []
        self._held = 0

    def run(self, txn: Any, dictionary: Dictionary, *, secret: bytes) -> State:
        """Make everything again; the state to commit."""
        for place, batch in full_events.every(self._folder, self.state):
            made = standardise(batch, self._schema, secret=secret)
            dictionary.add(txn, made.text_codes, texts=made.texts)
            self._take(made, place)
            if self._held >= self._tuning.hot_rows:
                self._write()
        self._write()
        old = {part.number for part in self._view.state.runs}
        state = replace(
            self.state,
            runs=tuple(run for run in self.state.runs if run.number not in old),
            segments=(),
        )
        return with_schema(state)

    def _take(self, made: EventBatch, first_place: int) -> None:
        """Keep the records of those full events that stand in the store now."""
        count = made.full.num_rows
        places = np.uint64(first_place) + np.arange(count, dtype=np.uint64)
        old = np.zeros(count, self._view.dtype)
        for name in ("who_hi", "who_lo", "at", "id"):
            old[name] = made.records[name][:count]
        view = self._view
        standing = standing_rows(
            view.runs, view.hots, view.tombs, (old.ctypes.data, count), view.words
        )
        stays = words_at(standing, PLACE) == places
        kept = made.records[stays[made.event_of]]
        kept["place"] = places[made.event_of[stays[made.event_of]]]
        self._records.append(kept)
        self._whos.append(made.whos)
        self._names.append(made.names)
        self._held += len(kept)

    def _write(self) -> None:
        """Sort what is held into a run."""
        if self._held == 0:
            return
        records = np.concatenate(self._records)
        order = np.lexsort([records[n] for n in ("id", "at", "who_lo", "who_hi")])
        records = records[order]
        matrix = words_of(records)
        rows.stamp(matrix)
        is_first = np.ones(len(records), np.bool_)
        is_first[1:] = (matrix[1:, :2] != matrix[:-1, :2]).any(axis=1)
        first = np.flatnonzero(is_first)
        offsets, data = self._names_of(matrix[first, :2])
        entries = np.zeros((len(first), 4), np.uint64)
        entries[:, :2], entries[:, 2] = matrix[first, :2], first
        entries[:, 3] = offsets[:-1]
        bounds = Bounds(len(records), len(first), len(first), len(data))
        run = Run(self.state.next_number, 0, 0, 0, 0, self.state.erasures)
        writer = RunWriter(
            self._files,
            self._folder / run.name,
            words=matrix.shape[1],
            bounds=bounds,
            sync_bytes=self._tuning.write_bytes,
        )
        writer.add(matrix, entries=entries, names=data)
        head = writer.finish()
        run = replace(run, rows=head.rows, whos=head.whos, bytes=head.length)
        self.state = replace(
            self.state,
            runs=(*self.state.runs, run),
            next_number=run.number + 1,
        )
        self._records, self._whos, self._names, self._held = [], [], [], 0

    def _names_of(self, whos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Offsets and bytes of the names of identifiers, [n, 2] words in order."""
        every = np.concatenate(self._whos)
        order = np.lexsort((every["lo"], every["hi"]))
        known = every[order]
        at = np.searchsorted(known["hi"], whos[:, 0])
        while (is_other := known["lo"][at] != whos[:, 1]).any():
            at[is_other] += (
                1  # two of one `hi`: not in the life of a store, but possible
            )
        texts = pa.concat_arrays(self._names).take(pa.array(order[at]))
        _, offsets, data = texts.buffers()
        starts = np.frombuffer(offsets, np.int32)[: len(texts) + 1].astype(np.uint64)
        return starts, np.frombuffer(data, np.uint8)[: int(starts[-1])]
