"""Rows: what every reader of files hands on, whatever the format of the file.

A piece of a file holds each row of it exactly once, told apart by its number. Those
that could be read have cells, as texts by column; the others carry a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from limner.events import hashing

ROW_BYTES_MAX = 32_768
"""A longer row is refused as too_large."""

ROWS_MAX = 50_000
"""Rows of one piece: they fit into one commit."""

KEPT_BYTES_MAX = 65_536
"""Of a refused row that is too large, a dead letter keeps this much."""


class Fault(NamedTuple):
    """Why a row is refused: a reason code, and a sentence without personal data."""

    code: str
    reason: str


class Layout(msgspec.Struct, frozen=True, array_like=True):
    """How the rows of a file are written: enough to read one of them again."""

    format: str
    """delimited, lines, events or cells."""
    columns: tuple[str, ...] = ()
    header: bytes = b""
    """The first line as it stood; empty where there was none."""
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'


@dataclass
class Rows:
    """Consecutive rows of a file."""

    first: int
    """Number of the first row, from 1; a header does not count."""
    hashes: np.ndarray
    """uint64[n]: over all raw cells of each row."""
    faults: dict[int, Fault]
    """Of those rows that could not be read, by position."""
    good: np.ndarray
    """int64[g]: positions of the rows that were read, ascending."""
    cells: Callable[[str], pa.Array]
    """Column name to its raw texts, string[g]; null only where the format has nulls."""
    raw: Callable[[int], bytes]
    """The row at a position as a dead letter keeps it."""
    layout: Layout
    marked: tuple[str, ...] | None = None
    """Texts of which cells hold none: null stands in their place."""
    done: float = 0.0
    """How much of the file has been read, 0 to 1."""

    def __len__(self) -> int:
        return len(self.hashes)


def hash_cells(columns: list[pa.Array]) -> np.ndarray:
    """One hash over the texts of several columns, uint64[n]; the order matters."""
    into = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        hashing.mix_into(into, hashing.hash_texts(column))
    return into
