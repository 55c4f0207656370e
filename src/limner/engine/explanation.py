"""Explanations: the events behind a value, and what each of them adds."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from limner.clock import FOR_EVER, moment_text
from limner.engine.reader import Reader
from limner.engine.reading import Painted, Place, first_profile
from limner.engine.shoppers import check_known
from limner.events.record import WHO, words_of
from limner.history.histories import Histories
from limner.history.links import Who
from limner.language.feature import Feature, Reference
from limner.language.selection import Chosen, Selection
from limner.machine.operations import Op
from limner.machine.run import Trace, run
from limner.profile.definition import LABELS


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

    def __init__(self, reader: Reader, whos: list[Who], at: int, known: int) -> None:
        self.reader, self.at, self.known = reader, at, known
        self.histories: Histories = reader.store.histories(np.array(whos, WHO))
        self.groups = np.array([0, len(whos)], np.int64)

    def value(self, name: str) -> Any:
        """One value of the profile."""
        dimension, _, feature = name.partition(".")
        profile, labels = first_profile(
            self.reader.places, self.painted(), self.reader.texts
        )
        if dimension == LABELS:
            return feature in labels
        return profile[dimension][feature]

    def painted(self) -> Painted:
        """What the machine makes of the history."""
        ats = np.array([self.at], np.int64)
        return self.reader.paint(self.histories, self.groups, ats, self.known)

    def chosen(self, selection: Selection) -> tuple[np.ndarray, Chosen]:
        """The records that a selection saw, and what its kernel saw of them."""
        reader, n = self.reader, len(self.histories.rows) + 1
        row = reader.compiled.selections[selection.key()]
        rows, values = np.empty(n, np.int64), np.empty(n, np.int64)
        numbers, weights = np.empty(n), np.empty(n)
        trace = Trace(np.array([row, 0]), rows, values, numbers, weights)
        slots = np.empty((1, int(reader.program.sizes[1])), np.int64)
        ats = np.array([self.at], np.int64)
        run(
            words_of(self.histories.rows),
            self.histories.offsets,
            self.groups,
            ats,
            np.array([self.known]),
            reader.program,
            reader.world,
            slots,
            trace,
        )
        seen = int(trace.kernel[1])
        records = self.histories.rows[rows[:seen]]
        moments = np.ascontiguousarray(records["at"])
        return records, Chosen(moments, values[:seen], numbers[:seen], weights[:seen])


def explain(
    reader: Reader, whos: list[Who], name: str, at: int, known: int = FOR_EVER
) -> Explanation:
    """The events behind a feature's value. Raises DefinitionError for an unknown
    name, UnknownShopper.

    Of a feature made of several selections, an event's weight is what it adds to the
    first of them that it contributes to.
    """
    feature = reader.definition[name]
    reader.check_moment(at, known)
    traced = _Traced(reader, whos, at, known)
    check_known(reader.store, whos, traced.histories)
    value = traced.value(name)
    found: dict[tuple[int, int, int], tuple[Any, float, int | None]] = {}
    for selection in selections_of(feature, reader.definition.features):
        records, chosen = traced.chosen(selection)
        result = value if selection is feature else _result(selection, traced)
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


def _result(selection: Selection, traced: _Traced) -> Any:
    """The value of a selection that is part of another feature."""
    reader = traced.reader
    compiled = reader.compiled
    for name, output in compiled.outputs.items():
        if output.feature.key() == selection.key():
            return traced.value(name)
    slot = _slot_of(compiled.code, compiled.selections[selection.key()])
    place = Place("part", "value", selection.returns, slot, -1, False)
    profile, _ = first_profile([place], traced.painted(), reader.texts)
    return profile["part"]["value"]


def _slot_of(code: np.ndarray, kernel: int) -> int:
    """The slot that a kernel fills; a part of another feature has one."""
    rows = code[(code[:, 0] == Op.KERNEL) & (code[:, 3] == kernel)]
    return int(rows[0, 2])


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
