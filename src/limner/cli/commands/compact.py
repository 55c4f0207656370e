"""limner compact: merge a store's files, and give space back."""

from __future__ import annotations

import typer

from limner.cli.opening import opened
from limner.cli.options import AsJson, StoreDir
from limner.cli.output import put_json
from limner.cli.progress import progress

app = typer.Typer(add_completion=False)

_MB = 1e6


@app.command()
def compact(store: StoreDir, json: AsJson = False) -> None:
    """Merge now what the background would merge later, and give space back."""
    with opened(store) as limner, progress("Compacting") as tell:
        before = limner.store.totals().bytes_by_part
        limner.store.compact(lambda fraction: tell(fraction, ""))
        totals = limner.store.totals()
    after = totals.bytes_by_part
    if json:
        parts = {"bytes_before": before, "bytes_after": after}
        put_json({"events": totals.events, **parts})
        return
    freed = max(sum(before.values()) - sum(after.values()), 0)
    print(f"{totals.events:,} events in {sum(after.values()) / _MB:,.1f} MB", end="")
    print(f", {freed / _MB:,.1f} MB given back")
