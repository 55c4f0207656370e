"""profile, export, explain, timeline and verify: what scripts get, and what people."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Run

AT = ("--at", "2026-03-02")


def test_a_profile_is_one_document(run: Run, shop: Path) -> None:
    said = run("profile", "--store", shop, "user_id:42", *AT, "--json").json
    assert list(said) == ["shopper", "at", "definition", "profile", "labels"]
    assert said["at"] == "2026-03-02T00:00:00Z"
    assert said["profile"]["value"]["spend_30d"] == 2500
    assert "buyer" in said["labels"]


def test_a_profile_for_people_has_titles_and_money_in_major_units(
    run: Run, shop: Path
) -> None:
    said = run("profile", "--store", shop, "42", *AT).out
    assert "25.00 EUR" in said
    assert "浏览次数" in said
    assert "Buyer" in said


def test_before_the_first_event_a_profile_is_empty(run: Run, shop: Path) -> None:
    said = run("profile", "--store", shop, "42", "--at", "2026-01-01", "--json").json
    assert said["profile"]["behaviour"]["views_30d"] == 0
    assert said["profile"]["value"]["average_order_365d"] is None
    assert said["labels"] == []


def test_known_leaves_out_what_came_later(run: Run, shop: Path) -> None:
    words = ("profile", "--store", shop, "42", *AT, "--json")
    said = run(*words, "--known", "2026-03-01T10:05:00Z").json
    assert said["profile"]["behaviour"]["views_30d"] == 1
    assert said["profile"]["value"]["orders_30d"] == 0


def test_an_amount_without_a_rate_is_counted_in_a_warning(
    run: Run, own_shop: Path, tmp_path: Path
) -> None:
    path = tmp_path / "foreign.jsonl"
    path.write_text(
        '{"kind": "purchase", "at": "2026-03-01", "shopper": {"user_id": "y"},'
        ' "price": "3", "currency": "JPY"}'
    )
    run("ingest", "--store", own_shop, "--mapping", "limner", path)
    said = run("profile", "--store", own_shop, "y", *AT, "--json")
    assert said.json["profile"]["value"]["spend_30d"] == 0
    assert "warning: 1 amount is in another currency than EUR" in said.err
    out = tmp_path / "all.parquet"
    exported = run("export", "--store", own_shop, *AT, "--out", out)
    assert "no rate" in exported.err
    assert run("profile", "--store", own_shop, "42", *AT, "--json").err == ""


def test_a_definition_of_ones_own_is_read(run: Run, shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "from limner import *\n"
        "from limner import Dimension, Profile, View, count\n"
        "class Own(Profile):\n"
        "    class seen(Dimension):\n"
        '        views = count(View).within("2d")\n'
    )
    words = ("--store", shop, "--definition", path, *AT)
    said = run("profile", "42", *words, "--json").json
    assert said["profile"] == {"seen": {"views": 1}}
    assert run("explain", "42", "seen.views", *words, "--json").json["count"] == 1


def test_a_function_of_ones_own_that_fails_is_named_with_its_line(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "from limner import Dimension, Profile, feature\n"
        '@feature(returns="integer")\n'
        "def broken(history, at):\n"
        "    return len(history) // 0\n"
        "class Own(Profile):\n"
        "    class seen(Dimension):\n"
        "        broken = broken\n"
    )
    words = ("--store", shop, "--definition", path, *AT)
    said = run("profile", "42", *words, expected=2)
    assert "broken, line 4: ZeroDivisionError" in said.err


def test_an_export_has_a_row_for_each_shopper_and_leaves_nothing_else(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "all.parquet"
    said = run("export", "--store", shop, "--at", "2026-04-01", "--out", out, "--json")
    assert said.json["rows"] == 2
    table = pq.read_table(out)
    assert sorted(table["shopper"].to_pylist()) == ["42", "43"]
    assert [path.name for path in tmp_path.iterdir()] == ["all.parquet"]


def test_an_export_to_a_folder_is_refused(run: Run, shop: Path, tmp_path: Path) -> None:
    said = run("export", "--store", shop, *AT, "--out", tmp_path, expected=2)
    assert "is a folder" in said.err


def test_an_explanation_lists_the_events_behind_a_value(run: Run, shop: Path) -> None:
    words = ("explain", "--store", shop, "42", "preference.categories", *AT)
    said = run(*words, "--json").json
    assert said["count"] == 2
    assert said["newest"] == "2026-03-01T10:09:00Z"
    assert [one["event"] for one in said["contributions"]] == ["e1", "e2"]
    assert {"event", "at", "kind", "weight"} <= said["contributions"][0].keys()
    shown = run(*words).out
    assert "2 events contribute" in shown
    assert "top(Event.category" in shown


def test_a_misspelled_feature_gets_a_hint(run: Run, shop: Path) -> None:
    words = ("explain", "--store", shop, "42", "value.spend_30")
    assert "Did you mean 'value.spend_30d'?" in run(*words, expected=2).err


def test_a_timeline_is_one_event_a_line(run: Run, shop: Path) -> None:
    said = run("timeline", "--store", shop, "42", "--json").lines
    assert [one["id"] for one in said] == ["e1", "e2"]
    assert said[1]["shopper"] == {"user_id": "42"}
    shown = run("timeline", "--store", shop, "42").out
    assert len(shown.splitlines()) == 2


def test_what_a_shop_sent_never_commands_the_terminal(
    run: Run, own_shop: Path, tmp_path: Path
) -> None:
    path = tmp_path / "evil.jsonl"
    path.write_text(
        '{"kind": "view", "at": "2026-03-01", "shopper": {"user_id": "x"},'
        ' "item": "\\u001b]0;owned\\u0007[bold]"}'
    )
    run("ingest", "--store", own_shop, "--mapping", "limner", path)
    shown = run("timeline", "--store", own_shop, "x").out
    shown += run("profile", "--store", own_shop, "x", *AT).out
    assert "\x1b" not in shown
    assert "[bold]" in shown


def test_verify_finds_no_difference(run: Run, shop: Path) -> None:
    said = run("verify", "--store", shop, "--at", "2026-03-02", "--json").json
    assert said["shoppers"] >= 1
    assert (said["moments"], said["differences"]) == (1, 0)
    assert "0 differences" in run("verify", "--store", shop).out


def test_verify_names_a_difference_and_exits_with_one(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limner.engine import limner as engine
    from limner.engine.verification import Verification

    found = Verification(2, 1, 60, 3, "value.spend_30d of shopper row 0: 1 and 2")
    monkeypatch.setattr(engine, "verify", lambda *_, **__: found)
    said = run("verify", "--store", shop, "--json", expected=1)
    assert said.json["differences"] == 3
    assert "value.spend_30d" in said.err
