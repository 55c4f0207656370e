"""Features: named, typed functions of (history, moment), and how they compose.

A feature is built of selections (selection.py), constants, and operations on other
features. Building never fails: mistakes are kept in ``faults`` until a definition
reports them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from limner.language import units

Returns = Literal["integer", "number", "condition", "text", "moment", "list"]
"""What readers get: int, float, bool, str, moment (us), or a list of {key, weight}."""

F = TypeVar("F", bound="Feature")


@dataclass(frozen=True)
class Titles:
    """What people call a feature."""

    en: str = ""
    zh: str = ""


@dataclass(frozen=True, eq=False)
class Feature:
    """A value for each shopper and moment; None where there is nothing to say."""

    titles: Titles = field(default=Titles(), kw_only=True)
    faults: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def returns(self) -> Returns:
        """What readers get."""
        raise NotImplementedError

    @property
    def unit(self) -> str:
        """The unit of the value."""
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Feature, ...]:
        """The features that this one is made of."""
        return ()

    def key(self) -> tuple[Any, ...]:
        """What makes two features the same, as nested tuples."""
        raise NotImplementedError

    def named(self: F, en: str, zh: str = "") -> F:
        """This feature under names for people."""
        return replace(self, titles=Titles(en, zh))

    def __add__(self, other: Feature | float) -> Feature:
        return calculated("add", self, other)

    def __radd__(self, other: float) -> Feature:
        return calculated("add", self, other)

    def __sub__(self, other: Feature | float) -> Feature:
        return calculated("sub", self, other)

    def __rsub__(self, other: float) -> Feature:
        return calculated("sub", Constant(other, like=self.unit), self)

    def __mul__(self, other: Feature | float) -> Feature:
        return calculated("mul", self, other)

    def __rmul__(self, other: float) -> Feature:
        return calculated("mul", self, other)

    def __truediv__(self, other: Feature | float) -> Feature:
        return calculated("div", self, other)

    def __eq__(self, other: object) -> Feature:  # type: ignore[override]
        return compared("eq", self, other)

    def __ne__(self, other: object) -> Feature:  # type: ignore[override]
        return ~compared("eq", self, other)

    def __lt__(self, other: Feature | float) -> Feature:
        return compared("lt", self, other)

    def __le__(self, other: Feature | float) -> Feature:
        return compared("le", self, other)

    def __gt__(self, other: Feature | float) -> Feature:
        return compared("lt", self, other, swapped=True)

    def __ge__(self, other: Feature | float) -> Feature:
        return compared("le", self, other, swapped=True)

    def __and__(self, other: Feature) -> Feature:
        return joined("and", self, other)

    def __or__(self, other: Feature) -> Feature:
        return joined("or", self, other)

    def __invert__(self) -> Feature:
        return joined("not", self)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError(
            "a feature is no truth value: combine with & | ~, not and or not"
        )

    @property
    def exists(self) -> Feature:
        """Whether there is a value at all."""
        return Combined("has", (self,), "condition", units.CONDITION)

    def or_else(self, other: float) -> Feature:
        """This value, or another one where there is none."""
        return Combined("or_else", (self, Constant(other, like=self.unit)))


@dataclass(frozen=True, eq=False)
class Constant(Feature):
    """A plain number, truth or text among features."""

    constant: Any
    like: str = field(default=units.NUMBER, kw_only=True)

    @property
    def returns(self) -> Returns:
        """By the type of the constant."""
        if isinstance(self.constant, bool):
            return "condition"
        if isinstance(self.constant, str):
            return "text"
        return "integer" if isinstance(self.constant, int) else "number"

    @property
    def unit(self) -> str:
        """That of what it met."""
        return units.CODE if isinstance(self.constant, str) else self.like

    def key(self) -> tuple[Any, ...]:
        """Its value."""
        return ("constant", repr(self.constant))


@dataclass(frozen=True, eq=False)
class Combined(Feature):
    """An operation on other features."""

    op: str
    operands: tuple[Feature, ...]
    kind: Returns | None = None
    gives: str | None = None

    @property
    def returns(self) -> Returns:
        """As the operation has it; else as its first operand."""
        return self.kind or self.operands[0].returns

    @property
    def unit(self) -> str:
        """As the operation has it; else as its first operand."""
        return self.gives if self.gives is not None else self.operands[0].unit

    @property
    def parts(self) -> tuple[Feature, ...]:
        """The operands."""
        return self.operands

    def key(self) -> tuple[Any, ...]:
        """The operation and its operands."""
        return (self.op, *(operand.key() for operand in self.operands))


@dataclass(frozen=True, eq=False)
class Reference(Feature):
    """Another feature of the same definition, by its full name."""

    name: str

    @property
    def returns(self) -> Returns:
        """Not known before the definition is built; a number until then."""
        return "number"

    @property
    def unit(self) -> str:
        """Not known before the definition is built."""
        return units.NUMBER

    def key(self) -> tuple[Any, ...]:
        """The name."""
        return ("reference", self.name)


class Family(Generic[F]):
    """The same feature over several spans: ``views["24h"]`` is one of them."""

    def __init__(self, members: Mapping[str, F]) -> None:
        self.members = dict(members)

    def __getitem__(self, span: str) -> F:
        if span not in self.members:
            first = next(iter(self.members.values()))
            fault = f"no span {span!r} here, got {', '.join(self.members)}"
            return replace(first, faults=(*first.faults, fault))
        return self.members[span]

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def named(self, en: str, zh: str = "") -> Family[F]:
        """The same features under names for people, each with its span."""
        return Family(
            {
                span: member.named(f"{en}, {span}", f"{zh}（{span}）" if zh else "")
                for span, member in self.members.items()
            }
        )


def calculated(op: str, one: Feature, value: object) -> Feature:
    """A sum, difference, product or quotient."""
    like = units.NUMBER if op in ("mul", "div") else one.unit
    other = as_feature(value, like)
    rule = {"mul": units.multiplied, "div": units.divided}.get(op, units.added)
    unit = rule(one.unit, other.unit)
    faults = []
    if unit is None:
        faults.append(f"{op}: units do not fit, got {one.unit} and {other.unit}")
    for operand in (one, other):
        if operand.returns in ("text", "list", "condition"):
            faults.append(f"{op}: expected numbers, got {operand.returns}")
    exact = "number" not in (one.returns, other.returns) and op != "div"
    return Combined(
        op,
        (one, other),
        "integer" if exact else "number",
        unit or units.NUMBER,
        faults=tuple(faults),
    )


def compared(op: str, one: Feature, value: object, swapped: bool = False) -> Feature:
    """A condition; false where either side is None."""
    other = as_feature(value, one.unit)
    fault = ""
    if (one.returns == "text") != (other.returns == "text"):
        fault = f"{op}: cannot compare {one.returns} with {other.returns}"
    elif one.returns == "text" and op != "eq":
        fault = f"{op}: text can only be compared by == and !="
    elif not units.are_alike(one.unit, other.unit):
        fault = f"{op}: units differ, got {one.unit} and {other.unit}"
    pair = (other, one) if swapped else (one, other)
    faults = (fault,) if fault else ()
    return Combined(op, pair, "condition", units.CONDITION, faults=faults)


def joined(op: str, *operands: Feature) -> Feature:
    """Conditions put together."""
    wrong = [o.returns for o in operands if o.returns != "condition"]
    faults = tuple(f"{op}: expected conditions, got {got}" for got in wrong[:1])
    return Combined(op, operands, "condition", units.CONDITION, faults=faults)


def as_feature(value: object, like: str = units.NUMBER) -> Feature:
    """An operand as a feature."""
    if isinstance(value, Feature):
        return value
    if isinstance(value, bool | int | float | str):
        return Constant(value, like=like)
    got = type(value).__name__
    if isinstance(value, Family):
        got = f"several spans ({', '.join(value)}), pick one by [span]"
    return Constant(
        0, like=like, faults=(f"expected a feature or a number, got {got}",)
    )


def all_parts(feature: Feature) -> Iterator[Feature]:
    """A feature and everything it is made of."""
    yield feature
    for part in feature.parts:
        yield from all_parts(part)
