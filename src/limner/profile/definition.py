"""Definitions: what a profile holds, declared as classes and checked when built.

class Behaviour(Dimension):
    views = count(View).within("1h", "24h")         # views_1h, views_24h

class Labels(Dimension):
    busy = label(Behaviour.views["24h"] >= 20, en="Busy", zh="活跃")

class Shopper(Profile):
    behaviour = Behaviour
    labels = Labels
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from limner.errors import DefinitionError, did_you_mean
from limner.language.feature import Family, Feature, Reference, all_parts
from limner.language.references import resolve, wrong_references
from limner.profile.rates import Rates

LABELS = "labels"
"""The dimension whose features are conditions, shown as a list of names."""


class _Namespace(dict[str, Any]):
    """A class body that notices when a name is given twice."""

    def __init__(self) -> None:
        super().__init__()
        self.twice: list[str] = []

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self and not name.startswith("__"):
            self.twice.append(name)
        super().__setitem__(name, value)


class _Body(type):
    """Remembers what a class body declares, in order."""

    twice: tuple[str, ...]

    @classmethod
    def __prepare__(cls, name: str, bases: Any, /, **_: Any) -> _Namespace:
        return _Namespace()

    def __new__(cls, name: str, bases: Any, namespace: Any, **_: Any) -> _Body:
        made = super().__new__(cls, name, bases, dict(namespace))
        made.twice = tuple(getattr(namespace, "twice", ()))
        return made


class Dimension(metaclass=_Body):
    """Features that belong together; each attribute that is a feature is one."""


class Profile(metaclass=_Body):
    """A whole profile: each attribute that is a dimension is one.

    ``rates`` are the dated currency rates by which money is converted. The finished
    definition is ``Shopper.definition``, built, and checked, with the class.
    """

    rates: ClassVar[Rates] = Rates()
    definition: ClassVar[Definition]

    def __init_subclass__(cls, **_: Any) -> None:
        cls.definition = Definition(cls.__name__, *_declared(cls), cls.rates)


def ref(name: str) -> Reference:
    """Another feature of the definition, by full name: ``ref("value.spend_30d")``."""
    return Reference(name)


def label(condition: Feature, *, en: str = "", zh: str = "") -> Feature:
    """A named condition, with its names for people."""
    return condition.named(en, zh)


class Definition:
    """A frozen set of features by their full names, ``dimension.feature``.

    Raises DefinitionError with every fault found.
    """

    def __init__(
        self,
        name: str,
        features: dict[str, Feature],
        faults: list[str],
        rates: Rates | None = None,
    ) -> None:
        self.name, self.rates = name, rates or Rates()
        found = list(faults)
        if wrong := wrong_references(features):
            found += wrong
        else:
            features = resolve(features)
        self.features = features
        for full_name, feature in features.items():
            for part in all_parts(feature):
                found += [f"{full_name}: {fault}" for fault in part.faults]
        found += [
            f"{full_name}: a label is a condition, got {feature.returns}"
            for full_name, feature in features.items()
            if full_name.startswith(f"{LABELS}.")
            and feature.returns not in ("condition", "unknown")
        ]
        if not features:
            found.append(f"{name}: expected at least one dimension with a feature")
        if found:
            raise DefinitionError(list(dict.fromkeys(found)))

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits: equal where every feature and rate is."""
        digest = hashlib.blake2b(digest_size=8)
        for full_name, feature in self.features.items():
            digest.update(f"{full_name}={feature.key()!r}\n".encode())
        digest.update(self.rates.fingerprint.encode())
        return digest.hexdigest()

    def __iter__(self) -> Iterator[tuple[str, Feature]]:
        return iter(self.features.items())

    def __getitem__(self, name: str) -> Feature:
        if name not in self.features:
            hint = did_you_mean(name, list(self.features))
            raise DefinitionError(f"no feature {name!r}.{hint}")
        return self.features[name]


def _declared(profile: type) -> tuple[dict[str, Feature], list[str]]:
    """The features of a profile class by full name, and faults of naming."""
    features: dict[str, Feature] = {}
    faults = [f"{profile.__name__}: {n!r} is given twice" for n in _twice(profile)]
    for dimension_name, dimension in _attributes(profile):
        if not (isinstance(dimension, type) and issubclass(dimension, Dimension)):
            continue
        faults += [f"{dimension_name}.{n} is given twice" for n in _twice(dimension)]
        for name, value in _attributes(dimension):
            for full_name, feature in _members(f"{dimension_name}.{name}", value):
                if full_name in features:
                    faults.append(f"{full_name} is given twice")
                features[full_name] = feature
    return features, faults


def _attributes(body: type) -> list[tuple[str, Any]]:
    """Attributes in the order written, those of base classes first."""
    found: dict[str, Any] = {}
    for base in reversed(body.__mro__):
        found |= {n: v for n, v in vars(base).items() if not n.startswith("_")}
    return list(found.items())


def _twice(body: type) -> tuple[str, ...]:
    return getattr(body, "twice", ())


def _members(name: str, value: Any) -> list[tuple[str, Feature]]:
    if isinstance(value, Feature):
        return [(name, value)]
    if isinstance(value, Family):
        return [(f"{name}_{span}", member) for span, member in value.members.items()]
    return []
