"""decayed: a count or a sum in which old events fade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from limner.language.kernel import kernel
from limner.language.kind import Kind
from limner.language.selection import Chosen, Selection, Source, Span, parsed_half_life


@kernel
def decayed_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The sum of number times weight, in (at, id) order."""
    out_number[0] = 0.0
    for i in range(n):
        out_number[0] += number[i] * weight[i]
    return 1


class Decayed(Selection):
    """Events counted, or a column summed, times 0.5 ** (age / half_life). 0.0 without.

    Exponential decay as in Cormode, Shkapenyuk, Srivastava and Xu (2009), exact since
    it is computed from the history.
    """

    kernel = decayed_kernel
    gives = "number"
    counted_in = ""
    takes_weight = True
    empty = 0.0

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """Each event adds its faded value."""
        added: np.ndarray = chosen.number * chosen.weight
        return added


def decayed(
    source: Source,
    *,
    half_life: Span,
    weight: Mapping[Kind, float] | None = None,
) -> Decayed:
    """A fading count or sum: ``decayed(View, half_life="7d")``."""
    microseconds, faults = parsed_half_life(half_life)
    return Decayed(source, weights=weight, half_life_us=microseconds, faults=faults)
