"""first: what the oldest event says."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.language.kernel import kernel
from limner.language.kind import Kind
from limner.language.selection import Chosen, Selection, Source


@kernel
def first_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The column's value in the oldest selected event."""
    if n == 0:
        return 0
    out[0] = value[0]
    out_number[0] = number[0]
    return 1


class First(Selection):
    """A column's value in the oldest event that says it. None without any."""

    kernel = first_kernel
    takes = "column"
    gives = "same"
    counted_in = ""

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The one event."""
        return chosen.only(np.arange(len(chosen.at)) == 0)


def first(source: Source) -> First:
    """The oldest value: ``first(Event.campaign)``; ``first(Purchase)`` is a moment."""
    return First(source.column("at") if isinstance(source, Kind) else source)
