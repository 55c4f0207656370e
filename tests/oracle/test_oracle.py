"""Who judges the judge: small cases whose answers can be seen by eye."""

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from tests.oracle import cells, mappings
from tests.oracle.event import Event, Identifier
from tests.oracle.json_lines import read_json_lines
from tests.oracle.promised import DAY, HOUR, promised, top, visible
from tests.oracle.storm import NOON, storm
from tests.oracle.verdict import differences, same
from tests.oracle.world import World

ANNE: Identifier = ("user_id", "anne")
PHONE: Identifier = ("device_id", "phone")
MINUTE = HOUR // 60


def event(kind: str, at: int, *who: Identifier, **more: object) -> Event:
    """An event of Anne, unless others are named."""
    seen_at = more.pop("seen_at", at)
    return Event(kind=kind, at=at, seen_at=seen_at, who=who or (ANNE,), **more)


def bought(at: int, price: int, **more: object) -> Event:
    """A purchase of one piece in dollars."""
    money = {"price": price, "amount": price, "currency": "USD"}
    return event("purchase", at, **money | more)


def gzipped(folder: Path, text: str) -> Path:
    """The text as a published file."""
    path = folder / "file.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_money_is_rounded_half_up_before_it_is_multiplied() -> None:
    said = ["0.145", "0.144", "2.675", "1.005", "0.001", "9", "-0"]
    assert [cells.money(text, "USD") for text in said] == [15, 14, 268, 101, 0, 900, 0]
    assert cells.money("12.5", "JPY") == 13


def test_the_unit_of_a_time_is_told_by_its_size() -> None:
    second = 1_326_729_600
    for text in (f"{second}", f"{second}000.0", f"{second}000000"):
        assert cells.numeric_time(text) == second * 1_000_000
    assert cells.rfc3339(second * 1_000_000) == "2012-01-16T16:00:00.000000Z"


def test_identifiers_lose_what_a_table_of_floats_added() -> None:
    spelled = ["17850.0", "17850", "1.5", "a.0", "00001", "1.00"]
    read = [cells.identifier(text) for text in spelled]
    assert read == ["17850", "17850", "1.5", "a.0", "00001", "1.00"]


def test_windows_are_open_at_their_beginning_and_closed_at_their_end() -> None:
    at = 100 * DAY
    views = [event("view", at - HOUR), event("view", at), event("view", at + 1)]
    seen = promised(views, at, "USD")
    assert (seen["behaviour.views_1h"], seen["behaviour.views_24h"]) == (1, 2)
    assert promised(views, at - 1, "USD")["behaviour.views_1h"] == 1


def test_half_an_hour_is_one_visit_and_a_microsecond_more_is_two() -> None:
    at = 100 * DAY
    start = at - DAY
    one = [event("page", start), event("page", start + 30 * MINUTE)]
    two = [*one, event("page", start + 60 * MINUTE + 1)]
    assert promised(one, at, "USD")["behaviour.sessions_30d"] == 1
    assert promised(two, at, "USD")["behaviour.sessions_30d"] == 2
    assert promised([], at, "USD")["behaviour.sessions_30d"] == 0


def test_impressions_and_identities_are_no_events() -> None:
    at = 100 * DAY
    kinds = ["impression", "identify", "link", "unlink"]
    seen = promised([event(kind, at) for kind in kinds], at, "USD")
    assert seen["behaviour.active_days_30d"] == 0
    assert seen["behaviour.usual_hour_90d"] is None


def test_the_usual_hour_is_the_smaller_on_a_tie() -> None:
    at = 100 * DAY
    hours = [23, 4, 4, 23, 11]
    events = [event("page", at - 2 * DAY + hour * HOUR) for hour in hours]
    assert promised(events, at, "USD")["behaviour.usual_hour_90d"] == 4


def test_a_cancelled_order_counts_as_an_event_only() -> None:
    at = 100 * DAY
    purchase = bought(at - 2 * DAY, 500, order="o", item="hat", category="wear")
    cancel = event("cancel", at, order="o")
    before = promised([purchase, cancel], at - 1, "USD")
    after = promised([purchase, cancel], at, "USD")
    assert before["value.orders_30d"] == 1
    assert before["value.spend_365d"] == 500
    assert after["value.orders_30d"] == after["value.spend_365d"] == 0
    assert after["value.recency_days"] is after["value.average_order_365d"] is None
    assert after["preference.items"] == after["preference.categories"] == []
    assert after["behaviour.active_days_30d"] == 2


