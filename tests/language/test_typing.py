"""A definition under mypy --strict: right ones pass, mistakes are found unrun."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")

GOOD = """
from limner import (
    Cart, Dimension, Event, Profile, Purchase, View, active_days, attribute, count,
    distinct, exists, feature, label, last, mode, quantile, ref, share, since_last,
    top, total,
)
from limner.language.history_view import HistoryView


@feature(returns="integer")
def baskets_over_100(history: HistoryView, at: int) -> int:
    return sum(event.amount > 10_000 for event in history.of("purchase"))


class Behaviour(Dimension):
    views = count(View).within("1h", "24h")
    momentum = views["1h"] / views["24h"].ago("1h") - 1
    night = share(Event, Event.local_hour.between(22, 5)).within("90d") > 0.5
    days = active_days().within("30d").named("Active days", "活跃天数")


class Value(Dimension):
    spend = total(Purchase.amount).where(Purchase.price > 100).within("30d", "365d")
    orders = distinct(Purchase.order, missing="each")
    average = spend["365d"] / orders
    recency = since_last(Purchase)
    median = quantile(0.5, (Purchase | Cart).price)
    tastes = top(5, Event.category, weight={View: 1, Purchase: 5}, half_life="14d")
    there = count(View).where(View.category == last(View.category))
    gift = total(Purchase.field("gift", "integer")).or_else(0)
    gender = attribute("gender") == "f"
    dear = baskets_over_100 > 3


class Labels(Dimension):
    loyal = label((Value.average > 50) & ~exists(Cart), en="Loyal", zh="忠诚")
    big = ref("value.spend_365d") >= 1_000_00


class Shopper(Profile):
    behaviour = Behaviour
    value = Value
    labels = Labels


print(Shopper.definition.fingerprint)
reveal_type(Behaviour.views)
reveal_type(Behaviour.views["1h"])
reveal_type(Value.recency.within("3d"))
reveal_type(Purchase.amount > 3)
"""

BAD = """
from limner import Purchase, View, count, label, quantile, sessions, top, total

total(Purchase.amont)
count(View).witin("1h")
count(View).within(3.5)
count(View).where(count(View) > 3)
quantile("half", Purchase.price)
top(5, View)
sessions(gap=None)
label(View.price > 3)
"""


def mypy(folder: Path, program: str) -> list[str]:
    """What mypy says of a program, line by line."""
    file = folder / "definition.py"
    file.write_text(program, "utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-error-summary",
            "--hide-error-context",
            f"--cache-dir={folder / 'cache'}",
            str(file),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert not done.stderr
    lines = done.stdout.splitlines()
    return [line.removeprefix("definition.py:") for line in lines if line]


def test_definitions_are_typed(tmp_path: Path) -> None:
    """One run for both: mypy reads all of Limner's dependencies once."""
    lines = mypy(tmp_path, GOOD + BAD)
    begins_bad = GOOD.count("\n") + 1
    revealed = [line.partition("Revealed type is ")[2] for line in lines]
    assert [text for text in revealed if text] == [
        '"limner.language.feature.Family[limner.features.count.Count]"',
        '"limner.features.count.Count"',
        '"limner.features.since_last.SinceLast"',
        '"limner.language.columns.Column"',
    ]
    errors = [line for line in lines if ": error: " in line]
    wrong = [int(line.partition(":")[0]) for line in errors]
    calls = [n for n, line in enumerate((GOOD + BAD).splitlines(), 1) if n > begins_bad]
    assert wrong == calls[2:], "\n".join(lines)
