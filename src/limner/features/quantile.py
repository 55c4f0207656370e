"""quantile: the value below which a given share of the events lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.features.sorting import sort
from limner.language.columns import Column
from limner.language.kernel import kernel
from limner.language.selection import Selection


@kernel
def quantile_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The quantile floats[0], linear between neighbours."""
    if n == 0:
        return 0
    ordered = np.empty(n, np.float64)
    for i in range(n):
        ordered[i] = number[i]
    sort(ordered, n)
    position = floats[0] * (n - 1)
    low = int(np.floor(position))
    high = min(low + 1, n - 1)
    share = position - low
    out_number[0] = ordered[low] * (1.0 - share) + ordered[high] * share
    return 1


@dataclass(frozen=True, eq=False)
class Quantile(Selection):
    """The q-quantile of a column, in its unit, as a float. None without any.

    Linear between neighbours (Hyndman and Fan 1996, type 7), so the median of an even
    number of values is the mean of the two in the middle.
    """

    kernel = quantile_kernel
    takes = "number"
    gives = "number"
    counted_in = ""

    q: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.q <= 1:
            fault = f"quantile: expected a share from 0 to 1, got {self.q}"
            object.__setattr__(self, "faults", (*self.faults, fault))

    def floats(self) -> list[float]:
        """The share."""
        return [self.q]


def quantile(q: float, column: Column) -> Quantile:
    """The q-quantile: ``quantile(0.5, Purchase.price)`` is the median."""
    return Quantile(column, q=q)
