"""since_first: how long ago the oldest event was."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.clock import DAY
from limner.language import units
from limner.language.kernel import kernel
from limner.language.selection import Chosen, Selection, Source


@kernel
def since_first_kernel(
    n, at, value, number, weight, ints, floats, now, out, out_number
):
    """Days from the oldest selected event to the moment."""
    if n == 0:
        return 0
    out_number[0] = (now - at[0]) / DAY
    return 1


class SinceFirst(Selection):
    """Days (float) from the oldest selected event to the moment. None without any."""

    kernel = since_first_kernel
    gives = "number"
    counted_in = units.DAYS

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The one event."""
        return chosen.only(np.arange(len(chosen.at)) == 0)


def since_first(source: Source) -> SinceFirst:
    """Days since the oldest: ``since_first(Purchase)``."""
    return SinceFirst(source)
