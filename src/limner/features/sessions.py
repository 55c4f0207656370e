"""sessions: how many visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from limner.language.kernel import kernel
from limner.language.kind import Event
from limner.language.selection import Chosen, Selection, Source, Span, parsed_span


@kernel
def sessions_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """Visits: runs of events with no gap of more than ints[0] microseconds."""
    visits = 0
    for i in range(n):
        if i == 0 or at[i] - at[i - 1] > ints[0]:
            visits += 1
    out[0] = visits
    return 1


@dataclass(frozen=True, eq=False)
class Sessions(Selection):
    """The number of visits. 0 without any event.

    A visit ends when more than ``gap`` passes without a selected event; the visits are
    those formed by the selected events alone.
    """

    kernel = sessions_kernel
    empty = 0

    gap_us: int = 0

    def ints(self) -> list[int]:
        """The gap."""
        return [self.gap_us]

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """The event that opens a visit adds 1; the others nothing."""
        gaps = np.diff(chosen.at, prepend=chosen.at[:1] - self.gap_us - 1)
        return (gaps > self.gap_us).astype(np.float64)


def sessions(source: Source = Event, *, gap: Span = "30m") -> Sessions:
    """How many visits: ``sessions(gap="30m").within("30d")``."""
    microseconds, fault = parsed_span(gap)
    return Sessions(source, gap_us=microseconds, faults=(fault,) if fault else ())
