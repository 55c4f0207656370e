"""Features become a program for the machine: each thing computed once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from limner.clock import FOR_EVER
from limner.errors import did_you_mean
from limner.events.codes import text_code
from limner.events.record import NULL, column_of
from limner.events.schema import Schema
from limner.language.columns import Column, Kind
from limner.language.feature import Combined, Constant, Feature, Reference
from limner.machine.operations import FACTS, STORED_OF, Op
from limner.language.python_feature import PythonFeature
from limner.language.selection import Selection

_INTEGER = {
    "add": Op.ADD_I,
    "sub": Op.SUB_I,
    "mul": Op.MUL_I,
    "eq": Op.EQ_I,
    "lt": Op.LT_I,
    "le": Op.LE_I,
    "or_else": Op.OR_ELSE,
}
_NUMBER = {
    "add": Op.ADD_N,
    "sub": Op.SUB_N,
    "mul": Op.MUL_N,
    "div": Op.DIV_N,
    "eq": Op.EQ_N,
    "lt": Op.LT_N,
    "le": Op.LE_N,
}
_LOGIC = {"and": Op.AND, "or": Op.OR, "not": Op.NOT}
_CONSTANT_ARGUMENT = {"floordiv": Op.FLOORDIV_I, "mod": Op.MOD_I}


class Output(NamedTuple):
    """Where a feature's value is, once the machine has run."""

    feature: Feature
    slot: int
    """Or -1."""
    list: int
    """Or -1."""


class Compiled(NamedTuple):
    """A program as the machine takes it, and where the named features are in it."""

    code: np.ndarray
    kernels: np.ndarray
    weights: np.ndarray
    ints: np.ndarray
    floats: np.ndarray
    sizes: np.ndarray
    outputs: dict[str, Output]
    selections: dict[tuple[Any, ...], int]
    """The kernel row of every selection, by its key."""
    given: list[tuple[int, PythonFeature]]
    """Slots that Python functions fill before the machine runs."""


def compile_features(features: Mapping[str, Feature], schema: Schema) -> Compiled:
    """Compile named features for stores of this schema.

    Raises nothing: what a schema lacks is in `faults_with`.
    """
    compiler = _Compiler(features, schema)
    for name, feature in features.items():
        compiler.output(name, feature)
    return compiler.done()


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


