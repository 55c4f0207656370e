"""The store on disk: the contract over hot segments, runs, blocks and the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from limner.errors import StoreError
from limner.events.record import WHO
from limner.events.schema import Schema
from limner.history.histories import Histories
from limner.stores.contract import Change, Receipt, Scanned, Totals
from limner.stores.disk import erasure, full_events, scan, tables
from limner.stores.disk.commit import Commit, Writer
from limner.stores.disk.compaction import Compaction
from limner.stores.disk.dictionary import Dictionary
from limner.stores.disk.files import Files
from limner.stores.disk.ledger import Ledger
from limner.stores.disk.rebuilding import Rebuilding, with_schema
from limner.stores.disk.settling import Settling
from limner.stores.disk.tuning import Tuning
from limner.stores.disk.view import Views
from limner.stores.settings import check_change, needs_rebuild


class DiskStore:
    """See ``stores/contract.py``; opened by ``open_store``."""

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        *,
        tuning: Tuning,
        files: Files,
        read_only: bool,
    ) -> None:
        self._folder, self._ledger, self._files = folder, ledger, files
        self._read_only, self._tuning = read_only, tuning
        with ledger.reading() as txn:
            self.secret = ledger.value(txn, b"secret")
        self._views = Views(folder, ledger)
        self._dictionary = Dictionary(ledger)
        self._writer = Writer(folder, files, tuning)
        self._settling = Settling(
            folder, ledger, views=self._views, files=files, tuning=tuning
        )
        self._lock = threading.Lock()
        self._counted = -1, 0  # token, and how many identifiers there were then

    @property
    def schema(self) -> Schema:
        """The settings as of the newest commit."""
        return self._views.now().schema

    def commit(self, change: Change) -> Receipt:
        """Add a batch and puts; durable on return."""
        self._check_writable()
        self._settling.wait_for_room()
        with self._lock:
            with self._ledger.writing() as txn:
                view = self._views.in_commit(txn)
                self._writer.keep_only(view.state)
                commit = Commit(
                    self._ledger, self._writer, view=view, dictionary=self._dictionary
                )
                receipt = commit.run(txn, change)
            self._files.committed()
            if commit.added is not None:
                self._dictionary.remember(commit.added)
            self._views.committed(commit.state)
        self._settling.notice(commit.state)
        return receipt

    def histories(self, whos: np.ndarray) -> Histories:
        """The histories of these identifiers, in this order."""
        wanted = np.ascontiguousarray(whos, WHO)
        if not wanted.flags.writeable:
            wanted = wanted.copy()  # compiled code would be compiled anew for these
        return scan.read(self._views.now(), wanted.view(np.uint64).reshape(-1, 2))

    def scan(
        self, part: int = 0, of: int = 1, *, rows_max: int = 500_000
    ) -> Iterator[Scanned]:
        """Every identifier that has events, in the order of its hash."""
        return scan.scan(
            self._folder, self._views.now(), part=part, of=of, rows_max=rows_max
        )

    def texts(self, codes: np.ndarray) -> list[str | None]:
        """The texts of these codes."""
        return self._dictionary.texts(codes)

    def dictionary(self) -> Iterator[tuple[np.ndarray, list[str]]]:
        """Every code and its text, in pieces."""
        return self._dictionary.pieces()

    def full_events(self, places: np.ndarray) -> pa.Table:
        """The full events at these places, in this order."""
        return full_events.at(self._folder, self._views.state(), places=places)

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """All full events, in order of arrival."""
        return erasure.living_blocks(
            self._folder, self._views.now(), secret=self.secret
        )

    def get(self, table: str, key: bytes) -> bytes | None:
        """One value of a small table."""
        return tables.get(self._ledger, self._views.state(), table=table, key=key)

    def items(self, table: str, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys that begin with this, in order, with their values."""
        return tables.items(
            self._ledger, self._views.state(), table=table, prefix=prefix
        )

    def count(self, table: str) -> int:
        """How many keys a small table has."""
        return self._views.state().counts.get(table, 0)

    def token(self) -> int:
        """The number of the newest commit."""
        return self._ledger.token()

    def totals(self) -> Totals:
        """What is in the store now."""
        view = self._views.now()
        if self._counted[0] != view.state.token:
            self._counted = view.state.token, scan.identifiers(self._folder, view)
        parts = {
            "hot": sum(s.rows for s in view.state.segments) * view.words * 8,
            "runs": sum(run.bytes for run in view.state.runs),
            "blocks": sum(file.bytes for file in view.state.blocks),
            "ledger": self._ledger.bytes_used(),
        }
        return Totals(view.state.events, self._counted[1], parts)

    def erase(self, whos: np.ndarray) -> int:
        """Forget the histories of these identifiers; returns how many events went."""
        self._check_writable()
        with self._lock:
            with self._ledger.writing() as txn:
                view = self._views.in_commit(txn)
                events = erasure.erase(self._ledger, txn, view=view, whos=whos)
            self._files.committed()
        return events

    def change_schema(self, schema: Schema) -> None:
        """Take new settings, making every record again where that is needed."""
        self._check_writable()
        check_change(self.schema, schema)
        with self._settling.alone(), self._lock:
            self._settling.sweep()
            with self._ledger.writing() as txn:
                view = self._views.in_commit(txn)
                if needs_rebuild(view.schema, schema):
                    rebuilding = Rebuilding(
                        self._folder,
                        self._files,
                        view=view,
                        schema=schema,
                        tuning=self._tuning,
                    )
                    state = rebuilding.run(txn, self._dictionary, secret=self.secret)
                else:
                    state = with_schema(view.state)
                self._ledger.put_value(
                    txn, b"schema", value=msgspec.json.encode(schema)
                )
                self._ledger.put_state(txn, state)
            self._files.committed()
            self._writer.keep_only(state)
            self._settling.sweep()

    def compact(self, progress: Callable[[float], None] | None = None) -> None:
        """Merge everything into as few pieces as can be, and give space back."""
        self._check_writable()
        compaction = Compaction(
            self._folder,
            self._ledger,
            views=self._views,
            files=self._files,
            settling=self._settling,
        )
        compaction.run(progress or (lambda share: None))

    def _check_writable(self) -> None:
        if self._read_only:
            raise StoreError("the store was opened to be read only")

    def close(self) -> None:
        """Let go of files."""
        self._settling.stop()
        self._writer.close()
        self._views.forget()
        self._ledger.close()
