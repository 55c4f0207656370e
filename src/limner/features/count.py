"""count: how many events."""

from __future__ import annotations

from limner.language.kernel import kernel
from limner.language.selection import Selection, Source


@kernel
def count_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The number of selected events."""
    out[0] = n
    return 1


class Count(Selection):
    """The number of selected events; of a column, of those that say it. Never None."""

    kernel = count_kernel
    empty = 0


def count(source: Source) -> Count:
    """How many events: ``count(View).within("24h")``."""
    return Count(source)
