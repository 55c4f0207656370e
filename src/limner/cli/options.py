"""Options and arguments that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StoreDir = Annotated[
    Path, typer.Option("--store", metavar="DIR", help="The store's folder.")
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Only JSON on standard output, for scripts."),
]
DefinitionName = Annotated[
    str,
    typer.Option(
        "--definition",
        metavar="FILE.py",
        help="FILE.py, FILE.py:Name or module:Name; else the ready-made shop.",
        show_default=False,
    ),
]
MappingName = Annotated[
    str,
    typer.Option(
        "--mapping", metavar="NAME|FILE", help="A shipped mapping, or a TOML file."
    ),
]
ShopperName = Annotated[
    str,
    typer.Argument(
        metavar="SHOPPER",
        help="type:value; the bare value where the store knows one type.",
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="T",
        help="The moment: RFC 3339, or a date (its midnight, UTC). By default now.",
        show_default=False,
    ),
]
Known = Annotated[
    str | None,
    typer.Option(
        "--known",
        metavar="T",
        help="Leave out what arrived after this moment.",
        show_default=False,
    ),
]

SHOP = "limner.shop:Shopper"
"""The ready-made definition."""
