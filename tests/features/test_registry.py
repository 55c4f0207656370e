"""Every feature says what it is: the registry finds it, its words are complete."""

from __future__ import annotations

import inspect
import re

import pytest

import limner
from limner.features.registry import declarations, selections
from limner.language.selection import Selection

NAMES = sorted(declarations())
WITHOUT = re.compile(r"\b(None|0|0\.0|Empty|Never)\b")


def test_the_promised_features_are_there() -> None:
    promised = (
        "count exists total mean minimum maximum quantile first last distinct top mode"
        " share decayed since_first since_last intervals sessions active_days attribute"
    ).split()
    assert set(promised) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_declaration_shows_itself(name: str) -> None:
    declare = declarations()[name]
    assert f"``{name}(" in (declare.__doc__ or "")
    assert getattr(limner, name) is declare
    assert inspect.signature(declare).return_annotation != inspect.Signature.empty


@pytest.mark.parametrize("one", selections(), ids=lambda one: one.__name__)
def test_a_class_says_what_it_gives_without_events(one: type[Selection]) -> None:
    assert WITHOUT.search(one.__doc__ or ""), f"{one.__name__}: what without events?"
    assert one.kernel.__doc__
