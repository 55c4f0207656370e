"""The machine by hand: features read from events without a store or an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from limner.clock import FOR_EVER, moment_text
from limner.events import money
from limner.events.kinds import ATTRIBUTE
from limner.events.record import NULL, words_of
from limner.events.schema import Schema
from limner.language.feature import Feature
from limner.language.selection import Chosen, Selection
from limner.machine.order import settle
from limner.machine.program import Output, compile_features
from limner.machine.registers import bits_of
from limner.machine.run import Program, Trace, World, run
from tests.machine.events import SCHEMA, Event, in_order, records_of, texts_of

Shopper = Sequence[Sequence[Event]]
"""The histories of a shopper's identifiers."""


def world(
    schema: Schema = SCHEMA,
    *,
    facts: Sequence[tuple[int, int, int, int, int]] = (),
    rates: Sequence[tuple[str, int, float]] = (),
) -> World:
    """The machine's tables: facts (item, at, category, brand, price), dated rates."""
    spans, newest = np.full(64, FOR_EVER), np.full(64, FOR_EVER)
    for name, code in (schema.kind_codes() | {"attribute": ATTRIBUTE}).items():
        kept = schema.kept(name)
        spans[code], newest[code] = kept.span_us, kept.newest
    facts = sorted(facts)
    dated = sorted((money.CODES[name], at, rate) for name, at, rate in rates)
    codes = np.array([code for code, _, _ in dated], np.int64)
    return World(
        spans=spans,
        newest=newest,
        fact_items=np.array([fact[0] for fact in facts], np.uint64),
        fact_ats=np.array([fact[1] for fact in facts], np.int64),
        facts=np.array([fact[2:] for fact in facts], np.int64).reshape(-1, 3),
        rate_ats=np.array([at for _, at, _ in dated], np.int64),
        rates=np.array([rate for _, _, rate in dated], np.float64),
        rate_starts=np.searchsorted(codes, np.arange(257)).astype(np.int64),
        currency=np.array([money.CODES[schema.currency]], np.int64),
        unrated=np.zeros(1, np.int64),
    )


class Machine:
    """Named features, compiled once for stores of a schema."""

    def __init__(
        self,
        features: Mapping[str, Feature] | Feature,
        *,
        schema: Schema = SCHEMA,
        of_world: World | None = None,
    ) -> None:
        if isinstance(features, Feature):
            features = {"it": features}
        self.features, self.schema = features, schema
        self.compiled = compile_features(features, schema)
        self.program = Program(*self.compiled[:6])
        self.world = of_world or world(schema)

    def it(self, events: Sequence[Event], at: int, *, known: int = FOR_EVER) -> Any:
        """The one feature of one shopper with one identifier."""
        return self.read([[events]], at, known=known)[0]["it"]

    def read(
        self, shoppers: Sequence[Shopper], at: int, *, known: int = FOR_EVER
    ) -> list[dict[str, Any]]:
        """Every feature of every shopper."""
        _, slots, spill = self.raw(shoppers, at, known=known)
        texts = texts_of(
            e for shopper in shoppers for history in shopper for e in history
        )
        ranks = {text: rank for rank, text in enumerate(sorted(texts.values()))}
        places = [ranks.get(texts.get(key, ""), key) for key in spill.keys.tolist()]
        order = np.array(places, np.int64)
        limits = np.ones(spill.lists.shape[1], np.int64)
        for feature, _, number in self.compiled.outputs.values():
            if number >= 0 and isinstance(feature, Selection):
                limits[number] = feature.limit or 1
        settle(
            spill.keys, spill.weights, np.array(order, np.int64), spill.lists, limits
        )
        return [
            {
                name: _shown(output, slots[shopper], spill, shopper, texts)
                for name, output in self.compiled.outputs.items()
            }
            for shopper in range(len(shoppers))
        ]

    def raw(
        self,
        shoppers: Sequence[Shopper],
        at: int,
        *,
        known: int = FOR_EVER,
        trace: Trace | None = None,
    ) -> Any:
        """The records, and what the machine leaves: slots and lists."""
        histories = [in_order(history) for shopper in shoppers for history in shopper]
        rows = records_of([e for history in histories for e in history], self.schema)
        offsets = np.cumsum([0, *map(len, histories)], dtype=np.int64)
        groups = np.cumsum([0, *map(len, shoppers)], dtype=np.int64)
        slots = np.zeros((len(shoppers), int(self.program.sizes[1])), np.int64)
        moments = np.full(len(shoppers), at, np.int64)
        knowns = np.full(len(shoppers), known, np.int64)
        for slot, feature in self.compiled.given:
            texts = Machine(feature, schema=self.schema, of_world=self.world)
            for shopper, one in enumerate(texts.read(shoppers, at, known=known)):
                slots[shopper, slot] = NULL if one["it"] is None else bits_of(one["it"])
        trace = trace or _trace(-1, 0)
        spill = run(
            words_of(rows),
            offsets,
            groups,
            moments,
            knowns,
            self.program,
            self.world,
            slots,
            trace,
        )
        return rows, slots, spill

    def chosen(self, events: Sequence[Event], at: int) -> Chosen:
        """What the kernel of the one feature saw."""
        feature = self.features["it"]
        trace = _trace(self.compiled.selections[feature.key()], len(events) + 1)
        rows, _, _ = self.raw([[events]], at, trace=trace)
        n = int(trace.kernel[1])
        ats = np.ascontiguousarray(rows["at"][trace.rows[:n]])
        return Chosen(ats, trace.values[:n], trace.numbers[:n], trace.weights[:n])


def _trace(kernel: int, room: int) -> Trace:
    rows, values = np.zeros(room, np.int64), np.zeros(room, np.int64)
    return Trace(np.array([kernel, 0]), rows, values, np.zeros(room), np.zeros(room))


def _shown(output: Output, *left: Any) -> Any:
    """A value as readers get it."""
    slots, spill, shopper, texts = left
    feature, slot, number = output
    if number >= 0:
        return _listed(feature, spill, spill.lists[shopper, number], texts)
    whole, returns = int(slots[slot]), feature.returns
    if returns == "number":
        value = float(slots.view(np.float64)[slot])
        return None if value != value else value
    if returns == "condition":
        return whole == 1
    if whole == NULL:
        return None
    if returns == "text":
        return texts[whole]
    return moment_text(whole) if returns == "moment" else whole


def _listed(feature: Feature, *left: Any) -> Any:
    spill, (start, length), texts = left
    keys = [texts.get(key, key) for key in spill.keys[start : start + length].tolist()]
    if feature.returns != "list":
        return keys[0] if keys else None
    weights = spill.weights[start : start + length].tolist()
    pairs = zip(keys, weights, strict=True)
    return [{"key": key, "weight": weight} for key, weight in pairs]
