"""Definitions from files: a user's program, beside its own modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import DefinitionError, InputError
from limner.profile.loading import load_definition
from limner.shop import Shopper

OWN = """
from limner import Dimension, Profile, View, count
{}
class Own(Profile):
    class seen(Dimension):
        views = count(View).within({})
"""


def written(folder: Path, *, more: str = "", span: str = '"1d"') -> Path:
    path = folder / "own.py"
    path.write_text(OWN.format(more, span), "utf-8")
    return path


def test_the_ready_made_shop_has_a_name_like_any_other() -> None:
    made = load_definition("limner.shop:Shopper")
    assert made.fingerprint == Shopper.definition.fingerprint


def test_a_file_may_import_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "spans_of_this_test.py").write_text('DAY = "1d"')
    path = written(tmp_path, more="from spans_of_this_test import DAY", span="DAY")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    plain = written(elsewhere)
    assert load_definition(str(path)).fingerprint == (
        load_definition(f"{plain}:Own").fingerprint
    )


def test_an_edited_file_is_another_definition(tmp_path: Path) -> None:
    before = load_definition(str(written(tmp_path))).fingerprint
    after = load_definition(str(written(tmp_path, span='"2d"'))).fingerprint
    assert before != after


def test_every_fault_of_a_definition_is_reported_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, span='"soon", "later"')
    with pytest.raises(DefinitionError) as caught:
        load_definition(str(path))
    assert len(caught.value.faults) == 2


def test_leaving_the_program_is_a_mistake_too(tmp_path: Path) -> None:
    path = written(tmp_path, more="raise SystemExit(0)")
    with pytest.raises(InputError, match=r"own\.py, line 3: SystemExit"):
        load_definition(str(path))
