"""Python functions of (history, at) as features."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.events.schema import Schema
from limner.features.count import count
from limner.language.history_view import HistoryView
from limner.language.python_feature import PythonFeature, feature
from limner.language.vocabulary import View
from limner.machine.program import compile_features
from tests.machine.events import SCHEMA, Event, records_of, texts_of

STORM = [
    Event(1, "view", 1, item="a", price=5, seconds=1.5),
    Event(2, "purchase", 2, item="b", amount=900, order="o1"),
    Event(3, "attribute", 3, attribute="gender", value="f"),
]


def history() -> HistoryView:
    texts = texts_of(STORM)

    def of(codes: np.ndarray) -> list[str | None]:
        return [texts.get(code) for code in codes.astype(np.int64).tolist()]

    return HistoryView(records_of(STORM), SCHEMA.kind_names(), of)


def test_a_history_shows_its_events() -> None:
    view = history()
    assert len(view) == 3
    assert [event.kind for event in view] == ["view", "purchase", "attribute"]
    assert [event.item for event in view] == ["a", "b", None]
    assert [event.price for event in view] == [5, None, None]
    assert [event.seconds for event in view] == [1.5, None, None]
    assert [event.at for event in view.of("purchase", "view")] == [1, 2]
    assert [(e.attribute, e.value) for e in view.of("attribute")] == [("gender", "f")]


def test_a_function_becomes_a_feature() -> None:
    @feature(returns="integer", unit="minor units")
    def paid(history: HistoryView, at: int) -> int:
        return sum(event.amount or 0 for event in history)

    assert isinstance(paid, PythonFeature)
    assert paid.function(history(), 5) == 900
    assert (paid.returns, paid.unit, paid.faults) == ("integer", "minor units", ())
    assert (paid > 5).returns == "condition"


def test_it_has_a_slot_that_the_reader_fills() -> None:
    @feature()
    def one(history: HistoryView, at: int) -> float:
        return 1.0

    compiled = compile_features({"a": one, "b": one + count(View)}, Schema())
    assert [(slot, given) for slot, given in compiled.given] == [
        (compiled.outputs["a"].slot, one)
    ]


def keys_of(make: Any) -> list[Any]:
    return [make(n).key() for n in (1, 2)]


def test_what_a_function_captured_tells_it_apart() -> None:
    def captured(n: int) -> PythonFeature:
        @feature()
        def it(history: HistoryView, at: int) -> float:
            return n

        return it

    def defaulted(n: int) -> PythonFeature:
        @feature()
        def it(history: HistoryView, at: int, extra: int = n) -> float:
            return extra

        return it

    assert len({*keys_of(captured), *keys_of(defaulted)}) == 4
    assert keys_of(captured) == keys_of(captured)


def test_a_captured_object_does_not_change_from_run_to_run() -> None:
    def capturing(thing: object) -> PythonFeature:
        @feature()
        def it(history: HistoryView, at: int) -> float:
            return float(thing is not None)

        return it

    assert capturing(object()).key() == capturing(object()).key()
