"""From the name of a shopper to the identifiers that are this shopper at a moment."""

from __future__ import annotations

from limner.errors import UnknownShopper, UserError
from limner.events.codes import who_of
from limner.events.identifiers import priority
from limner.history import links
from limner.history.histories import Histories
from limner.history.links import Who
from limner.history.moment import Moment
from limner.stores.contract import Store


class Names:
    """The names of shoppers in a store; knows which identifier types it has."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._types: list[str] = []

    def identifier(self, name: str) -> tuple[str, str]:
        """``type:value``, or a bare value where the store knows only one type."""
        kind, colon, value = name.partition(":")
        if colon and kind in self._types:
            return kind, value
        self._types = [key.decode() for key, _ in self._store.items(links.TYPES)]
        if colon and kind in self._types:
            return kind, value
        if len(self._types) == 1:
            return self._types[0], name
        if not self._types:
            raise UnknownShopper("the store holds no events yet")
        known = ", ".join(sorted(self._types, key=priority))
        if colon:
            raise UnknownShopper(f"no identifier type {kind!r}, the store has {known}")
        raise UserError(f"which shopper? expected type:value, with a type of {known}")

    def who(self, name: str) -> Who:
        """The identifier of this name, as the store keeps it."""
        hi, lo = who_of(self._store.secret, [self.identifier(name)])[0].tolist()
        return hi, lo


def members(store: Store, who: Who, *, moment: Moment) -> list[Who]:
    """All identifiers that are the same shopper at a moment, this one first."""
    if store.count(links.TABLE) == 0:
        return [who]
    return links.component(store, who, moment=moment)


def check_known(store: Store, group: list[Who], *, histories: Histories) -> None:
    """Raise UnknownShopper for one who has no event and was never tied to another."""
    if len(histories.rows) == 0 and not links.ties_of(store, group[0]):
        raise UnknownShopper("no such shopper in this store: expected type:value")


def best_name(store: Store, group: list[Who]) -> str:
    """Of several tied identifiers, the name of the highest priority; then by text."""
    names = [name for who in group if (name := links.name_of(store, who)) is not None]
    return min(names, key=lambda name: (priority(name.partition(":")[0]), name))
