"""Numbers from texts, against Python's decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.intake.numbers import minor_units, reals, whole

NONE = np.zeros(1, np.bool_)


def minor(text: str, currency: str = "USD") -> int | None:
    values, fine = minor_units(
        pa.array([text]), NONE, currencies=np.zeros(1, np.int64), names=[currency]
    )
    return int(values[0]) if fine[0] else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.55", 255),
        ("0.145", 15),
        ("-0.145", -15),
        ("0.144999", 14),
        ("1e3", 100_000),
        (" 3.1 ", 310),
        (".5", 50),
        ("5.", 500),
        ("+7", 700),
        ("0", 0),
        ("0.00499999999999999999999999", 0),
        ("10000000000000.00", 10**15),
        ("10000000000000.01", None),
        ("99999999999999999999", None),
        ("1,234.50", None),
        ("£3", None),
        ("", None),
        (".", None),
        ("-", None),
        ("--1", None),
        ("1.2.3", None),
        ("nan", None),
        ("inf", None),
        ("1_0", None),
        ("٣", None),
    ],
)
def test_money_is_exact_and_rounded_half_up(text: str, expected: int | None) -> None:
    assert minor(text) == expected


def test_each_currency_has_its_own_decimals() -> None:
    assert (minor("12.5", "JPY"), minor("12.5", "KWD")) == (13, 12_500)


@given(st.decimals(-(10**12), 10**12, places=5))
def test_money_is_what_decimals_say(value: Decimal) -> None:
    expected = (value * 100).quantize(Decimal(1), ROUND_HALF_UP)
    assert minor(f"{value:f}") == int(expected)


def test_each_text_may_be_in_its_own_currency() -> None:
    values, fine = minor_units(
        pa.array(["1.5", "1.5"]),
        np.zeros(2, np.bool_),
        currencies=np.array([0, 1]),
        names=["JPY", "EUR"],
    )
    assert (values.tolist(), fine.all()) == ([2, 150], True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("6", 6), ("6.0", 6), ("6.", 6), ("-3", -3), (" 7", 7)]
    + [(text, None) for text in ("6.5", "two", "1e2", "", "9" * 20, "0x1")],
)
def test_whole_numbers(text: str, expected: int | None) -> None:
    values, fine = whole(pa.array([text]), NONE)
    assert (int(values[0]) if fine[0] else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("4.5", 4.5), ("1e2", 100.0), ("nan", None), ("inf", None), ("x", None)],
)
def test_reals_are_finite(text: str, expected: float | None) -> None:
    values, fine = reals(pa.array([text]), NONE)
    assert (float(values[0]) if fine[0] else None) == expected
