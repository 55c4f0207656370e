"""Files into a store: what becomes of rows, whatever their order, form and dirt."""

from __future__ import annotations

import gzip
import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from limner import clock
from limner.errors import InputError, MappingError
from limner.events.batch import texts_only
from limner.events.codes import text_code
from limner.events.schema import Schema
from limner.intake import deadletters
from limner.intake.ingest import ingest
from limner.intake.mapping import load_mapping, parse_mapping
from limner.intake.retry import retry
from limner.stores.contract import Change
from limner.stores.memory import open_memory
from tests.intake import orders
from tests.intake.orders import GOOD, events, mapping, store, take

FATES = {
    "u1,2024-01-05 10:00:00,buy,shoe,9.50,1": "accepted",
    "u1.0,2024-01-05 10:00:00,see,shoe,,": "accepted",
    "17.0,2024-01-05,back,shoe,9.50,-2": "accepted",
    ",2024-01-05,buy,shoe,9.50,1": "missing_shopper",
    "  ,2024-01-05,buy,shoe,9.50,1": "missing_shopper",
    "u2,,buy,shoe,9.50,1": "missing_time",
    "u2,soon,buy,shoe,9.50,1": "bad_time",
    "u2,1969-12-31,buy,shoe,9.50,1": "bad_time",
    "u2,2199-01-01,buy,shoe,9.50,1": "future",
    "u2,2024-01-05,hug,shoe,9.50,1": "unknown_kind",
    "u2,2024-01-05,buy,shoe,cheap,1": "bad_number",
    "u2,2024-01-05,buy,shoe,9.50,many": "bad_number",
    "u2,2024-01-05,buy,shoe,9.50,1.5": "bad_number",
    "u2,2024-01-05,buy,shoe,9.50,-1": "bad_number",
    "u2,2024-01-05,buy,shoe,99999999999999,1": "bad_number",
    "u2,2024-01-05,buy,shoe,9999999999,9999999": "bad_number",
    "u2,2024-01-05,buy,shoe": "bad_row",
    "u2,2024-01-05,buy,shoe,9.50,1,1": "bad_row",
    "u2,2024-01-05,buy," + "x" * 40_000 + ",9.50,1": "too_large",
    "x" * 600 + ",2024-01-05,buy,shoe,9.50,1": "bad_event",
}


@pytest.mark.parametrize("row", FATES)
def test_each_row_has_its_fate(tmp_path: Path, row: str) -> None:
    into = store()
    tally = take(into, mapping(), orders.file(tmp_path, [row])).tally
    fate = FATES[row]
    if fate == "accepted":
        assert (tally.accepted, tally.rows) == (1, 1)
    else:
        assert tally.reasons == {fate: 1}
        (letter,) = deadletters.told_all(into)
        assert (letter["code"], letter["number"]) == (fate, 1)
        assert letter["reason"]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(list(FATES)), max_size=30), st.integers(0, 2**32))
