"""Found beside hidden: perfect guesses score 1, and nobody is flattered."""

from __future__ import annotations

from typing import Any

import pytest

from limner.clock import moment_us
from limner.demo.shopper import Shopper
from limner.demo.simulation import Shop
from limner.demo.truth import compare, dearest

AT = moment_us("2026-05-01")
SHOPPERS = Shop(4, 200, moment_us("2026-03-01")).shoppers


def profile(
    keys: list[str],
    *,
    hour: int | None = None,
    price: float | None = None,
    labels: tuple[str, ...] = (),
) -> dict[str, Any]:
    return {
        "profile": {
            "preference": {
                "categories": [{"key": key, "weight": 1.0} for key in keys],
                "price_median_365d": price,
            },
            "behaviour": {"usual_hour_90d": hour},
        },
        "labels": list(labels),
    }


def knowing_all(shopper: Shopper) -> dict[str, Any]:
    return profile(
        dearest(shopper.interests_at(AT), 5),
        hour=int(shopper.hour % 24),
        price=1_000 * shopper.price_level,
        labels=("suspicious",) if shopper.trick else (),
    )


def test_a_profile_that_knows_all_scores_one() -> None:
    truth = compare(SHOPPERS, [knowing_all(one) for one in SHOPPERS], at=AT)
    assert truth.shoppers == len(SHOPPERS)
    assert truth.favourite_category.found == 1
    assert truth.top_3_categories.found == 1
    assert truth.usual_hour.found == 1
    assert truth.price_rank_correlation == pytest.approx(1)
    assert truth.fraudsters == truth.fraudsters_labelled > 2
    assert truth.honest_labelled == 0


def test_the_same_answer_for_everybody_scores_as_the_yardstick_says() -> None:
    same = profile(["coffee", "tea", "books"], hour=21, price=5.0)
    truth = compare(SHOPPERS, [same] * len(SHOPPERS), at=AT)
    assert truth.favourite_category.found == truth.favourite_category.same_for_all
    assert truth.top_3_categories.found == truth.top_3_categories.same_for_all
    assert truth.usual_hour.found <= truth.usual_hour.same_for_all
    assert truth.favourite_category.found < 0.3


def test_empty_profiles_score_nothing() -> None:
    truth = compare(SHOPPERS, [profile([])] * len(SHOPPERS), at=AT)
    assert truth.favourite_category.found == 0
    assert truth.usual_hour.found == 0
    assert truth.price_rank_correlation == 0


def test_a_label_on_the_honest_is_counted_against_it() -> None:
    accusing = [profile([], labels=("suspicious",)) for _ in SHOPPERS]
    truth = compare(SHOPPERS, accusing, at=AT)
    assert truth.honest_labelled == len(SHOPPERS) - truth.fraudsters
