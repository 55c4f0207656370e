"""distinct: how many different values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from limner.events.record import NULL
from limner.features.groups import empty_table, group_of
from limner.language.columns import Column
from limner.language.kernel import kernel
from limner.language.selection import Chosen, Selection


@kernel
def distinct_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """Distinct values; with ints[0], every event without one is one more."""
    table, groups, missing = empty_table(n), 0, 0
    for i in range(n):
        if value[i] == NULL:
            missing += 1
        elif group_of(value[i], table, out, groups) == groups:
            groups += 1
    out[0] = groups + missing * ints[0]
    return 1


@dataclass(frozen=True, eq=False)
class Distinct(Selection):
    """The number of different values of a column. 0 without any.

    With ``missing="each"`` every event that does not say it counts as one of its own.
    """

    kernel = distinct_kernel
    takes = "column"
    keeps_missing = True
    empty = 0

    missing: Literal["ignore", "each"] = "ignore"

    def ints(self) -> list[int]:
        """Whether events without a value count."""
        return [int(self.missing == "each")]

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The first event of each value adds 1; those that repeat it nothing."""
        said = chosen.value != NULL
        alone = np.full(len(said), float(self.missing == "each"))
        return np.where(said, chosen.first_of_each(chosen.value), alone)


def distinct(
    column: Column, *, missing: Literal["ignore", "each"] = "ignore"
) -> Distinct:
    """How many different: ``distinct(Purchase.order, missing="each")``."""
    return Distinct(column, missing=missing)
