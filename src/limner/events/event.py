"""One event as JSON: its fields, how it is read, and why it is refused.

>>> decode(b'{"kind": "view", "at": "2026-03-01", "shopper": {"user_id": "42"}}').kind
'view'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from limner.clock import moment_text
from limner.errors import EventFault, did_you_mean
from limner.events import full, money
from limner.events.schema import Schema

if TYPE_CHECKING:
    import pyarrow as pa

EVENT_BYTES_MAX = 32_768
IDENTIFIERS_MAX = 16
NAMED_MAX = 200
"""Attributes, and further fields, of one event at most."""
DEPTH_MAX = 16

_NAME = re.compile(r"[^\W\d][\w.-]{0,63}")
_PATH = re.compile(r"`\$\.?(\w*)")
_NUMBERS = frozenset("price amount discount quantity seconds score".split())

Text = str | int
"""Codes are texts; sources that write them as numbers mean the same."""


class Event(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Something that happened, once.

    `at` and `seen_at` are RFC 3339, or numbers since 1970 (seconds, milliseconds or
    microseconds, by their size); money is a decimal in major units of `currency`.
    """

    shopper: dict[str, str | int | float | None]
    """Identifier type to value. The event belongs to that of highest priority."""
    at: str | int | float
    """When it happened; without a zone, UTC."""
    kind: str
    id: Text | None = None
    """Of the source; derived from what the event says where there is none."""
    seen_at: str | int | float | None = None
    """When it arrived; an import's events arrive as they happen."""
    item: Text | None = None
    category: Text | None = None
    brand: Text | None = None
    order: Text | None = None
    price: Decimal | None = None
    """Of one unit."""
    quantity: Decimal | None = None
    """Units; 1 where absent. Of a refund the sign does not matter."""
    amount: Decimal | None = None
    """Of the line; price times quantity where absent."""
    discount: Decimal | None = None
    currency: str | None = None
    """ISO 4217; the store's where absent."""
    seconds: float | None = None
    score: float | None = None
    """A rating, or a sentiment."""
    text: str | None = None
    query: str | None = None
    channel: Text | None = None
    device: Text | None = None
    campaign: Text | None = None
    attributes: dict[str, Any] | None = None
    """What the event declares about the shopper."""
    fields: dict[str, Any] | None = None
    """Anything further."""


_decoder = msgspec.json.Decoder(Event)
_plain = msgspec.json.Decoder()


