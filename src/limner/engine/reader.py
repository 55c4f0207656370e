"""Reading profiles: histories from the store, through the machine.

One shopper and everybody take the same path; only how the result is dressed differs.
"""

from __future__ import annotations

import traceback
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from limner.clock import moment_text
from limner.engine.asked import Asked
from limner.engine.reading import Dressing, Painted, Reading, Readings
from limner.engine.shoppers import check_known
from limner.engine.texts import Texts
from limner.engine.world import world_of
from limner.errors import BeforeHorizon, DefinitionError
from limner.events.record import NULL, WHO, words_of
from limner.history.catalogue import TABLE, Catalogue
from limner.history.links import Who
from limner.history.moment import Moment
from limner.language.feature import Feature
from limner.language.history_view import HistoryView
from limner.language.python_feature import PythonFeature
from limner.language.selection import Selection
from limner.machine.demands import faults_with
from limner.machine.program import Compiled, compile_features
from limner.machine.registers import bits_of
from limner.machine.run import Program, Trace, World, run
from limner.machine.visible import gather_visible
from limner.profile.definition import Definition
from limner.stores.contract import Store

NO_TRACE = Trace(
    np.array([-1, 0]), *(np.zeros(0, kind) for kind in ("i8", "i8", "f8", "f8"))
)


PART = "part.value"
"""The name of a feature that is read alone."""


