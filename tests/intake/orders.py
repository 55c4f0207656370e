"""A small source of orders: its mapping, and files of it, for tests of intake."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from limner.events.event import to_json
from limner.events.schema import Schema
from limner.intake.ingest import ingest
from limner.intake.mapping import Mapping, parse_mapping
from limner.intake.tally import Summary
from limner.stores.contract import Store
from limner.stores.memory import open_memory

HEADER = "user,when,what,item,price,qty"
MAPPING = """
source = "orders"
currency = "EUR"
[shopper]
user_id = "user"
[event]
at = "when"
kind = "what"
item = "item"
price = "price"
quantity = "qty"
[kinds]
see = "view"
buy = "purchase"
back = "refund"
"""
GOOD = "u1,2024-01-05 10:00:00,buy,shoe,9.50,1"


def mapping(change: str = "", **replaced: Any) -> Mapping:
    """The mapping of orders, after some further lines, with fields replaced."""
    made = parse_mapping(change + MAPPING, name="orders")
    return msgspec.structs.replace(made, **replaced)


def store(currency: str = "EUR") -> Store:
    """An empty one, in memory."""
    return open_memory(Schema(currency=currency))


def file(folder: Path, rows: Iterable[str], name: str = "orders.csv") -> Path:
    """A file of these rows under the header."""
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def take(into: Store, how: Mapping, *paths: Path) -> Summary:
    """Ingest, checking that every row is accounted for."""
    said = ingest(into, how, paths=list(paths))
    tally = said.tally
    assert tally.rows == tally.accepted + tally.duplicates + tally.dead_letters
    assert sum(tally.reasons.values()) == tally.dead_letters
    return said


def events(of: Store) -> list[dict[str, Any]]:
    """Every event of a store in the JSON form, in order of arrival."""
    return [one for block in of.blocks() for one in to_json(block, of.schema)]