def decode(line: bytes | str) -> Event:
    """One event from its JSON; raises EventFault with the reason code."""
    size = len(line) if isinstance(line, bytes) else len(line.encode())
    if size > EVENT_BYTES_MAX:
        raise EventFault("too_large", f"expected at most {EVENT_BYTES_MAX} bytes")
    try:
        event = _decoder.decode(line)
    except msgspec.ValidationError as error:
        raise fault_of(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(line, error) from None
    except RecursionError:
        raise EventFault("bad_event", "nested too deeply") from None
    return check(event)


def _unreadable(line: bytes | str, error: Exception) -> EventFault:
    try:
        if isinstance(line, bytes):
            line.decode()
    except UnicodeDecodeError:
        return EventFault("bad_encoding", "bytes that are no UTF-8")
    return EventFault("bad_row", f"not JSON: {error}")


def encode(said: object) -> bytes:
    """JSON of an Event or of plain Python; raises EventFault where it has none."""
    try:
        return msgspec.json.encode(said)
    except (TypeError, RecursionError) as error:
        raise EventFault("bad_event", f"not what JSON can say: {error}") from None


def plain(line: bytes | str) -> Any:
    """What a line that `decode` took says, as plain Python."""
    return _plain.decode(line)


def fault_of(message: str) -> EventFault:
    """A refusal, from what msgspec says of it."""
    found = _PATH.search(message)
    field = found[1] if found else ""
    for name, code in _MISSING.items():
        if f"missing required field `{name}`" in message and not field:
            return EventFault(code, f"no {name!r}: {_EXPECTED[name]}")
    if "unknown field" in message and not field:
        name = message.split("`")[1]
        hint = did_you_mean(name, Event.__struct_fields__)
        spare = hint or " Put what is your own into 'fields'."
        return EventFault("bad_event", f"no field {name[:40]!r}.{spare}")
    if field == "at" and "got `null`" in message:
        return EventFault("missing_time", message)
    if field in ("at", "seen_at"):
        return EventFault("bad_time", message)
    if field in _NUMBERS:
        return EventFault("bad_number", message)
    if field == "shopper" and "got `null`" in message:
        return EventFault("missing_shopper", message)
    return EventFault("unknown_kind" if field == "kind" else "bad_event", message)


_MISSING = {
    "shopper": "missing_shopper",
    "at": "missing_time",
    "kind": "unknown_kind",
}
_EXPECTED = {
    "shopper": 'expected identifiers such as {"user_id": "42"}',
    "at": "expected a time such as 2026-03-01T10:00:00Z",
    "kind": "expected one such as view or purchase",
}


def check(event: Event) -> Event:
    """The event, if its identifiers and sizes can be kept."""
    if not event.shopper or len(event.shopper) > IDENTIFIERS_MAX:
        code = "bad_event" if event.shopper else "missing_shopper"
        raise EventFault(code, f"shopper: expected 1 to {IDENTIFIERS_MAX} identifiers")
    for name in event.shopper:
        if not _is_name(name):
            raise EventFault("bad_event", "shopper: expected names such as user_id")
    for said in (event.attributes, event.fields):
        if said and (len(said) > NAMED_MAX or is_deep(said)):
            raise EventFault(
                "too_large",
                f"attributes, fields: expected at most {NAMED_MAX} names and"
                f" {DEPTH_MAX} levels",
            )
    return event


@lru_cache(maxsize=1_024)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def is_deep(said: object, levels: int = DEPTH_MAX) -> bool:
    """Whether plain data is nested deeper than this."""
    if not isinstance(said, dict | list):
        return False
    inner: Sequence[object] = list(said.values()) if isinstance(said, dict) else said
    return levels == 0 or any(is_deep(one, levels - 1) for one in inner)


def to_json(events: pa.Table, schema: Schema) -> Iterator[dict[str, Any]]:
    """Full events told in the JSON form: money as decimals, times as RFC 3339."""
    columns = {name: events.column(name).to_pylist() for name in events.column_names}
    for row in range(events.num_rows):
        said = {name: values[row] for name, values in columns.items()}
        yield _told({k: v for k, v in said.items() if v is not None}, schema)


def _told(said: dict[str, Any], schema: Schema) -> dict[str, Any]:
    exponent = money.EXPONENTS[said.get("currency", schema.currency)]
    told: dict[str, Any] = {"id": said["id"], "kind": said["kind"]}
    told["at"], told["seen_at"] = moment_text(said["at"]), moment_text(said["seen_at"])
    told["shopper"] = _named(said, full.SHOPPER)
    for name in _TOLD:
        if name not in said:
            continue
        if name in ("price", "amount", "discount"):
            told[name] = f"{Decimal(said[name]).scaleb(-exponent):f}"
        elif name in ("seconds", "score"):
            told[name] = float(f"{said[name]:.7g}")  # it was kept in single precision
        else:
            told[name] = said[name]
    for name, prefix in (("attributes", full.ATTRIBUTE), ("fields", full.FIELD)):
        named = plain(said[name]) if name in said else {}
        if named := named | _named(said, prefix):
            told[name] = named
    return told


def _named(said: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {k[len(prefix) :]: v for k, v in said.items() if k.startswith(prefix)}


_TOLD = (
    "item category brand order price quantity amount discount currency seconds score"
    " text query channel device campaign"
).split()
