"""total: the sum of a column."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.language.columns import Column
from limner.language.kernel import kernel
from limner.language.selection import Chosen, Selection


@kernel
def total_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The sum of the column, exact for integers, in (at, id) order for floats."""
    out[0] = 0
    out_number[0] = 0.0
    for i in range(n):
        out[0] += value[i]
        out_number[0] += number[i]
    return 1


class Total(Selection):
    """The sum of a column over the selected events, in its unit. 0 without any.

    Integers (money, quantities) are summed exactly.
    """

    kernel = total_kernel
    takes = "number"
    gives = "same"
    counted_in = ""
    empty = 0

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """Each event adds its value."""
        return chosen.number


def total(column: Column) -> Total:
    """The sum: ``total(Purchase.amount).within("30d")``."""
    return Total(column)
