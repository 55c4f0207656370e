"""Columns of events, stored or computed: what features select, sum and compare.

``Purchase.amount`` is a column of purchases; ``Purchase.amount > 5000`` and
``Event.local_hour.between(22, 5)`` are columns too. A mistake is not raised here but
kept in ``faults``, so that a definition can report all of its mistakes at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from limner.clock import DAY, HOUR
from limner.errors import did_you_mean
from limner.events.kinds import KINDS, NOT_ACTIVITY
from limner.language import units

if TYPE_CHECKING:
    from limner.language.feature import Feature

Value = Literal["integer", "number", "text", "condition"]

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

Operand = Any  # a Column, a Feature, or a plain value


@dataclass(frozen=True, eq=False)
class Column:
    """A value for each event; none where the event does not say it."""

    op: str
    """"column", "constant", "local_at", "fact", or an operation."""
    args: tuple[Any, ...]
    value: Value
    unit: str
    source: Kind
    """Whose events it is of."""
    faults: tuple[str, ...] = ()

    def key(self) -> tuple[Any, ...]:
        """What makes two columns the same, as nested tuples."""
        parts = tuple(a.key() if hasattr(a, "key") else a for a in self.args)
        return (self.op, self.value, *parts)

    def __eq__(self, other: Operand) -> Column:  # type: ignore[override]
        return _compared("eq", self, other)

    def __ne__(self, other: Operand) -> Column:  # type: ignore[override]
        return ~_compared("eq", self, other)

    def __lt__(self, other: Operand) -> Column:
        return _compared("lt", self, other)

    def __le__(self, other: Operand) -> Column:
        return _compared("le", self, other)

    def __gt__(self, other: Operand) -> Column:
        return _compared("lt", self, other, swapped=True)

    def __ge__(self, other: Operand) -> Column:
        return _compared("le", self, other, swapped=True)

    def __add__(self, other: Operand) -> Column:
        return _calculated("add", self, other)

    def __sub__(self, other: Operand) -> Column:
        return _calculated("sub", self, other)

    def __mul__(self, other: Operand) -> Column:
        return _calculated("mul", self, other)

    def __truediv__(self, other: Operand) -> Column:
        return _calculated("div", self, other)

    def __and__(self, other: Column) -> Column:
        return _joined("and", self, other)

    def __or__(self, other: Column) -> Column:
        return _joined("or", self, other)

    def __invert__(self) -> Column:
        return _joined("not", self)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError(
            "a column is no truth value: combine with & | ~, not and or not"
        )

    @property
    def exists(self) -> Column:
        """Whether the event says it at all."""
        return replace(
            self, op="has", args=(self,), value="condition", unit="condition"
        )

    def between(self, low: Operand, high: Operand) -> Column:
        """Whether low <= value < high; where low > high, around the end (22 to 5)."""
        if isinstance(low, int) and isinstance(high, int) and low > high:
            return (self >= low) | (self < high)
        return (self >= low) & (self < high)

    def is_in(self, *values: Operand) -> Column:
        """Whether the value is one of these."""
        found = self == values[0]
        for value in values[1:]:
            found = found | (self == value)
        return found

    def among(self, other: Column) -> Column:
        """Whether the value occurs in a column of any visible event of its kind.

        ``Purchase.order.among(Cancel.order)``: the order has been cancelled.
        """
        made = replace(
            self, op="among", args=(self, other), value="condition", unit="condition"
        )
        return _with_faults(made, self, other)


@dataclass(frozen=True, eq=False)
class Kind:
    """Events of one or several kinds, and their columns.

    ``names`` None means everything that a shopper does: every kind except impression,
    identify, link and unlink.
    """

    names: tuple[str, ...] | None = None

    def __or__(self, other: Kind) -> Kind:
        if self.names is None or other.names is None:
            return Kind(None)
        return Kind(tuple(dict.fromkeys(self.names + other.names)))

    def kinds(self, known: list[str]) -> tuple[str, ...]:
        """The names of the kinds meant, of those a store knows."""
        if self.names is not None:
            return self.names
        return tuple(name for name in known if name not in NOT_ACTIVITY)

    def key(self) -> tuple[Any, ...]:
        """What makes two kinds the same."""
        return ("kind", *(sorted(self.names) if self.names is not None else ("*",)))

    def faults(self) -> tuple[str, ...]:
        """Kinds that cannot be (own kinds are checked when a store is met)."""
        return ()

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

    def field(self, name: str, value: Value | Literal["money"] = "text") -> Column:
        """A column of the store's own schema, made of the event's further fields."""
        if value == "money":
            return Column("own", (name, value), "integer", units.MONEY, self)
        unit = units.CODE if value == "text" else units.NUMBER
        return Column("own", (name, value), value, unit, self)

    if TYPE_CHECKING:
        at: Column
        item: Column
        category: Column
        brand: Column
        order: Column
        campaign: Column
        channel: Column
        device: Column
        price: Column
        amount: Column
        discount: Column
        quantity: Column
        seconds: Column
        score: Column
        flags: Column
        local_hour: Column
        local_day: Column
        weekday: Column
        list_price: Column
    else:

        def __getattr__(self, name: str) -> Column:
            if name.startswith("__"):
                raise AttributeError(name)
            if name in STORED:
                return self.column(name)
            if name in _COMPUTED:
                return _COMPUTED[name](self)
            hint = did_you_mean(name, [*STORED, *_COMPUTED])
            noun = "events" if self.names is None else "/".join(self.names)
            fault = f"no column {name!r} of {noun}.{hint}"
            return Column("column", ("at",), "integer", units.NUMBER, self, (fault,))


def _constant(value: Any, like: Column) -> Column:
    kinds: dict[type, Value] = {bool: "condition", int: "integer", float: "number"}
    if isinstance(value, str):
        return Column("constant", (value,), "text", units.CODE, like.source)
    kind = kinds.get(type(value))
    if kind is None:
        fault = f"a column met {type(value).__name__}, expected a column or plain value"
        return Column("constant", (0,), "integer", like.unit, like.source, (fault,))
    return Column("constant", (value,), kind, like.unit, like.source)


def _column(value: Operand, like: Column) -> Column:
    """An operand as a column: a feature's value is the same for every event."""
    if isinstance(value, Column):
        return value
    if hasattr(value, "returns"):
        feature: Feature = value
        kind: Value = feature.returns  # type: ignore[assignment]
        made = Column("slot", (feature,), kind, feature.unit, like.source)
        return replace(made, faults=feature.faults)
    return _constant(value, like)


