"""Explanations: the events behind a value, and what each of them adds."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from limner.clock import moment_text
from limner.engine.asked import Asked
from limner.engine.reader import PART, Reader
from limner.history.links import Who
from limner.history.moment import Moment
from limner.language.feature import Feature, Reference
from limner.language.selection import Chosen, Selection
from limner.machine.run import Trace


class Contribution(msgspec.Struct, frozen=True):
    """One event behind a value."""

    event: str
    """Its id, as its source gave it."""
    at: str
    kind: str
    weight: float
    """What it adds: the contributions to a count or a sum add up to it."""
    key: str | int | None = None
    """Of a list: the entry that it adds to."""


class Explanation(msgspec.Struct, frozen=True):
    """A value, and every event that contributed to it, oldest first."""

    value: Any
    count: int
    newest: str | None
    """The moment of the newest event that contributed; None without any."""
    contributions: list[Contribution]

    def to_json(self) -> dict[str, Any]:
        """The document of `limner explain`."""
        return {
            "value": self.value,
            "count": self.count,
            "newest": self.newest,
            "contributions": [
                {k: v for k, v in msgspec.to_builtins(one).items() if v is not None}
                for one in self.contributions
            ],
        }


class _Traced:
    """A shopper's history at a moment, to be asked about one selection at a time."""

    def __init__(self, reader: Reader, whos: list[Who], moment: Moment) -> None:
        self.reader, self.asked = reader, reader.ask([whos], moment)

    def value(self, name: str) -> Any:
        """One value of the profile."""
        return _value(self.reader, name, asked=self.asked)

    def result(self, selection: Selection) -> Any:
        """The value of a selection that is part of another feature."""
        return _value(self.reader.of_part(selection), PART, asked=self.asked)

    def chosen(self, selection: Selection) -> tuple[np.ndarray, Chosen]:
        """The records that a selection saw, and what its kernel saw of them."""
        held, n = self.asked.histories.rows, len(self.asked.histories.rows) + 1
        row = self.reader.compiled.selections[selection.key()]
        rows, values = np.empty(n, np.int64), np.empty(n, np.int64)
        trace = Trace(np.array([row, 0]), rows, values, np.empty(n), np.empty(n))
        self.reader.paint(self.asked, trace)
        seen = int(trace.kernel[1])
        records = held[rows[:seen]]
        at = np.ascontiguousarray(records["at"])
        numbers, weights = trace.numbers[:seen], trace.weights[:seen]
        return records, Chosen(at, values[:seen], numbers, weights)


def explain(
    reader: Reader, whos: list[Who], *, name: str, moment: Moment
) -> Explanation:
    """The events behind a feature's value. Raises DefinitionError for an unknown
    name, UnknownShopper.

    Of a feature made of several selections, an event's weight is what it adds to the
    first of them that it contributes to.
    """
    feature = reader.definition[name]
    traced = _Traced(reader, whos, moment)
    value = traced.value(name)
    found: dict[tuple[int, int, int], tuple[Any, float, int | None]] = {}
    for selection in selections_of(feature, reader.definition.features):
        records, chosen = traced.chosen(selection)
        result = value if selection is feature else traced.result(selection)
        weights = selection.contributions(chosen, result)
        is_list = selection.returns == "list"
        for index in np.flatnonzero(~np.isnan(weights)).tolist():
            record = records[index]
            key = int(chosen.value[index]) if is_list else None
            place = (int(record["at"]), int(record["id"]), int(record["who_lo"]))
            found.setdefault(place, (record, float(weights[index]), key))
    ordered = [found[place] for place in sorted(found)]
    newest = int(ordered[-1][0]["at"]) if ordered else None
    return Explanation(
        value,
        len(ordered),
        None if newest is None else moment_text(newest),
        _named(reader, ordered),
    )


def selections_of(feature: Feature, features: dict[str, Feature]) -> list[Selection]:
    """The selections that a feature is made of, each once."""
    found: dict[tuple[Any, ...], Selection] = {}
    ahead = [feature]
    for one in ahead:
        if isinstance(one, Reference):
            ahead.append(features[one.name])
        elif isinstance(one, Selection):
            found.setdefault(one.key(), one)
        ahead.extend(one.parts)
    return list(found.values())


def _value(reader: Reader, name: str, *, asked: Asked) -> Any:
    places = reader.dress.places
    place = next(p for p in places if f"{p.dimension}.{p.name}" == name)
    return reader.dress.value(reader.paint(asked), place)


def _named(
    reader: Reader, entries: list[tuple[Any, float, int | None]]
) -> list[Contribution]:
    """Contributions with the ids that their sources gave them."""
    if not entries:
        return []
    places = np.array([record["place"] for record, _, _ in entries], np.uint64)
    ids = reader.store.full_events(places).column("id").to_pylist()
    kinds = reader.store.schema.kind_names()
    keys = [key for _, _, key in entries if key is not None]
    texts = dict(zip(keys, reader.texts.of(keys), strict=True))
    return [
        Contribution(
            event,
            moment_text(int(record["at"])),
            kinds.get(int(record["kind"]), "identify"),
            weight,
            None if key is None else texts.get(key) or key,
        )
        for event, (record, weight, key) in zip(ids, entries, strict=True)
    ]
