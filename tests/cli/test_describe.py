"""limner describe: the ready-made shop, and definitions of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

OWN = """
from limner import Dimension, Profile, Purchase, View, count, label, total

class Behaviour(Dimension):
    views = count(View).within("1h", "24h").named("Views", "浏览")

class Labels(Dimension):
    busy = label(Behaviour.views["24h"] >= 20, en="Busy", zh="活跃")

class Own(Profile):
    behaviour = Behaviour
    labels = Labels
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "own.py"
    path.write_text(text, "utf-8")
    return path


def test_the_ready_made_shop_is_described(run: Run) -> None:
    said = run("describe", "--json").json
    features = {one["name"]: one for one in said["features"]}
    assert len(said["fingerprint"]) == 16
    assert features["behaviour.views_24h"]["computes"] == 'count(View).within("24h")'
    assert "behaviour.views_24h" in run("describe").out


def test_a_file_of_ones_own_is_described(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, OWN)
    said = run("describe", "--definition", path, "--json").json
    assert said["name"] == "Own"
    busy = said["features"][-1]
    assert busy["name"] == "labels.busy"
    assert busy["zh"] == "活跃"
    assert busy["computes"] == "behaviour.views_24h >= 20"
    named = run("describe", "--definition", f"{path}:Own", "--json").json
    assert named == said


@pytest.mark.parametrize(
    ("text", "clue"),
    [
        ("class Own(:\n    pass", "own.py, line 1"),
        ("import limner\n\n1 / 0", "own.py, line 3: ZeroDivisionError"),
        ("import no_such_thing", "no_such_thing"),
        ("x = 1", "no subclass of Profile"),
        (OWN.replace("count(View)", "count(View.prise)"), "Did you mean 'price'?"),
        (OWN + "class Other(Profile):\n    labels = Labels", "own.py:Other"),
    ],
)
def test_a_mistake_in_it_is_one_line_that_names_it(
    run: Run, tmp_path: Path, text: str, clue: str
) -> None:
    path = written(tmp_path, text)
    said = run("describe", "--definition", path, expected=2)
    assert clue in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["absent.py", "no.such:Thing", "limner.shop:Nobody"])
def test_a_definition_that_is_not_there_is_named(run: Run, name: str) -> None:
    said = run("describe", "--definition", name, expected=2)
    assert name.partition(":")[0] in said.err