def test_neither_order_nor_files_change_what_is_taken(
    rows: list[str], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        one, other = store(), store()
        first = take(one, mapping(), orders.file(place, rows)).tally
        shuffled = random.Random(seed).sample(rows, len(rows))
        cut = len(rows) // 2
        second = take(
            other,
            mapping(),
            orders.file(place, shuffled[:cut], "1.csv"),
            orders.file(place, shuffled[cut:], "2.csv"),
        ).tally
    fates = [FATES[row] for row in rows]
    good = [row for row in rows if FATES[row] == "accepted"]
    assert first == second
    assert (first.rows, first.accepted) == (len(rows), len(set(good)))
    assert first.reasons == {f: fates.count(f) for f in set(fates) - {"accepted"}}
    assert sorted(map(str, events(one))) == sorted(map(str, events(other)))


def test_the_same_file_again_adds_nothing(tmp_path: Path) -> None:
    into = store()
    rows = [*FATES, *FATES]
    first = take(into, mapping(), orders.file(tmp_path, rows)).tally
    kept = list(deadletters.told_all(into))
    assert len(kept) == first.dead_letters == 2 * 17
    again = take(into, mapping(), orders.file(tmp_path, rows, "renamed.csv")).tally
    assert (again.accepted, again.duplicates) == (0, 6)
    assert again.reasons == first.reasons
    assert list(deadletters.told_all(into)) == kept


def test_a_file_that_has_grown_adds_only_what_is_new(tmp_path: Path) -> None:
    into = store()
    bad = ",2024-01-05,buy,shoe,9.50,1"
    take(into, mapping(), orders.file(tmp_path, [GOOD, bad]))
    grown = take(into, mapping(), orders.file(tmp_path, [GOOD, bad, bad])).tally
    assert (grown.accepted, grown.duplicates, grown.dead_letters) == (0, 1, 2)
    assert into.count(deadletters.TABLE) == 2


def test_identical_rows_are_several_events_where_occurrence_is_identity(
    tmp_path: Path,
) -> None:
    into = store()
    how = mapping('identity = "occurrence"\n')
    path = orders.file(tmp_path, [GOOD, GOOD, "u9" + GOOD, GOOD])
    assert take(into, how, path).tally.accepted == 4
    assert take(into, how, path).tally.accepted == 0


def test_chosen_columns_are_the_identity_and_other_content_is_a_conflict(
    tmp_path: Path,
) -> None:
    into = store()
    how = mapping('identity = ["user", "item"]\n')
    later = GOOD.replace("10:00", "11:00")
    tally = take(into, how, orders.file(tmp_path, [GOOD, later, GOOD])).tally
    assert (tally.accepted, tally.duplicates, tally.conflicts) == (1, 2, 1)


def test_what_an_event_says_is_what_the_row_said(tmp_path: Path) -> None:
    into = store()
    row = "17850.0,2024-01-05 10:00:00,back,shoe,0.145,-3"
    take(into, mapping(), orders.file(tmp_path, [row]))
    (event,) = events(into)
    assert event.pop("id")
    assert event == {
        "kind": "refund",
        "at": "2024-01-05T10:00:00Z",
        "seen_at": "2024-01-05T10:00:00Z",
        "shopper": {"user_id": "17850"},
        "item": "shoe",
        "price": "0.15",
        "quantity": 3,
        "currency": "EUR",
    }


EVERYTHING = """
source = "crm"
time_zone = "Asia/Shanghai"
null = ["-"]
[shopper]
user_id = "u"
email = ["mail", "mail2"]
[event]
id = "number"
at = "t"
seen_at = "arrived"
at_format = "%d/%m/%Y %H:%M"
kind_is = "identify"
category = ["c1", "c2"]
amount = "sum"
currency = "cur"
seconds = "s"
score = "r"
[attributes]
gender = "g"
[values.gender]
"0" = "m"
"^f" = "f"
[fields]
note = "n"
[flags]
bot = {column = "agent", matches = "BOT|spider"}
staff = {column = "mail", equals = ["me@shop"]}
[limits]
seconds = 10
"""


def test_every_part_of_a_mapping_has_its_effect(tmp_path: Path) -> None:
    header = "u,mail,mail2,number,t,arrived,c1,c2,sum,cur,s,r,g,n,agent"
    rows = [
        "1,-,b@x,7,05/01/2024 08:00,05/01/2024 09:00,-,k2,12.5,jpy,3,4.5,0,hi,-",
        "1,me@shop,-,8,05/01/2024 08:00,-,k1,k2,-,-,30,-,female,-,a spider",
        "1,-,-,9,05/01/2024 08:00,05/01/2024 07:00,-,-,-,-,-,-,-,-,-",
        "1,-,-,-,05/01/2024 08:00,-,-,-,1,XXX,-,-,-,-,-",
        "1,-,-,-,05/01/2024 08:00,-,-,-,-,-,fast,-,other,-,-",
    ]
    path = tmp_path / "crm.csv"
    path.write_text("\n".join([header, *rows]))
    into = store()
    tally = take(into, parse_mapping(EVERYTHING, name="crm"), path).tally
    assert tally.reasons == {"future": 1, "bad_event": 1, "bad_number": 1}
    assert tally.flags == {"bot": 1, "staff": 1, "outlier": 1}
    first, second = events(into)
    assert first == {
        "id": "7",
        "kind": "identify",
        "at": "2024-01-05T00:00:00Z",
        "seen_at": "2024-01-05T01:00:00Z",
        "shopper": {"user_id": "1", "email": "b@x"},
        "category": "k2",
        "amount": "13",
        "currency": "JPY",
        "seconds": 3.0,
        "score": 4.5,
        "attributes": {"gender": "m"},
        "fields": {"note": "hi"},
    }
    assert second["seen_at"] == second["at"]
    assert (second["category"], second["attributes"]) == ("k1", {"gender": "f"})
    assert second["shopper"]["email"] == "me@shop"


def test_identifiers_of_one_row_are_one_shopper(tmp_path: Path) -> None:
    text = 'source = "s"\n[shopper]\nuser_id = "user"\nemail = "item"\n'
    text += '[event]\nat = "when"\nkind_is = "login"\n'
    rows = ["u1,2024-01-05,,a@x,,", "u2,2024-01-05,,a@x,,", ",2024-01-05,,b@x,,"]
    said = take(store(), parse_mapping(text, name="s"), orders.file(tmp_path, rows))
    assert (said.tally.accepted, said.shoppers) == (3, 2)


def test_a_time_a_little_ahead_of_the_clock_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.moment_us("2024-01-05T10:00:00Z")
    monkeypatch.setattr(clock, "now_us", lambda: now)
    rows = [
        GOOD.replace("10:00:00", "10:04:59"),
        GOOD.replace("10:00:00", "10:05:01"),
        GOOD.replace("10:00:00", "09:59:59"),
    ]
    into = store()
    assert take(into, mapping(), orders.file(tmp_path, rows)).tally.reasons == {
        "future": 1
    }
    assert [event["at"] for event in events(into)] == [
        "2024-01-05T10:00:00Z",
        "2024-01-05T09:59:59Z",
    ]


CHINESE = "u1,2024-01-05,buy,鞋子𠮷,9.50,1"


def test_gb18030_is_read_and_what_is_not_is_refused_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    bad = b"u1,2024-01-05,buy,\xff\xff,9.50,1"
    cut = b"u1,2024-01-05,buy,\x81,9.50,1"
    lines = [orders.HEADER.encode(), CHINESE.encode("gb18030"), bad, cut, bad]
    path.write_bytes(b"\n".join([*lines, CHINESE.encode("gb18030") + b" "]))
    into = store()
    tally = take(into, mapping('encoding = "gb18030"\n'), path).tally
    assert (tally.accepted, tally.reasons) == (2, {"bad_encoding": 3})
    assert {event["item"] for event in events(into)} == {"鞋子𠮷"}


def test_other_encodings_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = "\n".join([orders.HEADER, CHINESE])
    for encoding in ("utf-8-sig", "utf-16", "gbk"):
        path = tmp_path / "rows.csv"
        path.write_text(text.replace("𠮷", ""), encoding=encoding)
        how = mapping("" if "8" in encoding else f'encoding = "{encoding}"\n')
        into = store()
        assert take(into, how, path).tally.accepted == 1
        assert events(into)[0]["item"] == "鞋子"


def test_packed_files_are_the_same_rows(tmp_path: Path) -> None:
    into = store()
    path = orders.file(tmp_path, list(FATES))
    text = path.read_bytes()
    first = take(into, mapping(), path).tally
    again = {"x.csv.gz": gzip.compress(text), "x.txt.zst": zstandard.compress(text)}
    again["misnamed.csv"] = gzip.compress(text[:99]) + gzip.compress(text[99:])
    for name, packed in again.items():
        (tmp_path / name).write_bytes(packed)
        tally = take(into, mapping(), tmp_path / name).tally
        assert (tally.accepted, tally.reasons) == (0, first.reasons)
    assert into.count(deadletters.TABLE) == first.dead_letters


def test_a_tsv_and_a_declared_delimiter(tmp_path: Path) -> None:
    for name, how in (("a.tsv", mapping()), ("a.dat", mapping('delimiter = "\\t"\n'))):
        path = tmp_path / name
        path.write_text("\n".join([orders.HEADER, GOOD]).replace(",", "\t"))
        assert take(store(), how, path).tally.accepted == 1


def test_objects_a_line_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    said = (
        '{"user": {"id": 17850.0}, "when": 1704448800, "what": "buy", "price": 2.675}'
    )
    path.write_text(
        "\n".join([said, said.replace(", ", ",  "), "{", "[]", '"x"', "", '{"a": 1}'])
    )
    how = mapping()
    how = mapping(shopper={"user_id": ("user.id",)}, event=how.event)
    into = store()
    tally = take(into, how, path).tally
    assert (tally.accepted, tally.duplicates) == (1, 1)
    assert tally.reasons == {"bad_row": 3, "missing_shopper": 1}
    (event,) = events(into)
    assert (event["shopper"], event["price"]) == ({"user_id": "17850"}, "2.68")


def test_a_line_of_many_megabytes_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    said = b'{"user": "u1", "when": "2024-01-05", "what": "see", "item": "%d"}\n'
    huge = said.replace(b"%d", b"x\r" * 6_000_000)
    path.write_bytes(said % 1 + huge + said % 2)
    tally = take(store(), mapping(), path).tally
    assert (tally.accepted, tally.reasons) == (2, {"too_large": 1})


def test_a_parquet_file_of_typed_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table(
        {
            "user": pa.array([17850.0, None]),
            "when": pa.array([1_704_448_800_000, 0], pa.timestamp("ms", "Asia/Tokyo")),
            "what": pa.array(["buy", "buy"]).dictionary_encode(),
            "item": pa.array([b"shoe", b"\xff"]),
            "price": pa.array([2, 3], pa.int16()),
            "qty": pa.array([["x"], None]),
            "ago": pa.array([7, None], pa.duration("s")),
            "ts": pa.array([1_704_448_800_000.0, float("nan")]),
        }
    )
    pq.write_table(table, path)
    event_of = {k: v for k, v in mapping().event.items() if k != "quantity"}
    how = mapping(event=event_of | {"text": ("qty",)})
    into = store()
    tally = take(into, how, path).tally
    assert (tally.accepted, tally.reasons) == (1, {"missing_shopper": 1})
    (event,) = events(into)
    assert event["at"] == "2024-01-05T10:00:00Z"
    assert (event["item"], event["text"], event["price"]) == ("shoe", '["x"]', "2.00")


def test_numbers_that_went_through_floats_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    whole, none = 1_704_448_800_000.0, float("nan")
    table = pa.table({"who": [7.0, none], "ts": [whole, whole], "price": [0.145, 1e15]})
    pq.write_table(table, path)
    text = 'source = "s"\n[shopper]\nuser_id = "who"\n'
    text += '[event]\nat = "ts"\nkind_is = "purchase"\nprice = "price"\n'
    into = store()
    tally = take(into, parse_mapping(text, name="s"), path).tally
    assert (tally.accepted, tally.reasons) == (1, {"missing_shopper": 1})
    (event,) = events(into)
    assert (event["at"], event["price"]) == ("2024-01-05T10:00:00Z", "0.15")
    assert event["shopper"] == {"user_id": "7"}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", None, "no such file"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"user,when\n1,2\n", "no column 'what'"),
        ("a.csv.gz", gzip.compress(b"x" * 9_999)[:-20], "cut short or damaged"),
        ("a.csv.bz2", b"BZh91AY", "bzip2 compression, expected gzip, zstd or none"),
        ("a.xls", b"x", "the name does not tell the format"),
        ("a.parquet", b"PAR1 not", "not a Parquet file"),
        ("a.jsonl", b'[{"a": 1}]', "expected one JSON object a line"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_clear_mistake(
    tmp_path: Path, name: str, content: bytes | None, expected: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    into = store()
    with pytest.raises(InputError, match=expected):
        ingest(into, mapping(), paths=[path])
    assert into.totals().events == 0


def test_a_table_is_no_log_of_events(tmp_path: Path) -> None:
    path = orders.file(tmp_path, [GOOD])
    with pytest.raises(InputError, match="reads events as lines of JSON"):
        ingest(store(), load_mapping("limner"), paths=[path])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder"):
        ingest(store(), mapping(), paths=[tmp_path])


def test_a_kind_that_the_store_does_not_know_is_a_fault_of_the_mapping(
    tmp_path: Path,
) -> None:
    path = orders.file(tmp_path, [GOOD])
    how = mapping(kinds={"buy": "gift"})
    with pytest.raises(MappingError, match="the store has no kind 'gift'"):
        ingest(store(), how, paths=[path])
    own = open_memory(Schema(kinds=("gift",)))
    assert take(own, how, path).tally.accepted == 1


def test_dead_letters_beyond_the_bound_stop_intake_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadletters, "KEPT_MAX", 2)
    path = orders.file(tmp_path, [",,,,,"] * 3)
    with pytest.raises(Exception, match="at most 2: intake stops here"):
        ingest(store(), mapping(), paths=[path])


def test_a_text_whose_code_is_another_texts_is_a_dead_letter(tmp_path: Path) -> None:
    into = store()
    codes = np.array([text_code("shoe")], np.uint64)
    taken = texts_only(codes, pa.array(["taken"], pa.string()), schema=into.schema)
    into.commit(Change(batch=taken))
    path = orders.file(tmp_path, [GOOD, GOOD.replace("shoe", "hat"), GOOD])
    for accepted in (1, 0):
        tally = take(into, mapping(), path).tally
        assert tally.accepted == accepted
        assert tally.reasons == {"hash_collision": 2}
    letters = list(deadletters.told_all(into))
    assert [letter["number"] for letter in letters] == [1, 3]
    assert letters[0]["row"]["item"] == "shoe"
    assert retry(into, mapping()).tally.reasons == {"hash_collision": 2}
    assert into.count(deadletters.TABLE) == 2


def test_progress_is_told_after_each_commit(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []

    def tell(*said: Any) -> None:
        told.append(said)

    ingest(store(), mapping(), paths=[orders.file(tmp_path, [GOOD])], progress=tell)
    assert told == [(1.0, "1 rows")]
