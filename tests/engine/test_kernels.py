"""The first use on a machine: a second process compiles what reads."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from limner.engine import kernels
from limner.engine.kernels import compiled_beside, paint_nobody


def test_nobody_can_be_painted() -> None:
    paint_nobody()


def test_the_second_process_does_so_and_ends_well() -> None:
    command = [sys.executable, "-m", kernels.__name__]
    done = subprocess.run(command, capture_output=True, check=True, timeout=240)
    assert done.stdout == b""


class Process:
    """Stands in for the second process, and remembers what became of it."""

    def __init__(self, command: list[str], **_: Any) -> None:
        self.command, self.fate = command, ["begun"]

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self, _: float) -> None:
        self.fate.append("waited for")

    def kill(self) -> None:
        self.fate.append("ended")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    made: list[Process] = []

    def begin(command: list[str], **settings: Any) -> Process:
        made.append(Process(command, **settings))
        return made[-1]

    monkeypatch.setattr(subprocess, "Popen", begin)
    return made


@pytest.mark.parametrize(("is_first", "count"), [(True, 1), (False, 0)])
def test_it_is_begun_at_the_first_use_alone(
    monkeypatch: pytest.MonkeyPatch, begun: list[Process], is_first: bool, count: int
) -> None:
    monkeypatch.setattr(kernels, "IS_FIRST_USE", is_first)
    with compiled_beside():
        pass
    assert len(begun) == count
    assert all(one.fate == ["begun", "waited for", "ended"] for one in begun)


def test_it_does_not_outlive_a_failure(
    monkeypatch: pytest.MonkeyPatch, begun: list[Process]
) -> None:
    monkeypatch.setattr(kernels, "IS_FIRST_USE", True)
    with pytest.raises(KeyboardInterrupt), compiled_beside():
        raise KeyboardInterrupt
    assert begun[0].fate == ["begun", "ended"]
