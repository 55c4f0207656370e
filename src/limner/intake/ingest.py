"""Files into a store: read ahead, translated, committed piece by piece, resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from limner.events.schema import Schema
from limner.intake.ahead import Ahead
from limner.intake.catalogue import Facts
from limner.intake.deadletters import Letters, check_room, prefixes
from limner.intake.delivery import Delivering, Events
from limner.intake.mapping import OCCURRENCE, Mapping
from limner.intake.occurrences import Occurrences
from limner.intake.position import Import, Position, state_of
from limner.intake.reader import read_rows
from limner.intake.rows import Rows
from limner.intake.shoppers import count_shoppers
from limner.intake.streams import Stream
from limner.intake.tally import Summary, Tally
from limner.intake.translate import Translated
from limner.stores.contract import Change, Put, Store

Progress = Callable[[float, str], None]
"""Called after each commit: the share of the input that is done, and how much it is."""


def ingest(
    store: Store,
    mapping: Mapping,
    *,
    paths: Sequence[Path],
    progress: Progress | None = None,
) -> Summary:
    """Bring files into a store; every row of them is accounted for.

    An import that was interrupted goes on where it stopped when it is given again, and
    its summary is of the whole. Memory is bounded, whatever the files' size. Raises
    InputError and MappingError; what was committed before stays.
    """
    begun = time.perf_counter()
    for path in paths:
        if path.is_file() or not path.exists():
            with Stream(path):  # every file can be opened, or none is begun
                pass
    try:
        tally = _Ingesting(store, mapping, paths=paths, progress=progress).run()
    except _Changed:
        store.commit(Change(puts=[Import(mapping, paths).put(None)]))
        tally = _Ingesting(store, mapping, paths=paths, progress=progress).run()
    return summary_of(store, tally, begun=begun)


def summary_of(store: Store, tally: Tally, *, begun: float) -> Summary:
    """What became of rows, and what the store holds now."""
    return Summary(
        tally,
        events=store.totals().events,
        shoppers=count_shoppers(store),
        seconds=time.perf_counter() - begun,
    )


def delivering(mapping: Mapping, schema: Schema) -> Delivering:
    """A mapping made ready for a store; raises MappingError where it does not fit."""
    if mapping.is_catalogue:
        return Facts(mapping, schema)
    return Events(mapping, schema)


class _Changed(Exception):
    """A file is not the one whose import was interrupted."""


@dataclass
class _Piece:
    """Rows on the way from the reading thread to the store."""

    file: int
    rows: Rows
    prefix: np.ndarray
    """uint64[rows]: for each a hash over all rows of the file up to it."""
    occurrence: np.ndarray | None
    translated: Translated | None = None

    def make(self, delivering: Delivering) -> None:
        """Translate it."""
        self.translated = delivering.translate(self.rows, self.occurrence)


class _Ingesting:
    """One import, from where it stood to its end."""

    def __init__(
        self,
        store: Store,
        mapping: Mapping,
        *,
        paths: Sequence[Path],
        progress: Progress | None,
    ) -> None:
        self._store, self._mapping, self._paths = store, mapping, paths
        self._progress = progress
        self._import = Import(mapping, paths)
        self._position = self._import.position(store)
        self._delivering = delivering(mapping, store.schema)

    def run(self) -> Tally:
        with Ahead(self._pieces(self._position)) as pieces:
            for piece in pieces:
                self._commit(piece)
                if self._progress is not None:
                    share = (piece.file + piece.rows.done) / len(self._paths)
                    rows = self._position.tally.rows
                    self._progress(min(share, 1.0), f"{rows:,} rows")
        self._store.commit(Change(puts=[self._import.put(None)]))
        return self._position.tally

    def _pieces(self, begun: Position) -> Iterator[_Piece]:
        """Everything from a position on; runs in the reading thread."""
        for number in range(begun.file, len(self._paths)):
            is_resumed = number == begun.file and begun.row > 0
            last = 0
            for piece in self._read(number):
                last = _last(piece.rows)
                if not is_resumed or last > begun.row:
                    if is_resumed and piece.rows.first <= begun.row:
                        raise _Changed
                    piece.make(self._delivering)
                    yield piece
                elif last == begun.row and int(piece.prefix[-1]) != begun.prefix:
                    raise _Changed
            if is_resumed and last < begun.row:
                raise _Changed

    def _read(self, number: int) -> Iterator[_Piece]:
        prefix, seen = 0, Occurrences()
        for rows in read_rows(self._paths[number], self._mapping):
            occurrence = None
            if self._mapping.identity == OCCURRENCE:
                occurrence = seen.count(rows.hashes)
            hashes = prefixes(rows.hashes, prefix)
            prefix = int(hashes[-1])
            yield _Piece(number, rows, hashes, occurrence)

    def _commit(self, piece: _Piece) -> None:
        translated = piece.translated
        assert translated is not None, "made by the reading thread"
        check_room(self._store, len(translated.faults))
        reached = Position(
            file=piece.file,
            row=_last(piece.rows),
            prefix=int(piece.prefix[-1]),
            done=[state_of(path) for path in self._paths[: piece.file]],
        )
        whole = self._position.tally

        def finish(tally: Tally, _: list[int]) -> list[Put]:
            position = msgspec.structs.replace(reached, tally=whole + tally)
            return [self._import.put(position)]

        done = self._delivering.deliver(
            self._store,
            translated,
            letters=Letters(
                self._mapping,
                piece.rows,
                prefix=piece.prefix,
                occurrence=piece.occurrence,
            ),
            finish=finish,
        )
        self._position = msgspec.structs.replace(reached, tally=whole + done.tally)


def _last(rows: Rows) -> int:
    """The number of the last of these rows."""
    return rows.first + len(rows) - 1
