"""Dead letters again, through a mended mapping: as if they came from their file."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa

from limner.errors import UserError
from limner.intake import deadletters
from limner.intake.deadletters import Letter
from limner.intake.delimited import Dialect, read_delimited
from limner.intake.event_rows import of_lines
from limner.intake.ingest import Progress, delivering, summary_of
from limner.intake.lines import object_rows
from limner.intake.mapping import OCCURRENCE, Mapping
from limner.intake.parquet import rows_of
from limner.intake.rows import Fault, Layout, Rows
from limner.intake.streams import as_utf8, as_written
from limner.intake.tally import Summary, Tally
from limner.stores.contract import Put, Store

AT_ONCE = 5_000

Kept = tuple[str, Letter]


def retry(
    store: Store, mapping: Mapping, *, progress: Progress | None = None
) -> Summary:
    """Take the dead letters of a mapping's source in again.

    Those that pass are events with the ids that their file gives them, and dead letters
    no more; the others stay, with the new reason. Raises UserError where the source has
    none, or where a file they came from lacks a column of the mapping.
    """
    begun = time.perf_counter()
    kept = store.count(deadletters.TABLE)
    whole = Tally()
    how = delivering(mapping, store.schema)
    for group in _groups(store, mapping.source):
        layout = deadletters.layout_of(store, group[0][1])
        for rows, letters in _read_again(group, layout, mapping=mapping):
            again = _Again(letters, mapping)
            piece = how.translate(rows, again.occurrence)
            done = how.deliver(store, piece, letters=again, finish=again.forget)
            whole = whole + done.tally
        if progress is not None:
            progress(min(whole.rows / max(kept, 1), 1.0), f"{whole.rows:,} rows")
    if whole.rows == 0:
        raise UserError(f"no dead letters of source {mapping.source!r}")
    return summary_of(store, whole, begun=begun)


def _groups(store: Store, source: str) -> Iterator[list[Kept]]:
    """Some at a time, all written alike."""
    held: list[Kept] = []
    for kept in deadletters.listed(store, source):
        if held and (len(held) == AT_ONCE or kept[1].layout != held[0][1].layout):
            yield held
            held = []
        held.append(kept)
    if held:
        yield held


class _Again:
    """Dead letters on their second way, in the order of their rows."""

    def __init__(self, letters: list[Kept], mapping: Mapping) -> None:
        self._letters, self._mapping = letters, mapping
        self.occurrence: np.ndarray | None = None
        if mapping.identity == OCCURRENCE:
            seen = [letter.occurrence for _, letter in letters]
            self.occurrence = np.array(seen, np.uint32)

    def puts(self, faults: dict[int, Fault]) -> list[Put]:
        """They stay where they are, with the new reason."""
        return [self._renewed(row, fault) for row, fault in faults.items()]

    def _renewed(self, row: int, fault: Fault) -> Put:
        letter_id, letter = self._letters[row]
        changed = msgspec.structs.replace(
            letter, code=fault.code, reason=fault.reason, mapping=self._mapping.name
        )
        return deadletters.put_again(letter_id, changed)

    def forget(self, _: Tally, gone: list[int]) -> list[Put]:
        """Those that are in the store now are dead letters no more."""
        return [deadletters.put_again(self._letters[row][0], None) for row in gone]


def _read_again(
    group: list[Kept], layout: Layout, *, mapping: Mapping
) -> Iterator[tuple[Rows, list[Kept]]]:
    """Their rows, and beside them the dead letter of each."""
    raws = [letter.raw for _, letter in group]
    if layout.format == "cells":
        cells = [msgspec.json.decode(raw, type=dict[str, str | None]) for raw in raws]
        schema = pa.schema([(name, pa.string()) for name in layout.columns])
        mapping.check_columns(layout.columns, "the file")
        yield rows_of(pa.RecordBatch.from_pylist(cells, schema), 1), group
    elif layout.format == "delimited":
        yield from _split_again(group, layout, mapping=mapping)
    elif mapping.is_events:
        yield of_lines(raws), group
    else:
        yield object_rows(raws, 1, encoding=mapping.encoding), group


def _split_again(
    group: list[Kept], layout: Layout, *, mapping: Mapping
) -> Iterator[tuple[Rows, list[Kept]]]:
    def in_encoding(text: bytes) -> bytes:
        return as_utf8(as_written(text, layout.encoding), mapping.encoding)

    raws = [in_encoding(letter.raw) for _, letter in group]
    header = b"" if mapping.columns else in_encoding(layout.header)
    dialect = Dialect(
        delimiter=mapping.delimiter or layout.delimiter,
        quote=mapping.quote,
        columns=mapping.columns or (() if header else layout.columns),
        encoding=mapping.encoding,
    )
    pieces = list(read_delimited([_text(header, raws)], dialect))
    for rows in pieces[:1]:
        mapping.check_columns(rows.layout.columns, "the file")
    read = [rows.raw(row) for rows in pieces for row in range(len(rows))]
    if read == raws:
        left = iter(group)
        for rows in pieces:
            yield rows, list(itertools.islice(left, len(rows)))
        return
    for kept, raw in zip(group, raws, strict=True):  # one of them swallows others
        alone = list(read_delimited([_text(header, [raw])], dialect))
        if len(alone) == 1 and len(alone[0]) == 1:
            yield alone[0], [kept]


def _text(header: bytes, raws: list[bytes]) -> bytes:
    head = [header.rstrip(b"\r\n")] if header else []
    return b"\n".join([*head, *raws])
