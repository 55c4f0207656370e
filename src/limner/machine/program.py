"""Features become a program for the machine: each thing computed once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from limner.events.schema import Schema
from limner.language.feature import Combined, Constant, Feature
from limner.language.python_feature import PythonFeature
from limner.language.selection import Selection
from limner.machine.interest import narrowed
from limner.machine.operations import LOGIC, Op, has, over_two
from limner.machine.registers import Code, Key, Registers, bits_of, is_number


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
    selections: dict[Key, int]
    """The kernel row of every selection, by its key."""
    given: list[tuple[int, PythonFeature | Selection]]
    """Slots that are filled before the machine runs: what Python functions say, and
    texts chosen by ties among which only a reader, who knows texts, can choose."""


def compile_features(features: Mapping[str, Feature], schema: Schema) -> Compiled:
    """Compile the named features of a definition for stores of this schema.

    What a schema lacks is told by `faults_with`, which goes first.
    """
    compiler = _Compiler(schema)
    for name, feature in features.items():
        compiler.output(name, feature)
    return compiler.done()


class _Compiler:
    """A program in the making; slots and lists by the key of what they hold."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.code = Code()
        self.registers = Registers(self.code, schema, slot=self.slot)
        self.kernels: list[list[int]] = []
        self.weights: list[np.ndarray] = []
        self.ints: list[int] = []
        self.floats: list[float] = []
        self.slots: dict[Key, int] = {}
        self.slot_count = 0
        self.lists: dict[Key, int] = {}
        self.selections: dict[Key, int] = {}
        self.outputs: dict[str, Output] = {}
        self.given: list[tuple[int, PythonFeature | Selection]] = []

    def output(self, name: str, feature: Feature) -> None:
        """Make a named feature's value."""
        if isinstance(feature, Selection) and _is_list(feature):
            self.outputs[name] = Output(feature, -1, self.list_of(feature))
        else:
            self.outputs[name] = Output(feature, self.slot(feature), -1)

    def list_of(self, feature: Selection) -> int:
        """The list that a selection fills."""
        key = feature.key()
        if key not in self.lists:
            self.lists[key] = len(self.lists)
            self.code.emit(Op.KERNEL, -1, self._kernel(feature, self.lists[key]))
        return self.lists[key]

    def slot(self, feature: Feature, as_number: bool = False) -> int:
        """The slot that holds a feature, computing it where it is new."""
        if as_number and not is_number(feature.returns):
            whole = self.slot(feature)
            return self._new(("to_n", whole), Op.TO_N, whole, whole)
        key = feature.key()
        if key not in self.slots:
            self.slots[key] = self._computed(feature)
        return self.slots[key]

    def _computed(self, feature: Feature) -> int:
        key = feature.key()
        if isinstance(feature, PythonFeature):
            return self._given(feature)
        if isinstance(feature, Selection):
            if feature.is_tied_by_text:
                self.list_of(feature)  # for explanations
                return self._given(feature)
            return self._new(key, Op.KERNEL, self._kernel(feature, -1))
        if isinstance(feature, Constant):
            return self._new(key, Op.FILL, bits=bits_of(feature.constant))
        assert isinstance(feature, Combined), type(feature).__name__
        return self._combined(feature)

    def _given(self, feature: PythonFeature | Selection) -> int:
        self.given.append((self.slot_count, feature))
        self.slot_count += 1
        return self.slot_count - 1

    def _new(self, key: Key, op: int, *operands: int, bits: int = 0) -> int:
        if key not in self.slots:
            self.code.emit(op, self.slot_count, *operands, bits=bits)
            self.slots[key] = self.slot_count
            self.slot_count += 1
        return self.slots[key]

    def _combined(self, feature: Combined) -> int:
        op, operands = feature.op, feature.operands
        if op == "has":
            one = self.slot(operands[0])
            return self._new(("has", one), has(operands[0].returns), one, one)
        if op in LOGIC:
            pair = [self.slot(operand) for operand in operands]
            return self._new((op, *pair), LOGIC[op], pair[0], pair[-1])
        kinds = (feature.returns, *(operand.returns for operand in operands))
        floats = any(is_number(kind) for kind in kinds)
        pair = [self.slot(operand, as_number=floats) for operand in operands]
        code = over_two(op, floats=floats)
        return self._new((op, int(code), *pair), code, *pair)

    def _kernel(self, feature: Selection, list_number: int) -> int:
        column, where = feature.column, feature.condition
        kinds = self.registers.mask(feature.kind)
        row = [
            feature.kernel.address,
            kinds,
            self.registers.of(where) if where is not None else -1,
            self.registers.of(column) if column is not None else -1,
            int(is_number(feature.value)),
            int(feature.keeps_missing),
            self._weight_table(feature),
            self.registers.decay(feature.half_life_us, feature.shift_us),
            feature.span_us,
            feature.shift_us,
            len(self.ints),
            len(self.floats),
            list_number,
            int(is_number(feature.returns)),
            feature.kernel.looks_at,
            kinds.bit_length() - 1 if kinds.bit_count() == 1 else -1,
        ]
        self.ints += feature.ints()
        self.floats += feature.floats()
        self.kernels.append(row)
        self.selections[feature.key()] = len(self.kernels) - 1
        return len(self.kernels) - 1

    def _weight_table(self, feature: Selection) -> int:
        if not feature.weights:
            return -1
        table = np.zeros(64)
        codes = self.schema.kind_codes()
        for kind, weight in feature.weights.items():
            for name in kind.kinds(self.registers.known):
                table[codes[name]] = weight
        self.weights.append(table)
        return len(self.weights) - 1

    def done(self) -> Compiled:
        """The program as arrays."""
        sizes = [max(self.registers.count, 1), max(self.slot_count, 1), len(self.lists)]
        return Compiled(
            narrowed(self.code.lines, self.kernels),
            np.array(self.kernels, np.int64).reshape(-1, 16),
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
