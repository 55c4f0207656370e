"""Columns become instructions over events: each column computed once, in a register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from limner.events.codes import text_code
from limner.events.record import NULL, column_of
from limner.events.schema import Schema
from limner.language.columns import Column
from limner.language.feature import Feature
from limner.language.kind import Kind
from limner.machine.operations import (
    CONSTANT_ARGUMENT,
    EVERY_EVENT,
    FACTS,
    LOGIC,
    ONCE,
    STORED_OF,
    Op,
    has,
    over_two,
)

Key = tuple[Any, ...]

DECLARED = 1 << 31
"""The bit of attribute records: a kind of the store's own use."""


def is_number(value: str) -> bool:
    """Whether a value is kept as the bits of a float."""
    return value == "number"


def bits_of(constant: Any) -> int:
    """A constant as the machine has it."""
    if isinstance(constant, str):
        return int(np.uint64(text_code(constant)).astype(np.int64))
    if isinstance(constant, float):
        return int(np.float64(constant).view(np.int64))
    return int(constant)


class Code:
    """Instructions in the order in which they are executed."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, ...]] = []

    def emit(self, op: int, target: int, *operands: int, **more: int) -> None:
        """Add one; more: `over`, `bits`."""
        a, b, c = (*operands, 0, 0, 0)[:3]
        over, bits = more.get("over", 0), more.get("bits", 0)
        self.lines.append((int(op), over, target, a, b, c, bits))


class Registers:
    """Columns, and the registers that hold them."""

    def __init__(
        self, code: Code, schema: Schema, *, slot: Callable[[Feature], int]
    ) -> None:
        self.code, self.schema, self.slot = code, schema, slot
        self.dtype = schema.dtype()
        self.known = list(schema.kind_codes())
        self.count = 0
        self._of: dict[Key, int] = {}

    def of(self, column: Column, as_number: bool = False) -> int:
        """The register that holds a column, computing it where it is new."""
        if as_number and not is_number(column.value):
            whole = self.of(column)
            return self._new(("to_n", whole), Op.TO_N, whole, 0)
        key = column.key()
        if key not in self._of:
            self._of[key] = self._computed(column)
        return self._of[key]

    def mask(self, kind: Kind) -> int:
        """The kinds meant, as bits."""
        if kind.names == ("attribute",):
            return DECLARED
        return self.schema.mask(kind.kinds(self.known))

    def decay(self, half_life: int, shift: int) -> int:
        """The register of 0.5 ** (age / half_life), spans in us; -1 for no decay."""
        if not half_life:
            return -1
        return self._new(("decay", half_life, shift), Op.DECAY, shift, bits=half_life)

    def _new(self, key: Key, op: int, *operands: int, bits: int = 0) -> int:
        if key not in self._of:
            over = ONCE if op == Op.FILL else EVERY_EVENT
            self.code.emit(op, self.count, *operands, over=over, bits=bits)
            self._of[key] = self.count
            self.count += 1
        return self._of[key]

    def _computed(self, column: Column) -> int:
        op, args = column.op, column.args
        if op in ("column", "own"):
            place = column_of(self.dtype, args[0])
            stored = int(STORED_OF[place.stored])
            key = ("load", args[0])
            return self._new(key, Op.LOAD, place.word, place.shift, stored)
        if op in ("constant", "none"):
            return self._filled(NULL if op == "none" else bits_of(args[0]))
        if op == "local_at":
            return self._new(("local_at",), Op.LOCAL_AT)
        if op == "slot":
            slot = self.slot(args[0])
            return self._new(("slot", slot), Op.SLOT, slot)
        return self._operation(column)

    def _filled(self, bits: int) -> int:
        return self._new(("fill", bits), Op.FILL, bits=bits)

    def _operation(self, column: Column) -> int:
        op, args = column.op, column.args
        if op == "fact":
            which, item, own = args
            parts = (self.of(item), FACTS.index(which), self.of(own))
            return self._new(("fact", *parts), Op.FACT, *parts)
        if op == "money":
            raw = self.of(args[0])
            # an event has one amount, and perhaps a price beside it: counted once
            counts = int(args[0].args[0] == "amount")
            return self._new(("money", raw), Op.MONEY, raw, counts)
        if op == "among":
            one, other = self.of(args[0]), self.of(args[1])
            own, mask = self.mask(column.source), self.mask(args[1].source)
            key = ("among", one, other, own, mask)
            return self._new(key, Op.AMONG, one, other, own, bits=mask)
        if op in CONSTANT_ARGUMENT:
            pair = (self.of(args[0]), self._filled(args[1]))
            return self._new((op, *pair), CONSTANT_ARGUMENT[op], *pair)
        if op == "has":
            one = self.of(args[0])
            return self._new(("has", one), has(args[0].value), one, one)
        if op in LOGIC:
            operands = tuple(self.of(arg) for arg in args)
            return self._new((op, *operands), LOGIC[op], operands[0], operands[-1])
        floats = any(is_number(v) for v in (column.value, *(a.value for a in args)))
        operands = tuple(self.of(arg, as_number=floats) for arg in args)
        code = over_two(op, floats=floats)
        return self._new((int(code), *operands), code, *operands)
