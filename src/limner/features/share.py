"""share: the part of the events that fulfil a condition."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from limner.features.mean import mean_kernel
from limner.language import units
from limner.language.columns import Column
from limner.language.kind import Kind
from limner.language.selection import Chosen, Selection


class Share(Selection):
    """The part, from 0 to 1, of the selected events that fulfil a condition.

    None without any event.
    """

    kernel = mean_kernel
    takes = "condition"
    gives = "number"
    counted_in = units.NUMBER

    def contributions(self, chosen: Chosen, result: Any) -> np.ndarray:
        """Each event that fulfils it adds its part of all."""
        return chosen.number / max(len(chosen.number), 1)


def share(source: Kind, condition: Column) -> Share:
    """The part: ``share(Event, Event.local_hour.between(22, 5))``."""
    faults: tuple[str, ...] = ()
    if not condition.source.meets(source):
        faults = (f"share: a condition on {condition.source}, looking at {source}",)
    return Share(replace(condition, source=source), faults=faults)
