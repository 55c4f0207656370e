"""Profiles as read: one as Python values, many as Arrow columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from limner.clock import moment_text
from limner.events.record import NULL
from limner.language.feature import Feature, Returns
from limner.language.selection import Selection
from limner.machine.order import settle
from limner.machine.program import Compiled
from limner.machine.run import Spill
from limner.profile.definition import LABELS

if TYPE_CHECKING:
    import polars

    from limner.engine.texts import Texts


class Reading(msgspec.Struct, frozen=True):
    """One profile: ``reading.profile["value"]["spend_30d"]``, ``reading.labels``."""

    shopper: str
    at: int
    """The moment (us)."""
    definition: str
    """Fingerprint."""
    profile: dict[str, dict[str, Any]]
    labels: list[str]

    def __getitem__(self, name: str) -> Any:
        """A value by its full name, ``value.spend_30d``."""
        dimension, _, feature = name.partition(".")
        if dimension == LABELS:
            return feature in self.labels
        return self.profile[dimension][feature]

    def to_json(self) -> dict[str, Any]:
        """The document of `limner profile`."""
        return {
            "shopper": self.shopper,
            "at": moment_text(self.at),
            "definition": self.definition,
            "profile": self.profile,
            "labels": self.labels,
        }


@dataclass(frozen=True)
class Painted:
    """What the machine left of some shoppers, its lists in order."""

    slots: np.ndarray
    """int64[shoppers, slots]."""
    spill: Spill

    @staticmethod
    def settled(
        compiled: Compiled, slots: np.ndarray, spill: Spill, texts: Texts
    ) -> Painted:
        """Put lists in order, by the texts of their keys."""
        if len(spill.keys):
            limits = np.zeros(spill.lists.shape[1], np.int64)
            ranks = texts.ranks(spill.keys)
            for output in compiled.outputs.values():
                if output.list >= 0:
                    assert isinstance(output.feature, Selection)
                    limits[output.list] = output.feature.limit or 1
            settle(spill.keys, spill.weights, ranks, spill.lists, limits)
        return Painted(slots, spill)


class Place(NamedTuple):
    """Where a feature's value stands in what the machine leaves, and how to show it."""

    dimension: str
    name: str
    returns: Returns
    slot: int
    list: int
    has_texts: bool


def places_of(compiled: Compiled) -> list[Place]:
    """The places of all features, looked up once and not at every reading."""
    places = []
    for full_name, (feature, slot, number) in compiled.outputs.items():
        dimension, _, name = full_name.partition(".")
        has_texts = isinstance(feature, Selection) and feature.value == "text"
        places.append(Place(dimension, name, feature.returns, slot, number, has_texts))
    return places