class _Compiler:
    """A program in the making; registers and slots by the key of what they hold."""

    def __init__(self, features: Mapping[str, Feature], schema: Schema) -> None:
        self.features, self.schema = features, schema
        self.dtype = schema.dtype()
        self.known = list(schema.kind_codes())
        self.code: list[tuple[int, ...]] = []
        self.kernels: list[list[int]] = []
        self.weights: list[np.ndarray] = []
        self.ints: list[int] = []
        self.floats: list[float] = []
        self.registers: dict[tuple[Any, ...], int] = {}
        self.slots: dict[tuple[Any, ...], int] = {}
        self.lists: dict[tuple[Any, ...], int] = {}
        self.selections: dict[tuple[Any, ...], int] = {}
        self.outputs: dict[str, Output] = {}
        self.given: list[tuple[int, PythonFeature]] = []

    def emit(
        self, op: int, over: bool, target: int, *operands: int, bits: int = 0
    ) -> None:
        a, b, c = (*operands, 0, 0, 0)[:3]
        self.code.append((int(op), int(over), target, a, b, c, bits))

    # ---- values of events

    def register(self, column: Column, as_number: bool = False) -> int:
        """The register that holds a column, computing it where it is new."""
        if as_number and not is_number(column.value):
            whole = self.register(column)
            return self._register(("to_n", whole), Op.TO_N, whole, 0)
        key = (column.source.key() if column.op == "among" else (), column.key())
        if key not in self.registers:
            made = self._computed(column)
            self.registers[key] = made
        return self.registers[key]

    def _register(
        self, key: tuple[Any, ...], op: int, *operands: int, bits: int = 0
    ) -> int:
        if key not in self.registers:
            self.registers[key] = len(self.registers)
            self.emit(op, True, self.registers[key], *operands, bits=bits)
        return self.registers[key]

    def _computed(self, column: Column) -> int:
        op, args = column.op, column.args
        if op in ("column", "own"):
            place = column_of(self.dtype, args[0])
            stored = int(STORED_OF[place.stored])
            if op == "own" and args[1] != "text" and place.stored == "u8":
                stored = int(STORED_OF["i8"])
            key = ("load", args[0])
            return self._register(key, Op.LOAD, place.word, place.shift, stored)
        if op in ("constant", "none"):
            bits = NULL if op == "none" else bits_of(args[0])
            return self._register(("fill", column.value, bits), Op.FILL, bits=bits)
        if op == "local_at":
            return self._register(("local_at",), Op.LOCAL_AT)
        if op == "slot":
            slot = self.slot(args[0])
            return self._register(("slot", slot), Op.SLOT, slot)
        return self._operation(column)

    def _operation(self, column: Column) -> int:
        op, args = column.op, column.args
        if op == "fact":
            which, item, own = args
            operands = (self.register(item), FACTS.index(which), self.register(own))
            return self._register(("fact", *operands), Op.FACT, *operands)
        if op == "money":
            raw = self.register(args[0])
            return self._register(("money", raw), Op.MONEY, raw)
        if op == "among":
            one, other = self.register(args[0]), self.register(args[1])
            mask = self.mask(args[1].source)
            return self._register(
                ("among", one, other, mask), Op.AMONG, one, other, bits=mask
            )
        if op in _CONSTANT_ARGUMENT:
            one = self.register(args[0])
            by = self._register(("fill", "integer", args[1]), Op.FILL, bits=args[1])
            return self._register((op, one, by), _CONSTANT_ARGUMENT[op], one, by)
        if op == "has":
            one = self.register(args[0])
            code = Op.HAS_N if is_number(args[0].value) else Op.HAS_I
            return self._register(("has", one), code, one, one)
        if op in _LOGIC:
            pair = [self.register(arg) for arg in args]
            return self._register((op, *pair), _LOGIC[op], pair[0], pair[-1])
        floats = op == "div" or any(is_number(arg.value) for arg in args)
        pair = [self.register(arg, as_number=floats) for arg in args]
        code = (_NUMBER if floats else _INTEGER)[op]
        return self._register((int(code), *pair), code, *pair)

    def mask(self, kind: Kind) -> int:
        """The kinds meant, as bits; attributes are a kind of the store's own use."""
        if kind.names == ("attribute",):
            return 1 << 31
        return self.schema.mask(kind.kinds(self.known))

    # ---- values of shoppers

    def resolve(self, feature: Feature) -> Feature:
        """The feature meant by a reference."""
        while isinstance(feature, Reference):
            feature = self.features[feature.name]
        return feature

    def output(self, name: str, feature: Feature) -> None:
        """Make a named feature's value."""
        feature = self.resolve(feature)
        if isinstance(feature, Selection) and _is_list(feature):
            self.outputs[name] = Output(feature, -1, self.list_of(feature))
        else:
            self.outputs[name] = Output(feature, self.slot(feature), -1)

    def list_of(self, feature: Selection) -> int:
        """The list that a selection fills."""
        key = feature.key()
        if key not in self.lists:
            self.lists[key] = len(self.lists)
            row = self._kernel(feature, self.lists[key])
            self.emit(Op.KERNEL, False, -1, row)
        return self.lists[key]

    def slot(self, feature: Feature, as_number: bool = False) -> int:
        """The slot that holds a feature, computing it where it is new."""
        feature = self.resolve(feature)
        if as_number and not is_number(feature.returns):
            whole = self.slot(feature)
            return self._slot(("to_n", whole), Op.TO_N, whole, whole)
        key = feature.key()
        if key in self.slots:
            return self.slots[key]
        if isinstance(feature, Selection):
            row = self._kernel(feature, -1)
            return self._slot(key, Op.KERNEL, row)
        if isinstance(feature, PythonFeature):
            self.slots[key] = len(self.slots)
            self.given.append((self.slots[key], feature))
            return self.slots[key]
        if isinstance(feature, Constant):
            return self._slot(key, Op.FILL, bits=bits_of(feature.constant))
        assert isinstance(feature, Combined), type(feature).__name__
        made = self._combined(feature)
        self.slots[key] = made
        return made

    def _slot(
        self, key: tuple[Any, ...], op: int, *operands: int, bits: int = 0
    ) -> int:
        if key not in self.slots:
            number = len(self.slots)
            self.slots[key] = number
            self.emit(op, False, number, *operands, bits=bits)
        return self.slots[key]

    def _combined(self, feature: Combined) -> int:
        op = feature.op
        operands = [self.resolve(operand) for operand in feature.operands]
        if op == "has":
            one = self.slot(operands[0])
            code = Op.HAS_N if is_number(operands[0].returns) else Op.HAS_I
            return self._slot(("has", one), code, one, one)
        if op in _LOGIC:
            pair = [self.slot(operand) for operand in operands]
            return self._slot((op, *pair), _LOGIC[op], pair[0], pair[-1])
        floats = op == "div" or any(is_number(o.returns) for o in operands)
        pair = [self.slot(operand, as_number=floats) for operand in operands]
        code = (_NUMBER if floats else _INTEGER)[op]
        return self._slot((op, int(code), *pair), code, *pair)

    def _kernel(self, feature: Selection, list_number: int) -> int:
        key = feature.key()
        column = feature.column
        where = feature.condition
        is_float = column is not None and is_number(column.value)
        row = [
            feature.kernel.address,
            self.mask(feature.kind),
            self.register(where) if where is not None else -1,
            self.register(column) if column is not None else -1,
            int(is_float),
            int(feature.keeps_missing),
            self._weight_table(feature),
            feature.half_life_us,
            feature.span_us,
            feature.shift_us,
            len(self.ints),
            len(self.floats),
            list_number,
            int(is_number(feature.returns)),
        ]
        self.ints += feature.ints()
        self.floats += feature.floats()
        self.kernels.append(row)
        self.selections[key] = len(self.kernels) - 1
        return self.selections[key]

    def _weight_table(self, feature: Selection) -> int:
        if not feature.weights:
            return -1
        table = np.zeros(64)
        codes = self.schema.kind_codes()
        for kind, weight in feature.weights.items():
            for name in kind.kinds(self.known):
                table[codes[name]] = weight
        self.weights.append(table)
        return len(self.weights) - 1

    def done(self) -> Compiled:
        """The program as arrays."""
        kernels = np.array(self.kernels, np.int64).reshape(-1, 14)
        sizes = [max(len(self.registers), 1), max(len(self.slots), 1), len(self.lists)]
        return Compiled(
            np.array(self.code, np.int64).reshape(-1, 7),
            kernels,
            np.array(self.weights).reshape(-1, 64),
            np.array([*self.ints, 0], np.int64),
            np.array([*self.floats, 0.0]),
            np.array(sizes, np.int64),
            self.outputs,
            self.selections,
            self.given,
        )


