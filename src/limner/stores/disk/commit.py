"""One commit under way: judge a batch, write and sync its files, publish them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from limner.errors import StoreError
from limner.events.batch import EventBatch
from limner.events.record import REPLACES, WHO, words_of
from limner.stores.contract import EVENTS_MAX, Change, Outcome, Receipt
from limner.stores.disk import blocks, lookup, rows, tables, verdict
from limner.stores.disk.dictionary import Added, Dictionary
from limner.stores.disk.files import Files
from limner.stores.disk.ledger import Ledger
from limner.stores.disk.state import BLOCK_FILES_MAX, BlockFile, Segment, State
from limner.stores.disk.tuning import Tuning
from limner.stores.disk.view import View

_THREADS = 2
_SLOW_SECONDS = 0.001
_TEXT_COLUMNS = "item category brand campaign channel device attribute value".split()


class Writer:
    """The files that take new records and blocks, open while this process writes."""

    def __init__(self, folder: Path, files: Files, tuning: Tuning) -> None:
        self.folder, self.files, self.tuning = folder, files, tuning
        self._held: dict[str, int] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._sync_seconds = 0.0

    def file(self, name: str, *, length: int = 0, is_new: bool = False) -> int:
        """The descriptor of a file; a new one is made, also where one was left over."""
        if is_new:
            self.let_go(name)
            self._held[name] = self.files.create(self.folder / name, length)
            self.files.sync_folder(self.folder)
        elif name not in self._held:
            self._held[name] = self.files.open(self.folder / name)
        return self._held[name]

    def encoded(self, pieces: list[pa.RecordBatch], names: blocks.Names) -> list[bytes]:
        """Blocks of these full events, the names in the first; several at once."""
        all_names = [names, *repeat(blocks.NO_NAMES, len(pieces) - 1)]
        if len(pieces) == 1:
            return [blocks.encode(pieces[0], names)]
        return list(self._workers().map(blocks.encode, pieces, all_names))

    def sync(self, descriptors: set[int]) -> None:
        """Sync these files: at once where the disk is slower than handing over is."""
        begun = time.perf_counter()
        if self._sync_seconds > _SLOW_SECONDS and len(descriptors) > 1:
            list(self._workers().map(self.files.sync, descriptors))
        else:
            for descriptor in descriptors:
                self.files.sync(descriptor)
        self._sync_seconds = time.perf_counter() - begun

    def _workers(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, "limner writing")
        return self._pool

    def let_go(self, name: str) -> None:
        """Close a file that takes no more."""
        descriptor = self._held.pop(name, None)
        if descriptor is not None:
            self.files.close(descriptor)

    def keep_only(self, state: State) -> None:
        """Close the files that this state does not write to."""
        names = {part.name for part in state.segments[-1:]}
        names |= {part.name for part in state.blocks[-1:]}
        for name in set(self._held) - names:
            self.let_go(name)

    def close(self) -> None:
        """Close all."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        for name in list(self._held):
            self.let_go(name)


