"""What one commit publishes: the files of the store and their committed lengths."""

from __future__ import annotations

from typing import Protocol

import msgspec

BLOCK_FILES_MAX = 65_535
"""A place has 16 bits for the number of its file."""

LAYOUT = 1
"""The form of everything on disk. Another number is refused."""


class Part(Protocol):
    """Any file of the store."""

    @property
    def number(self) -> int:
        """No other file of its kind ever has it."""
        ...

    @property
    def name(self) -> str:
        """Its file."""
        ...


class Segment(msgspec.Struct, frozen=True, array_like=True):
    """A hot segment: records in order of arrival. The last one takes new records."""

    number: int
    capacity: int
    rows: int
    erased: int
    """Erasures that were committed before it was begun."""
    names_from: tuple[int, int]
    """Block file and offset from which names of its identifiers are found."""

    @property
    def name(self) -> str:
        """Its file."""
        return f"hot-{self.number:06d}.rec"


class Run(msgspec.Struct, frozen=True, array_like=True):
    """An immutable file of records sorted by (who, at, id)."""

    number: int
    rows: int
    whos: int
    bytes: int
    tier: int
    erased: int
    """Erasures that it already obeys."""

    @property
    def name(self) -> str:
        """Its file."""
        return f"run-{self.number:06d}.run"


class BlockFile(msgspec.Struct, frozen=True, array_like=True):
    """A file of compressed full events. The last one takes new blocks."""

    number: int
    bytes: int

    @property
    def name(self) -> str:
        """Its file."""
        return f"events-{self.number:05d}.blk"


class State(msgspec.Struct, frozen=True, array_like=True):
    """Everything that a commit publishes but texts and tables."""

    token: int = 0
    """Goes up by one with each commit."""
    files: int = 0
    """Goes up whenever the list of files, or of erasures, changes."""
    events: int = 0
    erasures: int = 0
    is_closed: bool = False
    """The last segment and block file take no more: the next commit begins new ones."""
    schemas: int = 0
    """Goes up with each change of the schema."""
    next_number: int = 1
    """Of the next file of any kind but blocks."""
    next_block: int = 1
    segments: tuple[Segment, ...] = ()
    runs: tuple[Run, ...] = ()
    blocks: tuple[BlockFile, ...] = ()
    tables: dict[str, int] = {}
    """The number of each small table, and its keys start with it."""
    counts: dict[str, int] = {}
    """How many keys each has."""


def sealed(state: State) -> int:
    """How many segments take no more, and can be sorted into runs."""
    return max(0, len(state.segments) - (0 if state.is_closed else 1))


def parts_of(state: State) -> list[Part]:
    """All files."""
    return [*state.runs, *state.segments, *state.blocks]
