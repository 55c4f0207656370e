"""An order of the simulated shop and what comes of it in the hours and weeks after."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from limner.clock import DAY, HOUR
from limner.demo.campaign import Campaign
from limner.demo.catalogue import CURRENCY, Item
from limner.demo.shopper import Shopper
from limner.demo.trace import Trace, money, pause

CANCELS = 0.04
RATES = 0.35
AFTERMATH_DAYS = 30
"""After so many days nothing more comes of an order."""

_PRAISE = ("很好，会再买。", "Just as described.", "性价比高！", "Lovely, thank you.")
_BLAME = ("质量一般。", "Not as described.", "包装破损。", "Too small.")


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an order."""

    item: Item
    quantity: int
    paid_minor: int
    """For one of it, after the discount."""


def line_of(item: Item, quantity: int, *, campaign: Campaign | None) -> Line:
    """An order line at the price of the day."""
    off = campaign.off if campaign and item.category in campaign.categories else 0.0
    return Line(item, quantity, round(item.price_minor * (1 - off)))


def place(trace: Trace, random: Random, *, lines: list[Line]) -> str:
    """Check out, order and pay; the order's id."""
    order = f"o{trace.prefix}.{trace.at // 1000 % 100_000_000}"
    trace.tell("checkout", order=order)
    trace.wait(pause(random, 35))
    trace.tell("order", order=order)
    trace.wait(pause(random, 12))
    total = sum(line.paid_minor * line.quantity for line in lines)
    method = random.choice(("alipay", "wechat", "card"))
    fields = {"method": method, "status": "paid"}
    amount = {"amount": _text(total), "currency": CURRENCY}
    trace.tell("payment", None, order=order, fields=fields, **amount)
    for line in lines:
        trace.tell(
            "purchase",
            line.item,
            order=order,
            quantity=line.quantity,
            discount=_text((line.item.price_minor - line.paid_minor) * line.quantity),
            **money(line.paid_minor),
        )
    return order


def follow_up(
    trace: Trace, random: Random, *, shopper: Shopper, order: str, lines: list[Line]
) -> None:
    """Cancel within hours; or days later send back, rate, review and complain."""
    if random.random() < CANCELS:
        trace.wait(random.uniform(120, 3 * 3600))
        trace.tell("cancel", order=order)
        return
    delivered = trace.at + int(random.uniform(1.5, 5) * DAY)
    for line in lines:
        trace.at = delivered + int(random.expovariate(1 / (20 * HOUR)))
        trace.at = min(trace.at, delivered + (AFTERMATH_DAYS - 14) * DAY)
        is_back = random.random() < shopper.returns
        if random.random() < RATES:
            _rate(trace, random, line=line, content=shopper.content - 2.2 * is_back)
        if is_back:
            trace.at += int(random.uniform(0.1, 6) * DAY)
            trace.tell(
                "refund",
                line.item,
                order=order,
                quantity=line.quantity,
                **money(line.paid_minor),
            )


def _rate(trace: Trace, random: Random, *, line: Line, content: float) -> None:
    score = float(min(5, max(1, round(random.gauss(content, 0.7)))))
    trace.tell("rating", line.item, score=score)
    trace.wait(pause(random, 60))
    if random.random() < 0.4:
        words = random.choice(_PRAISE if score >= 4 else _BLAME)
        trace.tell("review", line.item, score=score, text=words)
    if score <= 2 and random.random() < 0.5:
        trace.wait(pause(random, 600))
        trace.tell("complaint", line.item, text=random.choice(_BLAME))


def _text(minor: int) -> str:
    return money(minor)["price"]
