"""Compaction: one run, no erased or expired event left anywhere, room given back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from limner.compiled import njit
from limner.events.record import KIND_WORD, PLACE, REPLACES
from limner.stores.disk import blocks, erasure, full_events
from limner.stores.disk.files import Files
from limner.stores.disk.ledger import Ledger
from limner.stores.disk.lookup import T_ERASURE
from limner.stores.disk.merging import Progress
from limner.stores.disk.rows import stamp
from limner.stores.disk.settling import Settling
from limner.stores.disk.state import BlockFile, State
from limner.stores.disk.view import View, Views

_FILE = 48
_REPLACES = np.uint64(REPLACES << 40)


@dataclass(frozen=True)
class Moved:
    """Block files written anew, and where each full event went."""

    files: dict[int, BlockFile | None]
    """What stands for a file of this number; None where nothing in it was alive."""
    old: np.ndarray
    """Places, uint64, in order."""
    new: np.ndarray

    def rows(self, rows: np.ndarray) -> None:
        """Rows that nothing older can stand against, with the places of now."""
        if finish_rows(rows, self.old, self.new):
            stamp(rows)

    def blocks(self, files: tuple[BlockFile, ...]) -> tuple[BlockFile, ...]:
        """The block files that stand instead of these, in order of arrival."""
        now = (self.files.get(file.number, file) for file in files)
        return tuple(file for file in now if file is not None)


_NOWHERE = np.zeros(0, np.uint64)
NOTHING_MOVED = Moved({}, _NOWHERE, _NOWHERE)


@njit
def places_of(rows, is_in):
    """The places of rows of a matrix that lie in block files marked in `is_in`."""
    found = np.empty(len(rows), np.uint64)
    count = 0
    for i in range(len(rows)):
        place = rows[i, PLACE]
        if is_in[np.int64(place >> np.uint64(48))]:
            found[count] = place
            count += 1
    return found[:count]


@njit
def finish_rows(rows, old, new):
    """Set new places and take marks of replacement away; how many rows changed."""
    changed = 0
    for i in range(len(rows)):
        if rows[i, KIND_WORD] & _REPLACES != np.uint64(0):
            rows[i, KIND_WORD] &= ~_REPLACES
            changed += 1
        place = rows[i, PLACE]
        first, end = 0, len(old)
        while first < end:
            middle = (first + end) >> 1
            if old[middle] < place:
                first = middle + 1
            else:
                end = middle
        if first < len(old) and old[first] == place:
            rows[i, PLACE] = new[first]
            changed += 1
    return changed


class Compaction:
    """Holds the merge lock all along; commits of any process go on beside it."""

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        *,
        views: Views,
        files: Files,
        settling: Settling,
    ) -> None:
        self._folder, self._ledger, self._views = folder, ledger, views
        self._files, self._settling = files, settling

    def run(self, progress: Progress) -> None:
        """All of it. Interrupted at any moment, the store is as good as before."""
        with self._settling.alone():
            self._settling.sweep()
            begun = self._close_active()
            self._settling.settle_sealed()
            tombs = self._views.now().tombs
            had_tombs = bool((tombs[:, T_ERASURE] <= begun.erasures).any())

            def between(share: float) -> None:
                self._settling.settle_sealed()  # commits wait for nothing else
                progress((done + share) / 3)

            done = 0
            self._settling.merge_all(between=between, finish=NOTHING_MOVED)
            done = 1
            moved = self._rewrite(
                self._views.now(), begun.blocks, all_dead=had_tombs, between=between
            )
            done = 2
            if moved is not None:
                self._settling.merge_all(between=between, finish=moved)
                for number in moved.files:
                    self._files.unlink(self._folder / BlockFile(number, 0).name)
            with self._ledger.writing() as txn:
                view = self._views.in_commit(txn)
                # Those of later erasures may still have full events: next time.
                tombs = view.tombs[view.tombs[:, T_ERASURE] <= begun.erasures]
                erasure.forget_obeyed(self._ledger, txn, state=view.state, tombs=tombs)
                state = replace(
                    view.state,
                    token=view.state.token + 1,
                    files=view.state.files + 1,
                )
                self._ledger.put_state(txn, state)
            self._files.committed()
        progress(1.0)

    def _close_active(self) -> State:
        """The next commit begins new files; returns the state as of now."""
        with self._ledger.writing() as txn:
            state = self._ledger.state(txn)
            state = replace(state, is_closed=True, token=state.token + 1)
            self._ledger.put_state(txn, state)
        self._files.committed()
        return state

    def _rewrite(
        self,
        view: View,
        closed: tuple[BlockFile, ...],
        *,
        all_dead: bool,
        between: Progress,
    ) -> Moved | None:
        """Copy the living full events out of files in which many, or any, are dead."""
        held = {file.number: self._events_in(file) for file in closed}
        living = self._living(view, set(held))
        number_of = (living >> np.uint64(_FILE)).astype(np.int64)
        alive = np.bincount(number_of, minlength=1 << 16)
        chosen = []
        for file in closed:
            dead = held[file.number] - int(alive[file.number])
            if dead and (all_dead or 2 * dead > held[file.number]):
                chosen.append(file)
        if not chosen:
            return None
        writing = _Rewriting(self._folder, self._files, self._next_block(len(chosen)))
        for count, file in enumerate(chosen):
            writing.copy(file, living[number_of == file.number])
            between(count / len(chosen))
        return writing.done()

    def _events_in(self, file: BlockFile) -> int:
        data = full_events.mapped(self._folder, file)
        return sum(data.header(offset).events for offset in data.offsets())

    def _living(self, view: View, numbers: set[int]) -> np.ndarray:
        """Places, in order, of all full events of these files that records point to.

        Memory: eight bytes for each of them.
        """
        is_in = np.zeros(1 << 16, np.bool_)
        is_in[list(numbers)] = True
        found = [np.zeros(0, np.uint64)]
        for part in view.run_files:
            found.append(places_of(part.words(), is_in))
        for hot, segment in zip(view.segments, view.state.segments, strict=True):
            found.append(places_of(hot.words_at(segment.rows), is_in))
        return np.unique(np.concatenate(found))

    def _next_block(self, count: int) -> int:
        """So many numbers for files of blocks, for this compaction alone."""
        with self._ledger.writing() as txn:
            state = self._ledger.state(txn)
            first = state.next_block
            state = replace(state, next_block=first + count, token=state.token + 1)
            self._ledger.put_state(txn, state)
        self._files.committed()
        return first


class _Rewriting:
    """Files of blocks copied one by one, without their dead events."""

    def __init__(self, folder: Path, files: Files, next_number: int) -> None:
        self._folder, self._files, self._next = folder, files, next_number
        self._made: dict[int, BlockFile | None] = {}
        self._old: list[np.ndarray] = []
        self._new: list[np.ndarray] = []

    def copy(self, file: BlockFile, living: np.ndarray) -> None:
        """The living events of a file, in their order, into one of a new number."""
        if len(living) == 0:
            self._made[file.number] = None
            return
        target = BlockFile(self._next, 0)
        self._next += 1
        data = full_events.mapped(self._folder, file)
        descriptor = self._files.create(self._folder / target.name)
        offset = 0
        for at in data.offsets():
            first = np.uint64((file.number << _FILE) | (at // 8 << 16))
            low, high = np.searchsorted(living, [first, first + np.uint64(1 << 16)])
            if low == high:
                continue
            mine = living[low:high]
            batch = data.events(at)
            kept = batch.take(pa.array((mine - first).astype(np.int64)))
            block = blocks.encode(kept)
            self._files.write(descriptor, block, at=offset)
            place = np.uint64((target.number << _FILE) | (offset // 8 << 16))
            self._old.append(mine)
            self._new.append(place + np.arange(len(mine), dtype=np.uint64))
            offset += len(block)
        self._files.sync(descriptor)
        self._files.close(descriptor)
        self._made[file.number] = BlockFile(target.number, offset)

    def done(self) -> Moved:
        """What was moved; the new files are on the disk."""
        self._files.sync_folder(self._folder)
        none = np.zeros(0, np.uint64)
        old = np.concatenate([none, *self._old])
        new = np.concatenate([none, *self._new])
        order = np.argsort(old)
        return Moved(self._made, old[order], new[order])
