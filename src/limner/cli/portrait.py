"""A profile for people: a table in the order of its dimensions, labels as chips."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from limner.cli.values import Writer, printable
from limner.language.feature import Feature, Titles
from limner.profile.definition import LABELS, Definition

TWO_COLUMNS_FROM = 190
"""Characters of a terminal that is wide enough for two dimensions side by side."""

_SPANNED = re.compile(r"(.+)_(\d+(?:ms|[smhdw]))")


class Line(NamedTuple):
    """A feature, or one feature over several spans."""

    name: str
    titles: Titles
    members: list[tuple[str, Feature, Any]]
    """Span ('' of a feature without one), feature, value."""

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of this shopper."""
        return all(_is_empty(value) for _, _, value in self.members)


Dimension = tuple[str, list[Line]]
"""Its name, and its lines."""


def draw(document: dict[str, Any], definition: Definition, *, console: Console) -> None:
    """Draw the document of `limner profile`."""
    writer = Writer(document["currency"])
    console.print(_heading(document))
    console.print(_chips(document["labels"], definition))
    dimensions = [
        (name, list(_lines(name, values, definition=definition)))
        for name, values in document["profile"].items()
    ]
    console.print(_arranged(dimensions, writer, width=console.width))


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
    dimension: str, values: dict[str, Any], *, definition: Definition
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


def _table(dimensions: list[Dimension], writer: Writer) -> Table:
    table = Table(show_header=False, expand=True, border_style="dim")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", ratio=1)
    for name, lines in dimensions:
        table.add_row(Text(name.capitalize(), "bold"))
        for line in lines:
            style = "dim" if line.is_empty else ""
            name_style, zh_style = ("", "") if line.is_empty else ("cyan", "dim")
            titles = Text.assemble(line.titles.en, "  ", (line.titles.zh, zh_style))
            shown = Text(f"  {line.name}", name_style)
            table.add_row(shown, titles, _values(line, writer), style=style)
        table.add_section()
    return table


def _values(line: Line, writer: Writer) -> Text:
    text = Text()
    for span, feature, value in line.members:
        if text:
            text.append("   ")
        if span:
            text.append(f"{span} ", "dim")
        text.append(writer.text(value, feature), "dim" if _is_empty(value) else "")
    return text


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or value == 0


def _arranged(dimensions: list[Dimension], writer: Writer, *, width: int) -> Table:
    """One below the other; on a wide terminal in two columns of like height."""
    if width < TWO_COLUMNS_FROM:
        return _table(dimensions, writer)
    half = sum(len(lines) for _, lines in dimensions) / 2
    left: list[Dimension] = []
    for one in dimensions:
        if left and sum(len(lines) for _, lines in left) + len(one[1]) / 2 > half:
            break
        left.append(one)
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(_table(left, writer), _table(dimensions[len(left) :], writer))
    return grid
