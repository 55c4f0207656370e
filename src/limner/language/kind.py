"""Kinds of events, and the columns that they have: ``Purchase.amount``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from limner.clock import DAY, HOUR
from limner.errors import did_you_mean
from limner.events.kinds import KINDS, NOT_ACTIVITY
from limner.language import units
from limner.language.columns import Column, Value

STORED: dict[str, tuple[Value, str]] = {
    "at": ("integer", units.MOMENT),
    "item": ("text", units.CODE),
    "category": ("text", units.CODE),
    "brand": ("text", units.CODE),
    "order": ("text", units.CODE),
    "campaign": ("text", units.CODE),
    "channel": ("text", units.CODE),
    "device": ("text", units.CODE),
    "attribute": ("text", units.CODE),
    "value": ("text", units.CODE),
    "price": ("integer", units.MONEY),
    "amount": ("integer", units.MONEY),
    "discount": ("integer", units.MONEY),
    "quantity": ("integer", units.COUNT),
    "seconds": ("number", units.SECONDS),
    "score": ("number", "score"),
    "flags": ("integer", units.NUMBER),
}
"""Columns of every store: what they hold, and the unit."""

ACTIVITY = "*"
"""Among the names of a kind: everything that a shopper does."""


class _Named:
    """A column of a kind, read off by the attribute's own name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, kind: None, owner: type) -> Self: ...
    @overload
    def __get__(self, kind: Kind, owner: type) -> Column: ...
    def __get__(self, kind: Kind | None, owner: type) -> Self | Column:
        return self if kind is None else self.of(kind)

    def of(self, kind: Kind) -> Column:
        """The column, for this kind."""
        return kind.column(self.name)


class _OfClock(_Named):
    """A column of the local clock: whole units, shifted, around a cycle."""

    def __init__(self, each: int, *, unit: str, cycle: int = 0, shift: int = 0) -> None:
        self.each, self.unit, self.cycle, self.shift = each, unit, cycle, shift

    def of(self, kind: Kind) -> Column:
        """The column, for this kind."""
        local = Column("local_at", (), "integer", self.unit, kind)
        made = Column("floordiv", (local, self.each), "integer", self.unit, kind)
        if self.shift:
            made = made + self.shift
        if self.cycle:
            made = Column("mod", (made, self.cycle), "integer", self.unit, kind)
        return made


class _ListPrice(_Named):
    """What the catalogue said of the item's price."""

    def of(self, kind: Kind) -> Column:
        """The column, for this kind."""
        unsaid = Column("none", (), "integer", units.MONEY, kind)
        item = kind.column("item")
        return Column("fact", ("price", item, unsaid), "integer", units.MONEY, kind)


@dataclass(frozen=True, eq=False)
class Kind:
    """Events of one or several kinds, and their columns.

    ``names`` None means everything that a shopper does: every kind except impression,
    identify, link and unlink.
    """

    names: tuple[str, ...] | None = None

    at = _Named()
    item = _Named()
    category = _Named()
    """The event's own, else the catalogue's as of the event."""
    brand = _Named()
    """The event's own, else the catalogue's as of the event."""
    order = _Named()
    campaign = _Named()
    channel = _Named()
    device = _Named()
    price = _Named()
    amount = _Named()
    discount = _Named()
    quantity = _Named()
    seconds = _Named()
    score = _Named()
    flags = _Named()
    """The bits of record.FLAGS."""
    local_hour = _OfClock(HOUR, unit=units.HOUR, cycle=24)
    """0 to 23, in the store's time zone."""
    local_day = _OfClock(DAY, unit=units.DAY)
    """Days since 1970-01-01, in the store's time zone."""
    weekday = _OfClock(
        DAY, unit="weekday", cycle=7, shift=3
    )  # 1970 began on a Thursday
    """Monday is 0."""
    list_price = _ListPrice()
    """The catalogue's, in the store's currency."""

    def __or__(self, other: Kind) -> Kind:
        if self.names is not None and other.names is not None:
            return Kind(tuple(dict.fromkeys(self.names + other.names)))
        besides = [
            name
            for name in (*(self.names or ()), *(other.names or ()))
            if name in NOT_ACTIVITY
        ]
        return Kind((ACTIVITY, *dict.fromkeys(besides)) if besides else None)

    def kinds(self, known: list[str]) -> tuple[str, ...]:
        """The names of the kinds meant, of those a store knows."""
        done = [name for name in known if name not in NOT_ACTIVITY]
        found: list[str] = []
        for name in self.names or (ACTIVITY,):
            found += done if name == ACTIVITY else [name]
        return tuple(dict.fromkeys(found))

    def meets(self, other: Kind) -> bool:
        """Whether an event can be of both."""
        if self.names is None or other.names is None:
            return True
        both = {*self.names} & {*other.names}
        return bool(both) or ACTIVITY in self.names + other.names

    def key(self) -> tuple[Any, ...]:
        """What makes two kinds the same."""
        return ("kind", *sorted(self.names or (ACTIVITY,)))

    def __str__(self) -> str:
        return "events" if self.names is None else "/".join(self.names)

    def column(self, name: str) -> Column:
        """A stored column by its name."""
        value, unit = STORED[name]
        column = Column("column", (name,), value, unit, self)
        if name in ("category", "brand"):
            item = self.column("item")
            return Column("fact", (name, item, column), value, unit, self)
        if unit == units.MONEY:
            return Column("money", (column,), value, unit, self)
        return column

    def field(
        self,
        name: str,
        value: Literal["text", "integer", "number", "money"] = "text",
    ) -> Column:
        """A column of the store's own schema, made of the event's further fields."""
        if value == "money":
            own = Column("own", (name, value), "integer", units.MONEY, self)
            return Column("money", (own,), "integer", units.MONEY, self)
        unit = units.CODE if value == "text" else units.NUMBER
        return Column("own", (name, value), value, unit, self)

    if not TYPE_CHECKING:  # so that a type checker finds a mistyped column too

        def __getattr__(self, name: str) -> Column:
            if name.startswith("__"):
                raise AttributeError(name)
            known = [n for n, kept in vars(Kind).items() if isinstance(kept, _Named)]
            fault = f"no column {name!r} of {self}.{did_you_mean(name, known)}"
            return Column("column", ("at",), "unknown", units.UNKNOWN, self, (fault,))


Event = Kind(None)
AnyEvent = Kind(tuple(KINDS))
"""Events of every ready-made kind, also of those that are no activity."""
