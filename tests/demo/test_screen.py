"""The picture of the show: whole at every size, and it says what happened."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from limner.clock import SECOND, moment_us
from limner.demo.delays import Delays
from limner.demo.scene import Scene
from limner.demo.screen import bar, picture, spark
from limner.demo.simulation import Shop
from limner.demo.trace import Happening

AT = moment_us("2026-05-01T12:00:00Z")
SIZES = [(80, 24), (120, 36), (200, 60), (60, 16), (106, 30), (40, 10)]
STAR = Shop(11, 3, AT).shoppers[1]


def profile(views: int, **weights: float) -> dict[str, dict[str, Any]]:
    tops = [{"key": key, "weight": weight} for key, weight in weights.items()]
    return {
        "basic": {"gender": "f", "age_band": "25-34", "region": "Wuhan"},
        "behaviour": {"views_1h": views, "usual_hour_90d": 23, "heat": 8.25},
        "value": {"spend_365d": 1_234_567, "recency_days": None},
        "preference": {"categories": tops},
    }


def happening(kind: str, who: dict[str, str], *, shopper: int = 1) -> Happening:
    event = {"kind": kind, "shopper": who, "item": "running-04"}
    return Happening(AT, "e", shopper, event)


def scene() -> Scene:
    names = {"active": ("Active", "活跃"), "night_owl": ("Night owl", "夜猫子")}
    made = Scene(STAR, 30.0, names, stored=60_000)
    made.see(profile(3, running=4.0, books=2.0), ["active"])
    made.elapsed = 5.0
    made.happened(
        [
            happening("view", {"anonymous_id": "b1"}),
            happening("login", {"user_id": "u00001", "anonymous_id": "b1"}),
            happening("purchase", {"user_id": "u00001"}),
            happening("view", {"user_id": "u00002"}, shopper=2),
        ]
    )
    made.see(profile(4, running=9.0, books=2.0), ["active", "night_owl"])
    for ms in (1, 2, 3):
        made.delays.add(ms / 1000)
    return made


def drawn(made: Scene, width: int, height: int) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height)
    console.print(picture(made, width, height=height))
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_picture_fills_the_screen_and_no_more(width: int, height: int) -> None:
    for made in (scene(), Scene(STAR, 30.0, {})):
        lines = drawn(made, width, height)
        assert len(lines) == height
        assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 36)])
def test_the_picture_shows_what_matters(width: int, height: int) -> None:
    text = "\n".join(drawn(scene(), width, height))
    for word in (
        "user_id:u00001",
        "so it was u00001",
        "? view",
        "u00002",
        "Running",
        "9.0 +5.0",
        "Night owl 夜猫子",
        "¥12,346",
        "p50 2.0 ms",
        "60,004 stored",
        "25 s left",
        "23–00",
    ):
        assert word in text, word


def test_both_languages_are_shown_where_there_is_room() -> None:
    wide = "\n".join(drawn(scene(), 120, 36))
    for word in ("Running 跑步", "Behaviour 行为", "专业运动袜", "购买", "20:00:00"):
        assert word in wide, word


def test_new_labels_come_first() -> None:
    text = "\n".join(drawn(scene(), 80, 24))
    assert text.index("Night owl") < text.index("Active 活跃")


def test_a_scene_knows_what_changed_just_now() -> None:
    made = scene()
    assert made.is_fresh("behaviour.views_1h")
    assert made.is_fresh("category:running")
    assert made.is_fresh("label:night_owl")
    assert not made.is_fresh("category:books")
    assert not made.is_fresh("value.spend_365d")
    made.elapsed += 10
    assert not made.is_fresh("behaviour.views_1h")


def test_the_rate_is_of_the_last_seconds() -> None:
    made = Scene(STAR, 60.0, {})
    for second in range(40):
        made.elapsed = float(second)
        count = 10 if second < 20 else 2
        made.happened([happening("view", {"user_id": "x"})] * count)
    assert made.events_per_s == pytest.approx(2, rel=0.3)


def test_bars_have_the_width_they_are_given() -> None:
    for part, full in ((0.0, 0), (0.5, 5), (1.0, 10), (7.0, 10), (-1.0, 0)):
        text = bar(part, 10, style="cyan").plain
        assert len(text) == 10
        assert text.count("█") == full
    assert spark([1.0, 2.0, 4.0]) == "▃▅█"
    assert spark([]) == ""


def test_delays_give_quantiles_in_milliseconds() -> None:
    delays = Delays()
    assert delays.quantiles().p50 is None
    for n in range(1, 101):
        delays.add(n / 1000)
    found = delays.quantiles()
    assert found.p50 == pytest.approx(50.5)
    assert found.p99 == pytest.approx(99.01)
    assert (found.slowest, found.samples) == (100, 100)
    assert delays.last(2) == [0.099, 0.1]


def test_a_rush_of_time_is_no_change() -> None:
    made = scene()
    made.elapsed += 10 * SECOND
    made.see(profile(4, running=8.9, books=1.9), ["active", "night_owl"])
    assert not made.is_fresh("category:running")
