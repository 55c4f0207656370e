"""limner verify: rebuild everything another way, and compare."""

from __future__ import annotations

from typing import Annotated

import typer

from limner.cli.ending import DIFFERENT, say
from limner.cli.opening import definition_of, opened
from limner.cli.options import SHOP, AsJson, DefinitionName, StoreDir
from limner.cli.output import put_json
from limner.cli.progress import progress
from limner.clock import moment_us

app = typer.Typer(add_completion=False)


@app.command()
def verify(
    store: StoreDir,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at",
            metavar="T",
            help="Compare at this moment; may be repeated. By default at several.",
            show_default=False,
        ),
    ] = None,
    definition: DefinitionName = SHOP,
    json: AsJson = False,
) -> None:
    """Rebuild everything from the full events another way, and compare all profiles.

    Exits with 1 and names the first difference where there is one.
    """
    moments = [moment_us(moment) for moment in at] if at else None
    with opened(store, read_only=True) as limner, progress("Verifying") as tell:
        made = definition_of(definition)
        result = limner.verify(made, moments=moments, progress=tell)
    if json:
        put_json(result.to_json())
    else:
        print(
            f"{result.features} features of {result.shoppers:,} shoppers at"
            f" {result.moments} moments: {result.differences:,} differences"
        )
    if result.differences:
        say(f"the first difference: {result.first_difference}")
        raise typer.Exit(DIFFERENT)
