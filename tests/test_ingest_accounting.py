"""Rows in, rows accounted for: dirt planted by hand, with every number known.

`rows = accepted + duplicates + dead_letters`, whatever the format, the packing and the
encoding; every refused row can be listed; the same file again changes nothing.
"""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.oracle.accounting import (
    HEADER,
    MAPPING,
    check,
    codes,
    counts,
    dead_letters,
    written,
)
from tests.oracle.cells import iso_time
from tests.oracle.limner_command import ingest, limner, profile

AT = iso_time("2024-12-31T00:00:00Z")

PLANTED = [
    (b"u1,2024-01-05 10:00:00,see,shoe,9.50,1", "accepted"),
    (b"u1,2024-01-05 10:00:00,see,shoe,9.50,1", "duplicate"),
    (b"u1,2024-01-05 10:00:00,see,shoe,9.50,1", "duplicate"),
    (b"u1,2024-01-05 10:00:00,see,shoe,9.50,2", "accepted"),
    (b'u1,2024-01-06 10:00:00,buy,"two\nlines, one cell",9.50,', "accepted"),
    (b"17850.0,2024-01-06 10:00:00,buy,shoe,9.50,1", "accepted"),
    (b"17850,2024-01-07 10:00:00,buy,shoe,0,1", "accepted"),
    (b"17850,2024-01-07 11:00:00,buy,shoe,NULL,1", "accepted"),
    (b"17850,2024-01-08 10:00:00,returned,shoe,9.50,-3", "accepted"),
    (b",2024-01-05 10:00:00,see,shoe,9.50,1", "missing_shopper"),
    (b",2024-01-05 10:00:00,see,shoe,9.50,1", "missing_shopper"),
    (b"NULL,2024-01-05 10:00:00,see,shoe,9.50,1", "missing_shopper"),
    (b"u2,,see,shoe,9.50,1", "missing_time"),
    (b"u2,NULL,see,shoe,9.50,1", "missing_time"),
    (b"u2,yesterday,see,shoe,9.50,1", "bad_time"),
    (b"u2,2024-02-30 10:00:00,see,shoe,9.50,1", "bad_time"),
    (b"u2,2024-01-05 25:00:00,see,shoe,9.50,1", "bad_time"),
    (b"u2,2199-01-01 00:00:00,see,shoe,9.50,1", "future"),
    (b"u2,2024-01-05 10:00:00,buy,shoe,abc,1", "bad_number"),
    (b"u2,2024-01-05 10:00:00,buy,shoe,nan,1", "bad_number"),
    (b"u2,2024-01-05 10:00:00,buy,shoe,inf,1", "bad_number"),
    (b'u2,2024-01-05 10:00:00,buy,shoe,"1,234.50",1', "bad_number"),
    (b"u2,2024-01-05 10:00:00,buy,shoe,9.50,two", "bad_number"),
    (b"u2,2024-01-05 10:00:00,see,\xff\xfe,9.50,1", "bad_encoding"),
    (b"u2,2024-01-05 10:00:00,see,sho\xe9,9.50,1", "bad_encoding"),
    (b"u2,2024-01-05 10:00:00,see,shoe", "bad_row"),
    (b"u2,2024-01-05 10:00:00,see,shoe,9.50,1,more", "bad_row"),
    (b"u2,2024-01-05 10:00:00,wink,shoe,9.50,1", "unknown_kind"),
    (b"u3,2024-01-09 10:00:00,see,shoe,9.50,1", "accepted"),
]


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return written(tmp_path / "planted.toml", MAPPING)


def packed(folder: Path, ending: str) -> Path:
    """The planted file, plain or compressed as its ending says."""
    text = b"\n".join([HEADER, *(row for row, _ in PLANTED)]) + b"\n"
    if ending.endswith(".gz"):
        text = gzip.compress(text)
    elif ending.endswith(".zst"):
        text = zstandard.compress(text)
    return written(folder / f"planted{ending}", text)


@pytest.mark.parametrize("ending", [".csv", ".txt", ".csv.gz", ".csv.zst"])
def test_planted_dirt_is_accounted_for_to_the_row(
    tmp_path: Path, store_dir: Path, mapping: Path, ending: str
) -> None:
    expected = counts([fate for _, fate in PLANTED])
    said = ingest(store_dir, mapping, packed(tmp_path, ending))
    check(said, expected)
    assert (said["events"], said["shoppers"]) == (8, 3)
    assert codes(store_dir) == expected["reasons"]


