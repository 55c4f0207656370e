"""limner deadletters: refused rows, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from limner.cli.opening import opened
from limner.cli.options import AsJson, MappingName, StoreDir
from limner.cli.output import put_json, put_json_lines, terminal
from limner.cli.progress import progress
from limner.cli.replacing import replacing
from limner.errors import InputError

app = typer.Typer(
    add_completion=False,
    help="Refused rows: each is kept with its reason, and can be mended and retried.",
)

AT_ONCE = 10_000
"""Dead letters forgotten in one commit."""

Source = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Only of this source, as the mapping calls it."),
]
Letter = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]


@app.command(name="list")
def list_(
    store: StoreDir,
    source: Source = None,
    code: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only with this reason code.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="The first N at most.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Every refused row, with --json one a line."""
    from limner.intake import deadletters

    with opened(store, read_only=True) as limner:
        told = deadletters.told_all(limner.store, source)
        letters = (one for one in told if code in (None, one["code"]))
        chosen = islice(letters, limit)
        if json:
            put_json_lines(chosen)
        else:
            _draw(chosen)


@app.command()
def show(store: StoreDir, letter: Letter, json: AsJson = False) -> None:
    """One refused row, with all that it says."""
    from limner.intake import deadletters

    with opened(store, read_only=True) as limner:
        found = deadletters.found(limner.store, letter)
        layout = deadletters.layout_of(limner.store, found)
        told = deadletters.told(found, layout, letter_id=letter)
    if json:
        put_json(told)
        return
    row = told.pop("row")
    cells = row if isinstance(row, dict) else {"row": row}
    for name, value in told.items():
        _put(name, value)
    for name, value in cells.items():
        _put(f"  {name}", value)


@app.command()
def export(
    store: StoreDir,
    out: Annotated[
        Path, typer.Option("--out", metavar="F.jsonl", help="Replaced where it is.")
    ],
    source: Source = None,
    json: AsJson = False,
) -> None:
    """Every refused row into a file, one JSON document a line."""
    from limner.intake import deadletters

    with replacing(out) as beside, opened(store, read_only=True) as limner:
        count = deadletters.export(limner.store, beside, source=source)
    if json:
        put_json({"dead_letters": count, "out": str(out)})
    else:
        print(f"{count:,} dead letters in {out}")


@app.command()
def retry(
    store: StoreDir,
    mapping: MappingName,
    json: AsJson = False,
) -> None:
    """Take refused rows in again, by a mended mapping of the same source.

    What is taken now is a dead letter no longer; what is refused again stays one.
    """
    from limner.intake.mapping import load_mapping
    from limner.intake.retry import retry as retried

    made = load_mapping(mapping)
    with opened(store) as limner, progress("Retrying") as tell:
        said = retried(limner.store, made, progress=tell).to_json()
    if json:
        put_json(said)
        return
    print(
        f"{said['rows']:,} dead letters of {made.source}:"
        f" {said['accepted']:,} accepted,"
        f" {said['duplicates']:,} duplicates, {said['dead_letters']:,} refused again"
    )


@app.command()
def forget(
    store: StoreDir,
    letters: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="As `list` shows them.")
    ] = None,
    source: Source = None,
    json: AsJson = False,
) -> None:
    """Drop refused rows for good: these, or all of a source. Export them first."""
    from limner.intake import deadletters

    if not letters and source is None:
        raise InputError("which? expected the id of a dead letter, or --source NAME")
    count = 0
    with opened(store) as limner:
        kept = limner.store
        ids = list(letters or [])
        if source is not None:
            ids += [name for name, _ in deadletters.listed(kept, source)]
        for start in range(0, len(ids), AT_ONCE):
            count += deadletters.forget(kept, ids[start : start + AT_ONCE])
    if json:
        put_json({"forgotten": count})
    else:
        print(f"{count:,} dead letters forgotten")


def _draw(letters: Iterator[dict[str, Any]]) -> None:
    from rich.text import Text

    from limner.cli.values import printable

    console = terminal()
    count = 0
    for one in letters:
        count += 1
        line = Text.assemble(
            (one["code"].ljust(16), "yellow"),
            f"{printable(one['source'])} row {one['number']:,}  ",
            (printable(one["reason"]), "dim"),
            f"  {one['id']}",
        )
        console.print(line, soft_wrap=True)
    if not count:
        console.print("no dead letters")


def _put(name: str, value: Any) -> None:
    from limner.cli.values import printable

    print(f"{printable(name):<14} {printable(str(value))}")
