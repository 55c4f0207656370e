"""What a process sees: the files of the newest commit, mapped and indexed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from limner.errors import StoreDamaged
from limner.events.schema import Schema
from limner.stores.disk.hot import HotSegment
from limner.stores.disk.ledger import Ledger
from limner.stores.disk.lookup import HOT_FIELDS, RUN_FIELDS, TOMB_FIELDS
from limner.stores.disk.run import RunFile
from limner.stores.disk.state import State

_ATTEMPTS = 20


@dataclass(frozen=True)
class View:
    """The store as of one commit. Files that it names stay readable while it lives."""

    state: State
    schema: Schema
    words: int
    """Words of a record."""
    dtype: np.dtype[np.void]
    segments: tuple[HotSegment, ...]
    run_files: tuple[RunFile, ...]
    runs: np.ndarray
    hots: np.ndarray
    tombs: np.ndarray
    """int64[n, RUN_FIELDS], int64[n, HOT_FIELDS], uint64[n, TOMB_FIELDS]."""

    def file_at(self, address: int) -> str:
        """The file that a row at this address belongs to."""
        for part, count in zip(self.segments, self.hots[:, 1], strict=True):
            end = part.address + int(count) * self.words * 8
            if part.address <= address < end:
                return part.path.name
        for run_file in self.run_files:
            end = run_file.address + run_file.run.bytes
            if run_file.address <= address < end:
                return run_file.path.name
        return "a file"

    def damaged(self, address: int) -> StoreDamaged:
        """The error to raise for a damaged row."""
        name = self.file_at(address)
        return StoreDamaged(f"{name}: a record in it is not what was written")


class Views:
    """Keeps the newest view, and brings it up to what other processes committed."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self._folder, self._ledger = folder, ledger
        self._lock = threading.RLock()
        self._latest: View | None = None
        self._for_writing = False

    def now(self) -> View:
        """The view of the newest commit of any process."""
        view = self._latest
        if view is not None and view.state.token == self._ledger.token():
            return view
        return self._renewed()

    def state(self) -> State:
        """The state of the newest commit; opens no files."""
        view = self._latest
        if view is not None and view.state.token == self._ledger.token():
            return view.state
        with self._ledger.reading() as txn:
            return self._ledger.state(txn)

    def _renewed(self) -> View:
        with self._lock:
            for _ in range(_ATTEMPTS):
                with self._ledger.reading() as txn:
                    state = self._ledger.state(txn)
                    tombs = self._tombs(txn, state)
                    schema = self._schema(txn, state)
                try:
                    return self._advance(state, schema, tombs)
                except FileNotFoundError as fault:
                    missing = Path(fault.filename).name
        # Files go only after the ledger has stopped naming them, so one look more
        # finds the new ones; a file still named and absent was taken by somebody else.
        raise StoreDamaged(f"{missing} is missing from the store")

    def in_commit(self, txn: Any) -> View:
        """The view inside a transaction, with the indexes that writing needs."""
        with self._lock:
            state = self._ledger.state(txn)
            if not self._for_writing:
                self._for_writing = True
                self._latest = None
            tombs, schema = self._tombs(txn, state), self._schema(txn, state)
            return self._advance(state, schema, tombs)

    def committed(self, state: State) -> None:
        """A commit of this process, that changed neither tombs nor schema, is done."""
        with self._lock:
            latest = self._latest
            if latest is not None and latest.state.token < state.token:
                self._advance(state, latest.schema, latest.tombs)

    def forget(self) -> None:
        """Let go of files."""
        with self._lock:
            self._latest = None

    def _tombs(self, txn: Any, state: State) -> np.ndarray:
        latest = self._latest
        if latest is not None and latest.state.files == state.files:
            return latest.tombs
        with txn.cursor(db=self._ledger.erased) as cursor:
            found = [key + value for key, value in cursor]
        flat = np.frombuffer(b"".join(found), np.uint8).reshape(-1, 8 * TOMB_FIELDS)
        tombs = flat.copy().view(np.uint64)
        tombs[:, :2] = tombs[:, :2].byteswap()  # keys are big-endian, to be in order
        return tombs

    def _schema(self, txn: Any, state: State) -> Schema:
        latest = self._latest
        if latest is not None and latest.state.schemas == state.schemas:
            return latest.schema
        return msgspec.json.decode(self._ledger.value(txn, b"schema"), type=Schema)

    def _advance(self, state: State, schema: Schema, tombs: np.ndarray) -> View:
        latest = self._latest
        if latest is not None and latest.state.token >= state.token:
            return latest
        dtype = (
            schema.dtype()
            if latest is None or latest.schema is not schema
            else (latest.dtype)
        )
        words = dtype.itemsize // 8
        segments = self._segments(state, words)
        run_files = self._run_files(state)
        hots = [
            part.fields(segment)
            for part, segment in zip(segments, state.segments, strict=True)
        ]
        if latest is not None and latest.run_files == run_files:
            runs = latest.runs
        else:
            runs = _matrix([part.fields() for part in run_files], RUN_FIELDS)
        view = View(
            state=state,
            schema=schema,
            words=words,
            dtype=dtype,
            segments=segments,
            run_files=run_files,
            runs=runs,
            hots=_matrix(hots, HOT_FIELDS),
            tombs=tombs,
        )
        self._latest = view
        return view

    def _segments(self, state: State, words: int) -> tuple[HotSegment, ...]:
        held = (
            {part.number: part for part in self._latest.segments}
            if (self._latest)
            else {}
        )
        parts = []
        for segment in state.segments:
            part = held.get(segment.number)
            if part is None:
                part = HotSegment(self._folder, segment, words)
            part.catch_up(segment.rows, with_events=self._for_writing)
            parts.append(part)
        return tuple(parts)

    def _run_files(self, state: State) -> tuple[RunFile, ...]:
        held = (
            {part.number: part for part in self._latest.run_files}
            if (self._latest)
            else {}
        )
        parts = []
        for run in state.runs:
            part = held.get(run.number) or RunFile(self._folder, run)
            if self._for_writing:
                part.verify_bloom()
            parts.append(part)
        return tuple(parts)


def _matrix(rows: list[np.ndarray], width: int) -> np.ndarray:
    return np.array(rows, np.int64).reshape(len(rows), width)
