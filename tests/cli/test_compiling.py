"""The word about compiling: when it is said, and when not."""

from __future__ import annotations

import sys

import pytest

from limner.cli import compiling
from limner.cli.compiling import SHOWN_AFTER_S, TEXT, Notice


class Clock:
    """Stands in for `time` in the module."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(compiling, "time", made)
    return made


def test_a_kernel_or_two_is_not_worth_a_word(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = Notice()
    notice.heard()
    clock.now += SHOWN_AFTER_S / 2
    notice.heard()
    notice.close()
    assert capsys.readouterr().err == ""


def test_a_log_gets_one_line(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    notice = Notice()
    for _ in range(3):
        notice.heard()
        clock.now += SHOWN_AFTER_S
    notice.close()
    assert capsys.readouterr().err == TEXT + "\n"


def test_a_log_gets_none_before_the_question_is_known_to_make_sense(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = Notice(is_logged=False)
    notice.heard()
    clock.now += SHOWN_AFTER_S
    notice.heard()
    assert capsys.readouterr().err == ""
    notice.is_logged = True
    notice.heard()
    assert capsys.readouterr().err == TEXT + "\n"


def test_a_terminal_sees_the_time_and_then_a_clean_line(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(compiling, "REDRAWN_EVERY_S", 0.001)
    notice = Notice()
    notice.heard()
    clock.now += SHOWN_AFTER_S
    notice.heard()
    assert notice.redrawing is not None
    while TEXT not in capsys.readouterr().err:
        pass
    clock.now += 10
    notice.redrawing.join()
    assert capsys.readouterr().err.endswith("\r\x1b[K")
