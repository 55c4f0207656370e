"""Full events: everything that was said, as flat columns of an Arrow batch.

A door hands over a batch of these, already clean and typed; the store keeps it as it
came, and whatever is derived (records, codes, links) can be made again from it. Only
columns that hold something need to be there; the first block must.

Columns named ``shopper.TYPE`` hold identifiers, ``attributes.NAME`` declared attributes
and ``fields.NAME`` further fields, all as text. Where a source has no fixed set of
them, ``attributes`` and ``fields`` hold one JSON object for each event instead.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

NEEDED: dict[str, pa.DataType] = {
    "source": pa.string(),
    "id": pa.string(),
    "kind": pa.string(),
    "at": pa.int64(),  # UTC microseconds
    "seen_at": pa.int64(),
    "content": pa.uint32(),  # hash of what it says, but for seen_at
}

OPTIONAL: dict[str, pa.DataType] = {
    "item": pa.string(),
    "category": pa.string(),
    "brand": pa.string(),
    "order": pa.string(),
    "campaign": pa.string(),
    "channel": pa.string(),
    "device": pa.string(),
    "price": pa.int64(),  # minor units of `currency`
    "amount": pa.int64(),
    "discount": pa.int64(),
    "currency": pa.string(),
    "quantity": pa.int32(),  # refunds too: never negative
    "seconds": pa.float32(),
    "score": pa.float32(),
    "flags": pa.uint8(),  # record.FLAGS
    "text": pa.string(),
    "query": pa.string(),
    "attributes": pa.string(),  # JSON
    "fields": pa.string(),  # JSON
}

SHOPPER, ATTRIBUTE, FIELD = "shopper.", "attributes.", "fields."


def check(batch: pa.RecordBatch) -> None:
    """Our own mistakes only: a door hands over what this module describes."""
    for name, kind in NEEDED.items():
        assert batch.schema.field(name).type == kind, f"full event column {name}"
    for field in batch.schema:
        if field.name.startswith((SHOPPER, ATTRIBUTE, FIELD)):
            assert field.type == pa.string(), f"full event column {field.name}"
        elif field.name not in NEEDED:
            assert field.type == OPTIONAL[field.name], f"full event column {field.name}"


def constant(text: str, count: int) -> pa.Array:
    """A column that says the same in every row.

    Types are named wherever one value becomes Arrow's: to guess one takes 150 µs.
    """
    return pa.repeat(pa.scalar(text, pa.string()), count)


def indices(encoded: pa.DictionaryArray, null: int) -> np.ndarray:
    """Where each row's value is in a dictionary; `null` where it has none."""
    found = encoded.indices
    if found.null_count:
        found = found.fill_null(pa.scalar(null, found.type))
    places: np.ndarray = found.to_numpy()
    return places


def identifier_types(batch: pa.RecordBatch) -> list[str]:
    """The types of identifiers that a batch has columns for."""
    names = batch.schema.names
    return [name[len(SHOPPER) :] for name in names if name.startswith(SHOPPER)]
