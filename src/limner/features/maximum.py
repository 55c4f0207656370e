"""maximum: the largest value of a column."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.language.columns import Column
from limner.language.kernel import kernel
from limner.language.selection import Chosen, Selection


@kernel
def maximum_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The largest value."""
    if n == 0:
        return 0
    best = 0
    for i in range(n):
        if number[i] > number[best] or (
            number[i] == number[best] and value[i] > value[best]
        ):
            best = i
    out[0] = value[best]
    out_number[0] = number[best]
    return 1


class Maximum(Selection):
    """The largest value of a column, in its unit. None without any."""

    kernel = maximum_kernel
    takes = "number"
    gives = "same"
    counted_in = ""

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The events of this value."""
        return chosen.only(chosen.number == chosen.number.max(initial=-np.inf))


def maximum(column: Column) -> Maximum:
    """The largest: ``maximum(Purchase.price)``."""
    return Maximum(column)
