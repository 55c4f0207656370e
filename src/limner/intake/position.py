"""How far an import has come: kept in the same commits as what it brought."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from pathlib import Path

import msgspec

from limner.events import codes
from limner.intake.mapping import Mapping
from limner.intake.tally import Tally
from limner.stores.contract import Put, Store

TABLE = "imports"


class Position(msgspec.Struct):
    """Where an import stands: everything before it is in the store."""

    file: int = 0
    """Which of the files is being read."""
    row: int = 0
    """The last row of it that is done."""
    prefix: int = 0
    """A hash over its rows up to there: another file is told by it."""
    done: list[tuple[int, int]] = []
    """Size and time of change (ns) of the files before."""
    tally: Tally = msgspec.field(default_factory=Tally)
    """Of all rows so far."""


class Import:
    """One command's import, known by its mapping and the places of its files."""

    def __init__(self, mapping: Mapping, paths: Sequence[Path]) -> None:
        places = [os.path.realpath(path) for path in paths]
        said = [mapping.source, mapping.fingerprint, *places]
        code = codes.text_code("\0".join(said))
        self.key = struct.pack(">Q", code)
        self._paths = paths

    def position(self, store: Store) -> Position:
        """Where it was interrupted; the beginning where it was not."""
        value = store.get(TABLE, self.key)
        if value is None:
            return Position()
        held = msgspec.msgpack.decode(value, type=Position)
        now = [state_of(path) for path in self._paths[: held.file]]
        return held if now == held.done else Position()

    def put(self, position: Position | None) -> Put:
        """The change that keeps, or with None forgets, where it stands."""
        if position is None:
            return Put(TABLE, self.key, None)
        return Put(TABLE, self.key, msgspec.msgpack.encode(position))


def state_of(path: Path) -> tuple[int, int]:
    """Size and time of change (ns) of a file; zeros where it is gone."""
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_size, state.st_mtime_ns
