"""exists: whether there is such an event."""

from __future__ import annotations

from limner.language import units
from limner.language.kernel import kernel
from limner.language.selection import Selection, Source


@kernel
def exists_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """Whether any event is selected, as 0 or 1."""
    out[0] = 1 if n > 0 else 0
    return 1


class Exists(Selection):
    """Whether any event is selected. Never None."""

    kernel = exists_kernel
    gives = "condition"
    counted_in = units.CONDITION
    empty = False


def exists(source: Source) -> Exists:
    """Whether there is such an event: ``exists(Cart).within("2h")``."""
    return Exists(source)
