"""Whole ready-made profiles: of one shopper, and of everybody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from limner.bench.figure import Figure, Setting
from limner.bench.made_shoppers import AT, EVENTS_EACH, filled
from limner.bench.measuring import percentile
from limner.clock import DAY, HOUR
from limner.engine.everybody import Everybody
from limner.engine.limner import Limner
from limner.engine.limner import open as open_limner
from limner.history.moment import Moment
from limner.shop import Shopper

READS = 3_000


def run(setting: Setting) -> Iterator[Figure]:
    """One at a time and in bulk, from the store; the page cache is warm."""
    shoppers = setting.sized(50_000, 2_000)
    place = setting.folder / "store"
    filled(place, shoppers, progress=setting.progress).close()
    with open_limner(place) as limner:  # opened anew: no merge of the filling runs
        features = len(Shopper.definition.features)
        random = np.random.default_rng(3)
        names = [f"user_id:u{n}" for n in random.integers(0, shoppers, READS)]
        taken = [_seconds(limner, name) for name in names[:200] + names][200:]
        events = [list(limner.timeline(name)) for name in names[:200]]
        folded = [_seconds_of_fold(history) for history in events]
        yield Figure(
            f"one shopper's {features} features of ~{EVENTS_EACH} events, p50",
            percentile(taken, 50) * 1e6,
            "µs",
            bar=150,
            better="less",
            plain=percentile(folded, 50) * 1e6,
            beside="a Python loop for 12 of them, its events already in memory",
            note=f"p99 {percentile(taken, 99) * 1e6:,.0f} µs",
        )
        yield _bulk(limner, features)


def _seconds(limner: Limner, name: str) -> float:
    begun = perf_counter()
    limner.read(Shopper, name, AT)
    return perf_counter() - begun


def _bulk(limner: Limner, features: int) -> Figure:
    reader = limner.reader(Shopper)
    rates = []
    for _ in range(5):
        begun = perf_counter()
        rows = sum(batch.num_rows for batch in Everybody(reader, Moment(AT)).batches())
        rates.append(rows / (perf_counter() - begun))
    plain = _grouped(limner)
    return Figure(
        f"everybody's {features} features, store to Arrow, all cores",
        percentile(rates, 50),
        "profiles/s",
        bar=60_000,
        plain=plain,
        beside="polars, group by shopper, 12 of them, events already in memory",
        note=f"{rows:,} shoppers",
    )


def _seconds_of_fold(history: list[dict[str, Any]]) -> float:
    """Twelve features of one history as one would write them first."""
    for event in history:
        event["us"] = int(np.datetime64(event["at"].rstrip("Z"), "us").astype(int))
    begun = perf_counter()
    _fold(history)
    return perf_counter() - begun


def _fold(history: list[dict[str, Any]]) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    items: Counter[str] = Counter()
    categories: defaultdict[str, float] = defaultdict(float)
    orders, days, prices, spend, newest = set(), set(), [], 0.0, None
    weight = {"view": 1, "favourite": 2, "cart": 3, "purchase": 5}
    for event in history:
        age = AT - event["us"]
        kind = event["kind"]
        for name, span in (("1h", HOUR), ("24h", DAY), ("7d", 7 * DAY)):
            counts[f"{kind}_{name}"] += 0 <= age < span
        if 0 <= age < 30 * DAY:
            days.add(event["us"] // DAY)
        if 0 <= age < 365 * DAY:
            if kind in weight:
                faded = weight[kind] * 0.5 ** (age / (14 * DAY))
                categories[event["category"]] += faded
            if kind == "purchase":
                items[event["item"]] += 1
                orders.add(event["order"])
                prices.append(float(event["price"]))
                spend += prices[-1] * event.get("quantity", 1)
                newest = age / DAY
    top = sorted(categories.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
    favourite = min(items, key=lambda item: (-items[item], item)) if items else None
    median = percentile(prices, 50) if prices else None
    return {
        "counts": counts, "active_days": len(days), "orders": len(orders),
        "spend": spend, "recency": newest, "top": top, "favourite": favourite,
        "median": median,
    }  # fmt: skip


def _grouped(limner: Limner) -> float:
    """Shoppers a second of a polars group-by over all events, already in memory."""
    columns = ["shopper.user_id", "kind", "at", "item", "category", "order", "price",
               "quantity"]  # fmt: skip
    blocks = (pl.from_arrow(block.select(columns)) for block in limner.store.blocks())
    frame = pl.concat([block for block in blocks if isinstance(block, pl.DataFrame)])
    age, kind = AT - pl.col("at"), pl.col("kind")
    bought = kind == "purchase"
    views = [
        ((kind == "view") & (age < days * DAY)).sum().alias(f"views_{days}d")
        for days in (1, 7, 30)
    ]
    carts = [
        ((kind == "cart") & (age < days * DAY)).sum().alias(f"carts_{days}d")
        for days in (1, 7, 30)
    ]
    begun = perf_counter()
    grouped = frame.group_by("shopper.user_id").agg(
        *views,
        *carts,
        pl.col("order").filter(bought).n_unique().alias("orders"),
        (pl.col("price") * pl.col("quantity")).filter(bought).sum().alias("spend"),
        pl.col("price").filter(bought).median().alias("median"),
        (age.filter(bought).min() / DAY).alias("recency"),
        pl.col("item").filter(bought).mode().min().alias("favourite"),
        (pl.col("at").filter(age < 30 * DAY) // DAY).n_unique().alias("active_days"),
    )
    return len(grouped) / (perf_counter() - begun)
