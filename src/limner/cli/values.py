"""Values for people: money in major units, moments, shares, lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limner.events.money import EXPONENTS
from limner.language import units
from limner.language.feature import Feature

NOTHING = "–"
_UNITS = {units.DAYS: "days", units.SECONDS: "s"}
SMALL = 1e-4
"""Nearer to nothing than people care for."""


@dataclass(frozen=True)
class Writer:
    """Writes values of a store as people read them."""

    currency: str

    def text(self, value: Any, feature: Feature) -> str:
        """A value with its unit; a dash for None."""
        if value is None or value == []:
            return NOTHING
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return " · ".join(_entry(entry) for entry in value)
        if isinstance(value, str):
            return printable(value)
        return self._number(value, feature.unit)

    def money(self, minor: float) -> str:
        """Minor units as an amount with its currency."""
        decimals = EXPONENTS[self.currency]
        return f"{minor / 10**decimals:,.{decimals}f} {self.currency}"

    def _number(self, value: float, unit: str) -> str:
        if unit == units.MONEY:
            return self.money(value)
        if unit == units.HOUR and value == int(value):
            return f"{int(value):02d}:00"
        if unit == units.DAYS and isinstance(value, float):
            return _days(value)
        text = f"{value:,}" if isinstance(value, int) else _decimals(value)
        named = _UNITS.get(unit, unit if "/" in unit else "")
        return f"{text} {named}".rstrip()


def _entry(entry: dict[str, Any]) -> str:
    return f"{printable(str(entry['key']))} {_decimals(entry['weight'])}"


def _days(days: float) -> str:
    if abs(days) >= 1:
        return f"{days:,.1f} days"
    hours = days * 24
    return f"{hours:.1f} hours" if abs(hours) >= 1 else f"{hours * 60:.0f} minutes"


def _decimals(value: float) -> str:
    if 0 < abs(value) < SMALL:
        return "≈ 0"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"


def printable(text: str) -> str:
    """A text that a terminal shows and never obeys."""
    return "".join(one if one.isprintable() else "�" for one in text)
