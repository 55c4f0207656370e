"""The catalogue and the calendar of the simulated shop."""

from __future__ import annotations

import pytest

from limner.clock import DAY, moment_us
from limner.demo.campaign import campaign_at
from limner.demo.catalogue import CATEGORIES, CATEGORY, ITEM


def test_items_go_from_the_cheapest_to_the_dearest() -> None:
    for category in CATEGORIES:
        prices = [item.price_minor for item in category.items]
        assert prices == sorted(prices)
        assert prices[0] > 0
        assert category.items[0].level == 0
        assert category.items[-1].level == 1


def test_everything_has_both_names_and_a_key_of_its_own() -> None:
    assert len(ITEM) == sum(len(category.items) for category in CATEGORIES)
    for named in [*CATEGORY.values(), *ITEM.values()]:
        assert named.english.isascii()
        assert not named.chinese.isascii()


def test_each_brand_of_a_category_has_several_items() -> None:
    for category in CATEGORIES:
        brands = [item.brand for item in category.items]
        assert len(set(brands)) == 3
        assert all(brands.count(brand) >= 3 for brand in brands)


@pytest.mark.parametrize(
    ("moment", "key"),
    [
        ("2026-11-11T00:00:00+08:00", "double-11"),
        ("2026-11-13T23:59:59+08:00", "double-11"),
        ("2026-11-14T00:00:00+08:00", None),
        ("2026-03-08T12:00:00+08:00", "goddess-day"),
        ("2026-11-18T12:00:00+08:00", "member-day"),
        ("2026-11-17T23:59:59+08:00", None),
    ],
)
def test_campaigns_follow_the_local_calendar(moment: str, key: str | None) -> None:
    campaign = campaign_at(moment_us(moment))
    assert (campaign and campaign.key) == key


def test_there_is_a_campaign_in_any_week() -> None:
    start = moment_us("2026-01-01")
    for week in range(52):
        days = [campaign_at(start + (7 * week + day) * DAY) for day in range(7)]
        assert any(days)
