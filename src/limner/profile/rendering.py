"""Features as text, in the words of a declaration: ``count(View).within("24h")``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from limner.clock import FOR_EVER, span_text
from limner.language import vocabulary
from limner.language.columns import Column
from limner.language.feature import Combined, Constant, Feature, Reference
from limner.language.kind import ACTIVITY, AnyEvent, Event, Kind
from limner.language.python_feature import PythonFeature
from limner.language.selection import Selection
from limner.profile.definition import Definition

_SIGNS = {
    "or": "|",
    "and": "&",
    "eq": "==",
    "lt": "<",
    "le": "<=",
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "floordiv": "//",
    "mod": "%",
    "gt": ">",
    "ge": ">=",
}
_TURNED = {"lt": "gt", "le": "ge"}
"""``spend > 5`` is kept as ``5 < spend``."""
_FURTHER = {field.name for field in fields(Selection)}
"""What every selection can have; a subclass's own parameters come on top."""

_COLUMNS = [
    name
    for name in vars(Kind)
    if not name.startswith("_") and isinstance(getattr(Event, name), Column)
]
"""Ready-made columns, stored and computed."""

Render = Callable[[Any], str]
NO_NAMES: Mapping[tuple[Any, ...], str] = {}


def rendered(feature: Feature, names: Mapping[tuple[Any, ...], str] = NO_NAMES) -> str:
    """What a feature computes, much as somebody would write it in a definition.

    names: by key, the features that are called by their name where they are a part.
    """
    return _Renderer(names).whole(feature)


def names_of(definition: Definition) -> dict[tuple[Any, ...], str]:
    """The name of each feature of a definition, by its key; of equal ones the first."""
    names: dict[tuple[Any, ...], str] = {}
    for name, feature in definition:
        names.setdefault(feature.key(), name)
    return names


@dataclass(frozen=True)
class _Renderer:
    names: Mapping[tuple[Any, ...], str]

    def whole(self, feature: Feature) -> str:
        if isinstance(feature, Selection):
            return self._selection(feature)
        if isinstance(feature, Constant):
            return _plain(feature.constant)
        if isinstance(feature, Reference):
            return feature.name
        if isinstance(feature, PythonFeature):
            return f"{feature.function.__name__}(history, at)"
        if isinstance(feature, Combined):
            return _operation(feature.op, feature.operands, render=self.part)
        return type(feature).__name__

    def part(self, feature: Feature) -> str:
        """Of another feature: by name, if it has one."""
        return self.names.get(feature.key()) or self.whole(feature)

    def _selection(self, one: Selection) -> str:
        words = [self._source(one), *_parameters(one)]
        if one.weights:
            weights = (f"{_kind(k)}: {_plain(w)}" for k, w in one.weights.items())
            words.append(f"weight={{{', '.join(weights)}}}")
        if one.half_life_us:
            words.append(f"half_life={_span(one.half_life_us)}")
        text = f"{_snake(type(one).__name__)}({', '.join(words)})"
        if one.condition is not None:
            text += f".where({self._column(one.condition)})"
        if one.span_us < FOR_EVER:
            text += f".within({_span(one.span_us)})"
        if one.shift_us:
            text += f".ago({_span(one.shift_us)})"
        return text

    def _source(self, one: Selection) -> str:
        if one.column is None:
            return " | ".join(_kind_names(one.kind))
        if one.takes == "condition":
            return f"{_kind(one.column.source)}, {self._column(one.column)}"
        return self._column(one.column)

    def _column(self, column: Column) -> str:
        for name in _COLUMNS:
            if getattr(column.source, name).key() == column.key():
                return f"{_kind(column.source)}.{name}"
        if column.op in ("column", "fact"):  # that only Limner's own features read
            return f"{_kind(column.source)}.{column.args[0]}"
        if column.op == "own":
            name, value = column.args
            return f"{_kind(column.source)}.field({_plain(name)}, {_plain(value)})"
        if column.op == "constant":
            return _plain(column.args[0])
        if column.op == "slot":
            return _in_brackets(self.part(column.args[0]))
        if column.op in ("money", "local_at", "none"):
            return self._column(column.args[0]) if column.args else column.op
        return _operation(column.op, column.args, render=self._argument)

    def _argument(self, argument: Any) -> str:
        if isinstance(argument, Column):
            return self._column(argument)
        return _plain(argument)


def _operation(op: str, operands: tuple[Any, ...], *, render: Render) -> str:
    if op == "not":
        return f"~{_in_brackets(render(operands[0]))}"
    if op == "has":
        return f"{_in_brackets(render(operands[0]))}.exists"
    if op in _TURNED and _is_constant(operands[0]):
        op, operands = _TURNED[op], operands[::-1]
    if op in _SIGNS:
        first, second = (_in_brackets(render(one)) for one in operands)
        return f"{first} {_SIGNS[op]} {second}"
    first, *others = (render(one) for one in operands)
    return f"{_in_brackets(first)}.{op}({', '.join(others)})"


def _is_constant(operand: Any) -> bool:
    return isinstance(operand, Constant) or getattr(operand, "op", "") == "constant"


def _in_brackets(text: str) -> str:
    """Brackets around what has an operator outside of its own brackets."""
    depth, is_quoted = 0, False
    for character in text:
        is_quoted ^= character == '"'
        depth += (character in "([{") - (character in ")]}")
        if character == " " and depth == 0 and not is_quoted:
            return f"({text})"
    return text


def _parameters(one: Selection) -> list[str]:
    """A selection's own parameters: numbers always, others where they were given."""
    own = {
        field.name: getattr(one, field.name)
        for field in fields(one)
        if field.name not in _FURTHER
        and not (
            isinstance(field.default, str) and getattr(one, field.name) == field.default
        )
    }
    return [
        f"{name[:-3]}={_span(value)}"
        if name.endswith("_us")
        else f"{name}={_plain(value)}"
        for name, value in own.items()
    ]


_NAMES: Mapping[tuple[str, ...], str] = {
    kind.names: name
    for name, kind in vars(vocabulary).items()
    if isinstance(kind, Kind) and kind.names is not None and kind is not AnyEvent
}


def _kind(kind: Kind) -> str:
    names = _kind_names(kind)
    return names[0] if len(names) == 1 else f"({' | '.join(names)})"


def _kind_names(kind: Kind) -> list[str]:
    if kind.names == AnyEvent.names:
        return ["AnyEvent"]
    names = kind.names or (ACTIVITY,)
    return [
        "Event" if name == ACTIVITY else _NAMES.get((name,), name.capitalize())
        for name in names
    ]


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '\\"') + '"'
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _span(microseconds: int) -> str:
    return f'"{span_text(microseconds)}"'


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
