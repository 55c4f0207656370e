"""Events through a door in this process: a few at a time, durable on return."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from limner import clock
from limner.errors import EventFault
from limner.events import event as events
from limner.events.event import Event
from limner.intake.deadletters import Letters, check_room, prefixes
from limner.intake.delivery import Events
from limner.intake.event_rows import of_lines
from limner.intake.mapping import Mapping, load_mapping
from limner.intake.tally import Tally
from limner.stores.contract import EVENTS_MAX, Put, Store


class Sent(msgspec.Struct):
    """What became of events that were sent."""

    tally: Tally
    token: int
    """Readings that have caught up with this number see them."""

    def to_json(self) -> dict[str, Any]:
        """As doors answer."""
        return {
            "accepted": self.tally.accepted,
            "duplicates": self.tally.duplicates,
            "dead_letters": self.tally.dead_letters,
            "token": self.token,
        }


def send(
    store: Store, said: Sequence[Event | dict[str, Any] | bytes], *, source: str
) -> Sent:
    """Take events, as such or as JSON; refused ones are kept as dead letters.

    They arrive now, unless they say when they arrived. Ids are named within `source`.
    """
    sent = Sent(Tally(), store.token())
    mapping = _mapping_of(source)
    delivering = Events(mapping, store.schema, is_import=False)
    for start in range(0, len(said), EVENTS_MAX):
        lines = [_line(one) for one in said[start : start + EVENTS_MAX]]
        rows = of_lines(lines)
        piece = delivering.translate(rows, None)
        check_room(store, len(piece.faults))
        # Nothing tells a refused event that comes again from two that are alike.
        prefix = prefixes(rows.hashes, clock.now_us())
        letters = Letters(mapping, rows, prefix=prefix, occurrence=None)
        done = delivering.deliver(store, piece, letters=letters, finish=_no_more)
        sent = Sent(sent.tally + done.tally, done.token)
    return sent


def _no_more(_tally: Tally, _gone: list[int]) -> list[Put]:
    return []


@lru_cache(maxsize=256)
def _mapping_of(source: str) -> Mapping:
    return msgspec.structs.replace(load_mapping("limner"), source=source)


def _line(said: Event | dict[str, Any] | bytes) -> bytes:
    if isinstance(said, bytes):
        return said
    try:
        return events.encode(said)
    except EventFault:
        return repr(said).encode()  # no JSON, so it is refused as such
