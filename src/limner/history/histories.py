"""Many histories at once: records end to end, and where each history starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Histories:
    """The records of some identifiers or shoppers, each history in (at, id) order.

    No two records of a history have the same id.
    """

    rows: np.ndarray
    """Records of the store's dtype, the histories end to end."""
    offsets: np.ndarray
    """int64[n + 1]: history i is rows[offsets[i]:offsets[i + 1]]."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        """The records of one history; no copy."""
        return self.rows[self.offsets[index] : self.offsets[index + 1]]

    def part(self, first: int, last: int) -> Histories:
        """Histories first..last alone; no copy."""
        offsets = self.offsets[first : last + 1]
        return Histories(self.rows[offsets[0] : offsets[-1]], offsets - offsets[0])

    @staticmethod
    def of(parts: list[np.ndarray], dtype: np.dtype[np.void]) -> Histories:
        """Histories from one array of records for each."""
        offsets = np.zeros(len(parts) + 1, np.int64)
        offsets[1:] = np.cumsum([len(part) for part in parts])
        rows = np.concatenate(parts) if parts else np.zeros(0, dtype)
        return Histories(rows, offsets)