class Reader:
    """One definition over one store. Holds no profile: values are read at a moment.

    Raises DefinitionError where the definition asks for what the store does not keep.
    """

    def __init__(self, store: Store, definition: Definition) -> None:
        faults = [
            fault
            for name, feature in definition
            for fault in faults_with(name, feature, schema=store.schema)
        ]
        if faults:
            raise DefinitionError(faults)
        self.store, self.definition = store, definition
        self.compiled_for = store.schema
        self.texts = Texts(store)
        self.fingerprint = definition.fingerprint
        self._world: World | None = None
        self._facts = -1
        self._counting = Lock()
        self._parts: dict[tuple[Any, ...], Reader] = {}
        self.unrated = 0
        """Amounts met so far that no rate converts: they are absent from money."""

    @cached_property
    def compiled(self) -> Compiled:
        """The definition as the machine takes it. Made when it is first needed: the
        user's mistakes come to light before some seconds are spent on kernels."""
        return compile_features(self.definition.features, self.compiled_for)

    @cached_property
    def program(self) -> Program:
        """The part of it that the machine runs."""
        return Program(*self.compiled[:6])

    @cached_property
    def dress(self) -> Dressing:
        """How what the machine leaves becomes a profile."""
        return Dressing(self.compiled, self.texts)

    @property
    def world(self) -> World:
        """The tables of retention, catalogue and rates; the catalogue as it is now."""
        facts = self.store.count(TABLE)
        if self._world is None or facts != self._facts:
            catalogue = Catalogue.of(self.store.items(TABLE))
            self._world = world_of(
                self.store.schema, catalogue, rates=self.definition.rates
            )
            self._facts = facts
        return self._world

    def check_moment(self, moment: Moment) -> None:
        """Refuse a reading of what may already be deleted."""
        horizon = self.store.schema.horizon
        if min(moment) < horizon:
            raise BeforeHorizon(
                f"a reading at {moment_text(min(moment))}: expected at or after the"
                f" store's horizon, {moment_text(horizon)}"
            )

    def paint(self, asked: Asked, trace: Trace = NO_TRACE) -> Painted:
        """Run the machine; its lists are left in order."""
        histories, shoppers = asked.histories, len(asked.ats)
        slots = np.empty((shoppers, int(self.program.sizes[1])), np.int64)
        world = self.world._replace(unrated=np.zeros(1, np.int64))
        for slot, feature in self.compiled.given:
            if isinstance(feature, Selection):
                slots[:, slot] = self._favourites(feature, asked)
            else:
                slots[:, slot] = self._answers(feature, asked)
        spill = run(
            words_of(histories.rows),
            histories.offsets,
            asked.groups,
            asked.ats,
            np.full(shoppers, asked.known, np.int64),
            self.program,
            world,
            slots,
            trace,
        )
        with self._counting:
            self.unrated += int(world.unrated[0])
        return self.dress.settled(Painted(slots, spill))

    def of_part(self, feature: Feature) -> Reader:
        """A reader of one feature alone, under the name ``part.value``."""
        alone = self._parts.get(feature.key())
        if alone is None:
            only = Definition("part", {PART: feature}, [], self.definition.rates)
            alone = self._parts[feature.key()] = Reader(self.store, only)
        return alone

    def _favourites(self, feature: Selection, asked: Asked) -> np.ndarray:
        """The codes of texts that other features ask for, ties settled: int64[n]."""
        spill = self.of_part(feature).paint(asked).spill
        starts, lengths = spill.lists[:, 0, 0], spill.lists[:, 0, 1]
        codes = np.full(len(starts), NULL, np.int64)
        codes[lengths > 0] = spill.keys[starts[lengths > 0]]
        return codes

    def _answers(self, feature: PythonFeature, asked: Asked) -> list[int]:
        """What a Python function says of each shopper, as bits."""
        names = self.store.schema.kind_names()
        said = []
        for shopper, at in enumerate(asked.ats.tolist()):
            rows = self.visible(asked, shopper)
            view = HistoryView(asked.histories.rows[rows], names, self.store.texts)
            said.append(_answer(feature, view, at=at))
        return said

    def visible(self, asked: Asked, shopper: int) -> np.ndarray:
        """Positions, among the rows, of the events that a reading of one sees."""
        rows = np.empty(len(asked.histories.rows) + 1, np.int64)
        n = gather_visible(
            words_of(asked.histories.rows),
            asked.histories.offsets,
            int(asked.groups[shopper]),
            int(asked.groups[shopper + 1]),
            int(asked.ats[shopper]),
            asked.known,
            self.world,
            rows,
        )
        return rows[:n]

    def one(self, shopper: str, whos: list[Who], *, moment: Moment) -> Reading:
        """The profile of one shopper, whose identifiers these are.

        Raises UnknownShopper, BeforeHorizon.
        """
        asked = self.ask([whos], moment)
        profile, labels = self.dress.first(self.paint(asked))
        return Reading(shopper, moment.at, self.fingerprint, profile, labels)

    def many(
        self, shoppers: list[str], whos: list[list[Who]], *, moment: Moment
    ) -> Readings:
        """The profiles of several shoppers."""
        asked = self.ask(whos, moment)
        columns = self.dress.columns(self.paint(asked))
        return Readings(shoppers, asked.ats, self.fingerprint, columns)

    def ask(self, whos: list[list[Who]], moment: Moment) -> Asked:
        """The histories of shoppers, given by the identifiers of each.

        Raises UnknownShopper, BeforeHorizon.
        """
        self.check_moment(moment)
        groups = np.zeros(len(whos) + 1, np.int64)
        groups[1:] = np.cumsum([len(group) for group in whos])
        flat = np.array([who for group in whos for who in group], WHO)
        histories = self.store.histories(flat)
        for group, start in zip(whos, groups.tolist(), strict=False):
            own = histories.part(start, start + len(group))
            check_known(self.store, group, histories=own)
        return Asked.at_one_moment(histories, groups, moment=moment)


def _answer(feature: PythonFeature, view: HistoryView, *, at: int) -> int:
    """What a Python function says, as bits. Raises DefinitionError where it fails:
    with the line, but not the words, which may hold what a shopper did."""
    try:
        return _as_bits(feature, feature.function(view, at))
    except Exception as error:  # the function is the user's: anything may come
        frames = traceback.extract_tb(error.__traceback__)
        name, kind = feature.function.__qualname__, type(error).__name__
        file = feature.function.__code__.co_filename
        lines = [frame.lineno for frame in frames if frame.filename == file]
        where = f", line {lines[-1]}" if lines else f": expected {feature.returns}"
        raise DefinitionError(f"feature function {name}{where}: {kind}") from error


def _as_bits(feature: PythonFeature, value: Any) -> int:
    if feature.returns == "number":
        return bits_of(float("nan") if value is None else float(value))
    return NULL if value is None else bits_of(value)
