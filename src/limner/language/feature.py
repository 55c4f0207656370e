"""Features: named, typed functions of (history, moment), and how they compose.

A feature is built of selections (selection.py), constants, and operations on other
features. Building never fails: mistakes are kept in ``faults`` until a definition
reports them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from limner.language import units

Returns = Literal["integer", "number", "condition", "text", "moment", "list", "unknown"]
"""What readers get: int, float, bool, str, moment (us), or a list of {key, weight};
unknown until a reference is resolved."""

Operand = Any  # a Feature, or a plain value
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
        """The features that this one is calculated from."""
        return ()

    @property
    def asked(self) -> tuple[Feature, ...]:
        """The features that its conditions on events ask for."""
        return ()

    def resolved(self, meant: Callable[[Feature], Feature]) -> Feature:
        """The same with its parts, and so each reference, as `meant` says."""
        return self

    def key(self) -> tuple[Any, ...]:
        """What makes two features the same, as nested tuples."""
        raise NotImplementedError

    def named(self: F, en: str, zh: str = "") -> F:
        """This feature under names for people."""
        return replace(self, titles=Titles(en, zh))

    def __add__(self, other: Operand) -> Feature:
        return _calculated("add", self, as_feature(other, self.unit))

    def __radd__(self, other: Operand) -> Feature:
        return _calculated("add", as_feature(other, self.unit), self)

    def __sub__(self, other: Operand) -> Feature:
        return _calculated("sub", self, as_feature(other, self.unit))

    def __rsub__(self, other: Operand) -> Feature:
        return _calculated("sub", as_feature(other, self.unit), self)

    def __mul__(self, other: Operand) -> Feature:
        return _calculated("mul", self, as_feature(other))

    def __rmul__(self, other: Operand) -> Feature:
        return _calculated("mul", as_feature(other), self)

    def __truediv__(self, other: Operand) -> Feature:
        return _calculated("div", self, as_feature(other))

    def __rtruediv__(self, other: Operand) -> Feature:
        return _calculated("div", as_feature(other), self)

    def __eq__(self, other: object) -> Feature:  # type: ignore[override]
        return _compared("eq", self, as_feature(other, self.unit))

    def __ne__(self, other: object) -> Feature:  # type: ignore[override]
        return _differing(self, as_feature(other, self.unit))

    def __lt__(self, other: Operand) -> Feature:
        return _compared("lt", self, as_feature(other, self.unit))

    def __le__(self, other: Operand) -> Feature:
        return _compared("le", self, as_feature(other, self.unit))

    def __gt__(self, other: Operand) -> Feature:
        return _compared("lt", as_feature(other, self.unit), self)

    def __ge__(self, other: Operand) -> Feature:
        return _compared("le", as_feature(other, self.unit), self)

    def __and__(self, other: Feature) -> Feature:
        return _joined("and", self, as_feature(other))

    def __or__(self, other: Feature) -> Feature:
        return _joined("or", self, as_feature(other))

    def __invert__(self) -> Feature:
        return _joined("not", self)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError(
            "a feature is no truth value: combine with & | ~, not and or not"
        )

    @property
    def exists(self) -> Feature:
        """Whether there is a value at all."""
        return Combined("has", (self,), "condition", units.CONDITION)

    def or_else(self, other: Operand) -> Feature:
        """This value, or another one where there is none."""
        return _or_else("or_else", self, as_feature(other, self.unit))


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
    gives: Returns
    counted_in: str

    @property
    def returns(self) -> Returns:
        """As the operation has it."""
        return self.gives

    @property
    def unit(self) -> str:
        """As the operation has it."""
        return self.counted_in

    @property
    def parts(self) -> tuple[Feature, ...]:
        """The operands."""
        return self.operands

    def key(self) -> tuple[Any, ...]:
        """The operation and its operands."""
        return (self.op, *(operand.key() for operand in self.operands))

    def resolved(self, meant: Callable[[Feature], Feature]) -> Feature:
        """The operation anew, now that its operands are known."""
        operands = [meant(operand) for operand in self.operands]
        if self.op == "has":
            return operands[0].exists.named(self.titles.en, self.titles.zh)
        made = _RULES[self.op](self.op, *operands)
        return made.named(self.titles.en, self.titles.zh)


@dataclass(frozen=True, eq=False)
class Reference(Feature):
    """Another feature of the same definition, by its full name."""

    name: str

    @property
    def returns(self) -> Returns:
        """Not known before the definition is built."""
        return "unknown"

    @property
    def unit(self) -> str:
        """Not known before the definition is built."""
        return units.UNKNOWN

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


def _calculated(op: str, *pair: Feature) -> Feature:
    one, other = pair
    unit = units.RULES[op](one.unit, other.unit)
    faults = []
    if unit is None:
        faults.append(f"{op}: units do not fit, got {one.unit} and {other.unit}")
    for operand in (one, other):
        if operand.returns in ("text", "list", "condition"):
            faults.append(f"{op}: expected numbers, got {operand.returns}")
    returns: Returns = "number"
    if "number" not in (one.returns, other.returns) and op != "div":
        returns = "moment" if unit == units.MOMENT else "integer"
    return Combined(op, pair, returns, unit or units.UNKNOWN, faults=tuple(faults))


def _compared(op: str, *pair: Feature) -> Feature:
    """False where either side is None."""
    one, other = pair
    fault = _unlike(op, one, other)
    if op != "eq" and "text" in (one.returns, other.returns):
        fault = f"{op}: text can only be compared by == and !="
    return _condition(op, one, other, faults=(fault,) if fault else ())


def _differing(one: Feature, other: Feature) -> Feature:
    """Neither is None, and they are not equal: a condition on None is false."""
    unequal = ~_compared("eq", one, other)
    for part in (one, other):
        if not isinstance(part, Constant):
            unequal = unequal & part.exists
    return unequal


def _or_else(op: str, *pair: Feature) -> Feature:
    one, other = pair
    fault = _unlike(op, one, other)
    returns = one.returns
    if "number" in (one.returns, other.returns):
        returns = "number"
    faults = (fault,) if fault else ()
    return Combined(op, (one, other), returns, one.unit, faults=faults)


def _joined(op: str, *operands: Feature) -> Feature:
    wrong = [o.returns for o in operands if o.returns not in ("condition", "unknown")]
    faults = tuple(f"{op}: expected conditions, got {got}" for got in wrong[:1])
    return _condition(op, *operands, faults=faults)


def _condition(op: str, *operands: Feature, faults: tuple[str, ...]) -> Feature:
    return Combined(op, operands, "condition", units.CONDITION, faults=faults)


def _unlike(op: str, *pair: Feature) -> str:
    one, other = pair
    kinds: set[str] = {one.returns, other.returns}
    if "list" in kinds:
        return f"{op}: a list cannot be compared"
    if "text" in kinds and not kinds <= {"text", "unknown"}:
        return f"{op}: cannot compare {one.returns} with {other.returns}"
    if not units.are_alike(one.unit, other.unit):
        return f"{op}: units differ, got {one.unit} and {other.unit}"
    return ""


_RULES: dict[str, Callable[..., Feature]] = {
    **dict.fromkeys(("eq", "lt", "le"), _compared),
    **dict.fromkeys(("add", "sub", "mul", "div"), _calculated),
    **dict.fromkeys(("and", "or", "not"), _joined),
    "or_else": _or_else,
}


def as_feature(value: object, like: str = units.NUMBER) -> Feature:
    """An operand as a feature."""
    if isinstance(value, Feature):
        return value
    if isinstance(value, str) or _fits(value):
        return Constant(value, like=like)
    got = type(value).__name__
    if isinstance(value, Family):
        got = f"several spans ({', '.join(value)}), pick one by [span]"
    return Constant(
        0, like=like, faults=(f"expected a feature or a number, got {got}",)
    )


def _fits(value: object) -> bool:
    """Whether this is a number, or a truth, of at most 64 bits."""
    return isinstance(value, int | float) and -(2**63) < value < 2**63


def all_parts(feature: Feature) -> Iterator[Feature]:
    """A feature and everything that it is made of or asks for."""
    yield feature
    for part in (*feature.parts, *feature.asked):
        yield from all_parts(part)
