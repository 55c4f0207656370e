"""last: what the newest event says."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.language.kernel import kernel
from limner.language.kind import Kind
from limner.language.selection import Chosen, Selection, Source


@kernel
def last_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The column's value in the newest selected event."""
    if n == 0:
        return 0
    out[0] = value[n - 1]
    out_number[0] = number[n - 1]
    return 1


class Last(Selection):
    """A column's value in the newest event that says it. None without any."""

    kernel = last_kernel
    takes = "column"
    gives = "same"
    counted_in = ""

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The one event."""
        return chosen.only(np.arange(len(chosen.at)) == len(chosen.at) - 1)


def last(source: Source) -> Last:
    """The newest value: ``last(Event.campaign)``; ``last(Purchase)`` is a moment."""
    return Last(source.column("at") if isinstance(source, Kind) else source)
