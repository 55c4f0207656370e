"""Settling: sealed segments become runs, and runs are merged, beside the commits."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as with_fields
from pathlib import Path
from typing import Protocol

import numpy as np
from filelock import FileLock, Timeout
from msgspec.structs import replace

from limner.errors import LimnerError
from limner.stores.disk import merging
from limner.stores.disk.files import Files
from limner.stores.disk.ledger import Ledger
from limner.stores.disk.state import BlockFile, Run, State, parts_of, sealed
from limner.stores.disk.tuning import Tuning
from limner.stores.disk.view import View, Views

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 0.05
_PAUSE_SECONDS = 0.1
_SUFFIXES = {".run", ".rec", ".blk"}


class Finish(Protocol):
    """What compaction does to rows, and to the list of block files, on the way."""

    def rows(self, rows: np.ndarray) -> None:
        """Change rows, [n, words], and stamp what changed."""
        ...

    def blocks(self, files: tuple[BlockFile, ...]) -> tuple[BlockFile, ...]:
        """The block files that stand instead of these."""
        ...


class Stopped(Exception):
    """The store is being closed: an unfinished merge is dropped."""


class Settling:
    """The work, and the thread that does it. One process at a time does it."""

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        *,
        views: Views,
        files: Files,
        tuning: Tuning,
    ) -> None:
        self._folder, self._ledger, self._views = folder, ledger, views
        self._files, self._tuning = files, tuning
        self._wake = threading.Event()
        self._done = threading.Condition()
        self._stopping = False
        self._piece_begun = 0.0
        self._thread: threading.Thread | None = None
        self.fault: Exception | None = None

    def notice(self, state: State) -> None:
        """Called after a commit: begin work where there is some, or wait for it."""
        if not sealed(state) and not _full_tier(state, self._tuning.fan):
            return
        if not self._tuning.in_background:
            self.work()
            return
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._serve, name="limner settling", daemon=True
            )
            self._thread.start()
            atexit.register(self.stop)  # a thread cut off in compiled code may abort
        self._wake.set()

    def wait_for_room(self) -> None:
        """Return once not too many sealed segments wait; raises what stops the work."""
        while sealed(self._views.state()) > self._tuning.sealed_max:
            self.notice(self._views.state())
            with self._done:
                self._done.wait(_RETRY_SECONDS)
            if self.fault is not None:
                fault, self.fault = self.fault, None
                raise fault

    def stop(self) -> None:
        """End the thread; what it was doing is dropped."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            atexit.unregister(self.stop)
        self._stopping = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No process settles or merges in here; waits for the one that does."""
        self.stop()
        with FileLock(self._folder / "merge.lock"):
            yield

    def _serve(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._stopping:
                return
            try:
                self.work()
            except Stopped:
                return
            except Exception as fault:  # handed to the commit that has to wait for it
                _LOG.warning("settling failed: %s", type(fault).__name__)
                self.fault = fault
            with self._done:
                self._done.notify_all()

    def work(self) -> None:
        """Settle and merge until nothing is due, unless another process is at it."""
        lock = FileLock(self._folder / "merge.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return
        try:
            self.sweep()
            while True:
                self.settle_sealed()
                due = _full_tier(self._views.state(), self._tuning.fan)
                if not due:
                    return
                self.merge_runs(due, between=self._between)
        finally:
            lock.release()

    def sweep(self) -> None:
        """Take away files that no commit speaks of; the caller holds the merge lock."""
        found = [path for path in self._folder.iterdir() if path.suffix in _SUFFIXES]
        state = self._views.state()  # after the listing: what is newer is not in it
        kept = {part.name for part in parts_of(state)}
        for path in found:
            number = int(path.stem.rpartition("-")[2])
            is_block = path.suffix == ".blk"
            is_old = number < (state.next_block if is_block else state.next_number)
            if is_old and path.name not in kept:
                self._files.unlink(path)

    def settle_sealed(self) -> None:
        """Turn every sealed segment into a run."""
        while sealed((view := self._views.now()).state):
            part = _part(view, [], [0])
            self.replace_by_run(part, tier=0, between=self._check_stop)

    def merge_runs(self, numbers: list[int], *, between: merging.Progress) -> None:
        """Merge these runs into one of the next tier."""
        view = self._views.now()
        runs = [i for i, run in enumerate(view.state.runs) if run.number in numbers]
        tier = 1 + max(view.state.runs[i].tier for i in runs)
        self.replace_by_run(_part(view, runs, []), tier=tier, between=between)

    def merge_all(
        self, *, between: merging.Progress, finish: Finish | None = None
    ) -> None:
        """Merge all runs into one, that says nothing any more of what it replaced."""
        view = self._views.now()
        tier = max((run.tier for run in view.state.runs), default=0)
        part = _part(view, list(range(len(view.run_files))), [])
        self.replace_by_run(part, tier=tier, between=between, finish=finish)

    def _between(self, share: float) -> None:
        """A long merge makes way for the short work that commits wait for, and takes
        half of a processor at most: it has until as much again was written."""
        if self._tuning.in_background:
            time.sleep(min(time.perf_counter() - self._piece_begun, _PAUSE_SECONDS))
        self._check_stop(share)
        self.settle_sealed()
        self._piece_begun = time.perf_counter()

    def _check_stop(self, share: float) -> None:
        with self._done:
            self._done.notify_all()
        if self._stopping:
            raise Stopped

    def replace_by_run(
        self,
        part: View,
        *,
        tier: int,
        between: merging.Progress,
        finish: Finish | None = None,
    ) -> None:
        """Write one run of these files, publish it in their stead, and unlink them."""
        run = Run(self._number(), 0, 0, 0, tier, part.state.erasures)
        merged = merging.merge(
            self._folder,
            part,
            target=merging.Target(
                self._files, self._folder / run.name, self._tuning.write_bytes
            ),
            between=between,
            finish=None if finish is None else finish.rows,
        )
        head = merged.header
        run = replace(run, rows=head.rows, whos=head.whos, bytes=head.length)
        self._publish(part, run, expired=merged.expired, finish=finish)

    def _number(self) -> int:
        """A number for a run: no other file has it, whatever becomes of the run."""
        with self._ledger.writing() as txn:
            state = self._ledger.state(txn)
            number = state.next_number
            state = replace(state, next_number=number + 1, token=state.token + 1)
            self._ledger.put_state(txn, state)
        self._files.committed()
        return number

    def _publish(
        self, part: View, run: Run, *, expired: int, finish: Finish | None
    ) -> None:
        gone: dict[int, Path] = {held.number: held.path for held in part.run_files}
        gone |= {held.number: held.path for held in part.segments}
        with self._ledger.writing() as txn:
            view = self._views.in_commit(txn)
            state = without(view.state, set(gone))
            state = replace(
                state,
                runs=(*state.runs, run) if run.rows else state.runs,
                blocks=state.blocks if finish is None else finish.blocks(state.blocks),
                events=state.events - expired,
                token=state.token + 1,
                files=state.files + 1,
            )
            self._ledger.put_state(txn, state)
        self._files.committed()
        self._views.committed(state)
        for path in gone.values():
            self._files.unlink(path)
        if not run.rows:
            self._files.unlink(self._folder / run.name)
        with self._done:
            self._done.notify_all()


def without(state: State, numbers: set[int]) -> State:
    """The state without the runs and segments of these numbers."""
    missing = numbers - {run.number for run in state.runs}
    missing -= {segment.number for segment in state.segments}
    if missing:
        raise LimnerError("files being merged were replaced by somebody else")
    return replace(
        state,
        runs=tuple(run for run in state.runs if run.number not in numbers),
        segments=tuple(s for s in state.segments if s.number not in numbers),
    )


def _full_tier(state: State, fan: int) -> list[int]:
    """Numbers of the oldest runs of the lowest tier that has enough; else none."""
    by_tier: dict[int, list[int]] = {}
    for run in sorted(state.runs, key=lambda run: run.number):
        by_tier.setdefault(run.tier, []).append(run.number)
    for _, numbers in sorted(by_tier.items()):
        if len(numbers) >= fan:
            return numbers[:fan]
    return []


def _part(view: View, runs: list[int], segments: list[int]) -> View:
    """The view of some of its files alone, by position."""
    return with_fields(
        view,
        segments=tuple(view.segments[i] for i in segments),
        run_files=tuple(view.run_files[i] for i in runs),
        runs=view.runs[np.array(runs, np.int64)],
        hots=view.hots[np.array(segments, np.int64)],
    )