def first_profile(
    places: list[Place], painted: Painted, texts: Texts
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The first shopper's values by dimension and name, and the labels that hold."""
    whole = painted.slots[0].tolist()
    floats = painted.slots[:1].view(np.float64)[0].tolist()
    lists = _Lists(painted, texts)
    profile: dict[str, dict[str, Any]] = {}
    labels = []
    for place in places:
        dimension, name, returns, slot, number, _ = place
        if dimension == LABELS:
            if whole[slot] == 1:
                labels.append(name)
            continue
        if number >= 0:
            value = lists.value(place)
        elif returns == "number":
            value = floats[slot] if floats[slot] == floats[slot] else None
        elif returns == "condition":
            value = whole[slot] == 1
        else:
            value = _whole(whole[slot], returns, texts)
        if dimension not in profile:
            profile[dimension] = {}
        profile[dimension][name] = value
    return profile, labels


class _Lists:
    """The first shopper's lists as Python has them."""

    def __init__(self, painted: Painted, texts: Texts) -> None:
        spill = painted.spill
        self.keys: list[Any] = spill.keys.tolist()
        self.words = texts.of(self.keys)
        self.weights = spill.weights.tolist()
        self.lists = spill.lists[0].tolist() if len(spill.lists) else []

    def value(self, place: Place) -> Any:
        """A list of {key, weight}; of a text that was tied, the one that stands."""
        start, length = self.lists[place.list]
        said = self.words if place.has_texts else self.keys
        if place.returns != "list":
            return said[start] if length else None
        chosen = range(start, start + length)
        return [{"key": said[i], "weight": self.weights[i]} for i in chosen]


def _whole(value: int, returns: Returns, texts: Texts) -> Any:
    if value == NULL:
        return None
    if returns == "text":
        return texts.of([value])[0]
    return moment_text(value) if returns == "moment" else value


@dataclass(frozen=True)
class Readings:
    """Profiles of several shoppers at their moments, as Arrow columns."""

    shoppers: list[str]
    ats: np.ndarray
    """int64[n], us."""
    definition: str
    columns: dict[str, pa.Array] = field(repr=False)
    """By full name."""

    def __len__(self) -> int:
        return len(self.shoppers)

    def to_arrow(self) -> pa.Table:
        """Columns shopper, shopper_type, DIMENSION.FEATURE…, labels.NAME."""
        split = [name.partition(":") for name in self.shoppers]
        named = {
            "shopper": pa.array([value for _, _, value in split], pa.string()),
            "shopper_type": pa.array([kind for kind, _, _ in split], pa.string()),
        }
        return pa.table(named | self.columns)

    def to_polars(self) -> polars.DataFrame:
        """The same as a polars frame."""
        import polars as pl  # heavy, and not everybody wants one

        frame = pl.from_arrow(self.to_arrow())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def __getitem__(self, index: int) -> Reading:
        """One of the profiles."""
        profile: dict[str, dict[str, Any]] = {}
        labels = []
        for name, column in self.columns.items():
            dimension, _, feature = name.partition(".")
            value = column[index].as_py()
            if dimension != LABELS:
                profile.setdefault(dimension, {})[feature] = value
            elif value:
                labels.append(feature)
        at = int(self.ats[index])
        return Reading(self.shoppers[index], at, self.definition, profile, labels)


def columns_of(
    compiled: Compiled, painted: Painted, texts: Texts
) -> dict[str, pa.Array]:
    """Every shopper's values as one Arrow column for each feature."""
    columns = {}
    for name, (feature, slot, number) in compiled.outputs.items():
        if number < 0:
            columns[name] = _column(feature, painted.slots[:, slot], texts)
        elif feature.returns == "list":
            columns[name] = _lists(feature, painted.spill, number, texts)
        else:
            columns[name] = _first_texts(painted.spill, number, texts)
    return columns


def _column(feature: Feature, bits: np.ndarray, texts: Texts) -> pa.Array:
    bits = np.ascontiguousarray(bits)
    returns = feature.returns
    if returns == "number":
        numbers = bits.view(np.float64)
        return pa.array(numbers, mask=np.isnan(numbers))
    if returns == "condition":
        return pa.array(bits == 1)
    if returns == "text":
        return texts.column(bits)
    whole = pa.array(bits, mask=bits == NULL)
    return whole.cast(pa.timestamp("us", "UTC")) if returns == "moment" else whole


def _first_texts(spill: Spill, number: int, texts: Texts) -> pa.Array:
    starts, lengths = spill.lists[:, number, 0], spill.lists[:, number, 1]
    codes = np.full(len(starts), NULL, np.int64)
    has = lengths > 0
    codes[has] = spill.keys[starts[has]]
    return texts.column(codes)


def _lists(feature: Feature, spill: Spill, number: int, texts: Texts) -> pa.Array:
    assert isinstance(feature, Selection)
    starts, lengths = spill.lists[:, number, 0], spill.lists[:, number, 1]
    offsets = np.zeros(len(starts) + 1, np.int32)
    offsets[1:] = np.cumsum(lengths)
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    rows = np.repeat(starts, lengths) + within
    keys = spill.keys[rows]
    named = texts.column(keys) if feature.value == "text" else pa.array(keys)
    entries = pa.StructArray.from_arrays(
        [named, pa.array(spill.weights[rows])], ["key", "weight"]
    )
    return pa.ListArray.from_arrays(pa.array(offsets), entries)
