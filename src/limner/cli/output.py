"""Standard output: JSON for scripts, tables for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_UNSEEN = 120
"""Characters in a line where the output is no terminal."""


def put_json(document: Any) -> None:
    """One JSON document; on a terminal with a line for each value."""
    text = msgspec.json.encode(document)
    if sys.stdout.isatty():
        text = msgspec.json.format(text)
    print(text.decode())


def put_json_lines(documents: Iterable[Any]) -> None:
    """One JSON document a line."""
    encode = msgspec.json.Encoder().encode
    for document in documents:
        sys.stdout.write(encode(document).decode() + "\n")


def terminal() -> Console:
    """Where tables for people are drawn: standard output."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDTH_UNSEEN
    return Console(file=sys.stdout, width=width, highlight=False)
