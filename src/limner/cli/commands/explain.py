"""limner explain: the events behind a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from limner.cli.opening import definition_of, opened_for
from limner.cli.options import (
    SHOP,
    AsJson,
    At,
    DefinitionName,
    Known,
    ShopperName,
    StoreDir,
)
from limner.cli.output import put_json, terminal
from limner.clock import moment_us

if TYPE_CHECKING:
    from limner.cli.values import Writer
    from limner.language.feature import Feature

app = typer.Typer(add_completion=False)

ROWS_SHOWN = 40
"""Events in the table for people; --json has all."""


@app.command()
def explain(
    store: StoreDir,
    shopper: ShopperName,
    feature: Annotated[
        str,
        typer.Argument(metavar="DIMENSION.FEATURE", help="value.spend_30d, for one."),
    ],
    at: At = None,
    known: Known = None,
    definition: DefinitionName = SHOP,
    json: AsJson = False,
) -> None:
    """The events behind a value, and what each of them adds."""
    moment = moment_us(at)
    knowing = None if known is None else moment_us(known)
    with opened_for(shopper, store) as limner:
        made = definition_of(definition)
        found = limner.explain(made, shopper, feature, moment, known=knowing).to_json()
        currency = limner.schema.currency
    if json:
        put_json(found)
        return
    from limner.cli.values import Writer

    _draw(found, made[feature], writer=Writer(currency))


def _draw(found: dict[str, Any], feature: Feature, *, writer: Writer) -> None:
    from rich.markup import escape
    from rich.table import Table

    from limner.cli.values import printable
    from limner.profile.rendering import rendered

    console = terminal()
    titles = " ".join(filter(None, (feature.titles.en, feature.titles.zh)))
    value = escape(writer.text(found["value"], feature))
    console.print(f"[bold]{value}[/]  {escape(titles)}")
    console.print(f"[dim]{escape(rendered(feature))}[/]")
    events = found["contributions"]
    if not events:
        console.print("no event contributes")
        return
    newest = f"the newest at {found['newest']}"
    console.print(f"{found['count']:,} events contribute, {newest}")
    has_keys = any("key" in one for one in events)
    table = Table("At", "Kind", "Event", border_style="dim")
    table.add_column("Adds", justify="right")
    if has_keys:
        table.add_column("To")
    for one in events[-ROWS_SHOWN:]:
        cells = [one["at"], one["kind"], one["event"], f"{one['weight']:,.6g}"]
        cells += [str(one.get("key", ""))] if has_keys else []
        table.add_row(*(escape(printable(cell)) for cell in cells))
    console.print(table)
    if len(events) > ROWS_SHOWN:
        console.print(f"and {len(events) - ROWS_SHOWN:,} earlier: --json has all")
