"""Commands run in this process: quick, so that there can be many."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from limner.cli.app import main

EVENTS = [
    '{"id": "e1", "kind": "view", "at": "2026-03-01T10:00:00Z",'
    ' "shopper": {"user_id": "42"}, "item": "p1", "category": "shoes"}',
    '{"id": "e2", "kind": "purchase", "at": "2026-03-01T10:09:00Z",'
    ' "shopper": {"user_id": "42"}, "item": "p1", "category": "shoes",'
    ' "order": "o1", "price": "12.50", "quantity": 2}',
    '{"id": "e3", "kind": "view", "at": "2026-03-02T10:00:00Z",'
    ' "shopper": {"user_id": "43"}, "item": "p2"}',
    '{"id": "e4", "kind": "wink", "at": "2026-03-02T10:00:00Z",'
    ' "shopper": {"user_id": "43"}}',
]


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; another exit code than the expected one fails."""

    def runner(*words: object, expected: int = 0) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = Said(code, *capsys.readouterr())
        assert said.code == expected, said
        return said

    return runner


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two shoppers and one dead letter; not to be changed."""
    return filled(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def own_shop(tmp_path: Path) -> Path:
    """The same, for tests that change it."""
    return filled(tmp_path)


def filled(folder: Path) -> Path:
    events = folder / "events.jsonl"
    events.write_text("\n".join(EVENTS))
    words = ["ingest", "--store", folder / "store", "--mapping", "limner", events]
    assert main([str(word) for word in [*words, "--currency", "EUR", "--json"]]) == 0
    return folder / "store"
