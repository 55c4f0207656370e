"""Columns of events, stored or computed: what features select, sum and compare.

``Purchase.amount`` is a column of purchases; ``Purchase.amount > 5000`` and
``Event.local_hour.between(22, 5)`` are columns too. A mistake is not raised here but
kept in ``faults``, so that a definition can report all of its mistakes at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from limner.language import units
from limner.language.feature import Feature

if TYPE_CHECKING:
    from limner.language.kind import Kind

Value = Literal["integer", "number", "text", "condition", "unknown"]
"""What a column holds; unknown until a reference in it is resolved."""

Operand = Any  # a Column, a Feature, or a plain value

_COMPARISONS = ("eq", "lt", "le")
_ARITHMETIC = ("add", "sub", "mul", "div")
_LOGIC = ("and", "or", "not")


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
        if self.op == "among":  # the one operation that looks at other events
            parts += (self.source.key(), self.args[1].source.key())
        return (self.op, self.value, *parts)

    def __eq__(self, other: Operand) -> Column:  # type: ignore[override]
        return _compared("eq", self, _column(other, self))

    def __ne__(self, other: Operand) -> Column:  # type: ignore[override]
        return _differing(self, _column(other, self))

    def __lt__(self, other: Operand) -> Column:
        return _compared("lt", self, _column(other, self))

    def __le__(self, other: Operand) -> Column:
        return _compared("le", self, _column(other, self))

    def __gt__(self, other: Operand) -> Column:
        return _compared("lt", _column(other, self), self)

    def __ge__(self, other: Operand) -> Column:
        return _compared("le", _column(other, self), self)

    def __add__(self, other: Operand) -> Column:
        return _calculated("add", self, _column(other, self))

    def __radd__(self, other: Operand) -> Column:
        return _calculated("add", _column(other, self), self)

    def __sub__(self, other: Operand) -> Column:
        return _calculated("sub", self, _column(other, self))

    def __rsub__(self, other: Operand) -> Column:
        return _calculated("sub", _column(other, self), self)

    def __mul__(self, other: Operand) -> Column:
        return _calculated("mul", self, _factor(other, self))

    def __rmul__(self, other: Operand) -> Column:
        return _calculated("mul", _factor(other, self), self)

    def __truediv__(self, other: Operand) -> Column:
        return _calculated("div", self, _factor(other, self))

    def __rtruediv__(self, other: Operand) -> Column:
        return _calculated("div", _factor(other, self), self)

    def __and__(self, other: Column) -> Column:
        return _joined("and", self, _column(other, self))

    def __or__(self, other: Column) -> Column:
        return _joined("or", self, _column(other, self))

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
        made = Column("has", (self,), "condition", units.CONDITION, self.source)
        return replace(made, faults=self.faults)

    def between(self, low: Operand, high: Operand) -> Column:
        """Whether low <= value < high; where low > high, around the end (22 to 5)."""
        from_low: Column = self >= low
        to_high: Column = self < high
        plain = isinstance(low, int | float) and isinstance(high, int | float)
        return from_low | to_high if plain and low > high else from_low & to_high

    def is_in(self, *values: Operand) -> Column:
        """Whether the value is one of these."""
        if not values:
            return replace(self.exists, faults=(*self.faults, "is_in: got no value"))
        found: Column = self == values[0]
        for value in values[1:]:
            found = found | (self == value)
        return found

    def among(self, other: Column) -> Column:
        """Whether the value occurs in a column of any visible event of its kind.

        ``Purchase.order.among(Cancel.order)``: the order has been cancelled.
        """
        made = Column("among", (self, other), "condition", units.CONDITION, self.source)
        return _with_faults(made, self, other, fault=_unlike("among", self, other))

    def resolved(self, meant: Any) -> Column:
        """The same with each feature in it, and so each reference, as `meant` says."""
        if self.op == "slot":
            return _column(meant(self.args[0]), self)
        if not self.features:
            return self
        args = tuple(
            a.resolved(meant) if isinstance(a, Column) else a for a in self.args
        )
        if self.op in _COMPARISONS:
            return _compared(self.op, *args)
        if self.op in _ARITHMETIC:
            return _calculated(self.op, *args)
        return (
            _joined(self.op, *args) if self.op in _LOGIC else replace(self, args=args)
        )

    @property
    def features(self) -> tuple[Feature, ...]:
        """The features whose values it asks for."""
        if self.op == "slot":
            return self.args
        found = (a.features for a in self.args if isinstance(a, Column))
        return tuple(feature for features in found for feature in features)


def _constant(value: Any, like: Column) -> Column:
    kinds: dict[type, Value] = {bool: "condition", int: "integer", float: "number"}
    if isinstance(value, str):
        return Column("constant", (value,), "text", units.CODE, like.source)
    kind = kinds.get(type(value))
    fault = ""
    if kind is None:
        got = type(value).__name__
        fault = f"expected a column, a feature or a plain value, got {got}"
    elif not -(2**63) < value < 2**63:
        fault = f"expected a number of at most 64 bits, got {value}"
    if fault:
        return Column("constant", (0,), "integer", like.unit, like.source, (fault,))
    return Column("constant", (value,), kind or "integer", like.unit, like.source)


def _column(value: Operand, like: Column) -> Column:
    """An operand as a column: a feature's value is the same for every event."""
    if isinstance(value, Column):
        return value
    if not isinstance(value, Feature):
        return _constant(value, like)
    made = Column("slot", (value,), "unknown", value.unit, like.source, value.faults)
    returns = value.returns
    if returns == "list":
        return replace(made, faults=(*value.faults, "a list cannot be compared"))
    return replace(made, value="integer" if returns == "moment" else returns)


