"""Profiles as read: one as Python values, many as Arrow columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from limner.clock import moment_text
from limner.events.record import NULL
from limner.language.feature import Returns
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
    """What the machine left of some shoppers."""

    slots: np.ndarray
    """int64[shoppers, slots]."""
    spill: Spill


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


class Dressing:
    """How what the machine leaves of a definition becomes profiles."""

    def __init__(self, compiled: Compiled, texts: Texts) -> None:
        self.places, self.texts = places_of(compiled), texts
        self._limits = np.zeros(int(compiled.sizes[2]), np.int64)
        for feature, _, number in compiled.outputs.values():
            if number >= 0:
                assert isinstance(feature, Selection)
                self._limits[number] = feature.limit or 1
        self._labels = [(p.name, p.slot) for p in self.places if p.dimension == LABELS]
        shown = [place for place in self.places if place.dimension != LABELS]
        self._plain: dict[str, list[tuple[str, int]]] = {}
        """By dimension: names, and the cells of _First that hold their values."""
        for place in shown:
            cell = max(place.slot, 0)
            cell += int(compiled.sizes[1]) if place.returns == "number" else 0
            self._plain.setdefault(place.dimension, []).append((place.name, cell))
        plain = ("integer", "number")
        self._special = [p for p in shown if p.list >= 0 or p.returns not in plain]
        """What a cell does not show as it is."""

    def settled(self, painted: Painted) -> Painted:
        """With every list in order, by the texts of its keys, and cut to its limit."""
        spill = painted.spill
        if len(spill.keys):
            ranks = self.texts.ranks(spill.keys)
            settle(spill.keys, spill.weights, ranks, spill.lists, self._limits)
        return painted

    def first(self, painted: Painted) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """The first shopper's values by dimension and name, and labels that hold."""
        one = _First(painted, self.texts)
        cells = one.cells()
        profile = {
            dimension: {name: cells[cell] for name, cell in members}
            for dimension, members in self._plain.items()
        }
        for place in self._special:
            profile[place.dimension][place.name] = one.value(place)
        return profile, [name for name, slot in self._labels if one.whole[slot] == 1]

    def value(self, painted: Painted, place: Place) -> Any:
        """One of the first shopper's values."""
        return _First(painted, self.texts).value(place)

    def columns(self, painted: Painted) -> dict[str, pa.Array]:
        """Every shopper's values as one Arrow column for each feature."""
        columns = {}
        for place in self.places:
            if place.list < 0:
                made = self._column(place, painted.slots[:, place.slot])
            elif place.returns == "list":
                made = self._lists(place, painted.spill)
            else:
                made = self._first_texts(place, painted.spill)
            columns[f"{place.dimension}.{place.name}"] = made
        return columns

    def _column(self, place: Place, bits: np.ndarray) -> pa.Array:
        bits = np.ascontiguousarray(bits)
        if place.returns == "number":
            numbers = bits.view(np.float64)
            return pa.array(numbers, mask=np.isnan(numbers))
        if place.returns == "condition":
            return pa.array(bits == 1)
        if place.returns == "text":
            return self.texts.column(bits)
        whole = pa.array(bits, mask=bits == NULL)
        if place.returns == "moment":
            return whole.cast(pa.timestamp("us", "UTC"))
        return whole

    def _first_texts(self, place: Place, spill: Spill) -> pa.Array:
        starts, lengths = spill.lists[:, place.list, 0], spill.lists[:, place.list, 1]
        codes = np.full(len(starts), NULL, np.int64)
        has = lengths > 0
        codes[has] = spill.keys[starts[has]]
        return self.texts.column(codes)

    def _lists(self, place: Place, spill: Spill) -> pa.Array:
        starts, lengths = spill.lists[:, place.list, 0], spill.lists[:, place.list, 1]
        offsets = np.zeros(len(starts) + 1, np.int32)
        offsets[1:] = np.cumsum(lengths)
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        rows = np.repeat(starts, lengths) + within
        keys = spill.keys[rows]
        named = self.texts.column(keys) if place.has_texts else pa.array(keys)
        entries = pa.StructArray.from_arrays(
            [named, pa.array(spill.weights[rows])], ["key", "weight"]
        )
        return pa.ListArray.from_arrays(pa.array(offsets), entries)


class _First:
    """The first shopper's slots and lists as Python has them."""

    def __init__(self, painted: Painted, texts: Texts) -> None:
        spill, slots = painted.spill, painted.slots
        self.texts = texts
        self.whole = slots[0].tolist()
        self.floats = slots[:1].view(np.float64)[0].tolist()
        self.keys: list[Any] = spill.keys.tolist()
        self.words = texts.of(self.keys)
        self.weights = spill.weights.tolist()
        self.lists = spill.lists[0].tolist()

    def cells(self) -> list[Any]:
        """All slots as integers, then all as floats; None for nothing."""
        cells: list[Any] = [None if whole == NULL else whole for whole in self.whole]
        cells += [number if number == number else None for number in self.floats]
        return cells

    def value(self, place: Place) -> Any:
        """What stands at a place; None for nothing."""
        returns, slot = place.returns, place.slot
        if place.list >= 0:
            return self._list(place)
        if returns == "number":
            number = self.floats[slot]
            return number if number == number else None
        whole = self.whole[slot]
        if returns == "condition":
            return whole == 1
        if whole == NULL or returns == "integer":
            return None if whole == NULL else whole
        return self.texts.of([whole])[0] if returns == "text" else moment_text(whole)

    def _list(self, place: Place) -> Any:
        start, length = self.lists[place.list]
        said = self.words if place.has_texts else self.keys
        if place.returns != "list":
            return said[start] if length else None
        chosen = range(start, start + length)
        return [{"key": said[i], "weight": self.weights[i]} for i in chosen]


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
