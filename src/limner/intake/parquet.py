"""Parquet: columns of any type as texts, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from limner.errors import InputError
from limner.intake.cells import masked
from limner.intake.lines import text_of
from limner.intake.rows import ROW_BYTES_MAX, ROWS_MAX, Fault, Layout, Rows, hash_cells
from limner.intake.splitting import is_utf8

_EXACT = 2.0**53
_PIECE_BYTES = 32 << 20
_TOO_LARGE = Fault("too_large", f"the row has more than {ROW_BYTES_MAX} bytes")


def read_parquet(path: Path) -> Iterator[Rows]:
    """The rows of a Parquet file; memory: some pages of one row group."""
    try:
        file = pq.ParquetFile(path)
        rows_all = max(file.metadata.num_rows, 1)
        first = 1
        for batch in file.iter_batches(batch_size=_rows_at_once(file.metadata)):
            rows = rows_of(batch, first)
            first += len(rows)
            rows.done = min(first / rows_all, 1.0)
            yield rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        said = str(error).splitlines()[0] if str(error) else "damaged"
        raise InputError(
            f"{path}: not a Parquet file that can be read: {said}"
        ) from None


def _rows_at_once(said: pq.FileMetaData) -> int:
    groups = [said.row_group(at) for at in range(said.num_row_groups)]
    row_bytes = max(
        (g.total_byte_size // max(g.num_rows, 1) for g in groups), default=0
    )
    return max(min(ROWS_MAX, _PIECE_BYTES // max(row_bytes, 1)), 100)


def rows_of(batch: pa.RecordBatch, first: int) -> Rows:
    """Rows of an Arrow batch, every cell as text."""
    names = tuple(batch.schema.names)
    columns = {n: texts_of(batch.column(at)) for at, n in enumerate(names)}
    sizes = np.zeros(batch.num_rows, np.int64)
    for column in columns.values():
        sizes += pc.fill_null(pc.binary_length(column), 0).to_numpy()
    large = sizes > ROW_BYTES_MAX

    def raw(row: int) -> bytes:
        cells = {name: column[row].as_py() for name, column in columns.items()}
        return msgspec.json.encode(cells)

    good = np.flatnonzero(~large)
    chosen = columns
    if large.any():
        chosen = {n: c.take(pa.array(good)) for n, c in columns.items()}
    return Rows(
        first=first,
        hashes=hash_cells(list(columns.values())),
        faults={int(row): _TOO_LARGE for row in np.flatnonzero(large)},
        good=good,
        cells=chosen.__getitem__,
        raw=raw,
        layout=Layout("cells", names, b"", "utf-8"),
    )


def texts_of(column: pa.Array) -> pa.Array:
    """A column of any type as texts; times in UTC as ISO 8601."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return texts_of(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        ending = "Z" if kind.tz else ""
        zoneless = column.cast(pa.timestamp(kind.unit))
        return pc.binary_join_element_wise(zoneless.cast(pa.string()), ending, "")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _decoded(column)
    if pa.types.is_floating(kind):
        return _of_floats(column.cast(pa.float64()))
    if not pa.types.is_nested(kind):
        try:
            return column.cast(pa.string())
        except pa.ArrowNotImplementedError:
            pass
    texts = [text_of(value) for value in column.to_pylist()]
    return pa.array(texts, pa.string())


def _of_floats(column: pa.Array) -> pa.Array:
    """Whole ones as whole numbers, in all their digits; what is no number is null."""
    values = column.fill_null(pa.scalar(np.nan, pa.float64())).to_numpy()
    is_whole = (np.abs(values) < _EXACT) & (np.floor(values) == values)
    whole = pa.array(np.where(is_whole, values, 0).astype(np.int64)).cast(pa.string())
    texts = pc.if_else(pa.array(is_whole), whole, column.cast(pa.string()))
    return masked(texts.fill_null(pa.scalar("", pa.string())), np.isnan(values))


def _decoded(column: pa.Array) -> pa.Array:
    """Bytes as text; those that are none, as hexadecimal digits."""
    texts: list[str | None] = []
    for value in column.to_pylist():
        if value is None:
            texts.append(None)
        elif is_utf8(np.frombuffer(value, np.uint8), 0, len(value)):
            texts.append(value.decode())
        else:
            texts.append(value.hex())
    return pa.array(texts, pa.string())
