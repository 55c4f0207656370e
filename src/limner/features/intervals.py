"""intervals: the mean gap between moments, such as the purchase cycle."""

from __future__ import annotations

from dataclasses import dataclass

from limner.clock import DAY
from limner.events.record import NULL
from limner.features.groups import empty_table, group_of
from limner.language import units
from limner.language.kernel import kernel
from limner.language.selection import Selection, Source


@kernel
def intervals_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """Days between the first and the last distinct moment, over the gaps between.

    With ints[0] the events of one value are one moment: that of its first event.
    """
    table, groups = empty_table(n), 0
    moments, newest = 0, 0
    for i in range(n):
        if ints[0] == 1 and value[i] != NULL:
            if group_of(value[i], table, out, groups) < groups:
                continue
            groups += 1
        if moments == 0 or newest != at[i]:
            newest = at[i]
            moments += 1
    if moments < 2:
        return 0
    out_number[0] = (newest - at[0]) / DAY / (moments - 1)
    return 1


@dataclass(frozen=True, eq=False)
class Intervals(Selection):
    """The mean gap, in days, between consecutive distinct moments of the events.

    Of a column (an order), the events of one value are one moment, its first; events
    without a value stand alone. None with fewer than two distinct moments.
    """

    kernel = intervals_kernel
    gives = "number"
    counted_in = units.DAYS
    keeps_missing = True

    def ints(self) -> list[int]:
        """Whether events are taken together by the column."""
        return [int(self.column is not None)]


def intervals(source: Source) -> Intervals:
    """The mean gap: ``intervals(Purchase.order)`` is the purchase cycle."""
    return Intervals(source)
