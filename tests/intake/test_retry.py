"""Dead letters: kept with their reason, mended, and taken again as from their file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from limner.errors import UserError
from limner.intake import deadletters
from limner.intake.mapping import Mapping, load_mapping
from limner.intake.retry import retry
from limner.intake.sending import send
from tests.intake import orders
from tests.intake.orders import GOOD, events, mapping, store, take

HUG = GOOD.replace("buy", "hug")
LOST = "," + GOOD.partition(",")[2]


def mended(**changes: object) -> Mapping:
    return mapping(kinds=mapping().kinds | {"hug": "like"}, **changes)


def test_what_passes_is_an_event_as_if_it_came_from_the_file(tmp_path: Path) -> None:
    path = orders.file(tmp_path, [GOOD, HUG, HUG, LOST, "x"])
    into, straight = store(), store()
    take(into, mapping(), path)
    said = retry(into, mended()).tally
    assert (said.accepted, said.duplicates, said.dead_letters) == (1, 1, 2)
    take(straight, mended(), path)
    assert events(into) == events(straight)
    left = [letter["code"] for letter in deadletters.told_all(into)]
    assert left == ["missing_shopper", "bad_row"]
    assert take(into, mended(), path).tally.accepted == 0
    assert into.count(deadletters.TABLE) == 2


def test_occurrences_keep_their_number(tmp_path: Path) -> None:
    path = orders.file(tmp_path, [HUG, GOOD, HUG, HUG])
    into, how = store(), mapping('identity = "occurrence"\n')
    take(into, how, path)
    assert retry(into, mended(identity="occurrence")).tally.accepted == 3
    assert take(into, mended(identity="occurrence"), path).tally.accepted == 0


def test_the_reason_is_renewed_where_it_fails_again(tmp_path: Path) -> None:
    into = store()
    take(into, mapping(), orders.file(tmp_path, [HUG.replace("9.50", "cheap")]))
    assert retry(into, mended()).tally.reasons == {"bad_number": 1}
    (letter,) = deadletters.told_all(into)
    assert (letter["code"], letter["number"]) == ("bad_number", 1)


def test_a_wrong_encoding_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    text = "\n".join([orders.HEADER, GOOD.replace("shoe", "鞋子"), GOOD])
    path.write_bytes(text.encode("gb18030"))
    into = store()
    assert take(into, mapping(), path).tally.reasons == {"bad_encoding": 1}
    how = mapping(encoding="gb18030")
    assert retry(into, how).tally.accepted == 1
    assert {event["item"] for event in events(into)} == {"shoe", "鞋子"}
    assert take(into, how, path).tally.accepted == 0


def test_a_wrong_delimiter_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([orders.HEADER, GOOD.replace(",", ";"), "u8" + GOOD]))
    into = store()
    assert take(into, mapping(), path).tally.reasons == {"bad_row": 1}
    how = mapping(delimiter=";", columns=tuple(orders.HEADER.split(",")))
    assert retry(into, how).tally.accepted == 1


def test_quotes_that_swallow_others_do_not(tmp_path: Path) -> None:
    stray = GOOD.replace("shoe", '"shoe')
    into = store()
    path = orders.file(tmp_path, [stray, LOST, stray, GOOD])
    assert take(into, mapping(), path).tally.reasons == {
        "bad_row": 2,
        "missing_shopper": 1,
    }
    said = retry(into, mapping(quote="")).tally
    assert (said.accepted, said.duplicates, said.dead_letters) == (1, 1, 1)


def test_objects_events_and_typed_columns_are_kept_too(tmp_path: Path) -> None:
    into = store()
    row = {"user": "u1", "when": "2024-01-05", "what": "hug", "item": None}
    row |= {"price": "1", "qty": "1"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    table = pa.table({name: [value] for name, value in row.items()})
    pq.write_table(table.set_column(0, "user", [["u2"]]), tmp_path / "a.parquet")
    for name in ("a.jsonl", "a.parquet"):
        assert take(into, mapping(), tmp_path / name).tally.dead_letters == 1
    assert [letter["row"]["user"] for letter in deadletters.told_all(into)]
    assert retry(into, mended()).tally.accepted == 2
    assert into.count(deadletters.TABLE) == 0
    send(into, [{"kind": "view", "at": "2024-01-05"}], source="limner")
    assert retry(into, load_mapping("limner")).tally.dead_letters == 1


def test_a_source_without_dead_letters_is_a_clear_mistake(tmp_path: Path) -> None:
    into = store()
    take(into, mapping(), orders.file(tmp_path, [HUG]))
    with pytest.raises(UserError, match="no dead letters of source 'sales'"):
        retry(into, mapping(source="sales"))


def test_a_dead_letter_can_be_shown_exported_and_forgotten(tmp_path: Path) -> None:
    into = store()
    take(into, mapping(), orders.file(tmp_path, [LOST, HUG, "a,b"]))
    told = list(deadletters.told_all(into))
    assert told[0].keys() >= {"id", "code", "reason", "source", "row"}
    assert told[1]["row"]["what"] == "hug"
    assert told[2]["row"] == "a,b"
    out = tmp_path / "out.jsonl"
    assert deadletters.export(into, out) == 3
    assert [json.loads(line) for line in out.read_text().splitlines()] == told
    assert deadletters.found(into, told[0]["id"]).code == "missing_shopper"
    assert deadletters.forget(into, [told[0]["id"], told[0]["id"]]) == 1
    with pytest.raises(UserError, match="no dead letter of this id"):
        deadletters.found(into, told[0]["id"])
    with pytest.raises(UserError, match="expected 48 hex digits"):
        deadletters.found(into, "xyz")


def test_what_is_too_large_is_kept_in_part(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    text = "\n".join([orders.HEADER, "x" * 3_000_000, GOOD])
    path.write_bytes(gzip.compress(text.encode()))
    into = store()
    assert take(into, mapping(), path).tally.reasons == {"too_large": 1}
    (letter,) = deadletters.told_all(into)
    assert len(letter["row"]) == 65_536