def test_the_cycle_is_between_orders_and_not_between_their_lines() -> None:
    first = bought(0, 1, order="a")
    lines = [first, bought(DAY, 1, order="a"), bought(4 * DAY, 1), bought(4 * DAY, 1)]
    at = 10 * DAY
    assert promised(lines, at, "USD")["behaviour.purchase_cycle_days"] == 4.0
    assert promised(lines, at, "USD")["value.orders_30d"] == 3
    assert promised(lines[:2], at, "USD")["behaviour.purchase_cycle_days"] is None


def test_money_of_another_currency_is_absent_and_the_purchase_is_not() -> None:
    events = [bought(0, 300), bought(1, 500, currency="EUR"), event("purchase", 2)]
    seen = promised(events, DAY, "USD")
    assert seen["value.orders_365d"] == seen["value.items_365d"] == 3
    assert seen["value.spend_365d"] == 300
    assert seen["value.average_order_365d"] == 100.0
    assert seen["preference.price_median_365d"] == 300.0


def test_the_median_is_the_mean_of_two_middles() -> None:
    events = [bought(number, price) for number, price in enumerate([9, 1, 4, 5])]
    assert promised(events, DAY, "USD")["preference.price_median_365d"] == 4.5


def test_interest_halves_in_a_fortnight_and_text_breaks_ties() -> None:
    at = 100 * DAY
    events = [
        event("purchase", at - 14 * DAY, category="é"),
        event("view", at - 14 * DAY, category="z"),
        event("favourite", at - 14 * DAY, category="z"),
        event("favourite", at - 14 * DAY, category="z"),
        event("cart", at, category="new"),
        event("refund", at, category="never"),
    ]
    expected = [("new", 3.0), ("z", 2.5), ("é", 2.5)]
    assert promised(events, at, "USD")["preference.categories"] == expected


def test_a_top_has_five_and_a_tie_is_a_billionth_wide() -> None:
    near = [("b", 1.0), ("a", 1.0 - 1e-12), ("c", 1.0 - 1e-6)]
    assert [key for key, _ in top(near)] == ["a", "b", "c"]
    assert [key for key, _ in top((key, 1.0) for key in "gfedcba")] == list("abcde")
    assert top([(None, 1.0)]) == []


def test_a_reading_sees_the_newest_twenty_thousand_of_a_kind() -> None:
    views = [event("view", number) for number in range(20_005)]
    seen = visible([*views, event("cart", 0)], DAY)
    assert [e.kind for e in seen[:2]] == ["cart", "view"]
    assert (len(seen), seen[1].at) == (20_001, 5)


def test_links_hold_from_their_moment_until_they_are_undone() -> None:
    history = [
        event("view", 1, PHONE),
        event("view", 2, ANNE),
        event("login", 3, ANNE, PHONE),
        event("unlink", 5, ANNE, PHONE),
    ]
    world = World(history, currency="USD")
    views = {
        at: {w: p["behaviour.views_1h"] for w, p in world.profiles(at).items()}
        for at in (1, 2, 3, 5)
    }
    assert views[1] == {PHONE: 1}
    assert views[2] == views[5] == {PHONE: 1, ANNE: 1}
    assert views[3] == {ANNE: 2}


def test_what_arrived_later_was_not_known() -> None:
    late = event("view", 1, seen_at=9)
    world = World([late, event("cart", 2)], currency="USD")
    assert world.profiles(5, 8)[ANNE]["behaviour.views_1h"] == 0
    assert world.profiles(5, 9)[ANNE]["behaviour.views_1h"] == 1
    assert World([late], currency="USD").profiles(5, 8) == {}


def test_catalogue_facts_are_those_of_the_moment_and_yield_to_the_event() -> None:
    catalogue = {"hat": [(10, "wear", "b"), (20, "sport", "b")]}
    events = [event("view", at, item="hat") for at in (5, 15, 25)]
    own = event("view", 25, item="hat", category="own")
    World([*events, own], currency="USD", catalogue=catalogue)
    found = [e.category for e in (*events, own)]
    assert found == ["wear", "wear", "sport", "own"]


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,"
    line = "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.555,17850.0,UK"
    refund = "C536365,85123A,HOLDER,-2,2010-12-01 09:26:00,2.55,17850.0,UK"
    nobody = "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,,UK"
    rows = [header + "CustomerID,Country", line, line, refund, nobody, nobody, "x,y"]
    account = mappings.uci_online_retail(gzipped(tmp_path, "\n".join(rows)))
    assert account.counts() == {
        "rows": 6,
        "accepted": 2,
        "duplicates": 1,
        "dead_letters": 3,
        "reasons": {"missing_shopper": 2, "bad_row": 1},
    }
    purchase, back = account.events
    assert (purchase.price, purchase.amount, back.kind) == (256, 1536, "refund")
    assert (back.quantity, back.amount) == (2, 510)
    assert purchase.who == (("user_id", "17850"),)


