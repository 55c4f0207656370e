"""CSV, TSV and columns between blanks: rows of a file with cells side by side."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from limner.events import hashing
from limner.intake import splitting
from limner.intake.rows import (
    KEPT_BYTES_MAX,
    ROW_BYTES_MAX,
    ROWS_MAX,
    Fault,
    Layout,
    Rows,
)

WHITESPACE = "whitespace"
_BYTES = "surrogateescape"
_CELLS_MAX = 4_000_000
_LINE_END = re.compile(rb"[\r\n]")
_TOO_LARGE = Fault("too_large", f"the row has more than {ROW_BYTES_MAX} bytes")


@dataclass(frozen=True)
class Dialect:
    """How rows are written."""

    delimiter: str = ","
    quote: str = '"'
    columns: tuple[str, ...] = ()
    """Names of the cells where the file has no header."""
    encoding: str = "utf-8"

    def codes(self) -> tuple[int, int]:
        """Delimiter and quote as compiled code takes them."""
        if self.delimiter == WHITESPACE:
            return 0, 0
        return ord(self.delimiter), ord(self.quote) if self.quote else 0


def read_delimited(blocks: Iterable[bytes], dialect: Dialect) -> Iterator[Rows]:
    """The rows of a file, given its bytes as UTF-8 in blocks; the first is number 1.

    Empty lines are no rows. Memory: a few blocks, however long a line is.
    """
    return _Reading(iter(blocks), dialect).pieces()


class _Reading:
    """One file, on the way through."""

    def __init__(self, blocks: Iterator[bytes], dialect: Dialect) -> None:
        self._blocks, self._dialect = blocks, dialect
        self._held, self._at, self._is_last = bytearray(), 0, False
        self._row = 1

    def pieces(self) -> Iterator[Rows]:
        layout = self._layout()
        while layout.columns:
            rows = self._split(layout)
            if rows is not None:
                self._row += len(rows)
                yield rows
            elif self._is_last:
                return
            else:
                self._more()

    def _more(self) -> None:
        block = next(self._blocks, None)
        self._is_last = block is None
        self._held, self._at = self._held[self._at :] + (block or b""), 0

    def _layout(self) -> Layout:
        self._more()
        columns, header = self._dialect.columns, b""
        if not columns:
            while not (b"\n" in self._held or b"\r" in self._held or self._is_last):
                self._more()
            columns, self._at = header_of(self._held[:KEPT_BYTES_MAX], self._dialect)
            header = bytes(self._held[: self._at])
        how = self._dialect
        return Layout(
            "delimited", columns, header, how.encoding, how.delimiter, how.quote
        )

    def _split(self, layout: Layout) -> Rows | None:
        # Writable, so that code is compiled for one type of array alone.
        data = np.frombuffer(self._held, np.uint8)
        piece = _Piece(data, len(layout.columns), self._dialect)
        self._at = piece.split(self._at, self._is_last)
        if piece.found:
            return piece.rows(self._row, layout)
        unfinished = len(self._held) - self._at
        if not self._is_last and unfinished > splitting.LOOK_AHEAD:
            return self._huge_line(layout)
        return None

    def _huge_line(self, layout: Layout) -> Rows:
        """A line without an end in sight: refused, and skipped to its end."""
        kept = bytes(self._held[self._at : self._at + KEPT_BYTES_MAX])
        while not (end := _LINE_END.search(self._held, self._at)):
            if self._is_last:
                break
            self._at = len(self._held)
            self._more()
        self._at = end.start() if end else len(self._held)
        hashes = hashing.hash_texts(pa.array([kept], pa.binary()), 1)
        return Rows(
            first=self._row,
            hashes=hashes,
            faults={0: _TOO_LARGE},
            good=np.zeros(0, np.int64),
            cells=lambda _: pa.array([], pa.string()),
            raw=lambda _: kept,
            layout=layout,
        )


class _Piece:
    """Rows found in bytes that are held."""

    def __init__(self, data: np.ndarray, width: int, dialect: Dialect) -> None:
        self._data, self._width = data, width
        self._dialect = dialect.codes()
        most = max(min(ROWS_MAX, _CELLS_MAX // width), 1)
        self._spans = np.empty((most * width, 3), np.int32)
        self._lines = np.empty((most, 2), np.int32)
        self._states = np.empty(most, np.int8)
        self._hashes = np.empty(most, np.uint64)
        self.found = 0

    def split(self, at: int, is_last: bool) -> int:
        """Find rows from `at` on; returns where the first that is not found starts."""
        self.found, ended = splitting.split(
            self._data,
            at,
            is_last,
            self._dialect,
            self._width,
            np.empty(ROW_BYTES_MAX, np.uint8),
            self._spans,
            self._lines,
            self._states,
            self._hashes,
        )
        return int(ended)

    def rows(self, first: int, layout: Layout) -> Rows:
        states = self._states[: self.found]
        bad = np.flatnonzero(states != splitting.FINE)
        return Rows(
            first=first,
            hashes=self._hashes[: self.found],
            faults={int(i): self._fault(int(i)) for i in bad},
            good=np.flatnonzero(states == splitting.FINE),
            cells=self._column_of(layout, np.flatnonzero(states == splitting.FINE)),
            raw=self._raw,
            layout=layout,
        )

    def _fault(self, row: int) -> Fault:
        state = self._states[row]
        if state == splitting.TOO_LARGE:
            return _TOO_LARGE
        if state == splitting.BAD_ENCODING:
            return Fault("bad_encoding", "the row has bytes that are no text")
        return Fault(
            "bad_row", f"expected {self._width} cells, got another number of them"
        )

    def _raw(self, row: int) -> bytes:
        begun, ended = self._lines[row]
        return self._data[begun : min(ended, begun + KEPT_BYTES_MAX)].tobytes()

    def _column_of(self, layout: Layout, good: np.ndarray) -> Callable[[str], pa.Array]:
        places = {name: at for at, name in reversed(list(enumerate(layout.columns)))}

        def cells(name: str) -> pa.Array:
            return self._texts(places[name], good)

        return cells

    def _texts(self, column: int, good: np.ndarray) -> pa.Array:
        room = splitting.cell_bytes(self._spans, self._width, column, good)
        offsets, out = np.zeros(len(good) + 1, np.int32), np.empty(room, np.uint8)
        splitting.gather(
            self._data,
            self._spans,
            self._width,
            column,
            good,
            self._dialect[1],
            offsets,
            out,
        )
        return pa.StringArray.from_buffers(
            len(good), pa.py_buffer(offsets), pa.py_buffer(out)
        )


def header_of(text: bytearray, dialect: Dialect) -> tuple[tuple[str, ...], int]:
    """Names of the columns in the first line that is not empty, and where it ends."""
    used = 0

    def lines() -> Iterator[str]:
        nonlocal used
        for line in io.StringIO(text.decode("utf-8", _BYTES), newline=""):
            used += len(line.encode("utf-8", _BYTES))
            yield line.encode("utf-8", _BYTES).decode("utf-8", "replace")

    left = lines()
    for line in left:
        if not line.strip():
            continue
        if dialect.delimiter == WHITESPACE:
            return tuple(line.split()), used
        cells = csv.reader(
            itertools.chain([line], left),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        )
        return tuple(name.strip() for name in next(cells)), used
    return (), used
