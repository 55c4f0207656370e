"""limner bench: measure, each figure beside a plain alternative."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from limner.cli.ending import DIFFERENT, say
from limner.cli.options import AsJson
from limner.cli.output import put_json, terminal
from limner.cli.progress import progress

if TYPE_CHECKING:
    from limner.bench.figure import Figure

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]…", help="Which; by default all."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small sizes; bars are not judged.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="On the disk to measure; by default the system's temporary folder.",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Measure, each figure beside what a plain alternative does in the same run.

    Exits with 1 where a bar is missed.
    """
    from limner.bench.registry import chosen, figures

    place = folder or Path(tempfile.gettempdir())
    found: dict[str, list[Figure]] = {}
    for name in chosen(names or []):
        with progress(f"Measuring {name}") as tell:
            measured = figures(name, folder=place, is_quick=quick, progress=tell)
            found[name] = list(measured)
        if not json:
            _draw(name, found[name])
    if json:
        put_json({"quick": quick, "benches": {n: _told(f) for n, f in found.items()}})
    missed = [one.what for made in found.values() for one in made if not one.is_met]
    if missed and not quick:
        say(f"bars missed: {'; '.join(missed)}")
        raise typer.Exit(DIFFERENT)


def _told(made: list[Figure]) -> list[dict[str, Any]]:
    return [asdict(one) | {"is_met": one.is_met} for one in made]


def _draw(name: str, made: list[Figure]) -> None:
    from rich.table import Table

    table = Table(title=name, title_justify="left", border_style="dim")
    table.add_column("What", ratio=1)
    table.add_column("Measured", justify="right")
    table.add_column("Bar", justify="right")
    table.add_column("Plain alternative", justify="right")
    for one in made:
        color = "green" if one.is_met else "red"
        what = f"{one.what}\n[dim]{one.note}[/]" if one.note else one.what
        sign = "≥" if one.better == "more" else "≤"
        bar = "" if one.bar is None else f"{sign} {_number(one.bar)}"
        plain = "" if one.plain is None else f"{_number(one.plain)} {one.unit}"
        beside = f"{plain}\n[dim]{one.beside}[/]" if one.beside else plain
        measured = f"[{color}]{_number(one.value)}[/] {one.unit}"
        table.add_row(what, measured, bar, beside)
    terminal().print(table)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
