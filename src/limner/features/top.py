"""top: the values that occur most, by weight and with decay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from limner.features.groups import empty_table, group_of
from limner.features.sorting import kth_largest
from limner.language.columns import Column
from limner.language.kernel import kernel
from limner.language.kind import Kind
from limner.language.selection import (
    Chosen,
    Selection,
    Span,
    code_of,
    parsed_half_life,
)


@kernel
def top_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """Values with their summed weights, as many as can be among the first ints[0].

    Every value tied with the last of these is returned too, for the reader to choose.
    """
    table, groups = empty_table(n), 0
    for i in range(n):
        g = group_of(value[i], table, out, groups)
        if g == groups:
            out_number[g] = 0.0
            groups += 1
        out_number[g] += weight[i]
    if groups <= ints[0]:
        return groups
    cut = kth_largest(out_number, groups, ints[0])
    cut -= abs(cut) * 1e-9
    kept = 0
    for g in range(groups):
        if out_number[g] >= cut:
            out[kept], out_number[kept] = out[g], out_number[g]
            kept += 1
    return kept


@dataclass(frozen=True, eq=False)
class Top(Selection):
    """The k values of a column that weigh most: a list of {key, weight}.

    An event weighs 1, or what ``weight`` says of its kind (kinds not named are left
    out), times 0.5 ** (age / half_life). Heaviest first; weights within 1e-9 relative
    are a tie, and ties are in the order of their text. Empty where there is none.
    """

    kernel = top_kernel
    takes = "column"
    gives = "list"
    counted_in = "weight"
    takes_weight = True

    k: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.k < 1:
            fault = f"top: expected at least 1, got {self.k}"
            object.__setattr__(self, "faults", (*self.faults, fault))
        if self.value == "number":
            fault = "top: expected a column of texts or whole numbers, got number"
            object.__setattr__(self, "faults", (*self.faults, fault))

    @property
    def limit(self) -> int:
        """How many at most."""
        return self.k

    def ints(self) -> list[int]:
        """How many at most."""
        return [self.k]

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The events of the values that made it, each with its weight."""
        made_it = [code_of(entry["key"]) for entry in result or ()]
        return np.where(np.isin(chosen.value, made_it), chosen.weight, np.nan)


def top(
    k: int,
    column: Column,
    *,
    weight: Mapping[Kind, float] | None = None,
    half_life: Span | None = None,
) -> Top:
    """The heaviest: ``top(5, Event.category, half_life="14d").within("365d")``."""
    microseconds, faults = parsed_half_life(half_life)
    return Top(column, k=k, weights=weight, half_life_us=microseconds, faults=faults)
