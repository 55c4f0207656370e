"""Dead letters: every refused row, kept with its reason until it is mended.

The key of one is (source, row number, hash of all rows up to it). So the same file
again meets its old dead letters, whatever its name, even when it has grown; identical
rows of one file are several; and keys arrive in order.
"""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from limner.compiled import njit
from limner.errors import InputError, UserError
from limner.events import codes
from limner.events.hashing import mix
from limner.intake.delimited import WHITESPACE
from limner.intake.mapping import Mapping
from limner.intake.rows import Fault, Layout, Rows
from limner.stores.contract import Change, Put, Store

TABLE, LAYOUTS = "deadletters", "layouts"
KEPT_MAX = 5_000_000
"""A store that keeps so many takes no more: intake stops, and says so."""

_KEY = struct.Struct(">QQQ")


class Letter(msgspec.Struct, array_like=True):
    """One refused row, as it is stored."""

    code: str
    reason: str
    source: str
    row: int
    """Its number in the file, from 1; 0 where it came through another door."""
    raw: bytes
    layout: bytes
    """Key of how it is written."""
    occurrence: int = 0
    """Identical rows before it in the file, where identity asks."""
    mapping: str = ""


_encoder = msgspec.msgpack.Encoder()
_letter = msgspec.msgpack.Decoder(Letter)
_layouts = msgspec.msgpack.Decoder(Layout)


@njit
def _prefixes(hashes, before, out):
    for i in range(len(hashes)):
        before = mix(before, hashes[i])
        out[i] = before
    return before


def prefixes(hashes: np.ndarray, before: int) -> np.ndarray:
    """uint64[n]: for each row, a hash over all rows of the file up to it."""
    out = np.empty(len(hashes), np.uint64)
    _prefixes(hashes, np.uint64(before), out)
    return out


class Letters:
    """Dead letters of one piece of a file, made where they are needed."""

    def __init__(
        self,
        mapping: Mapping,
        rows: Rows,
        *,
        prefix: np.ndarray,
        occurrence: np.ndarray | None,
    ) -> None:
        self._mapping, self._rows, self._prefix = mapping, rows, prefix
        self._occurrence = occurrence
        self._source = codes.source_seed(mapping.source)
        encoded = _encoder.encode(rows.layout)
        self._layout = struct.pack(">Q", codes.text_code(encoded.hex()))
        self._layout_put = Put(LAYOUTS, self._layout, encoded)

    def _put(self, row: int, fault: Fault) -> Put:
        number = self._rows.first + row
        key = _KEY.pack(self._source, number, int(self._prefix[row]))
        seen = self._occurrence
        letter = Letter(
            fault.code,
            fault.reason,
            self._mapping.source,
            number,
            self._rows.raw(row),
            self._layout,
            0 if seen is None else int(seen[row]),
            self._mapping.name,
        )
        return Put(TABLE, key, _encoder.encode(letter))

    def puts(self, faults: dict[int, Fault]) -> list[Put]:
        """The dead letters of all these rows, by position."""
        if not faults:
            return []
        return [self._layout_put, *(self._put(r, faults[r]) for r in sorted(faults))]


def check_room(store: Store, more: int) -> None:
    """Raise UserError where the store has no room for so many more dead letters."""
    if not more:
        return
    kept = store.count(TABLE)
    if kept + more > KEPT_MAX:
        raise UserError(
            f"the store keeps {kept} dead letters, at most {KEPT_MAX}: intake stops"
            " here, and goes on where it stopped when it is called again. See `limner"
            " deadletters list`; mend the mapping and retry, or export and forget them"
        )


def listed(store: Store, source: str | None = None) -> Iterator[tuple[str, Letter]]:
    """(id, dead letter) of every refused row, by source and row."""
    prefix = b"" if source is None else struct.pack(">Q", codes.source_seed(source))
    for key, value in store.items(TABLE, prefix):
        yield key.hex(), _letter.decode(value)


def found(store: Store, letter_id: str) -> Letter:
    """One dead letter by its id; raises UserError where there is none."""
    value = store.get(TABLE, _key_of(letter_id))
    if value is None:
        raise UserError("no dead letter of this id: see `limner deadletters list`")
    return _letter.decode(value)


def _key_of(letter_id: str) -> bytes:
    try:
        key = bytes.fromhex(letter_id)
    except ValueError:
        key = b""
    if len(key) != _KEY.size:
        raise UserError(f"no dead letter id: expected {2 * _KEY.size} hex digits")
    return key


def forget(store: Store, letter_ids: list[str]) -> int:
    """Drop dead letters for good; returns how many there were."""
    keys = dict.fromkeys(_key_of(one) for one in letter_ids)
    there = [key for key in keys if store.get(TABLE, key) is not None]
    store.commit(Change(puts=[Put(TABLE, key, None) for key in there]))
    return len(there)


def layout_of(store: Store, letter: Letter) -> Layout:
    """How the row of a dead letter is written."""
    value = store.get(LAYOUTS, letter.layout)
    assert value is not None, "stored with the first dead letter that needs it"
    return _layouts.decode(value)


def told(letter: Letter, layout: Layout, *, letter_id: str) -> dict[str, Any]:
    """A dead letter as ``limner deadletters list --json`` prints it.

    `row` is what was refused: cells by column, an object, or text where it is neither.
    """
    return {
        "id": letter_id,
        "code": letter.code,
        "reason": letter.reason,
        "source": letter.source,
        "row": row_of(letter, layout),
        "number": letter.row,
        "mapping": letter.mapping,
    }


def told_all(store: Store, source: str | None = None) -> Iterator[dict[str, Any]]:
    """Every dead letter of a source, or of all, as `told` tells it."""
    layouts: dict[bytes, Layout] = {}
    for letter_id, letter in listed(store, source):
        if letter.layout not in layouts:
            layouts[letter.layout] = layout_of(store, letter)
        yield told(letter, layouts[letter.layout], letter_id=letter_id)


def row_of(letter: Letter, layout: Layout) -> Any:
    """What was refused: cells by column, an object, or text where it is neither."""
    text = letter.raw.decode("utf-8", "backslashreplace")
    if layout.format != "delimited":
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return text
    if layout.delimiter == WHITESPACE:
        cells = text.split()
    else:
        reader = csv.reader(
            io.StringIO(text, newline=""),
            delimiter=layout.delimiter,
            quotechar=layout.quote or None,
            quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE,
        )
        try:
            cells = next(reader, [])
        except csv.Error:
            return text
    if len(cells) != len(layout.columns):
        return text
    return dict(zip(layout.columns, cells, strict=True))


def export(store: Store, path: Path, *, source: str | None = None) -> int:
    """Write every dead letter as a line of JSON; returns how many there are."""
    count = 0
    try:
        with path.open("wb") as file:
            for one in told_all(store, source):
                file.write(msgspec.json.encode(one) + b"\n")
                count += 1
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    return count


def put_again(letter_id: str, letter: Letter | None) -> Put:
    """A change of a dead letter that is there already; None takes it away."""
    value = None if letter is None else _encoder.encode(letter)
    return Put(TABLE, _key_of(letter_id), value)
