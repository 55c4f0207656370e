"""The promised features of the ready-made shop definition, for one history."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from math import fsum
from statistics import median

from tests.oracle.event import Event

HOUR = 3_600_000_000
DAY = 24 * HOUR
NEWEST_OF_A_KIND = 20_000
NO_EVENTS = {"impression", "identify", "link", "unlink"}
INTEREST = {"view": 1, "favourite": 2, "cart": 3, "purchase": 5}
TIE = 1e-9

Top = list[tuple[str, float]]
Value = int | float | str | Top | None


def promised(history: Iterable[Event], at: int, currency: str) -> dict[str, Value]:
    """Every promised feature, by column name; `currency` is the store's."""
    seen = visible(history, at)
    cancelled = {e.order for e in seen if e.kind == "cancel" and e.order}
    bought = [e for e in seen if e.kind == "purchase" and e.order not in cancelled]
    wanted = [e for e in seen if e.kind in INTEREST and e.kind != "purchase"] + bought
    refunds = [e for e in seen if e.kind == "refund"]
    return {
        **behaviour(seen, at),
        "behaviour.purchase_cycle_days": purchase_cycle(bought),
        **value(bought, refunds, at, currency=currency),
        **preference(bought, wanted, at, currency=currency),
    }


def visible(history: Iterable[Event], at: int) -> list[Event]:
    """Events at or before the moment, of each kind only the newest, oldest first."""
    by_kind: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(history, key=lambda e: e.at):
        if event.at <= at:
            by_kind[event.kind].append(event)
    kept = [e for events in by_kind.values() for e in events[-NEWEST_OF_A_KIND:]]
    return sorted(kept, key=lambda e: e.at)


def within(events: Iterable[Event], at: int, span: int) -> list[Event]:
    """Those in (at - span, at]."""
    return [e for e in events if at - span < e.at <= at]


def behaviour(seen: list[Event], at: int) -> dict[str, Value]:
    """How often and when he comes."""
    events = [e for e in seen if e.kind not in NO_EVENTS]
    views = [e for e in seen if e.kind == "view"]
    carts = [e for e in seen if e.kind == "cart"]
    month = within(events, at, 30 * DAY)
    return {
        "behaviour.views_1h": len(within(views, at, HOUR)),
        "behaviour.views_24h": len(within(views, at, 24 * HOUR)),
        "behaviour.views_7d": len(within(views, at, 7 * DAY)),
        "behaviour.views_30d": len(within(views, at, 30 * DAY)),
        "behaviour.carts_24h": len(within(carts, at, 24 * HOUR)),
        "behaviour.carts_7d": len(within(carts, at, 7 * DAY)),
        "behaviour.carts_30d": len(within(carts, at, 30 * DAY)),
        "behaviour.sessions_30d": sessions(month),
        "behaviour.active_days_30d": len({e.at // DAY for e in month}),
        "behaviour.usual_hour_90d": usual_hour(within(events, at, 90 * DAY)),
    }


def sessions(events: list[Event]) -> int:
    """A visit ends when more than 30 minutes pass without an event."""
    if not events:
        return 0
    gaps = [later.at - earlier.at for earlier, later in pairwise(events)]
    return 1 + sum(gap > HOUR // 2 for gap in gaps)


def usual_hour(events: list[Event]) -> int | None:
    """The most frequent hour of the day; the smaller on a tie."""
    hours = Counter(e.at // HOUR % 24 for e in events)
    return min(hours, key=lambda hour: (-hours[hour], hour), default=None)


def purchase_cycle(bought: list[Event]) -> float | None:
    """Mean gap in days between the distinct moments of orders."""
    first: dict[object, int] = {}
    for purchase in bought:  # oldest first
        first.setdefault(order_of(purchase), purchase.at)
    moments = sorted(set(first.values()))
    if len(moments) < 2:
        return None
    gaps = [(later - earlier) / DAY for earlier, later in pairwise(moments)]
    return fsum(gaps) / len(gaps)


def order_of(purchase: Event) -> object:
    """A purchase without an order's id is an order of its own."""
    return purchase.order if purchase.order is not None else id(purchase)


def value(
    bought: list[Event], refunds: list[Event], at: int, *, currency: str
) -> dict[str, Value]:
    """What he spends."""
    month = within(bought, at, 30 * DAY)
    year = within(bought, at, 365 * DAY)
    refunded = within(refunds, at, 365 * DAY)
    orders = len({order_of(e) for e in year})
    spend = total(year, currency)
    return {
        "value.orders_30d": len({order_of(e) for e in month}),
        "value.orders_365d": orders,
        "value.items_365d": sum(e.quantity for e in year),
        "value.spend_30d": total(month, currency),
        "value.spend_365d": spend,
        "value.refunded_365d": total(refunded, currency),
        "value.average_order_365d": spend / orders if orders else None,
        "value.recency_days": (at - bought[-1].at) / DAY if bought else None,
    }


def total(events: list[Event], currency: str) -> int:
    """The amounts in the store's currency; the others have no rate."""
    return sum(e.amount or 0 for e in events if e.currency == currency)


def preference(
    bought: list[Event], wanted: list[Event], at: int, *, currency: str
) -> dict[str, Value]:
    """What he likes."""
    year = within(bought, at, 365 * DAY)
    prices = [e.price for e in year if e.price is not None and e.currency == currency]
    items = Counter(e.item for e in year if e.item is not None)
    liked = within(wanted, at, 365 * DAY)
    return {
        "preference.price_median_365d": float(median(prices)) if prices else None,
        "preference.favourite_item_365d": min(
            items, key=lambda item: (-items[item], item), default=None
        ),
        "preference.categories": top((e.category, faded(e, at)) for e in liked),
        "preference.items": top((e.item, faded(e, at)) for e in liked),
    }


def faded(event: Event, at: int) -> float:
    """The weight of an event, halved every 14 days."""
    return INTEREST[event.kind] * 0.5 ** ((at - event.at) / (14 * DAY))


def top(weighted: Iterable[tuple[str | None, float]]) -> Top:
    """Up to 5 keys, heaviest first; those of one weight by text."""
    weights: dict[str, list[float]] = defaultdict(list)
    for key, weight in weighted:
        if key is not None:
            weights[key].append(weight)
    sums = [(key, fsum(parts)) for key, parts in weights.items()]
    left = sorted(sums, key=lambda pair: -pair[1])
    ranked: Top = []
    while left and len(ranked) < 5:
        heaviest = left[0][1]
        tied = [pair for pair in left if pair[1] >= heaviest * (1 - TIE)]
        ranked += sorted(tied)
        left = left[len(tied) :]
    return ranked[:5]
