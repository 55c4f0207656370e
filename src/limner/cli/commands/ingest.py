"""limner ingest: take files in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from limner.cli.ending import STOPPED, say
from limner.cli.opening import opened
from limner.cli.options import AsJson, MappingName, StoreDir
from limner.cli.output import put_json, terminal
from limner.cli.progress import progress
from limner.errors import InputError, StoreAbsent, UserError

if TYPE_CHECKING:
    from limner.events.schema import Schema
    from limner.intake.mapping import Mapping

app = typer.Typer(add_completion=False)


@app.command()
def ingest(
    store: StoreDir,
    mapping: MappingName,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH…", help="CSV, TSV, JSONL or Parquet; .gz, .zst."),
    ],
    currency: Annotated[
        str | None,
        typer.Option(metavar="EUR", help="Of a new store; else the mapping's, or USD."),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help="Of a new store, for its days and hours; else UTC.",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Take files in: events, or facts of a catalogue. Makes the store if it is absent.

    An interrupted ingest goes on where it stopped when the same command is given again.
    """
    from limner.intake.mapping import load_mapping

    made = load_mapping(mapping)
    _check_paths(paths)
    settings = _settings(store, made, currency=currency, time_zone=time_zone)
    if settings is not None:
        _check_files(paths, made)
    from limner.engine.kernels import compiled_beside

    try:
        with (
            opened(store, create=settings) as limner,
            compiled_beside(),
            progress("Ingesting") as tell,
        ):
            said = limner.ingest(made, paths, progress=tell).to_json()
    except KeyboardInterrupt:
        say("stopped; the same command goes on where it stopped")
        raise typer.Exit(STOPPED) from None
    if json:
        put_json(said)
    else:
        _draw(said)


def _check_paths(paths: list[Path]) -> None:
    """Say at once what cannot be read, before anything has been taken in."""
    for path in paths:
        if path.is_dir():
            raise InputError(f"{path}: is a folder, expected a file")
        if not path.exists():
            raise InputError(f"{path}: no such file")


def _check_files(paths: list[Path], mapping: Mapping) -> None:
    """Look at the beginning of each file, so that a mistake leaves no empty store."""
    from limner.intake.reader import read_rows

    for path in paths:
        if path.is_file():  # what is read once, such as a pipe, is not read ahead
            next(iter(read_rows(path, mapping)), None)


def _settings(
    store: Path, mapping: Mapping, *, currency: str | None, time_zone: str | None
) -> Schema | None:
    """The settings of the store to be made; None where there is one."""
    from limner.events.schema import Schema

    wanted = Schema(
        currency=(currency or mapping.currency or "USD").strip().upper(),
        time_zone=time_zone or "UTC",
    ).check()
    try:
        with opened(store, read_only=True) as limner:
            kept = limner.schema
    except StoreAbsent:
        return wanted
    if currency and wanted.currency != kept.currency:
        raise UserError(
            f"--currency {wanted.currency}: the store keeps {kept.currency},"
            " since it was made"
        )
    if time_zone and wanted.time_zone != kept.time_zone:
        raise UserError(
            f"--time-zone {wanted.time_zone}: the store's is {kept.time_zone};"
            " `limner migrate --time-zone` changes it"
        )
    return None


def _draw(said: dict[str, Any]) -> None:
    from rich.table import Table

    console = terminal()
    rate = said["rows"] / said["seconds"] if said["seconds"] else 0.0
    table = Table(show_header=False, border_style="dim")
    table.add_column()
    table.add_column(justify="right")
    table.add_row("rows", f"{said['rows']:,}", style="bold")
    table.add_row("accepted", f"{said['accepted']:,}")
    table.add_row("duplicates", f"{said['duplicates']:,}")
    table.add_row("dead letters", f"{said['dead_letters']:,}")
    for code, count in said["reasons"].items():
        table.add_row(f"  {code}", f"{count:,}", style="yellow")
    for flag, count in said["flags"].items():
        table.add_row(f"flagged {flag}", f"{count:,}", style="dim")
    console.print(table)
    console.print(
        f"The store holds {said['events']:,} events of {said['shoppers']:,} shoppers."
        f" {said['seconds']:.1f} s, {rate:,.0f} rows/s."
    )