def _is_list(feature: Selection) -> bool:
    return feature.returns == "list" or feature.is_tied_by_text


def faults_with(name: str, feature: Feature, schema: Schema) -> list[str]:
    """What a feature asks that a store of this schema does not have."""
    faults = []
    for column in _columns(feature):
        if column.op == "own":
            kept = schema.columns.get(column.args[0])
            if kept is None:
                faults.append(
                    f"{name}: the store keeps no column {column.args[0]!r}; add it by"
                    f" limner migrate --add-column {column.args[0]}:{column.args[1]}"
                )
            elif kept != column.args[1]:
                faults.append(
                    f"{name}: column {column.args[0]!r} is {kept} in the store,"
                    f" expected {column.args[1]}"
                )
    known = list(schema.kind_codes())
    for kind, looks_back in _kinds(feature):
        for kind_name in kind.names or ():
            if kind_name not in known and kind_name != "attribute":
                hint = did_you_mean(kind_name, known)
                faults.append(f"{name}: the store knows no kind {kind_name!r}.{hint}")
                continue
            kept_us = schema.kept(kind_name).span_us
            if looks_back < FOR_EVER and looks_back > kept_us:
                faults.append(
                    f"{name}: looks back {looks_back // 86_400_000_000} days at"
                    f" {kind_name}, the store keeps {kept_us // 86_400_000_000}"
                )
    return list(dict.fromkeys(faults))


def _features(feature: Feature) -> list[Feature]:
    return [feature, *(inner for part in feature.parts for inner in _features(part))]


def _columns(feature: Feature) -> list[Column]:
    found: list[Column] = []

    def walk(column: Column) -> None:
        found.append(column)
        for arg in column.args:
            if isinstance(arg, Column):
                walk(arg)

    for one in _features(feature):
        if isinstance(one, Selection):
            for column in (one.column, one.condition):
                if column is not None:
                    walk(column)
    return found


def _kinds(feature: Feature) -> list[tuple[Kind, int]]:
    found = []
    for one in _features(feature):
        if isinstance(one, Selection):
            span = one.span_us
            found.append((one.kind, span if span >= FOR_EVER else span + one.shift_us))
    found += [(column.source, FOR_EVER) for column in _columns(feature)]
    return found
