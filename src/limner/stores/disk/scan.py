"""Everybody's histories, in the order of their hashes, in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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


def sources(
    directories: list[directory.Directory], *, part: int, of: int
) -> np.ndarray:
    """Where each directory stands at the start of a range of hashes."""
    low, high = _ALL * part // of, _ALL * (part + 1) // of
    rows = [held.source(low, high) for held in directories]
    return np.array(rows, np.int64).reshape(len(rows), 4)


def scan(
    folder: Path, view: View, *, part: int, of: int, rows_max: int
) -> Iterator[Scanned]:
    """The pieces of one part; the view keeps its files readable until the end."""
    directories = directory.every(folder, view)
    table = sources(directories, part=part, of=of)
    while True:
        whos, offsets, names, count = directory.take(table, rows_max)
        if count == 0:
            return
        whos, offsets = whos[:count], offsets[: count + 1]
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
    directories = directory.every(folder, view)  # held: compiled code has addresses
    count = int(directory.count_identifiers(sources(directories, part=0, of=1)))
    if len(view.tombs):
        whos = np.ascontiguousarray(view.tombs[:, :2])
        before = np.diff(read(replace(view, tombs=view.tombs[:0]), whos).offsets)
        left = np.diff(read(view, whos).offsets)
        count -= int(((before > 0) & (left == 0)).sum())
    return count
