"""Shoppers of a store: identifiers, those tied together counted once."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from limner.intake.sending import send
from limner.intake.shoppers import count_shoppers
from tests.intake.orders import store

NAMES = st.integers(0, 6).map(str)
SAID = st.tuples(NAMES, NAMES | st.none(), st.sampled_from(["view", "link", "unlink"]))


def event(place: int, user: str, other: str | None, kind: str) -> dict[str, Any]:
    shopper = {"user_id": user} | ({"email": other} if other else {})
    return {"id": str(place), "kind": kind, "at": 1_700_000_000, "shopper": shopper}


@given(st.lists(SAID, max_size=15))
def test_tied_identifiers_are_one_shopper(
    said: list[tuple[str, str | None, str]],
) -> None:
    into = store()
    events = [event(place, *one) for place, one in enumerate(said)]
    for place, one in enumerate(events):
        one["at"] += place
    send(into, events, source="s")
    ties: set[tuple[str, str]] = set()
    for user, other, kind in said:
        if other is not None:
            (ties.discard if kind == "unlink" else ties.add)((user, other))
    groups = [{"u" + user} for user in {user for user, _, _ in said}]
    for user, other in ties:
        joined = [g for g in groups if g & {"u" + user, "e" + other}]
        groups = [g for g in groups if g not in joined]
        groups.append({"u" + user, "e" + other}.union(*joined))
    assert count_shoppers(into) == len(groups)
