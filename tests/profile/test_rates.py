"""Dated currency rates: how they are given, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from limner.clock import DAY
from limner.errors import InputError, LimnerError
from limner.profile.rates import Rates


def test_rates_are_sorted_by_currency_and_day() -> None:
    rates = Rates(
        {
            "usd": {"1970-01-03": "0.9", date(1970, 1, 2): 0.8},
            "EUR": {datetime(1970, 1, 2, tzinfo=UTC): "1.1"},
        }
    )
    assert rates.table == (
        ("EUR", DAY, Decimal("1.1")),
        ("USD", DAY, Decimal("0.8")),
        ("USD", 2 * DAY, Decimal("0.9")),
    )


def test_equal_rates_have_equal_fingerprints() -> None:
    one = Rates({"EUR": {"2026-01-01": "1.10", "2026-02-01": 100}})
    other = Rates({"EUR": {"2026-02-01": "1e2", "2026-01-01": 1.1}})
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != Rates({"EUR": {"2026-01-01": "1.10"}}).fingerprint


@pytest.mark.parametrize(
    "given",
    [
        {"EUR": {"2026-01-01": "dear"}},
        {"EUR": {"2026-01-01": "0"}},
        {"EUR": {"2026-01-01": "-1"}},
        {"EUR": {"2026-01-01": "NaN"}},
        {"EUR": {"2026-01-01": float("inf")}},
        {"EUR": {"some day": "1.1"}},
        {"XXQ": {"2026-01-01": "1.1"}},
    ],
)
def test_what_is_no_rate_is_refused(given: Any) -> None:
    with pytest.raises(LimnerError):
        Rates(given)


def test_rates_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("\ufeffcurrency,date,rate\nEUR,1970-01-02,1.1\n", "utf-8")
    assert Rates.from_csv(file).table == (("EUR", DAY, Decimal("1.1")),)


@pytest.mark.parametrize(
    "text", [None, "a,b\n1,2\n", "currency,date\nEUR,1970-01-02\n"]
)
def test_a_file_that_is_not_of_rates_is_named(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "rates.csv"
    if text is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"rates: .*rates\.csv"):
        Rates.from_csv(file)
