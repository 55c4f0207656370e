"""What a benchmark yields: a figure, its bar, and what a plain alternative does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Figure:
    """One measured number."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    """What is promised, in the same unit; None where nothing is."""
    better: Literal["more", "less"] = "more"
    """Whether the bar is a least or a most."""
    plain: float | None = None
    """What the alternative reached in the same run, in the same unit."""
    beside: str = ""
    """What the alternative is."""
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the bar is reached; true where there is none."""
        if self.bar is None:
            return True
        if self.better == "more":
            return self.value >= self.bar
        return self.value <= self.bar


@dataclass(frozen=True)
class Setting:
    """Where and how large a benchmark is to run."""

    folder: Path
    """Empty, on the disk that is to be measured; deleted afterwards."""
    is_quick: bool
    """A tenth of the size or less: bars are not judged."""
    progress: Progress

    def sized(self, full: int, quick: int) -> int:
        """A size, by whether it is to be quick."""
        return quick if self.is_quick else full
