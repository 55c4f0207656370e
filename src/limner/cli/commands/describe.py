"""limner describe: a definition as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from limner.cli.opening import definition_of
from limner.cli.options import SHOP, AsJson, DefinitionName
from limner.cli.output import put_json, terminal

if TYPE_CHECKING:
    from limner.profile.definition import Definition

app = typer.Typer(add_completion=False)


@app.command()
def describe(definition: DefinitionName = SHOP, json: AsJson = False) -> None:
    """The definition as a table: every feature, what it computes, and its unit."""
    made = definition_of(definition)
    document = described(made)
    if json:
        put_json(document)
    else:
        _draw(document)


def described(definition: Definition) -> dict[str, Any]:
    """A definition as JSON."""
    from limner.profile.rendering import names_of, rendered

    names = names_of(definition)

    return {
        "name": definition.name,
        "fingerprint": definition.fingerprint,
        "features": [
            {
                "name": name,
                "en": feature.titles.en,
                "zh": feature.titles.zh,
                "computes": rendered(feature, names),
                "unit": feature.unit,
                "returns": feature.returns,
            }
            for name, feature in definition
        ],
    }


def _draw(document: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    features = document["features"]
    table = Table(title_justify="left", title_style="bold", border_style="dim")
    table.title = f"{document['name']}  {document['fingerprint']}"
    table.add_column("Feature", style="cyan", overflow="fold")
    table.add_column("Title")
    table.add_column("Computes", ratio=1, overflow="fold")
    table.add_column("Returns")
    dimension = None
    for one in features:
        if dimension not in (None, one["name"].partition(".")[0]):
            table.add_section()
        dimension = one["name"].partition(".")[0]
        titles = Text.assemble(one["en"], "\n" if one["zh"] else "", (one["zh"], "dim"))
        unit = one["unit"] if one["unit"] not in ("", "condition", "text") else ""
        returns = Text.assemble(one["returns"], "\n" if unit else "", (unit, "dim"))
        table.add_row(one["name"], titles, Text(one["computes"]), returns)
    console = terminal()
    console.print(table)
    console.print(f"{len(features)} features")
