"""Python functions of (history, at) as features: slower than kernels, and as safe."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from limner.language import units
from limner.language.feature import Feature, Returns
from limner.language.history_view import HistoryView
from limner.language.kernel import source_digest

Function = Callable[[HistoryView, int], Any]


@dataclass(frozen=True, eq=False)
class PythonFeature(Feature):
    """What a function of (history, at) returns; it must read nothing else."""

    function: Function
    kind: Returns = field(default="number", kw_only=True)
    counted_in: str = field(default=units.NUMBER, kw_only=True)

    @property
    def returns(self) -> Returns:
        """As declared."""
        return self.kind

    @property
    def unit(self) -> str:
        """As declared."""
        return self.counted_in

    def key(self) -> tuple[Any, ...]:
        """The function's source, and what it captured: an edited one is another."""
        captured = sorted(inspect.getclosurevars(self.function).nonlocals.items())
        digest = source_digest(self.function, captured, self.function.__defaults__)
        return ("python", self.function.__qualname__, digest, self.kind, self.unit)


def feature(
    *, returns: Returns = "number", unit: str = units.NUMBER
) -> Callable[[Function], PythonFeature]:
    """Make a feature of a Python function::

        @feature(returns="integer")
        def baskets_over_100(history, at):
            return sum(e.amount > 10_000 for e in history.of("purchase"))

    The function gets the visible events and the moment (us); None is no value.
    Lists are not offered.
    """
    faults: tuple[str, ...] = ()
    if returns == "list":
        faults = ("a Python feature returns one value, not a list",)
        returns = "number"

    def made(function: Function) -> PythonFeature:
        return PythonFeature(function, kind=returns, counted_in=unit, faults=faults)

    return made