def test_the_same_rows_again_add_nothing_however_they_are_packed(
    tmp_path: Path, store_dir: Path, mapping: Path
) -> None:
    fates = [fate for _, fate in PLANTED]
    first = packed(tmp_path, ".csv")
    check(ingest(store_dir, mapping, first), counts(fates))
    listed = dead_letters(store_dir)
    check(ingest(store_dir, mapping, first), counts(fates, again=True))
    assert dead_letters(store_dir) == listed
    for ending in (".csv.gz", ".csv.zst"):  # ids do not depend on the file's name
        said = ingest(store_dir, mapping, packed(tmp_path, ending))
        assert (said["accepted"], said["events"]) == (0, 8)


def test_every_dead_letter_has_a_name_and_tells_where_it_is_from(
    tmp_path: Path, store_dir: Path, mapping: Path
) -> None:
    ingest(store_dir, mapping, packed(tmp_path, ".csv"))
    letters = dead_letters(store_dir)
    assert len({letter["id"] for letter in letters}) == len(letters)
    assert {letter["source"] for letter in letters} == {"planted"}
    winks = [letter for letter in letters if letter["code"] == "unknown_kind"]
    assert "wink" in json.dumps(winks[0]["row"])


def test_what_was_accepted_is_what_was_meant(
    tmp_path: Path, store_dir: Path, mapping: Path
) -> None:
    ingest(store_dir, mapping, packed(tmp_path, ".csv"))
    got = profile(store_dir, "17850", AT)
    assert got["value.orders_365d"] == got["value.items_365d"] == 3
    assert got["value.spend_365d"] == 950
    assert got["value.refunded_365d"] == 3 * 950
    assert got["preference.price_median_365d"] == 475.0  # of 9.50 and 0
    got = profile(store_dir, "u1", AT)
    assert got["preference.favourite_item_365d"] == "two\nlines, one cell"
    assert got["value.items_365d"] == 1


def test_several_files_of_one_command_are_counted_together(
    tmp_path: Path, store_dir: Path, mapping: Path
) -> None:
    row = b"u1,2024-01-05 10:00:00,see,shoe,9.50,%d"
    one = written(tmp_path / "1.csv", b"\n".join([HEADER, row % 1, row % 2, b"x"]))
    two = written(tmp_path / "2.csv", b"\n".join([HEADER, row % 2, row % 3]))
    said = ingest(store_dir, mapping, one, two)
    check(said, counts(["accepted"] * 3 + ["duplicate", "bad_row"]))


def test_tables_of_typed_columns_are_read(
    tmp_path: Path, store_dir: Path, mapping: Path
) -> None:
    january = [iso_time("2024-01-05T10:00:00Z")] * 4 + [None]
    table = pa.table(
        {
            "user": pa.array([17850.0, 17850.0, None, 3.0, 3.0]),
            "when": pa.array(january, pa.timestamp("us")),
            "what": ["buy", "buy", "see", "wink", "see"],
            "item": ["shoe", "shoe", "hat", "hat", None],
            "price": pa.array([9.5, 9.5, None, 1.0, 1.0]),
            "qty": pa.array([2, 2, None, 1, 1]),
        }
    )
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path)
    refused = ["missing_shopper", "unknown_kind", "missing_time"]
    fates = ["accepted", "duplicate", *refused]
    check(ingest(store_dir, mapping, path), counts(fates))
    check(ingest(store_dir, mapping, path), counts(fates, again=True))
    assert codes(store_dir) == dict.fromkeys(refused, 1)
    got = profile(store_dir, "17850", AT)
    assert (got["value.spend_365d"], got["value.items_365d"]) == (1900, 2)


def test_json_lines_are_read_through_a_mapping(
    tmp_path: Path, store_dir: Path, mapping: Path
) -> None:
    time = "2024-01-05T10:00:00+08:00"
    rows: list[tuple[dict[str, object], str]] = [
        ({"user": "a", "when": time, "what": "buy", "price": 1.005}, "accepted"),
        ({"user": "a", "when": time, "what": "buy", "price": 1.005}, "duplicate"),
        ({"user": "b", "when": time, "what": "see", "more": [1]}, "accepted"),
        ({"user": None, "when": time, "what": "see"}, "missing_shopper"),
        ({"when": time, "what": "see"}, "missing_shopper"),
        ({"user": "a", "what": "see"}, "missing_time"),
        ({"user": "a", "when": "soon", "what": "see"}, "bad_time"),
        ({"user": "a", "when": time, "what": "wink"}, "unknown_kind"),
        ({"user": "a", "when": time, "what": "buy", "qty": "x"}, "bad_number"),
    ]
    text = "\n".join(json.dumps(row) for row, _ in rows)
    path = written(tmp_path / "rows.jsonl", text)
    check(ingest(store_dir, mapping, path), counts([fate for _, fate in rows]))
    assert profile(store_dir, "a", AT)["value.spend_365d"] == 101