def _factor(value: Operand, like: Column) -> Column:
    """An operand of a product or quotient: a plain number has no unit."""
    made = _column(value, like)
    return replace(made, unit=units.NUMBER) if made.op == "constant" else made


def _with_faults(column: Column, *parts: Column, fault: str = "") -> Column:
    faults = tuple(dict.fromkeys(f for part in parts for f in part.faults))
    return replace(column, faults=faults + ((fault,) if fault else ()))


def _unlike(op: str, *pair: Column) -> str:
    one, other = pair
    values = {one.value, other.value}
    if "text" in values and not values <= {"text", "unknown"}:
        return f"{op}: cannot compare {one.value} with {other.value}"
    if not units.are_alike(one.unit, other.unit):
        return f"{op}: units differ, got {one.unit} and {other.unit}"
    return ""


def _apart(op: str, *pair: Column) -> str:
    one, other = pair
    if one.source.meets(other.source):
        return ""
    return f"{op}: no event is both {one.source} and {other.source}"


def _compared(op: str, *pair: Column) -> Column:
    fault = _unlike(op, *pair) or _apart(op, *pair)
    if op != "eq" and "text" in (pair[0].value, pair[1].value):
        fault = f"{op}: text can only be compared by == and !="
    made = Column(op, pair, "condition", units.CONDITION, _source(*pair))
    return _with_faults(made, *pair, fault=fault)


def _differing(one: Column, other: Column) -> Column:
    """Neither missing, and not equal: a condition on nothing is false."""
    unequal = ~_compared("eq", one, other)
    for part in (one, other):
        if part.op != "constant":
            unequal = unequal & part.exists
    return unequal


def _calculated(op: str, *pair: Column) -> Column:
    one, other = pair
    unit = units.RULES[op](one.unit, other.unit)
    fault = "" if unit else f"{op}: units do not fit, got {one.unit} and {other.unit}"
    for wrong in {"text", "condition"} & {one.value, other.value}:
        fault = f"{op}: expected numbers, got {wrong}"
    exact = "number" not in (one.value, other.value) and op != "div"
    value: Value = "integer" if exact else "number"
    made = Column(op, pair, value, unit or units.UNKNOWN, _source(*pair))
    return _with_faults(made, *pair, fault=fault or _apart(op, *pair))


def _joined(op: str, *parts: Column) -> Column:
    wrong = [p.value for p in parts if p.value not in ("condition", "unknown")]
    fault = f"{op}: expected conditions, got {wrong[0]}" if wrong else ""
    made = Column(op, parts, "condition", units.CONDITION, _source(*parts))
    return _with_faults(made, *parts, fault=fault)


def _source(*parts: Column) -> Kind:
    """Whose events: those of the first part that is not the same for every event."""
    said = [part for part in parts if part.op not in ("constant", "slot")]
    return (said or list(parts))[0].source
