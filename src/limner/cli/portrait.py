"""A profile for people: a table for each dimension, and labels as chips."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from limner.cli.values import NOTHING, Writer, printable
from limner.language.feature import Feature, Titles
from limner.profile.definition import LABELS, Definition

TWO_COLUMNS_FROM = 150
"""Characters of a terminal that is wide enough for two dimensions side by side."""

_SPANNED = re.compile(r"(.+)_(\d+(?:ms|[smhdw]))")


class Line(NamedTuple):
    """A feature, or one feature over several spans."""

    name: str
    titles: Titles
    members: list[tuple[str, Feature, Any]]
    """Span ('' of a feature without one), feature, value."""


def draw(document: dict[str, Any], definition: Definition, console: Console) -> None:
    """Draw the document of `limner profile`."""
    writer = Writer(document["currency"])
    console.print(_heading(document))
    console.print(_chips(document["labels"], definition))
    tables = [
        _dimension(name, list(_lines(name, values, definition)), writer)
        for name, values in document["profile"].items()
    ]
    console.print(_arranged(tables, console.width))


def _heading(document: dict[str, Any]) -> Text:
    return Text.assemble(
        (printable(document["shopper"]), "bold"),
        (f"  at {document['at']}  definition {document['definition']}", "dim"),
    )


def _chips(labels: Iterable[str], definition: Definition) -> Text:
    chips = Text()
    for label in labels:
        titles = definition[f"{LABELS}.{label}"].titles
        words = " ".join(filter(None, (titles.en or label, titles.zh)))
        chips.append(f" {words} ", "black on green").append(" ")
    return chips if chips else Text("no labels", "dim")


def _lines(
    dimension: str, values: dict[str, Any], definition: Definition
) -> Iterator[Line]:
    """Features in their order, those that differ only in their span together."""
    for stem, names in groupby(values, key=lambda name: _split(name)[0]):
        members = [
            (_split(name)[1], definition[f"{dimension}.{name}"], values[name])
            for name in names
        ]
        yield Line(stem, _without_span(members[0][1].titles, members[0][0]), members)


def _split(name: str) -> tuple[str, str]:
    match = _SPANNED.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


def _without_span(titles: Titles, span: str) -> Titles:
    """The titles that a family's members share."""
    if not span:
        return titles
    return Titles(
        titles.en.removesuffix(f", {span}"), titles.zh.removesuffix(f"（{span}）")
    )


def _dimension(name: str, lines: list[Line], writer: Writer) -> Table:
    table = Table(
        title=name.capitalize(),
        title_justify="left",
        title_style="bold",
        show_header=False,
        expand=True,
        border_style="dim",
    )
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    table.add_column(justify="right")
    for line in lines:
        titles = Text.assemble(line.titles.en, "  ", (line.titles.zh, "dim"))
        table.add_row(line.name, titles, _values(line, writer))
    return table


def _values(line: Line, writer: Writer) -> Text:
    text = Text()
    for span, feature, value in line.members:
        shown = writer.text(value, feature)
        is_empty = shown == NOTHING or value in (0, False)
        if text:
            text.append("   ")
        if span:
            text.append(f"{span} ", "dim")
        text.append(shown, "dim" if is_empty else "")
    return text


def _arranged(tables: list[Table], width: int) -> RenderableType:
    """One below the other; on a wide terminal in two columns of like height."""
    if width < TWO_COLUMNS_FROM:
        return Group(*tables)
    columns: tuple[list[Table], list[Table]] = ([], [])
    for table in tables:
        shorter = min(columns, key=lambda column: sum(t.row_count + 4 for t in column))
        shorter.append(table)
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(Group(*columns[0]), Group(*columns[1]))
    return grid
