"""mean: the average of a column."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.language.columns import Column
from limner.language.kernel import kernel
from limner.language.selection import Chosen, Selection


@kernel
def mean_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The arithmetic mean of the column."""
    if n == 0:
        return 0
    out_number[0] = 0.0
    for i in range(n):
        out_number[0] += number[i]
    out_number[0] /= n
    return 1


class Mean(Selection):
    """The arithmetic mean of a column, in its unit, as a float. None without any."""

    kernel = mean_kernel
    takes = "number"
    gives = "number"
    counted_in = ""

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """Each event adds its part of the mean."""
        return chosen.number / max(len(chosen.number), 1)


def mean(column: Column) -> Mean:
    """The average: ``mean(Rating.score).within("365d")``."""
    return Mean(column)
