"""Reading full events back: those at given places, or all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from limner.errors import StoreError
from limner.stores.disk.blocks import Mapped, Names
from limner.stores.disk.files import map_file
from limner.stores.disk.state import BlockFile, State

_OFFSET = np.uint64((1 << 32) - 1)


def mapped(folder: Path, file: BlockFile) -> Mapped:
    """The committed part of a file of blocks; it keeps readable when it is unlinked."""
    return Mapped(memoryview(map_file(folder / file.name, file.bytes)), file.name)


def at(folder: Path, state: State, *, places: np.ndarray) -> pa.Table:
    """The full events at these places, in this order."""
    places = np.asarray(places, np.uint64)
    known = {file.number: file for file in state.blocks}
    starts, block_of = np.unique(places >> np.uint64(16), return_inverse=True)
    found, row_of, taken = [], np.zeros(len(places), np.int64), 0
    for number, start in enumerate(starts):
        file = known.get(int(start >> np.uint64(32)))
        if file is None:
            raise StoreError(
                "full events at places that the store no longer has: the records were"
                " read before it was compacted, read them again"
            )
        batch = mapped(folder, file).events(int(start & _OFFSET) * 8)
        mine = np.flatnonzero(block_of == number)
        rows = (places[mine] & np.uint64(0xFFFF)).astype(np.int64)
        found.append(pa.Table.from_batches([batch.take(pa.array(rows))]))
        row_of[mine] = taken + np.arange(len(mine))
        taken += len(mine)
    if not found:
        return pa.table({})
    table = pa.concat_tables(found, promote_options="default")
    return table.take(pa.array(row_of))


def every(folder: Path, state: State) -> Iterator[tuple[int, pa.RecordBatch]]:
    """All full events in order of arrival, each batch with the place of its first.

    Files are mapped before the first, so that compaction does not matter.
    """
    held = [(file, mapped(folder, file)) for file in state.blocks]
    return _batches(held)


def _batches(
    held: list[tuple[BlockFile, Mapped]],
) -> Iterator[tuple[int, pa.RecordBatch]]:
    for file, data in held:
        for offset in data.offsets():
            place = (file.number << 48) | (offset // 8 << 16)
            yield place, data.events(offset)


def names_between(
    folder: Path, state: State, *, start: tuple[int, int], end: tuple[int, int] | None
) -> Iterator[Names]:
    """Names that came with the blocks from one (file, offset) until another."""
    is_inside = False
    for file in state.blocks:
        is_inside |= file.number == start[0]
        if not is_inside:
            continue
        data = mapped(folder, file)
        first = start[1] if file.number == start[0] else 0
        last = end[1] if end is not None and file.number == end[0] else file.bytes
        for offset in data.offsets(first, last):
            names = data.names(offset)
            if len(names.whos):
                yield names
        if end is not None and file.number == end[0]:
            return