SAID = '{"kind": "view", "at": "2024-01-05T10:00:00Z", "shopper": {"user_id": "a"}'
LINES = [
    (SAID + ', "id": "1"}', "accepted"),
    (SAID + ', "id": "1", "item": "x"}', "duplicate"),
    (SAID + ', "id": "2", "seen_at": "2024-01-06T00:00:00Z"}', "accepted"),
    (SAID + "}", "accepted"),
    (SAID + "}", "duplicate"),
    ('{"kind": "view", "at": "2024-01-05"}', "missing_shopper"),
    ('{"kind": "view", "at": "2024-01-05", "shopper": {}}', "missing_shopper"),
    ('{"kind": "view", "shopper": {"user_id": "a"}}', "missing_time"),
    ('{"kind": "view", "at": "noon", "shopper": {"user_id": "a"}}', "bad_time"),
    (
        '{"kind": "view", "at": "2199-01-01", "shopper": {"user_id": "a"}}',
        "future",
    ),
    (
        '{"kind": "wink", "at": "2024-01-05", "shopper": {"user_id": "a"}}',
        "unknown_kind",
    ),
    (SAID + ', "id": "3", "price": "abc"}', "bad_number"),
    (SAID + ', "id": "4", "quantity": "two"}', "bad_number"),
    (SAID + ', "id": "5", "seen_at": "2024-01-05T09:50:00Z"}', "future"),
    (SAID + ', "id": "6", "seen_at": "2024-01-05T09:57:00Z"}', "accepted"),
]


def test_the_lines_of_limners_own_format_are_accounted_for(
    tmp_path: Path, store_dir: Path
) -> None:
    path = written(tmp_path / "log.jsonl", "\n".join(line for line, _ in LINES))
    expected = counts([fate for _, fate in LINES])
    check(ingest(store_dir, "limner", path), expected)
    assert codes(store_dir) == expected["reasons"]
    check(ingest(store_dir, "limner", path), counts([f for _, f in LINES], again=True))
    assert codes(store_dir) == expected["reasons"]


def test_lines_that_are_no_json_or_no_text_are_refused_one_by_one(
    tmp_path: Path, store_dir: Path
) -> None:
    lines = [
        SAID.encode() + b', "id": "1"}',
        b'{"kind": "view", ',
        b"[1, 2]",
        SAID.encode() + b', "item": "\xff"}',
        SAID.encode() + b', "id": "2"}',
    ]
    path = written(tmp_path / "log.jsonl", b"\n".join(lines) + b"\n")
    said = ingest(store_dir, "limner", path)
    assert (said["rows"], said["accepted"], said["dead_letters"]) == (5, 2, 3)
    assert said["reasons"]["bad_encoding"] == 1
    assert said["reasons"].keys() <= {"bad_encoding", "bad_row", "bad_event"}


def test_a_clock_a_little_ahead_is_set_to_the_arrival(
    tmp_path: Path, store_dir: Path
) -> None:
    line = SAID + ', "seen_at": "2024-01-05T09:57:00Z"}'
    ingest(store_dir, "limner", written(tmp_path / "log.jsonl", line))
    (event,) = limner("timeline", "--store", store_dir, "a", "--json").json_lines
    assert iso_time(event["at"]) == iso_time("2024-01-05T09:57:00Z")


def test_the_promised_numbers_of_online_retail(
    shared_data: Path, store_dir: Path
) -> None:
    path = shared_data / "uci_online_retail" / "online_retail.csv.gz"
    if not path.exists():
        pytest.skip("NOT JUDGED: ../shared/data/uci_online_retail is absent")
    promised = {
        "rows": 541_909,
        "accepted": 401_604,
        "duplicates": 5_225,
        "dead_letters": 135_080,
        "shoppers": 4_372,
        "events": 401_604,
        "reasons": {"missing_shopper": 135_080},
    }
    check(ingest(store_dir, "uci_online_retail", path), promised)
    assert codes(store_dir) == promised["reasons"]
    again = promised | {"accepted": 0, "duplicates": 401_604 + 5_225}
    check(ingest(store_dir, "uci_online_retail", path), again)
    assert codes(store_dir) == promised["reasons"]
