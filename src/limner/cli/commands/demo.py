"""limner demo: a simulated shop, and its profiles live."""

from __future__ import annotations

import typer

app = typer.Typer()


@app.command()
def demo() -> None:
    """A simulated shop, and its profiles live: needs no data and no network."""
