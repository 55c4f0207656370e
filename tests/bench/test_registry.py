"""Benchmarks: each can be asked for, and bars are judged as they say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from limner.bench import registry
from limner.bench.figure import Figure, Setting
from limner.bench.files import run as run_files
from limner.bench.store import judged
from limner.cli.app import main
from limner.errors import InputError


@pytest.mark.parametrize("name", registry.BENCHES)
def test_every_benchmark_is_a_module_that_runs(name: str) -> None:
    assert callable(import_module(f"limner.bench.{name}").run)


def test_an_unknown_name_gets_a_hint() -> None:
    with pytest.raises(InputError, match="Did you mean 'files'"):
        registry.chosen(["file"])
    assert registry.chosen([]) == list(registry.BENCHES)


@pytest.mark.parametrize(
    ("value", "bar", "better", "is_met"),
    [
        (10, 10, "more", True),
        (9, 10, "more", False),
        (10, 10, "less", True),
        (11, 10, "less", False),
        (0, None, "more", True),
    ],
)
def test_a_bar_is_a_least_or_a_most(
    value: float, bar: float | None, better: str, is_met: bool
) -> None:
    figure = Figure("it", value, "s", bar=bar, better=better)  # type: ignore[arg-type]
    assert figure.is_met is is_met


def test_measurements_of_the_store_meet_their_bars() -> None:
    assert (
        judged("durable append, the last", 1.0, unit="events/s", note="").bar == 250_000
    )
    assert judged("room taken by hot", 1.0, unit="MiB", note="").bar is None


def test_files_are_measured_beside_a_plain_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("limner.bench.made_files.DATA", tmp_path / "absent")
    setting = Setting(tmp_path, True, lambda fraction, text: None)
    figures = list(run_files(setting))
    assert len(figures) == 2
    assert all(one.value > 0 and one.plain and one.plain > 0 for one in figures)


def measured(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    """Have one benchmark that yields this."""
    figure = Figure("speed", value, "rows/s", bar=10)
    monkeypatch.setattr(registry, "figures", lambda *_, **__: iter([figure]))


def test_a_missed_bar_is_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(monkeypatch, 9)
    assert main(["bench", "files", "--json"]) == 1
    told = capsys.readouterr()
    assert '"is_met":false' in told.out
    assert "bars missed: speed" in told.err
    assert main(["bench", "files", "--json", "--quick"]) == 0


def test_figures_are_shown_beside_their_bars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(monkeypatch, 12_345)
    assert main(["bench", "files"]) == 0
    assert "12,345 rows/s" in capsys.readouterr().out
