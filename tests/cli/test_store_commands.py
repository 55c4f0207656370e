"""ingest, deadletters, migrate and compact: what they do to a store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import EVENTS, Run

MAPPING = """
source = "limner"
format = "jsonl"
currency = "CNY"
[shopper]
user_id = "who"
[event]
at = "at"
kind = "kind"
[fields]
gift = "gift"
"""


def test_an_ingest_accounts_for_every_row(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join([*EVENTS, EVENTS[0]]))
    store = tmp_path / "store"
    words = ("ingest", "--store", store, "--mapping", "limner", path)
    said = run(*words, "--json").json
    counts = {key: said[key] for key in ("rows", "accepted", "duplicates")}
    assert counts == {"rows": 5, "accepted": 3, "duplicates": 1}
    assert said["reasons"] == {"unknown_kind": 1}
    assert (said["events"], said["shoppers"]) == (3, 2)
    assert "duplicates" in run(*words).out


def settings(run: Run, store: Path) -> dict[str, object]:
    schema: dict[str, object] = run("migrate", "--store", store, "--json").json[
        "schema"
    ]
    return schema


def test_a_new_store_has_the_currency_asked_for_else_the_mappings(
    run: Run, tmp_path: Path
) -> None:
    rows, mapping = tmp_path / "rows.jsonl", tmp_path / "mapping.toml"
    rows.write_text('{"who": "a", "at": "2026-03-01", "kind": "view"}')
    mapping.write_text(MAPPING)
    words = ("--mapping", mapping, rows, "--json")
    run("ingest", "--store", tmp_path / "one", *words)
    assert settings(run, tmp_path / "one")["currency"] == "CNY"
    asked = ("--currency", "eur", "--time-zone", "Asia/Shanghai")
    run("ingest", "--store", tmp_path / "two", *words, *asked)
    assert settings(run, tmp_path / "two")["currency"] == "EUR"
    assert settings(run, tmp_path / "two")["time_zone"] == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("option", "value"),
    [("--currency", "JPY"), ("--currency", "XXY"), ("--time-zone", "Asia/Tokyo")],
)
def test_a_store_that_is_there_keeps_its_settings(
    run: Run, own_shop: Path, option: str, value: str
) -> None:
    path = own_shop.parent / "events.jsonl"
    words = ("ingest", "--store", own_shop, "--mapping", "limner", path)
    assert value in run(*words, option, value, expected=2).err
    run(*words, "--currency", "EUR")


def test_a_mistaken_ingest_leaves_no_store(run: Run, tmp_path: Path) -> None:
    rows, mapping = tmp_path / "rows.csv", tmp_path / "mapping.toml"
    rows.write_text("a,b\n1,2\n")
    mapping.write_text(MAPPING.replace("jsonl", "csv"))
    store = tmp_path / "store"
    words = ("ingest", "--store", store, "--mapping", mapping)
    run(*words, rows, expected=2)
    run(*words, tmp_path / "absent.csv", expected=2)
    run(*words, tmp_path, expected=2)
    assert not store.exists()


def test_dead_letters_are_listed_shown_and_exported(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    (letter,) = run("deadletters", "list", "--store", shop, "--json").lines
    assert letter["code"] == "unknown_kind"
    assert letter["row"]["kind"] == "wink"
    shown = run("deadletters", "show", letter["id"], "--store", shop, "--json").json
    assert shown == letter
    assert "wink" in run("deadletters", "show", letter["id"], "--store", shop).out
    assert letter["id"] in run("deadletters", "list", "--store", shop).out
    out = tmp_path / "letters.jsonl"
    run("deadletters", "export", "--store", shop, "--out", out)
    assert json.loads(out.read_text()) == letter


def test_dead_letters_can_be_forgotten(run: Run, own_shop: Path) -> None:
    words = ("--store", own_shop, "--json")
    (letter,) = run("deadletters", "list", *words).lines
    run("deadletters", "forget", *words, expected=2)
    assert run("deadletters", "forget", "--source", "x", *words).json["forgotten"] == 0
    assert run("deadletters", "forget", letter["id"], *words).json["forgotten"] == 1
    assert run("deadletters", "list", *words).lines == []


def test_dead_letters_can_be_narrowed(run: Run, shop: Path) -> None:
    words = ("deadletters", "list", "--store", shop, "--json")
    assert len(run(*words, "--code", "unknown_kind").lines) == 1
    assert run(*words, "--code", "bad_time").lines == []
    assert run(*words, "--source", "nowhere").lines == []


def test_a_dead_letter_that_is_not_there_is_a_mistake(run: Run, shop: Path) -> None:
    run("deadletters", "show", "no", "--store", shop, expected=2)
    run("deadletters", "show", "00" * 24, "--store", shop, expected=2)


def test_dead_letters_are_retried_once_the_store_knows_their_kind(
    run: Run, own_shop: Path
) -> None:
    run("migrate", "--store", own_shop, "--add-kind", "wink")
    words = ("--store", own_shop, "--json")
    said = run("deadletters", "retry", "--mapping", "limner", *words).json
    assert (said["rows"], said["accepted"]) == (1, 1)
    assert run("deadletters", "list", *words).lines == []
    kinds = {one["kind"] for one in run("timeline", "43", *words).lines}
    assert kinds == {"view", "wink"}


def test_migrate_shows_and_changes_settings(run: Run, own_shop: Path) -> None:
    words = ("migrate", "--store", own_shop, "--json")
    assert run(*words).json["changed"] is False
    said = run(
        *words, "--add-column", "gift:text", "--keep", "view=400d,500",
        "--keep", "*=always", "--horizon", "2026-01-01",
    ).json  # fmt: skip
    assert said["changed"] is True
    assert run(*words).json["schema"] == said["schema"]
    assert said["schema"]["columns"] == {"gift": "text"}
    assert said["schema"]["keep"]["view"] == {"span": "400d", "newest": 500}
    assert said["schema"]["horizon"] == "2026-01-01T00:00:00Z"
    assert "gift" in run("migrate", "--store", own_shop).out
    early = ("profile", "--store", own_shop, "42", "--at", "2025-12-31")
    assert "horizon" in run(*early, expected=2).err


@pytest.mark.parametrize(
    "words",
    [
        ("--add-column", "gift"),
        ("--add-column", "gift:colour"),
        ("--add-column", "price:money"),
        ("--add-kind", "view"),
        ("--add-kind", "a b"),
        ("--keep", "view"),
        ("--keep", "view=soon"),
        ("--keep", "wonk=1d"),
        ("--time-zone", "Mars/Base"),
        ("--horizon", "soon"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(
    run: Run, shop: Path, words: tuple[str, str]
) -> None:
    said = run("migrate", "--store", shop, *words, expected=2)
    assert len(said.err.splitlines()) == 1


def test_compacting_changes_no_profile(run: Run, own_shop: Path) -> None:
    words = ("profile", "--store", own_shop, "42", "--at", "2026-03-02", "--json")
    before = run(*words).json
    said = run("compact", "--store", own_shop, "--json").json
    assert said["events"] == 3
    assert run(*words).json == before
