"""limner profile: one shopper at one moment."""

from __future__ import annotations

import typer

from limner.cli.opening import definition_of, opened_for, warn_of_unrated
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

app = typer.Typer(add_completion=False)


@app.command()
def profile(
    store: StoreDir,
    shopper: ShopperName,
    at: At = None,
    known: Known = None,
    definition: DefinitionName = SHOP,
    json: AsJson = False,
) -> None:
    """The profile of one shopper, at any moment."""
    moment = moment_us(at)
    knowing = None if known is None else moment_us(known)
    with opened_for(shopper, store) as limner:
        made = definition_of(definition)
        reading = limner.read(made, shopper, moment, known=knowing).to_json()
        currency = limner.schema.currency
        warn_of_unrated(limner, made)
    if json:
        put_json(reading)
        return
    from limner.cli.portrait import draw

    draw(reading | {"currency": currency}, made, console=terminal())
