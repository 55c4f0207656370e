"""Money: decimals in major units become integers in minor units of their currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from limner.errors import EventFault, UserError, did_you_mean

_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN"
    " BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD"
    " FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR"
    " KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN"
    " MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD"
    " SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD"
    " TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWL"
).split()
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split()
_THREE = "BHD IQD JOD KWD LYD OMR TND".split()

EXPONENTS: dict[str, int] = (
    dict.fromkeys(_TWO, 2) | dict.fromkeys(_NONE, 0) | dict.fromkeys(_THREE, 3)
)
"""Decimals of each currency (ISO 4217)."""

CODES: dict[str, int] = {
    name: code for code, name in enumerate(_TWO + _NONE + _THREE, start=1)
}
"""The number each currency is stored under, 1 to 255: only ever add at the end."""

NAMES: dict[int, str] = {code: name for name, code in CODES.items()}

MINOR_MAX = 10**15
"""No amount is larger: sums of 20,000 events stay exact, in int64 and in doubles."""


def currency(name: str) -> str:
    """A currency's name, checked and in capitals."""
    known = name.strip().upper()
    if known not in EXPONENTS:
        hint = did_you_mean(known, list(EXPONENTS))
        raise UserError(f"no currency {name!r}, expected an ISO 4217 code.{hint}")
    return known


def minor(value: str | int | float | Decimal, currency_name: str) -> int:
    """A decimal in major units as minor units, rounded half up (away from zero).

    >>> minor("12.50", "EUR"), minor("0.005", "GBP"), minor(3, "JPY")
    (1250, 1, 3)
    """
    try:
        amount = Decimal(str(value)).scaleb(EXPONENTS[currency_name])
        whole = int(amount.to_integral_value(rounding=ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        raise EventFault("bad_number", "money: expected a decimal number") from None
    if abs(whole) > MINOR_MAX:
        raise EventFault(
            "bad_number", f"money: expected at most {MINOR_MAX} minor units"
        )
    return whole
