"""Rows of a file become full events, as a mapping says; all others get a fault."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from limner import clock
from limner.errors import MappingError, did_you_mean
from limner.events import full, hashing, money
from limner.events.record import OUTLIER
from limner.events.schema import Schema
from limner.intake import arrival, numbers
from limner.intake.cells import (
    Texts,
    first_given,
    lookup_of,
    masked,
    missing_of,
    translated,
    without_float_tails,
)
from limner.intake.event_rows import EventRows
from limner.intake.flags import Flagging
from limner.intake.mapping import ROW, Columns, Mapping
from limner.intake.rows import Fault, Rows, hash_cells
from limner.intake.times import TimeRule

TEXT_FIELDS = (
    "item category brand order campaign channel device text query attributes fields"
).split()
MONEY_FIELDS = "price amount discount".split()
REAL_FIELDS = "seconds score".split()
IDENTIFIER_BYTES_MAX = 512
QUANTITY_MAX = 2**31 - 1
_ZERO = pa.scalar(0.0, pa.float32())


@dataclass
class Translated:
    """A piece of a file, every row accounted for."""

    batch: pa.RecordBatch
    """Full events."""
    row_of: np.ndarray
    """int64[events]: the position of each in the rows."""
    faults: dict[int, Fault]
    """Of all other rows, by position."""
    occurrence: np.ndarray | None
    """uint32[rows]: how many identical rows came before, where identity asks."""


class Translator:
    """A mapping made ready for a store: rows go in, full events come out."""

    def __init__(
        self, mapping: Mapping, schema: Schema, *, is_import: bool = True
    ) -> None:
        self.mapping, self.schema = mapping, schema
        self.is_import = is_import
        self.kinds = schema.kind_codes()
        self.time = TimeRule(mapping.at_format, mapping.at_unit, mapping.time_zone)
        self.flagging = Flagging(mapping)
        self.currency = mapping.currency or schema.currency
        self._check_kinds()

    def _check_kinds(self) -> None:
        said = [*self.mapping.kinds.values(), self.mapping.kind_is or "view"]
        unknown = [kind for kind in dict.fromkeys(said) if kind not in self.kinds]
        if unknown:
            known = list(self.kinds)
            raise MappingError(
                [
                    f"{self.mapping.name}: the store has no kind {kind!r}."
                    f"{did_you_mean(kind, known)}"
                    for kind in unknown
                ]
            )

    def reading(self, mapping: Mapping) -> Translator:
        """The same with other columns mapped."""
        changed = copy.copy(self)
        changed.mapping = mapping
        return changed

    def translate(self, rows: Rows, occurrence: np.ndarray | None = None) -> Translated:
        """Full events of these rows.

        `occurrence` says of each row how many identical ones came before it in its
        file; None where identity does not ask.
        """
        how = self
        if isinstance(rows, EventRows):
            how = self.reading(rows.mapped(self.mapping))
        return _Making(how, rows, occurrence).done()


class _Making:
    """One piece, half translated."""

    def __init__(
        self, how: Translator, rows: Rows, occurrence: np.ndarray | None
    ) -> None:
        self.how, self.rows, self.occurrence = how, rows, occurrence
        self.mapping = how.mapping
        self.count = len(rows.good)
        self.faults: list[Fault] = [Fault("", "")]
        self.fault_of = np.zeros(self.count, np.int32)
        self.columns: dict[str, pa.Array] = {}
        self._cells: dict[str, Texts] = {}

    def done(self) -> Translated:
        self._shopper()
        self._times()
        self._kind()
        self._texts()
        self._numbers()
        self._money()
        self._identity()
        self._flags()
        return self._result()

    def refuse(self, bad: np.ndarray, fault: Fault) -> None:
        """Give rows that have no fault yet this one."""
        bad = bad & (self.fault_of == 0)
        if bad.any():
            self.fault_of[bad] = len(self.faults)
            self.faults.append(fault)

    def cells(self, name: str) -> Texts:
        """A column of the file, by its name."""
        if name not in self._cells:
            texts = self.rows.cells(name)
            null = self.mapping.null if self.rows.marked != self.mapping.null else ()
            self._cells[name] = Texts(texts, missing_of(texts, null))
        return self._cells[name]

    def given(self, names: Columns) -> Texts:
        """The first of several columns that is not null."""
        return first_given([self.cells(name) for name in names])

    def field(self, name: str) -> Texts | None:
        """A field of the event; None where it is not mapped."""
        names = self.mapping.event.get(name)
        return self.given(names) if names else None

    def _shopper(self) -> None:
        nobody = np.ones(self.count, np.bool_)
        for kind, names in self.mapping.shopper.items():
            texts, missing = self.given(names)
            texts = without_float_tails(texts)
            nobody &= missing
            _, offsets = hashing.buffers(texts)
            long = np.diff(offsets) > IDENTIFIER_BYTES_MAX
            self.columns[full.SHOPPER + kind] = Texts(texts, missing).array()
            self.refuse(long, Fault("bad_event", f"{kind}: expected at most 512 bytes"))
        listed = ", ".join(self.mapping.shopper)
        self.refuse(nobody, Fault("missing_shopper", f"expected a value of {listed}"))

    def _times(self) -> None:
        column = self.field("at")
        assert column is not None, "checked with the mapping"
        self.refuse(column.missing, Fault("missing_time", "at: no value"))
        at, fine = self.how.time.moments(column.texts, column.missing)
        self.refuse(~fine, Fault("bad_time", self._time_reason("at")))
        seen_at, has_seen = None, np.zeros(self.count, np.bool_)
        if (column := self.field("seen_at")) is not None:
            seen_at, fine = self.how.time.moments(column.texts, column.missing)
            has_seen = ~column.missing
            self.refuse(~fine, Fault("bad_time", self._time_reason("seen_at")))
        at, seen_at, future = arrival.settle(
            at,
            seen_at,
            has_seen=has_seen,
            now=clock.now_us(),
            is_import=self.how.is_import,
        )
        self.refuse(future, arrival.FUTURE)
        self.columns["at"] = pa.array(at)
        self.columns["seen_at"] = pa.array(seen_at)

    def _time_reason(self, field: str) -> str:
        form = self.mapping.at_format or "ISO 8601, or a number since 1970"
        return f"{field}: expected {form}, from 1970 to 9999"

    def _kind(self) -> None:
        if self.mapping.kind_is:
            self.columns["kind"] = full.constant(self.mapping.kind_is, self.count)
            self.is_refund = np.full(self.count, self.mapping.kind_is == "refund")
            return
        encoded = self.given(self.mapping.event["kind"]).texts.dictionary_encode()
        find = lookup_of(self.mapping.kinds) if self.mapping.kinds else str
        held = encoded.dictionary.to_pylist()
        kinds = [find(text) for text in held]
        indices = full.indices(encoded, len(held))
        known = np.array([kind in self.how.kinds for kind in kinds] + [False])
        where = "[kinds] of the mapping" if self.mapping.kinds else "the vocabulary"
        for at in np.flatnonzero(~known[:-1])[:100]:
            said = held[at][:40] if held[at].isidentifier() else "such value"
            hint = did_you_mean(held[at], list(self.mapping.kinds or self.how.kinds))
            self.refuse(
                indices == at,
                Fault("unknown_kind", f"kind: {where} has no {said}.{hint}"),
            )
        self.refuse(~known[indices], Fault("unknown_kind", f"kind: not in {where}"))
        words = pa.array([*(k or "" for k in kinds), ""], pa.string())
        self.columns["kind"] = words.take(pa.array(indices))
        self.is_refund = np.array([*(k == "refund" for k in kinds), False])[indices]

    def _texts(self) -> None:
        for name in TEXT_FIELDS:
            if (column := self.field(name)) is not None:
                self.columns[name] = self._in_words(name, column)
        tables = (
            (full.ATTRIBUTE, self.mapping.attributes),
            (full.FIELD, self.mapping.fields),
        )
        for prefix, table in tables:
            for name, names in table.items():
                self.columns[prefix + name] = self._in_words(name, self.given(names))

    def _in_words(self, name: str, column: Texts) -> pa.Array:
        words = self.mapping.values.get(name)
        return (translated(column, words) if words else column).array()

    def _numbers(self) -> None:
        self.quantity = np.ones(self.count, np.int64)
        if (column := self.field("quantity")) is not None:
            whole, fine = numbers.whole(column.texts, column.missing)
            fine &= np.abs(whole) <= QUANTITY_MAX
            self.refuse(~fine, Fault("bad_number", "quantity: expected a whole number"))
            whole = np.where(self.is_refund, np.abs(whole), whole)
            self.refuse(
                whole < 0,
                Fault("bad_number", "quantity: negative, of what is no refund"),
            )
            self.quantity = np.where(column.missing | ~fine, 1, whole)
            self.columns["quantity"] = pa.array(self.quantity.astype(np.int32))
        for name in REAL_FIELDS:
            if (column := self.field(name)) is not None:
                values, fine = numbers.reals(column.texts, column.missing)
                self.refuse(~fine, Fault("bad_number", f"{name}: expected a number"))
                self.columns[name] = pa.array(values, mask=column.missing)

    def _money(self) -> None:
        self.minor: dict[str, Texts] = {}
        named = [name for name in MONEY_FIELDS if name in self.mapping.event]
        if not named:
            return
        names, currencies = self._currencies()
        for name in named:
            column = self.field(name)
            assert column is not None
            values, fine = numbers.minor_units(
                column.texts, column.missing, currencies=currencies, names=names
            )
            self.refuse(
                ~fine, Fault("bad_number", f"{name}: expected a decimal number")
            )
            values = np.where(self.is_refund, np.abs(values), values)
            self.columns[name] = pa.array(values, mask=column.missing)
            self.minor[name] = Texts(values, column.missing)
        if "price" in self.minor:
            sums = np.abs(self.minor["price"].texts * self.quantity.astype(np.float64))
            self.refuse(
                sums > money.MINOR_MAX,
                Fault("bad_number", "price × quantity: too large"),
            )

    def _currencies(self) -> tuple[list[str], np.ndarray]:
        """Names of currencies, and which of them each row is in."""
        column = self.field("currency")
        if column is None:
            self.exponents = np.array([money.EXPONENTS[self.how.currency]])
            if self.mapping.currency:
                self.columns["currency"] = full.constant(self.how.currency, self.count)
            return [self.how.currency], np.zeros(1, np.int64)
        encoded = column.array().dictionary_encode()
        held = [text.strip().upper() for text in encoded.dictionary.to_pylist()]
        known = np.array([name in money.EXPONENTS for name in held] + [True])
        indices = full.indices(encoded, len(held))
        self.refuse(
            ~known[indices], Fault("bad_event", "currency: expected an ISO 4217 code")
        )
        names = [n if n in money.EXPONENTS else self.how.currency for n in held]
        names.append(self.how.currency)
        self.columns["currency"] = pa.array(names, pa.string()).take(pa.array(indices))
        self.exponents = np.array([money.EXPONENTS[name] for name in names])[indices]
        return names, indices

    def _identity(self) -> None:
        good, identity = self.rows.good, self.mapping.identity
        hashes = self.rows.hashes[good]
        self.columns["content"] = pa.array(hashes.astype(np.uint32))
        if isinstance(identity, tuple):
            ids = hash_cells([self.rows.cells(name) for name in identity])
        else:
            ids = hashes.copy()
            if identity != ROW and self.occurrence is not None:
                hashing.mix_into(ids, self.occurrence[good].astype(np.uint64))
        derived = hashing.hex_texts(ids)
        column = self.field("id")
        if column is not None:
            array = column.array()
            derived = array if not array.null_count else _filled(array, derived)
        self.columns["id"] = derived
        self.columns["source"] = full.constant(self.mapping.source, self.count)

    def _flags(self) -> None:
        flags = self.how.flagging.rules(self.count, self.cells)
        measured: dict[str, np.ndarray] = {"quantity": self.quantity}
        for name, (values, missing) in self.minor.items():
            major = values / 10.0**self.exponents
            measured[name] = np.where(missing, 0.0, major)
        for name in REAL_FIELDS:
            if name in self.columns:
                measured[name] = self.columns[name].fill_null(_ZERO).to_numpy()
        flags[self.how.flagging.outliers(measured)] |= OUTLIER
        if flags.any():
            self.columns["flags"] = pa.array(flags)

    def _result(self) -> Translated:
        bad = np.flatnonzero(self.fault_of)
        faults = dict(self.rows.faults)
        positions = self.rows.good[bad].tolist()
        said = [self.faults[number] for number in self.fault_of[bad].tolist()]
        faults.update(zip(positions, said, strict=True))
        batch = pa.RecordBatch.from_pydict(self.columns)
        row_of = self.rows.good
        if len(bad):
            keep = self.fault_of == 0
            batch, row_of = batch.filter(pa.array(keep)), row_of[keep]
        return Translated(batch, row_of, faults, self.occurrence)


def _filled(texts: pa.Array, spare: pa.Array) -> pa.Array:
    missing = texts.is_null().to_numpy(zero_copy_only=False)
    return pa.compute.if_else(pa.array(missing), spare, masked(texts, missing))
