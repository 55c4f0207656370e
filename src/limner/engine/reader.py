"""Reading profiles: histories from the store, through the machine.

One shopper and everybody take the same path; only how the result is dressed differs.
"""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from limner.clock import FOR_EVER, moment_text
from limner.engine.reading import (
    Painted,
    Place,
    Reading,
    Readings,
    columns_of,
    first_profile,
    places_of,
)
from limner.engine.shoppers import check_known
from limner.engine.texts import Texts
from limner.engine.world import world_of
from limner.errors import BeforeHorizon, DefinitionError
from limner.events.record import NULL, WHO, words_of
from limner.history.catalogue import TABLE, Catalogue
from limner.history.histories import Histories
from limner.history.links import Who
from limner.language.history_view import HistoryView
from limner.language.python_feature import PythonFeature
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
    def places(self) -> list[Place]:
        """Where the values of a profile are found."""
        return places_of(self.compiled)

    @property
    def world(self) -> World:
        """The tables of retention, catalogue and rates; the catalogue as it is now."""
        facts = self.store.count(TABLE)
        if self._world is None or facts != self._facts:
            catalogue = Catalogue.of(self.store.items(TABLE))
            self._world = world_of(self.store.schema, catalogue, self.definition.rates)
            self._facts = facts
        return self._world

    def check_moment(self, at: int, known: int) -> None:
        """Refuse a reading of what may already be deleted."""
        horizon = self.store.schema.horizon
        if min(at, known) < horizon:
            raise BeforeHorizon(
                f"a reading at {moment_text(min(at, known))}: expected at or after the"
                f" store's horizon, {moment_text(horizon)}"
            )

    def paint(
        self, histories: Histories, groups: np.ndarray, ats: np.ndarray, known: int
    ) -> Painted:
        """Run the machine; groups: int64[shoppers + 1], which histories are whose."""
        slots = np.empty((len(ats), int(self.program.sizes[1])), np.int64)
        world = self.world._replace(unrated=np.zeros(1, np.int64))
        words = words_of(histories.rows)
        knowns = np.full(len(ats), known, np.int64)
        for slot, feature in self.compiled.given:
            slots[:, slot] = self._asked(feature, histories, groups, ats, known)
        spill = run(
            words,
            histories.offsets,
            groups,
            ats,
            knowns,
            self.program,
            world,
            slots,
            NO_TRACE,
        )
        with self._counting:
            self.unrated += int(world.unrated[0])
        return Painted.settled(self.compiled, slots, spill, self.texts)

    def _asked(
        self,
        feature: PythonFeature,
        histories: Histories,
        groups: np.ndarray,
        ats: np.ndarray,
        known: int,
    ) -> list[int]:
        """What a Python function says of each shopper, as bits."""
        names = self.store.schema.kind_names()
        said = []
        for shopper, at in enumerate(ats.tolist()):
            first, last = groups[shopper], groups[shopper + 1]
            rows = self.visible(histories, (int(first), int(last)), at, known)
            view = HistoryView(histories.rows[rows], names, self.store.texts)
            said.append(_as_bits(feature, feature.function(view, at)))
        return said

    def visible(
        self, histories: Histories, which: tuple[int, int], at: int, known: int
    ) -> np.ndarray:
        """Positions, in the rows, of what a reading of these histories sees."""
        rows = np.empty(len(histories.rows) + 1, np.int64)
        n = gather_visible(
            words_of(histories.rows),
            histories.offsets,
            *which,
            at,
            known,
            self.world,
            rows,
        )
        return rows[:n]

    def one(
        self, shopper: str, whos: list[Who], at: int, known: int = FOR_EVER
    ) -> Reading:
        """The profile of one shopper, whose identifiers these are.

        Raises UnknownShopper, BeforeHorizon.
        """
        self.check_moment(at, known)
        histories = self.store.histories(np.array(whos, WHO))
        check_known(self.store, whos, histories)
        groups = np.array([0, len(whos)], np.int64)
        painted = self.paint(histories, groups, np.array([at], np.int64), known)
        profile, labels = first_profile(self.places, painted, self.texts)
        return Reading(shopper, at, self.fingerprint, profile, labels)

    def many(
        self,
        shoppers: list[str],
        whos: list[list[Who]],
        ats: np.ndarray,
        known: int = FOR_EVER,
    ) -> Readings:
        """The profiles of several shoppers, each at its moment (int64[n], us)."""
        if len(ats):
            self.check_moment(int(ats.min()), known)
        flat = [who for group in whos for who in group]
        groups = np.zeros(len(whos) + 1, np.int64)
        groups[1:] = np.cumsum([len(group) for group in whos])
        histories = self.store.histories(np.array(flat, WHO))
        for group, start in zip(whos, groups.tolist(), strict=False):
            own = histories.part(start, start + len(group))
            check_known(self.store, group, own)
        painted = self.paint(histories, groups, ats, known)
        columns = columns_of(self.compiled, painted, self.texts)
        return Readings(shoppers, ats, self.fingerprint, columns)


def _as_bits(feature: PythonFeature, value: Any) -> int:
    if feature.returns == "number":
        return bits_of(float("nan") if value is None else float(value))
    return NULL if value is None else bits_of(value)
