"""What a mapping file says, key by key, and what the events then are."""

from pathlib import Path

import pytest

from tests.oracle.accounting import HEADER, MAPPING, check, codes, counts, written
from tests.oracle.cells import iso_time
from tests.oracle.limner_command import ingest, limner, profile

AT = iso_time("2024-12-31T00:00:00Z")


ITEM = "u1,2024-01-05 10:00:00,see,{},9.50,1"


def test_gb18030_is_read_and_its_faults_are_refused(
    tmp_path: Path, store_dir: Path
) -> None:
    mapping = written(tmp_path / "m.toml", 'encoding = "gb18030"\n' + MAPPING)
    rows = [
        HEADER,
        ITEM.format("鞋子").encode("gb18030"),
        ITEM.format("𠮷").encode("gb18030"),  # four bytes
        b"u1,2024-01-05 10:00:00,see,\xff\xff,9.50,1",
    ]
    path = written(tmp_path / "rows.csv", b"\n".join(rows) + b"\n")
    said = ingest(store_dir, mapping, path)
    check(said, counts(["accepted", "accepted", "bad_encoding"]))
    items = profile(store_dir, "u1", AT)["preference.items"]
    assert [entry["key"] for entry in items] == ["鞋子", "𠮷"]


def test_latin_1_is_read(tmp_path: Path, store_dir: Path) -> None:
    mapping = written(tmp_path / "m.toml", 'encoding = "latin-1"\n' + MAPPING)
    row = ITEM.format("éclair").encode("latin-1")
    path = written(tmp_path / "rows.csv", HEADER + b"\n" + row + b"\n")
    check(ingest(store_dir, mapping, path), counts(["accepted"]))
    (item,) = profile(store_dir, "u1", AT)["preference.items"]
    assert item["key"] == "éclair"


def test_occurrences_are_several_and_still_only_once_each(
    tmp_path: Path, store_dir: Path
) -> None:
    mapping = written(tmp_path / "m.toml", 'identity = "occurrence"\n' + MAPPING)
    row = b"u1,2024-01-05 10:00:00,buy,shoe,9.50,1"
    bad = b",2024-01-05 10:00:00,buy,shoe,9.50,1"
    path = written(tmp_path / "m.csv", b"\n".join([HEADER, row, row, bad, row, bad]))
    fates = ["accepted"] * 3 + ["missing_shopper"] * 2
    check(ingest(store_dir, mapping, path), counts(fates))
    check(ingest(store_dir, mapping, path), counts(fates, again=True))
    assert profile(store_dir, "u1", AT)["value.spend_365d"] == 3 * 950
    assert codes(store_dir) == {"missing_shopper": 2}


KEYED = """source = "orders"
identity = {identity}
[shopper]
user_id = "user"
[event]
at = "when"
kind_is = "purchase"
price = "price"
"""


def test_columns_can_be_the_identity_and_the_earliest_stands(
    tmp_path: Path, store_dir: Path
) -> None:
    """An import's events arrive when they happen, so the earliest was the first."""
    mapping = written(tmp_path / "m.toml", KEYED.format(identity='["order"]'))
    rows = [
        "order,user,when,price",
        "o1,a,2024-01-03,10",
        "o1,a,2024-01-02,20",
        "o1,a,2024-01-04,30",
        "o2,a,2024-01-03,5",
        "o1,b,2024-01-03,7",  # the same key of another shopper
    ]
    path = written(tmp_path / "orders.csv", "\n".join(rows))
    said = ingest(store_dir, mapping, path)
    check(said, counts(["accepted"] * 3 + ["duplicate"] * 2))
    assert profile(store_dir, "a", AT)["value.spend_365d"] == 2500
    assert profile(store_dir, "b", AT)["value.spend_365d"] == 700


def test_each_state_that_a_row_reaches_is_one_event(
    tmp_path: Path, store_dir: Path
) -> None:
    text = KEYED.format(identity='["order", "state"]')
    mapping = written(
        tmp_path / "m.toml",
        text.replace('kind_is = "purchase"', 'kind = "state"\norder = "order"')
        + '[kinds]\npaid = "purchase"\ncancelled = "cancel"\n"*" = "order"\n',
    )
    rows = [
        "order,state,user,when,price",
        "o1,placed,a,2024-01-01,10",
        "o1,paid,a,2024-01-02,10",
        "o1,paid,a,2024-01-03,10",
        "o2,paid,a,2024-01-03,10",
        "o2,cancelled,a,2024-01-04,10",
    ]
    path = written(tmp_path / "states.csv", "\n".join(rows))
    check(ingest(store_dir, mapping, path), counts(["accepted"] * 4 + ["duplicate"]))
    assert profile(store_dir, "a", AT)["value.orders_365d"] == 1


EVERY_KEY = """source = "crm"
delimiter = "whitespace"
columns = ["who", "date", "what", "class", "number", "pounds"]
time_zone = "Asia/Shanghai"
currency = "GBP"
null = ["-"]
[shopper]
user_id = "who"
[event]
at = "date"
at_format = "%d/%m/%Y-%H:%M"
kind = "what"
category = ["class", "number"]
amount = "pounds"
[kinds]
buyer = "view"
"^buy" = "purchase"
"^b" = "refund"
"*" = "search"
[fields]
note = "number"
"""


def test_a_mapping_means_what_the_interface_says(
    tmp_path: Path, store_dir: Path
) -> None:
    rows = [
        "   a  05/01/2024-07:30  buyer   -     77  -",
        "a 05/01/2024-07:30 buy shoes 77 12.345",
        "a\t05/01/2024-07:30  back  shoes 77 1",
        "a 05/01/2024-07:30 anything - - -",
    ]
    mapping = written(tmp_path / "m.toml", EVERY_KEY)
    path = written(tmp_path / "rows.txt", "\n".join(rows) + "\n")
    check(ingest(store_dir, mapping, path), counts(["accepted"] * 4))
    got = profile(store_dir, "a", iso_time("2024-01-05T00:30:00Z"))
    assert got["behaviour.views_1h"] == 0  # it was 23:30 on the day before, UTC
    assert got["behaviour.usual_hour_90d"] == 23
    assert got["value.recency_days"] == pytest.approx(1 / 24, rel=1e-9)
    assert (got["value.spend_30d"], got["value.refunded_365d"]) == (1235, 100)
    keys = [entry["key"] for entry in got["preference.categories"]]
    assert keys == ["shoes", "77"]


@pytest.mark.parametrize(
    ("time", "unit"),
    [
        ("1704448200", None),
        ("1704448200000", None),
        ("1704448200000.0", None),
        ("1704448200000000", None),
        ("1704448200", "s"),
        ("1704448200.0", "s"),
    ],
)
def test_the_unit_of_a_number_is_told_by_its_size_or_declared(
    tmp_path: Path, store_dir: Path, time: str, unit: str | None
) -> None:
    unit_line = f'at_unit = "{unit}"\n' if unit else ""
    text = MAPPING.replace('at = "when"\n', f'at = "when"\n{unit_line}')
    mapping = written(tmp_path / "m.toml", text)
    row = f"{HEADER.decode()}\nu1,{time},see,shoe,1,1\n"
    check(
        ingest(store_dir, mapping, written(tmp_path / "rows.csv", row)),
        counts(["accepted"]),
    )
    (event,) = limner("timeline", "--store", store_dir, "u1", "--json").json_lines
    assert iso_time(event["at"]) == 1_704_448_200_000_000
