"""`limner demo` as somebody runs it: in a pipe, for scripts, and on a terminal."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from limner.demo.truth import Truth

LIMNER = [sys.executable, "-m", "limner"]
PATIENCE_S = 240  # the first run on a machine compiles kernels


def limner(*words: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LIMNER, *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        **settings,
    )


@pytest.fixture(scope="module")
def performed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    store = tmp_path_factory.mktemp("live") / "store"
    done = limner("demo", "--seconds", "1.5", "--json", "--store", str(store))
    assert done.returncode == 0, done.stderr
    assert "Past" in done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["store"] == str(store)
    return report


def test_the_report_has_figures_that_were_measured(performed: dict[str, Any]) -> None:
    past, live, delay = performed["past"], performed["live"], performed["delay_ms"]
    assert 50_000 < past["events"] < 75_000
    assert past["shoppers"] == 300
    assert live["events"] > 10
    assert 1.5 <= live["seconds"] < 30
    assert 0 < delay["p50"] <= delay["p99"] <= delay["slowest"] < 5_000
    assert delay["samples"] > 3


def test_profiles_find_what_shoppers_hide(performed: dict[str, Any]) -> None:
    truth = performed["truth"]
    assert set(truth) == set(Truth.__struct_fields__)
    assert truth["shoppers"] > 250
    for name in ("favourite_category", "top_3_categories", "usual_hour"):
        assert truth[name]["found"] > 1.5 * truth[name]["same_for_all"], name
    assert truth["favourite_category"]["found"] > 0.4
    assert truth["price_rank_correlation"] > 0.3
    assert truth["honest_labelled"] < 0.1 * truth["shoppers"]


def test_the_store_stays_and_the_next_commands_work(performed: dict[str, Any]) -> None:
    profile, explain, timeline, verify = performed["next"]
    assert verify.startswith("limner verify")
    for command in (profile, explain, timeline):
        done = limner(*command.split()[1:], "--json")
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout
    shown = json.loads(limner(*profile.split()[1:], "--json").stdout)
    assert shown["shopper"] == performed["shopper"]
    keys = [one["key"] for one in shown["profile"]["preference"]["categories"]]
    told = performed["profile"]["preference"]["categories"]
    assert keys == [one["key"] for one in told]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("dear to me", "utf-8")
    done = limner("demo", "--seconds", "1", "--store", str(tmp_path))
    assert done.returncode == 2
    assert "expected an absent or empty folder" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_length_that_is_none_is_refused() -> None:
    done = limner("demo", "--seconds", "-3")
    assert done.returncode == 2
    assert "--seconds -3" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_on_a_terminal_ctrl_c_ends_the_show_and_still_reports(tmp_path: Path) -> None:
    import pty

    master, slave = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "LINES": "30", "TERM": "xterm"}
    environment |= {"TMPDIR": str(tmp_path)}
    running = subprocess.Popen(
        [*LIMNER, "demo", "--seconds", "600"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
    )
    os.close(slave)
    try:
        seen = read_until(master, "stored")  # the figures below the picture
        assert "\x1b[?1049h" in seen  # the other screen of the terminal
        running.send_signal(signal.SIGINT)
        seen += read_until(master, None)
        assert running.wait(60) == 0
    finally:
        running.kill()
        running.wait()
        os.close(master)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen[seen.rindex("\x1b[?1049l") :])
    assert "early" in text
    assert "What was found" in text
    assert "Traceback" not in seen
    store = re.search(r"The store stays in (\S+)\.", text)
    assert store is not None
    assert Path(store[1]).is_dir()


def read_until(master: int, word: str | None) -> str:
    """What a terminal shows, until a word comes or the program goes."""
    seen, begun = "", time.perf_counter()
    while word is None or word not in seen:
        assert time.perf_counter() - begun < PATIENCE_S, seen[-2_000:]
        if not select.select([master], [], [], 1.0)[0]:
            continue
        try:
            some = os.read(master, 65_536)
        except OSError:  # nobody is at the other end any more
            break
        if not some:
            break
        seen += some.decode("utf-8", "replace")
    return seen
