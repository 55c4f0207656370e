"""Flags of events: robots and staff by declared rules, and outliers by limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from limner.events.record import FLAGS
from limner.intake import mapping as mappings
from limner.intake.cells import Texts, matching

LIMITS = {
    "price": 1_000_000.0,
    "amount": 1_000_000.0,
    "quantity": 10_000.0,
    "seconds": 86_400.0,
}
"""What lies beyond is flagged as an outlier, unless a mapping says otherwise. Money is
in major units. Each event is judged by itself, so that batches do not matter."""


class Flagging:
    """The rules of one mapping, made ready."""

    def __init__(self, mapping: mappings.Mapping) -> None:
        self._limits = LIMITS | mapping.limits
        self._rules = [
            (FLAGS[name], rule.column, _test_of(rule))
            for name, rules in mapping.flags.items()
            for rule in rules
        ]

    def rules(self, count: int, cells: Callable[[str], Texts]) -> np.ndarray:
        """Flags by declared rules, uint8[count]."""
        flags = np.zeros(count, np.uint8)
        for flag, column, test in self._rules:
            flags[matching(cells(column), test)] |= flag
        return flags

    def outliers(self, measured: Mapping[str, np.ndarray]) -> np.ndarray:
        """bool[n]: events that have a number beyond its limit, or negative money."""
        beyond: Any = False
        for name, values in measured.items():
            if name in self._limits:
                beyond = beyond | (values > self._limits[name])
            if name in ("price", "amount", "discount"):
                beyond = beyond | (values < 0)
        return np.asarray(beyond, np.bool_)


def _test_of(rule: mappings.FlagRule) -> Callable[[str], bool]:
    if rule.matches is None:
        return frozenset(rule.equals).__contains__
    pattern = re.compile(rule.matches, re.IGNORECASE)
    return lambda text: pattern.search(text) is not None
