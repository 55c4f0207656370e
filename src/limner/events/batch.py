"""Full events become records: the one place where a record is made.

Pure: the same full events, schema and secret give the same records, so a store can be
rebuilt from its full events, and `limner verify` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from limner.events import full, hashing, money
from limner.events.blake import whos_of
from limner.events.identifiers import priority
from limner.events.kinds import ATTRIBUTE, KINDS
from limner.events.record import NULL, TEXTS, WHO, ZERO_PRICE
from limner.events.schema import Schema
from limner.events.zones import offsets

LINK = np.dtype(
    [
        ("event", "i4"),  # row of the full batch
        ("at", "i8"),
        ("id", "u8"),
        ("seen_at", "i8"),
        ("one", WHO),
        ("other", WHO),
        ("is_unlink", "?"),
    ]
)

PERSONAL = frozenset(
    "email phone name firstName lastName first_name last_name address birthday username"
    " mobile id_card passport".split()
)
"""Attributes whose values stay in the full event alone: no dictionary keeps them."""

Codes: TypeAlias = "np.ndarray"
_JOIN = pa.scalar("", pa.string())


@dataclass(frozen=True)
class EventBatch:
    """Events of one commit, in every form that a store needs."""

    full: pa.RecordBatch
    """One row for each event."""
    records: np.ndarray
    """Schema.dtype(): first one for each event, then those of attributes."""
    event_of: np.ndarray
    """int32: the event that each record is of."""
    text_codes: np.ndarray
    """uint64, unique: codes used by the records, for the dictionary."""
    texts: pa.Array
    """string: their texts."""
    whos: np.ndarray
    """WHO, unique: identifiers seen, of events and of links."""
    names: pa.Array
    """string: their ``type:value``."""
    links: np.ndarray
    """LINK: pairs of identifiers tied, or untied, by an event."""


def standardise(batch: pa.RecordBatch, schema: Schema, *, secret: bytes) -> EventBatch:
    """Records, dictionary texts, identifiers and links of a batch of full events.

    Kinds must be known to the schema, and each event must have an identifier.
    """
    full.check(batch)
    making = _Making(batch, schema)
    making.identify(secret)
    making.fill()
    making.declare()
    return making.done()


def texts_only(codes: np.ndarray, texts: pa.Array, *, schema: Schema) -> EventBatch:
    """A batch without events that teaches a store these texts (codes: uint64[n])."""
    empty = pa.RecordBatch.from_pydict(
        {name: pa.array([], kind) for name, kind in full.NEEDED.items()}
    )
    return EventBatch(
        full=empty,
        records=np.zeros(0, schema.dtype()),
        event_of=np.zeros(0, np.int32),
        text_codes=codes,
        texts=texts,
        whos=np.zeros(0, WHO),
        names=pa.array([], pa.string()),
        links=np.zeros(0, LINK),
    )


class _Making:
    """A batch half made: what each step adds for the ones after it."""

    def __init__(self, batch: pa.RecordBatch, schema: Schema) -> None:
        self.batch, self.schema = batch, schema
        self.columns = set(batch.schema.names)
        self.records = np.zeros(batch.num_rows, schema.dtype())
        self.parts = [self.records]
        self.event_of = [np.arange(batch.num_rows, dtype=np.int32)]
        self.code_parts: list[np.ndarray] = []
        self.text_parts: list[pa.Array] = []

    def ints(self, name: str, default: int) -> np.ndarray:
        if name not in self.columns:
            return np.full(self.batch.num_rows, default, np.int64)
        column = self.batch.column(name)
        filled = column.fill_null(pa.scalar(default, column.type))
        values: np.ndarray = filled.to_numpy(zero_copy_only=False)
        return values

    def floats(self, name: str) -> np.ndarray:
        if name not in self.columns:
            return np.full(self.batch.num_rows, np.nan, np.float32)
        values: np.ndarray = self.batch.column(name).to_numpy(zero_copy_only=False)
        return values

    def codes(self, name: str, keep_texts: bool = True) -> np.ndarray:
        """Text codes of a column, uint64[n]; 0 where it is null."""
        if name not in self.columns:
            return np.zeros(self.batch.num_rows, np.uint64)
        encoded = self.batch.column(name).dictionary_encode()
        codes = hashing.hash_texts(encoded.dictionary)
        codes[codes == 0] = 1
        if keep_texts:
            self.code_parts.append(codes)
            self.text_parts.append(encoded.dictionary)
        indices = full.indices(encoded, len(codes))
        values: np.ndarray = np.append(codes, np.uint64(0))[indices]
        return values

    def identify(self, secret: bytes) -> None:
        """Whose each event is, and which identifiers it ties together."""
        rows = self.batch.num_rows
        owner = np.full(rows, -1, np.int64)
        whos, names, pairs = [], [], []
        known = 0
        for kind in sorted(full.identifier_types(self.batch), key=priority):
            encoded = self.batch.column(full.SHOPPER + kind).dictionary_encode()
            values = encoded.dictionary
            if len(values) == 0:
                continue
            whos.append(whos_of(secret, kind, values=values))
            prefix = pa.scalar(kind + ":", pa.string())
            names.append(pc.binary_join_element_wise(prefix, values, _JOIN))
            mine = full.indices(encoded, -1) + known
            has = mine >= known
            both = np.flatnonzero(has & (owner >= 0))
            pairs.append((both, owner[both], mine[both]))
            owner = np.where(has & (owner < 0), mine, owner)
            known += len(values)
        assert (owner >= 0).all(), "an event without an identifier"
        self.whos = np.concatenate(whos) if whos else np.zeros(0, WHO)
        self.names = pa.concat_arrays(names) if names else pa.array([], pa.string())
        self.records["who_hi"] = self.whos["hi"][owner]
        self.records["who_lo"] = self.whos["lo"][owner]
        self.pairs = pairs

    def fill(self) -> None:
        """The columns of one record for each event."""
        records, batch = self.records, self.batch
        records["at"] = self.ints("at", 0)
        records["seen_at"] = self.ints("seen_at", 0)
        records["content"] = self.ints("content", 0)
        records["id"] = self._ids()
        for name in TEXTS:
            records[name] = self.codes(name)
        records["order"] = self.codes("order", keep_texts=False)
        kinds = batch.column("kind").dictionary_encode()
        records["kind"] = self._lookup(kinds, self.schema.kind_codes())
        records["quantity"] = self.ints("quantity", 1)
        records["seconds"] = self.floats("seconds")
        records["score"] = self.floats("score")
        records["flags"] = self.ints("flags", 0)
        records["offset"] = offsets(self.schema.time_zone, records["at"])
        self._fill_money()
        for name, kind in self.schema.columns.items():
            records[name] = self._own(name, kind)

    def _ids(self) -> np.ndarray:
        sources = self.batch.column("source").dictionary_encode()
        seeds = hashing.hash_texts(sources.dictionary)[sources.indices.to_numpy()]
        return hashing.hash_texts(self.batch.column("id"), seeds)

    @staticmethod
    def _lookup(encoded: pa.DictionaryArray, table: dict[str, int]) -> np.ndarray:
        codes = [table[text] for text in encoded.dictionary.to_pylist()]
        indices = full.indices(encoded, len(codes))
        values: np.ndarray = np.array([*codes, 0], np.int64)[indices]
        return values

    def _fill_money(self) -> None:
        records = self.records
        price, amount = self.ints("price", NULL), self.ints("amount", NULL)
        quantity = records["quantity"].astype(np.int64)
        priced = (amount == NULL) & (price != NULL)
        amount = np.where(priced, price * quantity, amount)
        bought = records["kind"] == KINDS["purchase"]
        records["amount"] = np.where(bought & (amount == NULL), 0, amount)
        records["price"] = price
        records["discount"] = self.ints("discount", NULL)
        if "currency" in self.columns:
            encoded = self.batch.column("currency").dictionary_encode()
            records["currency"] = self._lookup(encoded, money.CODES)
        default = np.uint8(money.CODES[self.schema.currency])
        unnamed = records["currency"] == 0
        records["currency"][unnamed] = default
        records["flags"][price == 0] |= ZERO_PRICE

    def _own(self, name: str, kind: str) -> np.ndarray:
        """A column of the store's own, from the further fields of that name."""
        texts = self._field(name)
        if kind == "text":
            column = pa.RecordBatch.from_arrays([texts], [name])
            whole, self.batch = self.batch, column
            held, self.columns = self.columns, {name}
            codes = self.codes(name)
            self.batch, self.columns = whole, held
            return codes
        return np.array([_number(t, kind, self.schema) for t in texts.to_pylist()])

    def _field(self, name: str) -> pa.Array:
        if full.FIELD + name in self.columns:
            return self.batch.column(full.FIELD + name)
        if "fields" not in self.columns:
            return pa.nulls(self.batch.num_rows, pa.string())
        found = [
            None if text is None else _as_text(msgspec.json.decode(text).get(name))
            for text in self.batch.column("fields").to_pylist()
        ]
        return pa.array(found, pa.string())

    def declare(self) -> None:
        """One more record for each attribute that an event declares."""
        for column in sorted(self.columns):
            if column.startswith(full.ATTRIBUTE):
                name = column[len(full.ATTRIBUTE) :]
                values = self.codes(column, keep_texts=name not in PERSONAL)
                rows = np.flatnonzero(values)
                self._add_declared(rows, name, values[rows])
        if "attributes" in self.columns:
            self._declare_objects()

    def _declare_objects(self) -> None:
        by_name: dict[str, tuple[list[int], list[str]]] = {}
        for row, text in enumerate(self.batch.column("attributes").to_pylist()):
            declared = {} if text is None else msgspec.json.decode(text)
            for name, value in declared.items():
                if (said := _as_text(value)) is not None:
                    rows, values = by_name.setdefault(name, ([], []))
                    rows.append(row)
                    values.append(said)
        for name, (rows, values) in sorted(by_name.items()):
            texts = pa.array(values, pa.string())
            codes = hashing.hash_texts(texts)
            if name not in PERSONAL:
                self.code_parts.append(codes)
                self.text_parts.append(texts)
            self._add_declared(np.array(rows), name, codes)

    def _add_declared(self, rows: np.ndarray, name: str, values: np.ndarray) -> None:
        if len(rows) == 0:
            return
        label = pa.array([name], pa.string())
        code = hashing.hash_texts(label)
        self.code_parts.append(code)
        self.text_parts.append(label)
        declared: np.ndarray = np.zeros(len(rows), self.records.dtype)
        for column in ("who_hi", "who_lo", "at", "seen_at", "content", "offset"):
            declared[column] = self.records[column][rows]
        ids = self.records["id"][rows].copy()
        hashing.mix_into(ids, np.broadcast_to(code, len(rows)))
        declared["id"], declared["kind"] = ids, ATTRIBUTE
        declared["attribute"], declared["value"] = code, values
        for column in ("price", "amount", "discount"):
            declared[column] = NULL
        declared["seconds"] = declared["score"] = np.nan
        self.parts.append(declared)
        self.event_of.append(rows.astype(np.int32))

    def _links(self) -> np.ndarray:
        parts = []
        untying = self.records["kind"] == KINDS["unlink"]
        for rows, one, other in self.pairs:
            links = np.zeros(len(rows), LINK)
            links["event"] = rows
            for column in ("at", "id", "seen_at"):
                links[column] = self.records[column][rows]
            links["one"], links["other"] = self.whos[one], self.whos[other]
            links["is_unlink"] = untying[rows]
            parts.append(links)
        return np.concatenate(parts) if parts else np.zeros(0, LINK)

    def done(self) -> EventBatch:
        """The batch, each dictionary code once."""
        codes, texts = np.zeros(0, np.uint64), pa.array([], pa.string())
        if self.code_parts:
            every = np.concatenate(self.code_parts)
            codes, first = np.unique(every, return_index=True)
            texts = pa.concat_arrays(self.text_parts).take(pa.array(first))
        return EventBatch(
            full=self.batch,
            records=np.concatenate(self.parts),
            event_of=np.concatenate(self.event_of),
            text_codes=codes,
            texts=texts,
            whos=self.whos,
            names=self.names,
            links=self._links(),
        )


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return msgspec.json.encode(value).decode()


def _number(text: str | None, kind: str, schema: Schema) -> int | float:
    """A store's own column from its text; what cannot be read is none."""
    missing = float("nan") if kind == "number" else NULL
    if text is None:
        return missing
    try:
        if kind == "money":
            return money.minor(text, schema.currency)
        return float(text) if kind == "number" else int(text)
    except Exception:  # any text may stand there: it is then no value, not a fault
        return missing
