"""Lines of JSON: rows of named cells, or events as they are said at every door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import xxhash

from limner.errors import EventFault, InputError
from limner.events import event as events
from limner.intake.rows import KEPT_BYTES_MAX, ROW_BYTES_MAX, Fault, Layout, Rows

LINES_MAX = 20_000
_HUGE = 1 << 20
_PIECE_BYTES = 8 << 20
_TOO_LARGE = Fault("too_large", f"the line has more than {ROW_BYTES_MAX} bytes")


def read_lines(
    blocks: Iterable[bytes], make: Callable[[list[bytes], int], Rows]
) -> Iterator[Rows]:
    """Pieces of a file of lines; `make` is given lines and the number of the first.

    Empty lines are no rows. Of a line that is too large only the beginning is held.
    """
    first, size = 1, 0
    held: list[bytes] = []
    for line in _lines(iter(blocks)):
        if first == 1 and not held and line.lstrip().startswith(b"["):
            raise InputError(
                "expected one JSON object a line, got an array: write its items one a"
                " line, for example with jq -c '.[]'"
            )
        held.append(line)
        size += len(line)
        if len(held) == LINES_MAX or size > _PIECE_BYTES:
            yield make(held, first)
            first, held, size = first + len(held), [], 0
    if held:
        yield make(held, first)


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    skipping = False
    for block in blocks:
        if skipping:
            end = block.find(b"\n")
            if end < 0:
                continue
            block, skipping = block[end:], False  # noqa: PLW2901
        *whole, rest = (rest + block).split(b"\n")
        yield from filter(None, map(_bare, whole))
        if len(rest) > _HUGE:
            yield rest[:KEPT_BYTES_MAX]
            rest, skipping = b"", True
    if rest := _bare(rest):
        yield rest


def _bare(line: bytes) -> bytes:
    line = line.strip(b"\r \t")
    return line[:KEPT_BYTES_MAX] if len(line) > KEPT_BYTES_MAX else line


def object_rows(lines: list[bytes], first: int, *, encoding: str) -> Rows:
    """Lines that each hold one object, whose members are the cells.

    A name with dots finds members of members; what is nested further is JSON text.
    """
    objects: list[dict[str, Any]] = []
    good, faults = [], {}
    hashes = np.empty(len(lines), np.uint64)
    for row, line in enumerate(lines):
        try:
            said = _object(line)
        except EventFault as fault:
            faults[row] = Fault(fault.code, str(fault))
            hashes[row] = xxhash.xxh64_intdigest(line, 1)
            continue
        hashes[row] = canonical_hash(said)
        objects.append(said)
        good.append(row)
    return Rows(
        first=first,
        hashes=hashes,
        faults=faults,
        good=np.array(good, np.int64),
        cells=lambda name: pa.array([_cell(o, name) for o in objects], pa.string()),
        raw=lambda row: lines[row],
        layout=Layout("lines", (), b"", encoding),
    )


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > ROW_BYTES_MAX:
        raise EventFault(*_TOO_LARGE)
    try:
        line.decode()
        said = events.plain(line)
    except UnicodeDecodeError:
        raise EventFault("bad_encoding", "bytes that are no text") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise EventFault("bad_row", f"not JSON: {error}") from None
    if not isinstance(said, dict):
        raise EventFault("bad_row", "expected a JSON object")
    return said


def canonical_hash(said: object) -> int:
    """A hash of what JSON says, whatever the order of members and the blanks."""
    return xxhash.xxh64_intdigest(msgspec.json.encode(said, order="sorted"))


def _cell(said: dict[str, Any], name: str) -> str | None:
    value: Any = said.get(name)
    if value is None and "." in name:
        value = said
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    return text_of(value)


def text_of(value: object) -> str | None:
    """A JSON value as the text of a cell."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return msgspec.json.encode(value).decode()
