"""One event as JSON: what may be said, why it is refused, and how it is told again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import EventFault
from limner.events.event import EVENT_BYTES_MAX, decode, encode

LEAST = {"kind": "view", "at": "2026-03-01", "shopper": {"user_id": "42"}}


def refused(said: object) -> EventFault:
    line = said if isinstance(said, bytes) else json.dumps(said).encode()
    with pytest.raises(EventFault) as raised:
        decode(line)
    return raised.value


def test_little_is_needed() -> None:
    event = decode(json.dumps(LEAST))
    assert (event.kind, event.shopper, event.price) == ("view", {"user_id": "42"}, None)


def test_money_is_a_decimal_however_it_is_written() -> None:
    said = LEAST | {"price": "12.50", "amount": 2.675}
    event = decode(json.dumps(said))
    assert (str(event.price), str(event.amount)) == ("12.50", "2.675")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"shopper": None}, "missing_shopper"),
        ({"shopper": {}}, "missing_shopper"),
        ({"shopper": "42"}, "bad_event"),
        ({"shopper": {"a b": "1"}}, "bad_event"),
        ({"shopper": {str(n): "1" for n in range(17)}}, "bad_event"),
        ({"at": None}, "missing_time"),
        ({"at": [1]}, "bad_time"),
        ({"seen_at": {}}, "bad_time"),
        ({"kind": 7}, "unknown_kind"),
        ({"price": "cheap"}, "bad_number"),
        ({"quantity": True}, "bad_number"),
        ({"score": "good"}, "bad_number"),
        ({"item": 1.5}, "bad_event"),
        ({"prise": 1}, "bad_event"),
        ({"fields": [1]}, "bad_event"),
        ({"fields": {str(n): n for n in range(201)}}, "too_large"),
        ({"text": "x" * EVENT_BYTES_MAX}, "too_large"),
    ],
)
def test_each_fault_has_its_code(change: dict[str, object], code: str) -> None:
    assert refused(LEAST | change).code == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("shopper", "missing_shopper"),
        ("at", "missing_time"),
        ("kind", "unknown_kind"),
    ],
)
def test_what_is_needed_is_missed_by_name(name: str, code: str) -> None:
    fault = refused({k: v for k, v in LEAST.items() if k != name})
    assert fault.code == code
    assert f"no '{name}'" in str(fault)


def test_a_misspelt_field_is_refused_with_a_hint() -> None:
    fault = refused(LEAST | {"prise": 1})
    assert str(fault) == "no field 'prise'. Did you mean 'price'?"
    fault = refused(LEAST | {"zzz": 1})
    assert "Put what is your own into 'fields'" in str(fault)


def test_what_is_no_json_or_no_text_is_told_apart() -> None:
    assert refused(b'{"kind": ').code == "bad_row"
    assert refused(b'{"kind": "\xff"}').code == "bad_encoding"
    assert refused(b"[1, 2]").code == "bad_event"


@pytest.mark.parametrize("depth", [20, 5_000])
def test_depth_is_bounded(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    line = json.dumps(LEAST | {"fields": {"a": "@"}}).encode()
    fault = refused(line.replace(b'"@"', nested))
    assert fault.code in ("too_large", "bad_event")


def test_faults_hold_no_values() -> None:
    fault = refused(LEAST | {"price": "my secret"})
    assert "secret" not in str(fault)


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists) | st.binary())
def test_anything_else_is_refused_and_nothing_breaks(said: object) -> None:
    line = said if isinstance(said, bytes) else encode(said)
    assert refused(line).code