def test_identical_purchases_of_cds_are_several(tmp_path: Path) -> None:
    text = " customer_id  date number_of_cds  dollar_value\r\n"
    text += " 00001 19970101  2   11.77\r\n" * 2
    account = mappings.cdnow(gzipped(tmp_path, text))
    (profile,) = World(account.events, currency="USD").profiles(2**60).values()
    assert len(account.events) == 2
    assert profile["behaviour.purchase_cycle_days"] is None
    assert account.events[0].amount == 1177


def test_the_first_delivery_of_an_id_stands() -> None:
    lines = [
        '{"id": "1", "kind": "view", "at": "2023-01-01", "seen_at": "2023-01-03",'
        ' "shopper": {"user_id": "a"}, "category": "late"}',
        '{"id": "1", "kind": "view", "at": "2023-01-02", "seen_at": "2023-01-02",'
        ' "shopper": {"device_id": "d", "user_id": "a"}, "category": "early"}',
        '{"id": "1", "kind": "view", "at": "2023-01-02", "shopper": {"user_id": "b"}}',
    ]
    account = read_json_lines(lines)
    assert (account.rows, account.duplicates) == (3, 1)
    early = account.events[0]
    assert early.category == "early"
    assert early.who == (("user_id", "a"), ("device_id", "d"))


def test_the_storm_is_the_same_every_time_and_has_everything() -> None:
    lines = storm(seed=1)
    account = read_json_lines(lines)
    assert lines == storm(seed=1)
    assert account.duplicates > 50
    profiles = World(account.events, currency="USD").profiles(NOON)
    robot = profiles["user_id", "robot"]
    assert robot["behaviour.views_30d"] == 20_000
    assert [key for key, _ in robot["preference.categories"]] == ["wear"]
    for user in ("edge-in", "edge-out"):  # of seven, one is past its edge each
        assert profiles["user_id", user]["value.orders_365d"] == 6
    assert profiles["user_id", "visits"]["behaviour.sessions_30d"] == 3


def test_two_of_the_storms_devices_become_one_person() -> None:
    world = World(read_json_lines(storm(seed=1)).events, currency="USD")
    known = {"a1", "d1", "person", "p@example.org", "m7"}
    apart = {value for _, value in world.profiles(NOON - 11 * DAY)} & known
    together = {value for _, value in world.profiles(NOON)} & known
    assert apart == known - {"m7"}
    assert together == {"person"}


@pytest.mark.parametrize(
    ("got", "expected", "verdict"),
    [
        (1, 1, True),
        (1, 2, False),
        (None, 0, False),
        (0, None, False),
        (None, None, True),
        (0.1 + 0.2, 0.3, True),
        (1.000001, 1.0, False),
        (True, 1, False),
        ("a", "a", True),
        ([], [], True),
        (None, [], False),
        ([{"key": "a", "weight": 1.0}], [("a", 1.0)], True),
        ([{"key": "b", "weight": 1.0}], [("a", 1.0)], False),
    ],
)
def test_values_are_compared_as_promised(
    got: object, expected: object, verdict: bool
) -> None:
    assert same(got, expected) is verdict


def test_a_difference_names_the_shopper_and_the_column() -> None:
    expected = World([event("view", 1)], currency="USD").profiles(HOUR)
    table = as_table(expected)
    assert differences(table, expected) == []
    expected[ANNE]["behaviour.views_1h"] = 7
    assert differences(table, expected) == [
        "user_id:anne behaviour.views_1h: got 1, expected 7"
    ]
    expected["user_id", "bob"] = expected.pop(ANNE)
    assert differences(table, expected) == [
        "no row for user_id:bob",
        "an unexpected row for user_id:anne",
    ]


def as_table(profiles: dict) -> pa.Table:
    """What a perfect export would hold."""
    top_of = pa.list_(pa.struct([("key", pa.string()), ("weight", pa.float64())]))
    types = {
        "behaviour.purchase_cycle_days": pa.float64(),
        "value.average_order_365d": pa.float64(),
        "value.recency_days": pa.float64(),
        "preference.price_median_365d": pa.float64(),
        "preference.favourite_item_365d": pa.string(),
        "preference.categories": top_of,
        "preference.items": top_of,
    }
    columns = {
        "shopper": pa.array([value for _, value in profiles]),
        "shopper_type": pa.array([type_ for type_, _ in profiles]),
    }
    for name in next(iter(profiles.values())):
        values = [profile[name] for profile in profiles.values()]
        columns[name] = pa.array(values, types.get(name, pa.int64()))
    return pa.table(columns)