class Commit:
    """The steps of one commit, inside the ledger's transaction."""

    def __init__(
        self, ledger: Ledger, writer: Writer, *, view: View, dictionary: Dictionary
    ) -> None:
        self._ledger, self._writer = ledger, writer
        self._view, self._dictionary = view, dictionary
        self.state = view.state
        self.added: Added | None = None
        self._touched: set[int] = set()

    def run(self, txn: Any, change: Change) -> Receipt:
        """All of it; the transaction is ready to be committed."""
        outcomes = np.zeros(0, np.int8)
        if change.batch is not None:
            outcomes = self._add(txn, change.batch)
        receipt = Receipt(outcomes, self._view.state.token + 1)
        self.state = replace(self.state, token=receipt.token)
        puts = [*change.puts, *(change.then(receipt) if change.then else ())]
        if puts:
            self.state = tables.put(self._ledger, txn, state=self.state, puts=puts)
        self._writer.sync(self._touched)
        self._ledger.put_state(txn, self.state)
        return receipt

    def _add(self, txn: Any, batch: EventBatch) -> np.ndarray:
        count = batch.full.num_rows
        if batch.records.dtype != self._view.dtype:
            raise StoreError(
                "the batch was made for another schema: make it again with this store's"
            )
        if count > EVENTS_MAX:
            raise StoreError(f"{count} events in one commit, at most {EVENTS_MAX}")
        self.added = self._dictionary.add(txn, batch.text_codes, texts=batch.texts)
        refused = self._refused(batch, self.added.others)
        records = np.ascontiguousarray(batch.records)
        address, words, view = records.ctypes.data, self._view.words, self._view
        standing = lookup.standing_rows(
            view.runs, view.hots, view.tombs, (address, count), words
        )
        outcomes: np.ndarray
        outcomes, stays = verdict.judge(address, words, standing, refused)
        if stays.any():
            self._write(batch, stays, replaces=standing != 0)
        events = int((outcomes == Outcome.ACCEPTED).sum())
        self.state = replace(self.state, events=self.state.events + events)
        return outcomes

    def _refused(self, batch: EventBatch, others: np.ndarray) -> np.ndarray:
        refused = np.zeros(batch.full.num_rows, np.bool_)
        if len(others):
            own = [n for n, kind in self._view.schema.columns.items() if kind == "text"]
            for name in (*_TEXT_COLUMNS, *own):
                bad = np.isin(batch.records[name], others)
                refused[batch.event_of[bad]] = True
        return refused

    def _write(
        self, batch: EventBatch, stays: np.ndarray, *, replaces: np.ndarray
    ) -> None:
        whole = bool(stays.all())
        full = batch.full if whole else batch.full.filter(pa.array(stays))
        kept = batch.records if whole else batch.records[stays[batch.event_of]]
        events = batch.event_of if whole else batch.event_of[stays[batch.event_of]]
        kept = kept.copy() if whole else kept
        file = self._block_file()
        segment, is_new = self._segment(len(kept), file)
        names = self._names(batch, kept, is_new=is_new)
        places = self._write_blocks(full, names, file=file)
        row_of = np.cumsum(stays) - 1
        kept["place"] = places[row_of[events]]
        kept["flags"][replaces[events]] |= REPLACES
        matrix = words_of(kept)
        rows.stamp(matrix)
        width = matrix.shape[1] * 8
        descriptor = self._writer.file(
            segment.name, length=segment.capacity * width, is_new=is_new
        )
        self._writer.files.write(descriptor, matrix.data, at=segment.rows * width)
        self._touched.add(descriptor)
        segment = replace(segment, rows=segment.rows + len(kept))
        older = self.state.segments if is_new else self.state.segments[:-1]
        self.state = replace(self.state, segments=(*older, segment), is_closed=False)

    def _segment(self, count: int, file: BlockFile) -> tuple[Segment, bool]:
        """The segment for so many more records, and whether it is a new one."""
        state = self.state
        if state.segments and not state.is_closed:
            active = state.segments[-1]
            if active.rows + count <= active.capacity:
                return active, False
        segment = Segment(
            number=state.next_number,
            capacity=max(count, self._writer.tuning.hot_rows),
            rows=0,
            erased=state.erasures,
            names_from=(file.number, file.bytes),
        )
        self.state = replace(
            state, next_number=state.next_number + 1, files=state.files + 1
        )
        return segment, True

    def _names(
        self, batch: EventBatch, kept: np.ndarray, *, is_new: bool
    ) -> blocks.Names:
        active = self._view.hots[:0] if is_new else self._view.hots[-1:]
        whos = np.ascontiguousarray(batch.whos, WHO).view(np.uint64).reshape(-1, 2)
        needs = verdict.unnamed(
            active, kept.ctypes.data, self._view.words, len(kept), whos
        )
        return blocks.Names(batch.whos[needs], batch.names.filter(pa.array(needs)))

    def _write_blocks(
        self, full: pa.RecordBatch, names: blocks.Names, *, file: BlockFile
    ) -> np.ndarray:
        """Write full events; returns the place of each."""
        tuning = self._writer.tuning
        starts = range(0, full.num_rows, tuning.block_events)
        pieces = [full.slice(start, tuning.block_events) for start in starts]
        parts = self._writer.encoded(pieces, names)
        places, offset = [], file.bytes
        for piece, part in zip(pieces, parts, strict=True):
            place = (file.number << 48) | (offset // 8 << 16)
            places.append(np.uint64(place) + np.arange(piece.num_rows, dtype=np.uint64))
            offset += len(part)
        descriptor = self._writer.file(file.name, is_new=file.bytes == 0)
        self._writer.files.write(descriptor, b"".join(parts), at=file.bytes)
        self._touched.add(descriptor)
        older = tuple(held for held in self.state.blocks if held.number != file.number)
        written = BlockFile(file.number, offset)
        self.state = replace(self.state, blocks=(*older, written))
        return np.concatenate(places)

    def _block_file(self) -> BlockFile:
        """The file that takes the blocks of this commit; an empty one is new."""
        state = self.state
        if state.blocks and not state.is_closed:
            last = state.blocks[-1]
            if last.bytes < self._writer.tuning.block_file_bytes:
                return last
        if state.next_block > BLOCK_FILES_MAX:
            raise StoreError(
                "the store has had 65535 files of full events: no more fit"
            )
        self.state = replace(state, next_block=state.next_block + 1)
        return BlockFile(state.next_block, 0)
