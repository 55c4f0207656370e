"""Several files become one run: histories are read together and written in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from limner.compiled import load64, njit
from limner.stores.disk import directory, retention, scan
from limner.stores.disk.directory import append_name, lowest, step
from limner.stores.disk.files import Files
from limner.stores.disk.gather import any_replaces, collect, order
from limner.stores.disk.retention import without_expired
from limner.stores.disk.rows import is_whole, without_lost
from limner.stores.disk.run import Header
from limner.stores.disk.run_writer import Bounds, RunWriter
from limner.stores.disk.view import View

_PIECE_ROWS = 32_768
Progress = Callable[[float], None]
"""Told the share that is done."""


@dataclass(frozen=True)
class Target:
    """Where a new run goes."""

    files: Files
    path: Path
    sync_bytes: int
    """Bytes written between two syncs."""


@dataclass(frozen=True)
class Merged:
    """A finished run that nobody knows of yet."""

    header: Header
    expired: int
    """Events that the horizon allowed to be left out."""


@njit
def plan(sources, runs, hots, tombs, words, rules):
    """The next identifiers of about a piece of rows.

    Returns the addresses of their rows in order and their number, entries [n, 4] and
    n, names and their bytes, and how many events had expired.
    """
    found = np.empty(2 * _PIECE_ROWS, np.int64)
    entries = np.empty((_PIECE_ROWS, 4), np.uint64)
    names = np.empty(32 * _PIECE_ROWS, np.uint8)
    # Typed zeros: plain ones would compile all that they are handed to twice.
    count = end = names_end = expired = np.int64(0)
    while end < _PIECE_ROWS and count < _PIECE_ROWS:
        source, hi, lo = lowest(sources)
        if source < 0:
            break
        entries[count, 0], entries[count, 1] = hi, lo
        start = end
        found, end = collect(runs, hots, tombs, hi, lo, words, found, end)
        if any_replaces(found, start, end):
            end = without_lost(found, start, end)
        order(found, start, end)
        if rules[0, 0] > 0:
            before = end
            end = without_expired(found, start, end, rules)
            expired += before - end
        if end > start:
            entries[count, 2], entries[count, 3] = (
                np.uint64(start),
                np.uint64(names_end),
            )
            names, names_end = append_name(sources[source], names, names_end)
            count += 1
        step(sources, hi, lo)
    return found, end, entries, count, names, names_end, expired


@njit
def copy_marked(found, count, words):
    """Rows with their marks of replacement; and the first damaged address, or 0."""
    rows = np.empty((count, words), np.uint64)
    for i in range(count):
        if not is_whole(found[i], words):
            return rows, found[i]
        for word in range(words):
            rows[i, word] = load64(found[i] + 8 * word)
    return rows, np.int64(0)


def merge(
    folder: Path,
    view: View,
    *,
    target: Target,
    between: Progress,
    finish: Callable[[np.ndarray], None] | None = None,
) -> Merged:
    """One run of all files of this view (which may be a part of the store).

    `between` is called after each piece with the share done; what it raises stops the
    merge and takes the unfinished file away. `finish` is for merges of everything, in
    which events expire; it may change rows, [n, words], and must stamp them again.
    Memory: a piece, and the new filter.
    """
    directories = directory.every(folder, view)
    bounds = _bounds(directories)
    table = scan.sources(directories, part=0, of=1)
    # Only who sees all deliveries of an event can tell which stands, and expires it.
    rules = retention.NOTHING if finish is None else retention.rules(view.schema)
    writer = RunWriter(
        target.files,
        target.path,
        words=view.words,
        bounds=bounds,
        sync_bytes=target.sync_bytes,
    )
    expired = 0
    try:
        while True:
            found, end, entries, count, names, names_end, gone = plan(
                table, view.runs, view.hots, view.tombs, view.words, rules
            )
            expired += gone
            if count:
                rows, damaged = copy_marked(found, end, view.words)
                if damaged:
                    raise view.damaged(damaged)
                if finish is not None:
                    finish(rows)
                writer.add(rows, entries=entries[:count], names=names[:names_end])
            elif (table[:, 2] >= table[:, 3]).all():
                break
            between(writer.rows / max(1, bounds.rows))
        return Merged(writer.finish(), expired)
    except BaseException:  # an interrupt too must not leave half a run
        writer.abandon()
        raise


def _bounds(directories: list[directory.Directory]) -> Bounds:
    whos = [len(held.entries) - 1 for held in directories]
    return Bounds(
        rows=sum(int(held.entries[-1, 2]) for held in directories),
        whos=sum(whos),
        whos_likely=max(whos, default=0),
        names_bytes=sum(int(held.entries[-1, 3]) for held in directories),
    )
