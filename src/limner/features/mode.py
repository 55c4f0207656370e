"""mode: the value that occurs most often."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.features.groups import empty_table, group_of
from limner.language.columns import Column
from limner.language.kernel import kernel
from limner.language.selection import Chosen, Selection, code_of


@kernel
def mode_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The most frequent values: all of them if ints[0], else the smallest."""
    if n == 0:
        return 0
    table, groups = empty_table(n), 0
    often, most = np.empty(n, np.int64), 0
    for i in range(n):
        g = group_of(value[i], table, out, groups)
        if g == groups:
            often[g] = 0
            out_number[g] = number[i]
            groups += 1
        often[g] += 1
        most = max(most, often[g])
    kept = 0
    for g in range(groups):
        if often[g] < most:
            continue
        if ints[0] == 0 and kept > 0:
            if out_number[g] > out_number[0] or (
                out_number[g] == out_number[0] and out[g] > out[0]
            ):
                continue
            kept = 0
        out[kept] = out[g]
        out_number[kept] = out_number[g] if ints[0] == 0 else most
        kept += 1
    return kept


class Mode(Selection):
    """The most frequent value of a column; of several the smallest. None without any.

    Texts are compared by code points, also where another feature asks for the value.
    """

    kernel = mode_kernel
    takes = "column"
    gives = "same"
    counted_in = ""

    @property
    def is_tied_by_text(self) -> bool:
        """Codes do not know which text is the smaller."""
        return self.value == "text"

    def ints(self) -> list[int]:
        """Whether the reader settles ties."""
        return [int(self.is_tied_by_text)]

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The events that have this value."""
        found = result is not None
        return chosen.only(chosen.value == code_of(result if found else 0))


def mode(column: Column) -> Mode:
    """The most frequent: ``mode(Event.local_hour).within("90d")``."""
    return Mode(column)
