"""How long events took from being sent to being read: measured, not assumed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

KEPT = 100_000
"""Of the newest delays: bounds memory."""
SHOWN = 60
"""Of them, those in the picture."""


class Quantiles(NamedTuple):
    """Milliseconds; None where nothing was measured."""

    p50: float | None
    p99: float | None
    slowest: float | None
    samples: int


@dataclass
class Delays:
    """Delays, in seconds, in the order measured."""

    newest: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, seconds: float) -> None:
        """One more."""
        self.newest.append(seconds)

    def quantiles(self) -> Quantiles:
        """Of all that are kept."""
        if not self.newest:
            return Quantiles(None, None, None, 0)
        ms = 1000 * np.fromiter(self.newest, float, len(self.newest))
        p50, p99 = np.quantile(ms, (0.5, 0.99)).tolist()
        return Quantiles(p50, p99, float(ms.max()), len(ms))

    def last(self, count: int = SHOWN) -> list[float]:
        """The newest ones, oldest first."""
        return list(self.newest)[-count:]
