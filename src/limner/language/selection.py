"""Selections: features that look at chosen events of a history, through a kernel.

A subclass names its parameters and its kernel, and says what it takes and gives; spans,
conditions, weights and half-lives compose with all of them in the same way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar, Literal, NamedTuple, Self, overload

import numpy as np

from limner.clock import FOR_EVER, span_us
from limner.errors import InputError
from limner.events.codes import text_code
from limner.language import units
from limner.language.columns import Column, Value
from limner.language.feature import Family, Feature, Returns
from limner.language.kernel import Kernel
from limner.language.kind import Kind

Source = Kind | Column
"""What a selection is made of: kinds of events, or one of their columns."""

Takes = Literal["events", "column", "number", "condition", "text"]
Span = str | int | timedelta


class Chosen(NamedTuple):
    """The events that a kernel saw, in (at, id) order."""

    at: np.ndarray
    """int64[n], us."""
    value: np.ndarray
    """int64[n]: the column; texts as codes."""
    number: np.ndarray
    """float64[n]: the same as numbers."""
    weight: np.ndarray
    """float64[n]."""

    def only(self, which: np.ndarray) -> np.ndarray:
        """1 for these events (bool[n] or positions), NaN for all others."""
        weights = np.full(len(self.at), np.nan)
        weights[which] = 1.0
        return weights

    def first_of_each(self, values: np.ndarray) -> np.ndarray:
        """1 for the first event of each value, 0 for those that repeat it."""
        weights = np.zeros(len(values))
        weights[np.unique(values, return_index=True)[1]] = 1.0
        return weights


@dataclass(frozen=True, eq=False)
class Selection(Feature):
    """A feature of selected events: all of a kind, unless narrowed."""

    kernel: ClassVar[Kernel]
    takes: ClassVar[Takes] = "events"
    """"events": a kind, or a column that must be there to count; "column": any."""
    gives: ClassVar[Returns | Literal["same"]] = "integer"
    """What readers get; "same" is what the column holds."""
    counted_in: ClassVar[str] = units.COUNT
    """The unit; "" is the column's."""
    takes_weight: ClassVar[bool] = False
    """Whether `weight` and `half_life` mean something to it."""
    keeps_missing: ClassVar[bool] = False
    """Whether events without a value in the column are seen too."""
    empty: ClassVar[Any] = None
    """What readers get where no event is selected."""

    source: Source
    condition: Column | None = field(default=None, kw_only=True)
    weights: Mapping[Kind, float] | None = field(default=None, kw_only=True)
    half_life_us: int = field(default=0, kw_only=True)
    span_us: int = field(default=FOR_EVER, kw_only=True)
    shift_us: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        column = self.column
        found = list(column.faults) if column is not None else []
        if self.condition is not None:
            found += self.condition.faults
            if not self.condition.source.meets(self.kind):
                got = f"{self.condition.source}, looking at {self.kind}"
                found.append(f"where: a condition on {got}")
        if (wrong := self._wrong_source()) is not None:
            found.append(wrong)
        found += self._wrong_weights()
        faults = tuple(dict.fromkeys([*self.faults, *found]))
        object.__setattr__(self, "faults", faults)

    def _wrong_source(self) -> str | None:
        column = self.column
        if column is None:
            if self.takes == "events":
                return None
            return f"{self.name}: expected a column such as Purchase.amount, got a kind"
        if self.takes in ("events", "column") or column.value == "unknown":
            return None
        if self.takes == "number" and column.value not in ("integer", "number"):
            return f"{self.name}: expected a column of numbers, got {column.value}"
        if self.takes in ("condition", "text") and column.value != self.takes:
            return f"{self.name}: expected a column of {self.takes}, got {column.value}"
        return None

    def _wrong_weights(self) -> list[str]:
        if (self.weights or self.half_life_us) and not self.takes_weight:
            return [f"{self.name}: takes no weight and no half-life"]
        faults = []
        for kind, weight in (self.weights or {}).items():
            if not math.isfinite(weight):
                faults.append(f"weight of {kind}: expected a number, got {weight!r}")
            if not kind.meets(self._looked_at):
                faults.append(
                    f"weight of {kind}: never met, looking at {self._looked_at}"
                )
        return faults

    @property
    def name(self) -> str:
        """The feature's own word, such as since_last."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def column(self) -> Column | None:
        """The column looked at, if any."""
        return self.source if isinstance(self.source, Column) else None

    @property
    def kind(self) -> Kind:
        """Whose events are looked at."""
        if self.weights:
            joined = next(iter(self.weights))
            for one in self.weights:
                joined = joined | one
            return joined
        return self._looked_at

    @property
    def _looked_at(self) -> Kind:
        if isinstance(self.source, Column):
            return self.source.source
        return self.source

    @property
    def value(self) -> Value:
        """What the column holds."""
        return self.column.value if self.column is not None else "integer"

    @property
    def returns(self) -> Returns:
        """What readers get."""
        if self.gives != "same":
            return self.gives
        return "moment" if self.unit == units.MOMENT else self.value

    @property
    def unit(self) -> str:
        """The unit of the value."""
        if self.counted_in:
            return self.counted_in
        return self.column.unit if self.column is not None else units.COUNT

    @property
    def is_tied_by_text(self) -> bool:
        """Whether the kernel returns several texts of which the smallest is meant."""
        return False

    @property
    def limit(self) -> int:
        """Of a list: how many readers get at most."""
        return 0

    def ints(self) -> list[int]:
        """Integer parameters for the kernel."""
        return []

    def floats(self) -> list[float]:
        """Float parameters for the kernel."""
        return []

    def key(self) -> tuple[Any, ...]:
        """The kernel, what it looks at, and how it is narrowed."""
        condition = self.condition.key() if self.condition is not None else None
        weights = None
        if self.weights:
            weights = tuple(
                sorted((k.key(), float(w)) for k, w in self.weights.items())
            )
        return (
            self.name,
            self.kernel.meaning,
            self.source.key(),
            self.kind.key(),
            condition,
            weights,
            self.half_life_us,
            self.span_us,
            self.shift_us,
            *self.ints(),
            *self.floats(),
        )

    @property
    def asked(self) -> tuple[Feature, ...]:
        """The features that its column and its condition ask for."""
        columns = (self.column, self.condition)
        return tuple(f for c in columns if c is not None for f in c.features)

    def resolved(self, meant: Callable[[Feature], Feature]) -> Feature:
        """The same, with each reference in its column and its condition resolved."""
        if not self.asked:
            return self
        source, condition = self.source, self.condition
        if isinstance(source, Column):
            source = source.resolved(meant)
        if condition is not None:
            condition = condition.resolved(meant)
        return replace(self, source=source, condition=condition)

    def where(self, condition: Column) -> Self:
        """Only the events that fulfil this, and every earlier, condition."""
        if not isinstance(condition, Column):
            got = type(condition).__name__
            return self._faulty(f"where: expected a condition on events, got {got}")
        if condition.value not in ("condition", "unknown"):
            got = condition.value
            return self._faulty(f"where: expected a condition on events, got {got}")
        both = condition if self.condition is None else self.condition & condition
        return replace(self, condition=both)

    @overload
    def within(self, span: Span, /) -> Self: ...
    @overload
    def within(self, span: Span, other: Span, /, *more: Span) -> Family[Self]: ...
    def within(self, *spans: Span) -> Self | Family[Self]:
        """Only events in (moment - span, moment]; several spans give a family."""
        if len(spans) == 1:
            return self._within(spans[0])
        made = {str(span): self._within(span) for span in spans}
        named = all(isinstance(span, str) and span.isalnum() for span in spans)
        if len(made) < len(spans) or not named:
            fault = f"within: expected different spans such as '24h', got {spans}"
            made = {span: member._faulty(fault) for span, member in made.items()}
        return Family(made)

    def _within(self, span: Span) -> Self:
        microseconds, fault = parsed_span(span)
        return replace(self, span_us=microseconds)._faulty(fault)

    def ago(self, span: Span) -> Self:
        """The same, as it would have been this long ago (of events known now)."""
        microseconds, fault = parsed_span(span)
        return replace(self, shift_us=self.shift_us + microseconds)._faulty(fault)

    def _faulty(self, fault: str) -> Self:
        return replace(self, faults=(*self.faults, fault)) if fault else self

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """What each selected event adds to the result: float64[n], NaN for nothing.

        Its weight, unless a feature says otherwise. result: the value as read.
        """
        return chosen.weight


def code_of(value: Any) -> int:
    """A value as readers get it, as columns have it: texts by their code."""
    if isinstance(value, str):
        return int(np.uint64(text_code(value)).astype(np.int64))
    return int(value)


def parsed_span(span: Span) -> tuple[int, str]:
    """A span in microseconds, or 0 and what is wrong with it."""
    try:
        microseconds = span_us(span)
    except InputError as error:
        return 0, str(error)
    if not 0 < microseconds < FOR_EVER:
        return 0, f"span {span!r}: expected more than nothing, and less than for ever"
    return microseconds, ""


def parsed_half_life(span: Span | None) -> tuple[int, tuple[str, ...]]:
    """A half-life in microseconds (0 for none), and faults."""
    if span is None:
        return 0, ()
    microseconds, fault = parsed_span(span)
    return microseconds, (fault,) if fault else ()
