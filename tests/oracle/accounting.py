"""What an ingest says it did with its rows, and what it shows of the refused."""

from collections import Counter
from pathlib import Path
from typing import Any

from tests.oracle.limner_command import limner

HEADER = b"user,when,what,item,price,qty"
MAPPING = """source = "planted"
null = ["", "NULL"]

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
"^ret" = "refund"
"""
"""Of files with that header: plain names, and two values that mean nothing."""


def counts(fates: list[str], *, again: bool = False) -> dict[str, Any]:
    """The account of rows with these fates; given again, none is accepted."""
    fate = Counter(fates)
    accepted, duplicates = fate.pop("accepted", 0), fate.pop("duplicate", 0)
    if again:
        accepted, duplicates = 0, accepted + duplicates
    return {
        "rows": len(fates),
        "accepted": accepted,
        "duplicates": duplicates,
        "dead_letters": fate.total(),
        "reasons": dict(fate),
    }


def check(said: dict[str, Any], expected: dict[str, Any]) -> None:
    """The promised keys, each equal; and the sum that always holds."""
    got = {key: said.get(key) for key in expected}
    assert got == expected, f"\n  got      {got}\n  expected {expected}"
    total = said["accepted"] + said["duplicates"] + said["dead_letters"]
    assert said["rows"] == total, f"rows lost or doubled: {said}"
    assert sum(said["reasons"].values()) == said["dead_letters"], said
    assert said.keys() >= {"events", "shoppers", "flags", "seconds"}, said


def dead_letters(store: Path) -> list[dict[str, Any]]:
    """All that `limner deadletters list` shows."""
    letters = limner("deadletters", "list", "--store", store, "--json").json_lines
    for letter in letters:
        assert letter.keys() >= {"id", "code", "reason", "source", "row"}, letter
        assert letter["reason"], letter
    return letters


def codes(store: Path) -> dict[str, int]:
    """How many dead letters of each code are listed."""
    return dict(Counter(letter["code"] for letter in dead_letters(store)))


def written(path: Path, content: str | bytes) -> Path:
    """The file, with this content."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
