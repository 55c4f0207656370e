"""What a reading is asked for: some shoppers' histories, each at its moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.history.histories import Histories
from limner.history.moment import Moment


@dataclass(frozen=True)
class Asked:
    """Shoppers, each of one or several histories."""

    histories: Histories
    """By identifier."""
    groups: np.ndarray
    """int64[shoppers + 1]: histories groups[i]:groups[i + 1] are shopper i's."""
    ats: np.ndarray
    """int64[shoppers]: the moment of each (us)."""
    known: int
    """What arrived later does not exist (us)."""

    @staticmethod
    def at_one_moment(
        histories: Histories, groups: np.ndarray, *, moment: Moment
    ) -> Asked:
        """All of them at the same moment."""
        ats = np.full(len(groups) - 1, moment.at, np.int64)
        return Asked(histories, groups, ats, moment.known)
