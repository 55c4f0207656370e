"""The vocabulary of things that shoppers do, and the number each is stored under."""

from __future__ import annotations

KINDS: dict[str, int] = {
    name: code
    for code, name in enumerate(
        (
            "impression view page click search favourite like share comment follow"
            " referral cart uncart checkout order payment purchase cancel refund coupon"
            " promotion review rating complaint login identify link unlink"
        ).split(),
        start=1,
    )
}
"""Ready-made kinds and their codes, 1 to 28. Codes are stored: only ever add."""

ATTRIBUTE = 31
"""A declared attribute of an event: a record of its own, never seen as an event."""

OWN_FIRST, OWN_LAST = 32, 61
"""The codes of a store's own kinds; at most 30 of them."""

NOT_ACTIVITY = frozenset({"impression", "identify", "link", "unlink"})
"""Kinds that are not something the shopper did."""


def mask_of(codes: list[int]) -> int:
    """The set of these kind codes as bits of one int64."""
    mask = 0
    for code in codes:
        mask |= 1 << code
    return mask
