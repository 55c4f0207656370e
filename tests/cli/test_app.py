"""The entry point: what is listed, what is loaded, and how mistakes end."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from limner.cli import app
from limner.cli.app import COMMANDS, loaded
from limner.errors import MappingError, StoreDamaged
from tests.cli.conftest import Run

HEAVY = {"numba", "numpy", "pyarrow", "polars", "msgspec"}


def test_help_lists_every_command(run: Run) -> None:
    said = run("--help")
    assert [name for name in COMMANDS if f" {name} " not in said.out] == []


def test_without_words_help_is_shown(run: Run) -> None:
    assert "Commands" in run().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_json_and_a_text_like_its_line(
    run: Run, name: str
) -> None:
    said = run(name, "--help")
    command = loaded(name)
    groups = getattr(command, "commands", {}) or {name: command}
    for one in groups.values():
        options = {option for p in one.params for option in p.opts}
        assert "--json" in options or name == "demo", one.name
    assert command.help.split("\n")[0][:20] in said.out


def test_every_command_is_a_module() -> None:
    folder = Path(app.__file__).parent / "commands"
    assert {path.stem for path in folder.glob("[!_]*.py")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
    text = page.read_text("utf-8")
    assert f"### `limner {name}" in text
    command = loaded(name)
    groups = getattr(command, "commands", {}) or {name: command}
    missing = [
        f"{one.name} {option}"
        for one in groups.values()
        for parameter in one.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help" and option not in text
    ]
    assert not missing


def test_the_version_is_shown(run: Run) -> None:
    assert run("--version").out.startswith("limner ")


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import json, sys\n"
        "from limner.cli.app import main\n"
        "main(['--help'])\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=60
    )
    assert not HEAVY & set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("words", "clue"),
    [
        (["profil"], "Did you mean 'profile'?"),
        (["profile", "--stroe", "x"], "--stroe"),
        (["profile", "a"], "--store"),
        (["deadletters"], "Missing command"),
        (["deadletters", "lst"], "Did you mean 'list'?"),
        (["export", "--store", "x", "--at", "soon", "--out", "y"], "moment 'soon'"),
    ],
)
def test_a_usage_mistake_is_one_line_with_a_clue(
    run: Run, words: list[str], clue: str
) -> None:
    said = run(*words, expected=2)
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert clue in said.err


def failing(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `limner describe` raise this."""

    def fail(_: str) -> None:
        raise error

    module = import_module("limner.cli.commands.describe")
    monkeypatch.setattr(module, "definition_of", fail)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (MappingError(["one", "two"]), 2, "limner: one; two"),
        (FileNotFoundError(2, "No such file", "x.csv"), 2, "limner: x.csv: No such"),
        (OSError(28, "No space left"), 3, "limner: OSError"),
        (StoreDamaged("run 3 is cut short"), 3, "limner: run 3 is cut short"),
        (ZeroDivisionError("a\nb"), 3, "limner: ZeroDivisionError: a b (a fault of"),
        (KeyboardInterrupt(), 130, "limner: stopped"),
    ],
)
def test_every_failure_is_one_line_and_its_exit_code(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    line: str,
) -> None:
    failing(error, monkeypatch)
    said = run("describe", expected=code)
    assert said.err.startswith(line)
    assert len(said.err.splitlines()) == 1


def test_our_own_fault_shows_its_traceback_when_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(ZeroDivisionError(), monkeypatch)
    monkeypatch.setenv("LIMNER_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("describe")


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    command = [sys.executable, "-m", "limner", "describe", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert (process.returncode, told) == (141, b"")
