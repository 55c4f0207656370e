"""limner demo: a simulated shop, and its profiles live."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limner.cli.options import AsJson

app = typer.Typer(add_completion=False)

SECONDS, SEED = 30.0, 11


@app.command()
def demo(
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            metavar="DIR",
            help="An absent or empty folder; by default a temporary one, that stays.",
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(metavar="S", help="How long the show lasts.")
    ] = SECONDS,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Another seed is another shop.")
    ] = SEED,
    json: AsJson = False,
) -> None:
    """A simulated shop, and its profiles live: needs no data and no network.

    Ctrl-C ends it early.
    """
    from limner.demo.live import run

    code = run(store, seconds=seconds, seed=seed, json=json)
    if code:
        raise typer.Exit(code)