def _with_faults(column: Column, *parts: Column, fault: str = "") -> Column:
    faults = tuple(dict.fromkeys(f for part in parts for f in part.faults))
    return replace(column, faults=faults + ((fault,) if fault else ()))


def _alike_fault(op: str, one: Column, other: Column) -> str:
    if (one.value == "text") != (other.value == "text"):
        return f"{op}: cannot compare {one.value} with {other.value}"
    if not units.are_alike(one.unit, other.unit):
        return f"{op}: units differ, got {one.unit} and {other.unit}"
    return ""


def _compared(op: str, one: Column, value: Operand, swapped: bool = False) -> Column:
    other = _column(value, one)
    fault = _alike_fault(op, one, other)
    if one.value == "text" and op != "eq":
        fault = f"{op}: text can only be compared by == and !="
    pair = (other, one) if swapped else (one, other)
    made = Column(op, pair, "condition", units.CONDITION, one.source)
    return _with_faults(made, one, other, fault=fault)


def _calculated(op: str, one: Column, value: Operand) -> Column:
    other = _column(value, one)
    if not isinstance(value, Column) and op in ("mul", "div"):
        other = replace(other, unit=units.NUMBER)
    rule = {"mul": units.multiplied, "div": units.divided}.get(op, units.added)
    unit = rule(one.unit, other.unit)
    fault = "" if unit else f"{op}: units do not fit, got {one.unit} and {other.unit}"
    if "text" in (one.value, other.value):
        fault = f"{op}: text cannot be calculated with"
    exact = one.value == other.value == "integer" and op != "div"
    made = Column(
        op, (one, other), "integer" if exact else "number", unit or "", one.source
    )
    return _with_faults(made, one, other, fault=fault)


def _joined(op: str, *parts: Column) -> Column:
    wrong = next((part.value for part in parts if part.value != "condition"), None)
    fault = f"{op}: expected conditions, got {wrong}" if wrong else ""
    made = Column(op, parts, "condition", units.CONDITION, parts[0].source)
    return _with_faults(made, *parts, fault=fault)


def _of_clock(divide_by: int, modulo: int, unit: str, shift: int = 0) -> Any:
    """A column read from the local clock: whole units, shifted, around a cycle."""

    def column(kind: Kind) -> Column:
        local = Column("local_at", (), "integer", unit, kind)
        made = Column("floordiv", (local, divide_by), "integer", unit, kind)
        if shift:
            made = Column("add", (made, _constant(shift, made)), "integer", unit, kind)
        if modulo:
            made = Column("mod", (made, modulo), "integer", unit, kind)
        return made

    return column


def _list_price(kind: Kind) -> Column:
    unknown = Column("none", (), "integer", units.MONEY, kind)
    item = kind.column("item")
    return Column("fact", ("price", item, unknown), "integer", units.MONEY, kind)


_COMPUTED = {
    "local_hour": _of_clock(HOUR, 24, units.HOUR),
    "local_day": _of_clock(DAY, 0, units.DAY),
    "weekday": _of_clock(DAY, 7, "weekday", shift=3),  # Monday is 0; day 0 a Thursday
    "list_price": _list_price,
}

Event = Kind(None)
AnyEvent = Kind(tuple(KINDS))
