"""Events through a door of this process, and lines of them in files."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner import clock
from limner.events.event import Event
from limner.intake import deadletters
from limner.intake.mapping import load_mapping, parse_mapping
from limner.intake.sending import send
from tests.intake.orders import events, store, take

FULL: dict[str, Any] = {
    "id": "e1",
    "kind": "purchase",
    "at": "2024-03-01T10:00:00Z",
    "seen_at": "2024-03-01T10:00:01.5Z",
    "shopper": {"user_id": "42", "anonymous_id": "a9"},
    "item": "p1",
    "category": "shoes",
    "brand": "b",
    "order": "o1",
    "price": "12.50",
    "quantity": 2,
    "amount": "25.00",
    "discount": "0.00",
    "currency": "EUR",
    "seconds": 30.0,
    "score": 4.5,
    "text": "…",
    "query": "q",
    "channel": "app",
    "device": "mobile",
    "campaign": "spring",
    "attributes": {"gender": "f"},
    "fields": {"any": "thing", "more": [1, {"two": None}]},
}
LEAST: dict[str, Any] = {
    "kind": "view",
    "at": "2024-03-01",
    "shopper": {"user_id": "42"},
}


def test_an_event_is_told_as_it_was_said() -> None:
    into = store()
    assert send(into, [FULL], source="shop").tally.accepted == 1
    (told,) = events(into)
    assert told.pop("seen_at") == "2024-03-01T10:00:01.500000Z"
    said = dict(FULL)
    del said["seen_at"]
    assert told == said


def test_events_that_are_told_can_be_taken_again(tmp_path: Path) -> None:
    one, other = store(), store()
    send(one, [FULL, LEAST | {"price": 0.1}], source="limner")
    path = tmp_path / "told.jsonl"
    path.write_text("\n".join(map(json.dumps, events(one))))
    assert take(other, load_mapping("limner"), path).tally.accepted == 2
    assert events(other) == events(one)


def test_an_event_arrives_now_unless_it_says_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = clock.moment_us("2024-03-02")
    monkeypatch.setattr(clock, "now_us", lambda: now)
    into = store()
    send(into, [FULL, LEAST], source="shop")
    seen = sorted(event["seen_at"] for event in events(into))
    assert seen == ["2024-03-01T10:00:01.500000Z", "2024-03-02T00:00:00Z"]


def test_an_import_of_events_arrives_as_they_happen(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(LEAST))
    into = store()
    take(into, load_mapping("limner"), path)
    assert [e["seen_at"] for e in events(into)] == ["2024-03-01T00:00:00Z"]


def test_a_typed_event_is_as_good_as_a_table() -> None:
    into = store()
    event = Event(
        shopper={"user_id": 42},
        at=1_709_287_200,
        kind="purchase",
        price=Decimal("2.675"),
        item=7,
    )
    send(into, [event], source="shop")
    (told,) = events(into)
    assert told["at"] == "2024-03-01T10:00:00Z"
    assert (told["item"], told["price"]) == ("7", "2.68")


def test_a_second_delivery_is_a_duplicate_and_other_content_a_conflict() -> None:
    into = store()
    again = FULL | {"seen_at": "2024-03-01T11:00:00Z"}
    tally = send(into, [FULL, again, again | {"item": "p2"}], source="shop").tally
    assert (tally.accepted, tally.duplicates, tally.conflicts) == (1, 2, 1)
    assert send(into, [FULL], source="other").tally.accepted == 1


def test_an_event_without_an_id_is_known_by_what_it_says() -> None:
    into = store()
    blanks = json.dumps(LEAST, indent=1).replace("\n", " ").encode()
    later = LEAST | {"seen_at": "2024-03-05"}
    tally = send(into, [LEAST, blanks, later], source="shop").tally
    assert (tally.accepted, tally.duplicates) == (1, 2)
    assert send(into, [LEAST | {"item": "x"}], source="shop").tally.accepted == 1


def test_refused_events_are_dead_letters_each_by_itself() -> None:
    into = store()
    said: list[Any] = [LEAST, {}, {}, b"{", LEAST | {"kind": "hug"}, {"a": object()}]
    sent = send(into, said, source="shop")
    assert sent.to_json() == {
        "accepted": 1,
        "duplicates": 0,
        "dead_letters": 5,
        "token": into.token(),
    }
    assert into.count(deadletters.TABLE) == 5
    codes = sorted(letter["code"] for letter in deadletters.told_all(into))
    expected = "bad_row bad_row missing_shopper missing_shopper unknown_kind"
    assert codes == expected.split()


def test_identifiers_lose_a_float_tail_and_empty_ones_count_for_nothing() -> None:
    into = store()
    shoppers: list[Any] = [
        {"user_id": 17850.0},
        {"user_id": "17850.0", "email": None},
        {"user_id": "", "email": "a@x"},
        {"user_id": " "},
    ]
    said = [LEAST | {"shopper": one} for one in shoppers]
    tally = send(into, said, source="shop").tally
    assert (tally.accepted, tally.reasons) == (3, {"missing_shopper": 1})
    told = [event["shopper"] for event in events(into)]
    assert told == [{"user_id": "17850"}, {"user_id": "17850"}, {"email": "a@x"}]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"kind": "refund", "quantity": -2, "price": "3"}, ("3.00", 2)),
        ({"kind": "refund", "amount": -5}, ("5.00", None)),
        ({"kind": "purchase", "quantity": "2.0", "price": 0}, ("0.00", 2)),
    ],
)
def test_refunds_are_positive(said: dict[str, Any], expected: tuple[str, Any]) -> None:
    into = store()
    send(into, [LEAST | said], source="shop")
    (told,) = events(into)
    assert (told.get("price") or told["amount"], told.get("quantity")) == expected


def test_events_are_flagged_by_what_they_say(tmp_path: Path) -> None:
    text = 'source = "s"\nformat = "events"\n'
    text += '[flags]\nbot = {column = "device", matches = "crawl"}\n'
    path = tmp_path / "log.jsonl"
    said = [LEAST | {"device": "Crawler 7"}, LEAST, LEAST | {"price": 0}]
    path.write_text("\n".join(map(json.dumps, said)))
    tally = take(store(), parse_mapping(text, name="s"), path).tally
    assert tally.flags == {"bot": 1, "zero_price": 1}


@given(st.lists(st.sampled_from([FULL, LEAST, {}, b"x"]), max_size=6))
def test_every_event_is_accounted_for(said: list[Any]) -> None:
    tally = send(store(), said, source="shop").tally
    assert tally.rows == len(said)
