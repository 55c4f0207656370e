"""since_last: how long ago the newest event was."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.clock import DAY
from limner.language import units
from limner.language.kernel import kernel
from limner.language.selection import Chosen, Selection, Source


@kernel
def since_last_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """Days from the newest selected event to the moment."""
    if n == 0:
        return 0
    out_number[0] = (now - at[n - 1]) / DAY
    return 1


class SinceLast(Selection):
    """Days (float) from the newest selected event to the moment. None without any."""

    kernel = since_last_kernel
    gives = "number"
    counted_in = units.DAYS

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The one event."""
        return chosen.only(np.arange(len(chosen.at)) == len(chosen.at) - 1)


def since_last(source: Source) -> SinceLast:
    """Days since the newest: ``since_last(Purchase)``."""
    return SinceLast(source)
