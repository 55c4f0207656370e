"""limner export: everybody's profiles as a Parquet file."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from limner.cli.opening import definition_of, opened, warn_of_unrated
from limner.cli.options import SHOP, AsJson, DefinitionName, Known, StoreDir
from limner.cli.output import put_json
from limner.cli.progress import progress
from limner.cli.replacing import check_can_be_written
from limner.clock import moment_text, moment_us

app = typer.Typer(add_completion=False)


@app.command()
def export(
    store: StoreDir,
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="T", help="The moment: RFC 3339, or a date (midnight, UTC)."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="F.parquet", help="Replaced where it is there."),
    ],
    known: Known = None,
    definition: DefinitionName = SHOP,
    json: AsJson = False,
) -> None:
    """Everybody's profile as a Parquet file: a row for each shopper with an event."""
    moment = moment_us(at)
    knowing = None if known is None else moment_us(known)
    begun = perf_counter()
    check_can_be_written(out)
    with opened(store, read_only=True) as limner, progress("Exporting") as tell:
        made = definition_of(definition)
        rows = limner.export(made, out, moment, known=knowing, progress=tell)
        warn_of_unrated(limner, made)
    seconds = round(perf_counter() - begun, 3)
    if json:
        said = {"rows": rows, "at": moment_text(moment), "out": str(out)}
        put_json(said | {"definition": made.fingerprint, "seconds": seconds})
    else:
        print(f"{rows:,} profiles at {moment_text(moment)} in {out} ({seconds} s)")
