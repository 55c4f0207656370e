"""Catalogue tables become dated facts about items: category, brand, title, price."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from limner.events import hashing, money
from limner.events.batch import EventBatch, texts_only
from limner.events.record import NULL
from limner.events.schema import Schema
from limner.history import catalogue
from limner.intake import numbers
from limner.intake.cells import Texts, first_given, missing_of, translated
from limner.intake.delivery import Delivered, Finish, Refusing
from limner.intake.mapping import Mapping
from limner.intake.rows import Fault, Rows
from limner.intake.tally import Tally
from limner.intake.times import TimeRule
from limner.intake.translate import Translated
from limner.stores.contract import Change, Put, Store

TEXTS = ("category", "brand", "title")


class Facts:
    """A catalogue mapping made ready for a store."""

    def __init__(self, mapping: Mapping, schema: Schema) -> None:
        self._mapping = mapping
        self._time = TimeRule(mapping.at_format, mapping.at_unit, mapping.time_zone)
        self._currency = mapping.currency or schema.currency
        self._schema = schema

    def translate(self, rows: Rows, occurrence: np.ndarray | None) -> Translated:
        """Facts of these rows: columns item, at, category, brand, title and price."""
        texts = {name: self._given(rows, name) for name in self._mapping.item}
        count = len(rows.good)
        faults = dict(rows.faults)
        refused = np.zeros(count, np.bool_)

        def refuse(bad: np.ndarray, fault: Fault) -> None:
            for at in np.flatnonzero(bad & ~refused):
                faults[int(rows.good[at])] = fault
            refused[bad] = True

        refuse(texts["id"].missing, Fault("bad_event", "id: no item"))
        columns = {"item": texts["id"].texts}
        columns["at"] = pa.array(np.zeros(count, np.int64))
        if "at" in texts:
            at, fine = self._time.moments(*texts["at"])
            refuse(~fine, Fault("bad_time", "at: expected a time from 1970 to 9999"))
            columns["at"] = pa.array(at)
        if "price" in texts:
            prices, fine = numbers.minor_units(
                *texts["price"],
                currencies=np.zeros(1, np.int64),
                names=[self._currency],
            )
            refuse(~fine, Fault("bad_number", "price: expected a decimal number"))
            columns["price"] = pa.array(prices, mask=texts["price"].missing)
        for name in TEXTS:
            if name in texts:
                columns[name] = texts[name].array()
        batch = pa.RecordBatch.from_pydict(columns).filter(pa.array(~refused))
        return Translated(batch, rows.good[~refused], faults, occurrence)

    def _given(self, rows: Rows, name: str) -> Texts:
        columns = []
        for column in self._mapping.item[name]:
            texts = rows.cells(column)
            columns.append(Texts(texts, missing_of(texts, self._mapping.null)))
        words = self._mapping.values.get(name)
        given = first_given(columns)
        return translated(given, words) if words else given

    def deliver(
        self, store: Store, piece: Translated, *, letters: Refusing, finish: Finish
    ) -> Delivered:
        """Commit facts; one that is there already is a duplicate.

        Of two facts of one item and moment that differ, the greater in bytes stands,
        whichever came first.
        """
        keys, values = self._packed(piece.batch)
        tally = Tally()
        tally.refuse(piece.faults.values())
        standing: dict[bytes, bytes] = {}
        for key, value in zip(keys, values, strict=True):
            held = standing.get(key) or store.get(catalogue.TABLE, key)
            if held is None:
                tally.accepted += 1
            else:
                tally.duplicates += 1
                tally.conflicts += held != value
            if held is None or value > held:
                standing[key] = value
        puts = [Put(catalogue.TABLE, key, value) for key, value in standing.items()]
        puts += letters.puts(piece.faults)
        batch = _texts_of(piece.batch, self._schema)
        gone = piece.row_of.tolist()
        receipt = store.commit(
            Change(batch=batch, puts=puts, then=lambda _: finish(tally, gone))
        )
        return Delivered(tally, receipt.token, gone)

    def _packed(self, batch: pa.RecordBatch) -> tuple[list[bytes], list[bytes]]:
        names = batch.schema.names
        held = {name: batch.column(name) for name in names}
        rows = batch.num_rows
        codes = {
            name: _codes(held[name]) if name in held else np.zeros(rows, np.uint64)
            for name in ("item", "category", "brand")
        }
        price = np.full(rows, NULL, np.int64)
        if "price" in held:
            price = held["price"].fill_null(NULL).to_numpy()
        texts = [
            held[name].to_pylist() if name in held else [None] * rows
            for name in ("item", *TEXTS)
        ]
        keys = catalogue.keys_of(codes["item"], held["at"].to_numpy())
        values = [
            catalogue.pack(category, brand, price=minor, currency=code, texts=said)
            for category, brand, minor, code, said in zip(
                codes["category"].tolist(),
                codes["brand"].tolist(),
                price.tolist(),
                [money.CODES[self._currency]] * rows,
                zip(*texts, strict=True),
                strict=True,
            )
        ]
        return keys, values


def _codes(texts: pa.Array) -> np.ndarray:
    codes = hashing.hash_texts(texts)
    codes[codes == 0] = 1
    if texts.null_count:
        codes[texts.is_null().to_numpy(zero_copy_only=False)] = 0
    return codes


def _texts_of(facts: pa.RecordBatch, schema: Schema) -> EventBatch:
    """What brings the texts of facts into the dictionary."""
    parts = [
        facts.column(name).drop_null()
        for name in ("item", "category", "brand")
        if name in facts.schema.names
    ]
    texts = pa.concat_arrays(parts).unique()
    codes, first = np.unique(_codes(texts), return_index=True)
    return texts_only(codes, texts.take(pa.array(first)), schema=schema)
