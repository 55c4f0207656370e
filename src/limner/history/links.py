"""Who is who: link and unlink events, folded as of a moment.

Several identifiers in one event tie them together from its moment on; an unlink event
unties them. The links in force at a moment are the fold, in (at, id) order, of those
with `at` at or before it and `seen_at` at or before `known`; identifiers that are then
connected are one shopper. Nothing is merged or moved: a reading unites histories.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple, Protocol

import numpy as np

from limner.events import full
from limner.events.batch import EventBatch
from limner.events.record import WHO
from limner.history.moment import Moment

TABLE, NAMES, TYPES = "links", "names", "types"
COMPONENT_MAX = 1_000
"""Identifiers of one shopper at most."""

Who = tuple[int, int]
_KEY = struct.Struct(">QQQQQQ")  # who, at, id, other: sorted by who, then in fold order
_VALUE = struct.Struct(">q?")  # seen_at, is_unlink


class Tie(NamedTuple):
    """One link or unlink event, as one of its identifiers sees it."""

    at: int
    id: int
    other: Who
    seen_at: int
    is_unlink: bool


class Stands(Protocol):
    """What became of the events of a commit: a store's receipt."""

    @property
    def stands(self) -> np.ndarray:
        """bool[events]: whether this delivery of the event is the one that stands."""
        ...


class Ties(Protocol):
    """Where ties are kept: a store."""

    def items(self, table: str, prefix: bytes = b"") -> Iterable[tuple[bytes, bytes]]:
        """Keys with this prefix, in order."""
        ...


def puts(batch: EventBatch, receipt: Stands) -> list[tuple[str, bytes, bytes]]:
    """What a commit adds to the tables of who is who: (table, key, value).

    Identifier types seen, the ties of the events that stand, and the names of the
    identifiers that they tie.
    """
    types = full.identifier_types(batch.full)
    rows = [(TYPES, name.encode(), b"") for name in types]
    ties = batch.links[receipt.stands[batch.links["event"]]]
    if len(ties) == 0:
        return rows
    for link in ties.tolist():
        _, at, event, seen_at, one, other, is_unlink = link
        value = _VALUE.pack(seen_at, is_unlink)
        for a, b in ((one, other), (other, one)):
            rows.append((TABLE, _KEY.pack(*a, at, event, *b), value))
    names = dict(zip(batch.whos.tolist(), batch.names.to_pylist(), strict=True))
    for who in dict.fromkeys(w for link in ties.tolist() for w in link[4:6]):
        rows.append((NAMES, struct.pack(">QQ", *who), names[who].encode()))
    return rows


def name_of(store: Ties, who: Who) -> str | None:
    """The ``type:value`` of an identifier that was ever tied to another."""
    found = list(store.items(NAMES, struct.pack(">QQ", *who)))
    return found[0][1].decode() if found else None


def ties_of(store: Ties, who: Who) -> list[Tie]:
    """Every link and unlink of an identifier, in (at, id) order."""
    ties = []
    for key, value in store.items(TABLE, struct.pack(">QQ", *who)):
        _, _, at, event, hi, lo = _KEY.unpack(key)
        ties.append(Tie(at, event, (hi, lo), *_VALUE.unpack(value)))
    return ties


def neighbours(ties: Iterable[Tie], moment: Moment) -> list[Who]:
    """The identifiers tied directly to one, at a moment."""
    in_force: dict[Who, bool] = {}
    for tie in ties:
        if tie.at <= moment.at and tie.seen_at <= moment.known:
            in_force[tie.other] = not tie.is_unlink
    return [other for other, is_tied in in_force.items() if is_tied]


def component(store: Ties, who: Who, *, moment: Moment) -> list[Who]:
    """All identifiers of the shopper that this one belongs to, this one first."""
    found = [who]
    seen = {who}
    for one in found:
        if len(found) >= COMPONENT_MAX:
            break
        for other in neighbours(ties_of(store, one), moment):
            if other not in seen:
                seen.add(other)
                found.append(other)
    return found


def tied_identifiers(store: Ties) -> np.ndarray:
    """Every identifier that was ever tied to another: WHO[n], sorted."""
    keys = {key[:16] for key, _ in store.items(TABLE)}
    halves = [struct.unpack(">QQ", key) for key in sorted(keys)]
    return np.array(halves, dtype=WHO)


def components(store: Ties, whos: np.ndarray, *, moment: Moment) -> list[list[Who]]:
    """The shoppers among these identifiers (WHO[n]): each once, with all of its own."""
    seen: set[Who] = set()
    found = []
    for who in whos.tolist():
        if who not in seen:
            members = component(store, who, moment=moment)
            seen.update(members)
            found.append(members)
    return found
