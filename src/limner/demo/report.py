"""What the demo says at its end: figures, found beside hidden, and where to go on."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from limner.clock import DAY
from limner.demo.catalogue import CATEGORY
from limner.demo.delays import Quantiles
from limner.demo.past import Past
from limner.demo.scene import Scene
from limner.demo.screen import bar
from limner.demo.shopper import Shopper
from limner.demo.simulation import Shop
from limner.demo.truth import Score, Truth, compare, dearest
from limner.engine.limner import Limner
from limner.shop import Shopper as Definition

ROWS = 5


class Report(msgspec.Struct, frozen=True):
    """The demo in figures; also its ``--json`` document."""

    store: str
    seed: int
    shopper: str
    past: dict[str, float]
    live: dict[str, float]
    delay_ms: dict[str, float | None]
    """From before `send` until a profile that contains the event: p50, p99, slowest."""
    truth: Truth
    profile: dict[str, Any]
    labels: list[str]
    next: list[str]
    """Commands to go on with."""


def report(
    limner: Limner, shop: Shop, *, scene: Scene, past: Past, store: str
) -> Report:
    """What came out, read from the store as it is now."""
    known = [one for one in shop.shoppers if past.by_user[one.index]]
    readings = limner.read(Definition, [f"user_id:{one.user_id}" for one in known])
    found = [readings[n].to_json() for n in range(len(readings))]
    at = int(readings.ats[0])
    mine = found[known.index(scene.star)]
    name = f"user_id:{scene.star.user_id}"
    return Report(
        store=store,
        seed=shop.seed,
        shopper=name,
        past={
            "events": past.events,
            "shoppers": len(shop.shoppers),
            "seconds": round(past.seconds, 2),
            "events_per_s_written": round(past.events / max(1e-9, past.writing_s)),
        },
        live={
            "events": scene.sent,
            "seconds": round(scene.elapsed, 2),
            "events_per_s": round(scene.sent / max(1e-9, scene.elapsed), 1),
        },
        delay_ms=_rounded(scene.delays.quantiles()),
        truth=compare(known, found, at=at),
        profile=mine["profile"],
        labels=mine["labels"],
        next=_commands(store, name),
    )


def _rounded(found: Quantiles) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value, 3)
        for name, value in found._asdict().items()
    }


def _commands(store: str, name: str) -> list[str]:
    place = f"'{store}'" if " " in store else store
    return [
        f"limner profile --store {place} {name}",
        f"limner explain --store {place} {name} preference.categories",
        f"limner timeline --store {place} {name}",
        f"limner verify --store {place}",
    ]


def told(report: Report, star: Shopper, *, at: int) -> RenderableType:
    """The report for people, all but the commands to go on with."""
    truth = report.truth
    parts: list[RenderableType] = [
        Text(""),
        Text.assemble(
            ("What was found ", "bold"),
            f"beside what {report.shopper} truly likes today{_turn(star, at)}",
        ),
        _beside(report, star.interests_at(at)),
        Text(""),
        Text.assemble(
            (f"All {truth.shoppers} known shoppers ", "bold"),
            "against their hidden interests",
        ),
        _scores(truth),
        _fraud(truth),
        Text(""),
        _figures(report),
    ]
    return Group(*parts)


def _turn(star: Shopper, at: int) -> str:
    days = (at - star.turned_us) / DAY
    return f" (it changed {days:.0f} days ago)" if 0 <= days < 60 else ""


def _beside(report: Report, interests: dict[str, float]) -> Table:
    table, quiet = Table.grid(padding=(0, 2)), "bright_black"
    tops = report.profile["preference"]["categories"][:ROWS]
    total = sum(one["weight"] for one in tops) or 1.0
    true = dearest(interests, ROWS)
    highest = max(
        [one["weight"] / total for one in tops] + [interests[key] for key in true]
    )
    table.add_row(
        Text("  found 发现", quiet),
        Text("of these", quiet),
        Text("  true 真实", quiet),
        Text("of all", quiet),
    )
    for row in range(ROWS):
        cells = []
        if row < len(tops):
            one = tops[row]
            part = one["weight"] / total
            cells += _bar_cells(one["key"], part, of=highest, style="cyan")
        else:
            cells += [Text(""), Text("")]
        key = true[row]
        cells += _bar_cells(key, interests[key], of=highest, style="green")
        table.add_row(*cells)
    return table


def _bar_cells(key: str, part: float, *, of: float, style: str) -> list[Text]:
    category = CATEGORY[key]
    name = Text(f"  {category.english} {category.chinese}", no_wrap=True)
    line = bar(part / of, 14, style=style)
    return [name, line.append(f" {part:4.0%}")]


def _scores(truth: Truth) -> Table:
    table = Table.grid(padding=(0, 2))
    quiet = "bright_black"
    table.add_row("", Text("found", quiet), Text("one answer for all", quiet))
    rows: list[tuple[str, Score]] = [
        ("  dearest category is the heaviest", truth.favourite_category),
        ("  three dearest among the three heaviest", truth.top_3_categories),
        ("  usual hour within two hours", truth.usual_hour),
    ]
    for name, score in rows:
        table.add_row(name, f"{score.found:.0%}", f"{score.same_for_all:.0%}")
    table.add_row(
        "  price level, correlation by rank",
        f"{truth.price_rank_correlation:.2f}",
        "0.00",
    )
    return table


def _fraud(truth: Truth) -> Text:
    honest = truth.shoppers - truth.fraudsters
    return Text(
        f"  labelled as a risk: {truth.fraudsters_labelled} of"
        f" {truth.fraudsters} fraudsters, {truth.honest_labelled} of"
        f" {honest} honest shoppers"
    )


def _figures(report: Report) -> Text:
    delay, past, live = report.delay_ms, report.past, report.live
    text = Text()
    text.append(f"{past['events']:,.0f} events", "bold")
    text.append(f" of the past, durable at {past['events_per_s_written']:,.0f}/s; ")
    text.append(f"{live['events']:,.0f}", "bold")
    text.append(f" in {live['seconds']:.0f} s of show.\n")
    if delay["p50"] is not None:
        text.append("From being sent to being in the profile: ")
        text.append(f"p50 {delay['p50']:.1f} ms, p99 {delay['p99']:.1f} ms", "bold")
        text.append(f" ({delay['samples']:.0f} times, in this process).")
    return text
