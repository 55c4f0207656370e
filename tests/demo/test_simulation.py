"""The simulated shop: the same every time, in order, and true to what it hides."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import islice, pairwise
from typing import Any

import msgspec
import pytest

from limner.clock import DAY, HOUR, MINUTE, SECOND, moment_us
from limner.demo.catalogue import ITEM
from limner.demo.simulation import Shop, simulate
from limner.demo.trace import Happening
from limner.events.event import decode
from limner.events.kinds import KINDS

START = moment_us("2026-03-01T09:30:00Z")
DAYS = 60
END = START + DAYS * DAY


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(11, 120, START)


@pytest.fixture(scope="module")
def past(shop: Shop) -> list[Happening]:
    return list(shop.happenings(START, END))


def of_kind(past: list[Happening], kind: str) -> list[Happening]:
    return [one for one in past if one.event["kind"] == kind]


def test_events_come_in_order_within_the_span_and_each_once(
    past: list[Happening],
) -> None:
    assert len(past) > 5_000
    assert all((a.at, a.id) < (b.at, b.id) for a, b in pairwise(past))
    assert past[0].at >= START
    assert past[-1].at < END
    assert len({one.id for one in past}) == len(past)


def test_a_span_asked_for_in_pieces_gives_the_same_events(
    shop: Shop, past: list[Happening]
) -> None:
    cuts = [START, START + 5 * DAY + 7 * HOUR, START + 33 * DAY + 1, END]
    pieces = [one for a, b in pairwise(cuts) for one in shop.happenings(a, b)]
    assert pieces == past


def test_before_the_opening_nothing_happens(shop: Shop) -> None:
    early = list(shop.happenings(START - 90 * DAY, START + DAY))
    assert early == list(shop.happenings(START, START + DAY))
    assert list(shop.happenings(START - 90 * DAY, START)) == []


def test_a_smaller_shop_is_a_part_of_a_larger_one(past: list[Happening]) -> None:
    smaller = list(Shop(11, 40, START).happenings(START, END))
    assert smaller == [one for one in past if one.shopper < 40]


def test_another_seed_is_another_shop() -> None:
    one, other = (
        list(simulate(seed, 10, start_us=START, end_us=START + 9 * DAY))
        for seed in (1, 2)
    )
    assert {event["id"] for event in one}.isdisjoint(event["id"] for event in other)
    assert [e["kind"] for e in one] != [e["kind"] for e in other]


def test_events_do_not_depend_on_the_process() -> None:
    program = (
        "import hashlib, json\n"
        "from limner.demo.simulation import simulate\n"
        f"told = simulate(5, 15, start_us={START}, end_us={START + 20 * DAY})\n"
        "said = json.dumps(list(told), ensure_ascii=False)\n"
        "print(hashlib.sha256(said.encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            timeout=60,
        ).stdout
        for seed, zone in (("0", "UTC"), ("4242", "America/Lima"))
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 2 * hashlib.sha256().digest_size


def test_every_event_is_one_that_limner_takes(past: list[Happening]) -> None:
    for one in past[::7]:
        event = decode(msgspec.json.encode(one.event))
        assert event.kind in KINDS
        assert moment_us(event.at) == one.at


def test_events_never_tell_what_is_hidden(shop: Shop, past: list[Happening]) -> None:
    known = set().union(*(one.event for one in past))
    assert known <= set(msgspec.json.decode(b'["id","kind","at"]')) | set(
        "shopper item category brand order price quantity amount discount currency"
        " seconds score text query channel device campaign attributes fields".split()
    )
    words = {shopper.trick for shopper in shop.shoppers if shopper.trick}
    assert not words & {str(value) for one in past for value in one.event.values()}


def test_items_and_prices_are_those_of_the_catalogue(past: list[Happening]) -> None:
    for one in of_kind(past, "view"):
        item = ITEM[one.event["item"]]
        assert (one.event["category"], one.event["brand"]) == (
            item.category,
            item.brand,
        )
        assert round(100 * float(one.event["price"])) == item.price_minor
    for one in of_kind(past, "purchase"):
        item, event = ITEM[one.event["item"]], one.event
        paid = round(100 * float(event["price"])) * event["quantity"]
        assert (
            paid + round(100 * float(event["discount"]))
            == item.price_minor * event["quantity"]
        )


def test_a_visitor_is_anonymous_until_joining_and_linked_by_it(
    shop: Shop, past: list[Happening]
) -> None:
    joined = {}
    for one in of_kind(past, "identify"):
        shopper = shop.shoppers[one.shopper]
        assert one.event["shopper"] == {
            "user_id": shopper.user_id,
            "anonymous_id": shopper.cookie,
        }
        joined[one.shopper] = one.at
    assert 0.6 * shop.size < len(joined) <= shop.size
    for one in past:
        if "user_id" in one.event["shopper"]:
            assert one.at >= joined[one.shopper]
    before = [one for one in past if one.at < joined.get(one.shopper, END)]
    assert len(before) > 100


def test_known_shoppers_at_times_browse_before_they_sign_in(
    past: list[Happening],
) -> None:
    signing_in = [
        one.event["shopper"]
        for one in of_kind(past, "login")
        if "anonymous_id" in one.event["shopper"]
    ]
    new = {who["anonymous_id"] for who in signing_in if who["anonymous_id"][0] == "b"}
    alone = {
        one.event["shopper"]["anonymous_id"]
        for one in past
        if "user_id" not in one.event["shopper"]
    }
    assert len(new) > 50
    assert len(new - alone) == 0


def test_what_comes_of_orders_comes_after_them(past: list[Happening]) -> None:
    bought: dict[tuple[str, str], Happening] = {}
    orders: Counter[str] = Counter()
    for one in past:
        order, kind = one.event.get("order", ""), one.event["kind"]
        if kind == "purchase":
            assert orders[order] == 1
            bought[order, one.event["item"]] = one
        elif kind == "order":
            orders[order] += 1
        elif kind == "refund":
            purchase = bought[order, one.event["item"]]
            assert one.event["quantity"] == purchase.event["quantity"]
            assert one.event["price"] == purchase.event["price"]
        elif kind == "cancel":
            assert orders[order] == 1
    assert set(orders.values()) == {1}
    assert len(of_kind(past, "refund")) > 20
    assert len(of_kind(past, "cancel")) > 10


def test_shoppers_look_at_what_they_are_interested_in(
    shop: Shop, past: list[Happening]
) -> None:
    views: dict[int, Counter[str]] = defaultdict(Counter)
    for one in of_kind(past, "view"):
        views[one.shopper][one.event["category"]] += 1
    hits = total = 0
    for shopper in shop.shoppers:
        seen = views[shopper.index]
        if sum(seen.values()) < 40 or shopper.turned_us < END or shopper.trick:
            continue
        interests = shopper.interests_at(END)
        total += 1
        hits += seen.most_common(1)[0][0] == max(interests, key=interests.__getitem__)
    assert total > 20
    assert hits / total > 0.7


def test_interests_sum_to_one_and_turn_when_they_turn(shop: Shop) -> None:
    turning = [s for s in shop.shoppers if s.turned_us < START + 365 * DAY]
    assert 0.15 < len(turning) / shop.size < 0.45
    for shopper in turning:
        before, after = (
            shopper.interests_at(shopper.turned_us + shift) for shift in (-1, 0)
        )
        assert sum(before.values()) == pytest.approx(1)
        assert sum(after.values()) == pytest.approx(1)
        assert before != after


def test_season_moves_what_is_sold(shop: Shop) -> None:
    winter, summer = (
        sum(s.interests_at(moment_us(day))["outdoor"] for s in shop.shoppers)
        for day in ("2026-01-10", "2026-07-10")
    )
    assert summer > 1.3 * winter


def test_habits_repeat_at_their_cycle(shop: Shop) -> None:
    for shopper in shop.shoppers:
        assert all(
            10 * DAY < period < 60 * DAY for _, period in shopper.cycles.values()
        )
    shopper = next(s for s in shop.shoppers if "snacks" in s.cycles and not s.trick)
    year = list(shop.happenings(START, START + 150 * DAY))
    days = {
        (one.at - START) // DAY
        for one in of_kind(year, "purchase")
        if one.shopper == shopper.index and one.event["category"] == "snacks"
    }
    first, period = shopper.cycles["snacks"]
    due = [first + n * period for n in range((START + 150 * DAY - first) // period)]
    kept = [any(abs(START + day * DAY - at) <= 2 * DAY for day in days) for at in due]
    assert len(kept) >= 8
    assert sum(kept) / len(kept) > 0.7


def test_campaigns_sell_at_a_discount(past: list[Happening]) -> None:
    let_off = [float(one.event["discount"]) > 0 for one in of_kind(past, "purchase")]
    assert 0.05 < sum(let_off) / len(let_off) < 0.8
    named = {one.event["campaign"] for one in past if "campaign" in one.event}
    assert {"member-day", "goddess-day"} <= named


def test_tricksters_behave_like_it() -> None:
    shop = Shop(11, 220, START)
    tricks = {s.index: s.trick for s in shop.shoppers if s.trick}
    assert set(tricks.values()) == {"brushing", "refunding", "carding"}
    bought, back, failed = Counter[str](), Counter[str](), Counter[str]()
    for one in shop.happenings(START, START + 40 * DAY):
        trick, kind = tricks.get(one.shopper, "honest"), one.event["kind"]
        bought[trick] += kind == "purchase"
        back[trick] += kind == "refund"
        fields: dict[str, Any] = one.event.get("fields", {})
        failed[trick] += fields.get("status") == "failed"
    assert back["refunding"] / bought["refunding"] > 0.4
    assert back["honest"] / bought["honest"] < 0.2
    assert bought["brushing"] / 40 > 0.5
    assert failed["carding"] > 5
    assert failed["honest"] == 0


def test_a_rush_is_endless_in_order_and_shares_no_ids(
    shop: Shop, past: list[Happening]
) -> None:
    rush = list(islice(shop.rush(END, visits_per_s=4), 2_000))
    assert rush == list(islice(shop.rush(END, visits_per_s=4), 2_000))
    assert all(a.at <= b.at for a, b in pairwise(rush))
    assert rush[0].at >= END
    assert rush[-1].at < END + 10 * MINUTE
    ids = {one.id for one in rush}
    assert len(ids) == 2_000
    assert ids.isdisjoint(one.id for one in past)
    second = Counter((one.at - END) // SECOND for one in rush[1_000:])
    assert 10 < sum(second.values()) / len(second) < 120


def test_the_spotlight_follows_one_shopper_who_signs_in_after_a_look(
    shop: Shop,
) -> None:
    star = next(s for s in shop.shoppers if s.joined_us < END and not s.trick)
    told = list(islice(shop.spotlight(star.index, END), 120))
    assert {one.shopper for one in told} == {star.index}
    assert all(a.at <= b.at for a, b in pairwise(told))
    assert len({one.id for one in told}) == len(told)
    signing_in = next(i for i, one in enumerate(told) if one.event["kind"] == "login")
    assert signing_in >= 4
    assert all("user_id" not in one.event["shopper"] for one in told[:signing_in])
    assert set(told[signing_in].event["shopper"]) == {"user_id", "anonymous_id"}
    assert told[100].at - END < 5 * MINUTE
