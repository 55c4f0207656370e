"""Dated currency rates: an artefact of the definition, by which money is converted."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from limner.clock import moment_us
from limner.errors import InputError
from limner.events import money


@dataclass(frozen=True)
class Rates:
    """What one unit of a currency was worth in the store's, from a day on.

    ``Rates({"USD": {"2026-01-01": "0.92"}})`` in a store that keeps EUR. An event takes
    the newest rate at or before it, else the earliest; money of a currency without
    rates is absent from money features.
    """

    table: tuple[tuple[str, int, Decimal], ...] = ()
    """(currency, from moment (us), major units of the store's for one of its own)."""

    def __init__(
        self,
        by_currency: dict[str, dict[str | date | datetime, str | float]] | None = None,
    ) -> None:
        rows = []
        for name, dated in (by_currency or {}).items():
            for day, rate in dated.items():
                at = moment_us(day if isinstance(day, str) else str(day))
                rows.append((money.currency(name), at, _decimal(rate)))
        object.__setattr__(self, "table", tuple(sorted(rows)))

    @staticmethod
    def from_csv(path: str | Path) -> Rates:
        """Rates of a CSV file with columns currency, date and rate."""
        by_currency: dict[str, dict[str | date | datetime, str | float]] = {}
        try:
            with open(path, newline="", encoding="utf-8-sig") as file:
                for row in csv.DictReader(file):
                    dated = by_currency.setdefault(row["currency"], {})
                    dated[row["date"]] = row["rate"]
        except OSError as error:
            raise InputError(f"rates: cannot read {path}: {error.strerror}") from None
        except (KeyError, UnicodeDecodeError, csv.Error):
            raise InputError(
                f"rates: {path}: expected CSV with columns currency, date and rate"
            ) from None
        return Rates(by_currency)

    @property
    def fingerprint(self) -> str:
        """All of it as text."""
        return repr([(name, at, f"{rate:f}") for name, at, rate in self.table])


def _decimal(rate: str | float) -> Decimal:
    try:
        value = Decimal(str(rate))
    except InvalidOperation:
        raise InputError(f"rate: expected a decimal number, got {rate!r}") from None
    if not value.is_finite() or value <= 0:
        raise InputError(f"rate: expected more than nothing, got {rate!r}")
    return value.normalize()
