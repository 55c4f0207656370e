"""A history as Python features see it: visible events, oldest first, by attribute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from limner.events.record import NULL

Texts = Callable[[np.ndarray], list[str | None]]

_CODES = frozenset(
    "item category brand campaign channel device attribute value".split()
)


class EventView:
    """One event: ``event.kind``, ``event.amount``, ...; None where it is not said."""

    __slots__ = ("_history", "_row")

    def __init__(self, history: HistoryView, row: int) -> None:
        self._history, self._row = history, row

    def __getattr__(self, name: str) -> Any:
        return self._history.value(name, self._row)


class HistoryView:
    """The visible events of one shopper, in (at, id) order."""

    def __init__(
        self, rows: np.ndarray, kind_names: dict[int, str], texts: Texts
    ) -> None:
        self.rows = rows
        self._kinds, self._texts = kind_names, texts

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[EventView]:
        return (EventView(self, row) for row in range(len(self.rows)))

    def of(self, *kinds: str) -> list[EventView]:
        """The events of these kinds."""
        return [event for event in self if event.kind in kinds]

    def value(self, name: str, row: int) -> Any:
        """One column of one event, as Python has it."""
        if name == "kind":
            return self._kinds.get(int(self.rows["kind"][row]), "attribute")
        held = self.rows[name][row].item()
        if name in _CODES:
            return self._texts(np.array([held], np.uint64))[0] if held else None
        if held == NULL or held != held:
            return None
        return held
