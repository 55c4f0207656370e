"""limner timeline: the events of one shopper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import typer

from limner.cli.opening import opened_for
from limner.cli.options import AsJson, ShopperName, StoreDir
from limner.cli.output import put_json_lines, terminal

app = typer.Typer(add_completion=False)

_APART = ("at", "kind", "id", "seen_at", "shopper", "attributes", "fields")


@app.command()
def timeline(store: StoreDir, shopper: ShopperName, json: AsJson = False) -> None:
    """The events of one shopper, oldest first; with --json one a line."""
    with opened_for(shopper, store) as limner:
        events = limner.timeline(shopper)
        if json:
            put_json_lines(events)
        else:
            _draw(events)


def _draw(events: Iterable[dict[str, Any]]) -> None:
    from rich.text import Text

    from limner.cli.values import printable

    console = terminal()
    for event in events:
        said = {name: value for name, value in event.items() if name not in _APART}
        said |= event.get("attributes", {}) | event.get("fields", {})
        line = Text.assemble(
            (event["at"], "dim"), "  ", (event["kind"].ljust(10), "bold")
        )
        for name, value in said.items():
            line.append(f"  {printable(name)} ", "dim").append(printable(str(value)))
        console.print(line, soft_wrap=True)
