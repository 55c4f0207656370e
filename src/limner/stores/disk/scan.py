"""Everybody's histories, in the order of their hashes, in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from limner.events.record import WHO
from limner.history.histories import Histories
from limner.stores.contract import Scanned
from limner.stores.disk import directory, gather
from limner.stores.disk.view import View

_ALL = 1 << 64


def read(view: View, whos: np.ndarray) -> Histories:
    """The histories of identifiers, [n, 2] words, as of a view."""
    rows, offsets, damaged = gather.gather(
        view.runs, view.hots, view.tombs, whos, view.words
    )
    if damaged:
        raise view.damaged(damaged)
    return Histories(rows.reshape(-1).view(view.dtype), offsets)


def sources(directories: list[directory.Directory], part: int, of: int) -> np.ndarray:
    """Where each directory stands at the start of a range of hashes."""
    low, high = _ALL * part // of, _ALL * (part + 1) // of
    rows = [held.source(low, high) for held in directories]
    return np.array(rows, np.int64).reshape(len(rows), 4)


def scan(
    folder: Path, view: View, *, part: int, of: int, rows_max: int
) -> Iterator[Scanned]:
    """The pieces of one part; the view keeps its files readable until the end."""
    directories = directory.every(folder, view)
    table = sources(directories, part, of)
    while True:
        whos, offsets, names = directory.take(table, rows_max)
        if len(whos) == 0:
            return
        histories = read(view, whos)
        texts = pa.StringArray.from_buffers(
            len(whos), pa.py_buffer(offsets), pa.py_buffer(names)
        )
        ids = whos.reshape(-1).view(WHO)
        if len(view.tombs):
            has = np.diff(histories.offsets) > 0
            ends = histories.offsets[1:][has]
            kept = np.concatenate([np.zeros(1, np.int64), ends])
            ids, texts = ids[has], texts.filter(pa.array(has))
            histories = Histories(histories.rows, kept)
        yield Scanned(ids, texts, histories)


def identifiers(folder: Path, view: View) -> int:
    """How many identifiers have at least one event."""
    table = sources(directory.every(folder, view), 0, 1)
    count = int(directory.count_identifiers(table))
    for tomb in view.tombs:
        whos = np.ascontiguousarray(tomb[:2]).reshape(1, 2)
        if _is_known(table, view, whos) and len(read(view, whos).rows) == 0:
            count -= 1
    return count


def _is_known(table: np.ndarray, view: View, whos: np.ndarray) -> bool:
    """Whether any directory has an identifier, erased or not."""
    without = View(
        view.state,
        view.schema,
        view.words,
        view.dtype,
        view.segments,
        view.run_files,
        view.runs,
        view.hots,
        view.tombs[:0],
    )
    return len(read(without, whos).rows) > 0
