"""References between features of a definition: checked, and replaced."""

from __future__ import annotations

from collections.abc import Mapping

from limner.errors import did_you_mean
from limner.language.feature import Feature, Reference, Titles, all_parts


def wrong_references(features: Mapping[str, Feature]) -> list[str]:
    """References to nothing, and features that come back to themselves."""
    faults = []
    for name, feature in features.items():
        for part in all_parts(feature):
            if isinstance(part, Reference) and part.name not in features:
                hint = did_you_mean(part.name, list(features))
                faults.append(f"{name}: no feature {part.name!r}.{hint}")
    if faults:
        return faults
    return [f"{n}: refers to itself" for n in features if _is_cycle(n, features)]


def resolve(features: Mapping[str, Feature]) -> dict[str, Feature]:
    """The features with every reference replaced; none may be wrong.

    Units and types are checked anew, now that they are known.
    """
    done: dict[str, Feature] = {}

    def meant(feature: Feature) -> Feature:
        if not isinstance(feature, Reference):
            return feature.resolved(meant)
        if feature.name not in done:
            done[feature.name] = meant(features[feature.name])
        found = done[feature.name]
        if feature.titles == Titles():
            return found
        return found.named(feature.titles.en, feature.titles.zh)

    return {name: meant(Reference(name)) for name in features}


def _is_cycle(name: str, features: Mapping[str, Feature]) -> bool:
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        for part in all_parts(features[ahead.pop()]):
            if isinstance(part, Reference):
                if part.name == name:
                    return True
                if part.name not in seen:
                    seen.add(part.name)
                    ahead.append(part.name)
    return False
