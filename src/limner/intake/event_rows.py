"""Events in JSON as rows: their fields are columns, so that one path cleans all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa
import xxhash

from limner.errors import EventFault
from limner.events import event as events
from limner.events import full
from limner.events.event import Event
from limner.intake.mapping import Mapping
from limner.intake.rows import Fault, Layout, Rows

_FIELDS = Event.__struct_fields__
_PLAIN = [n for n in _FIELDS if n not in ("shopper", "attributes", "fields")]
_TEXT = pa.string()
_LAYOUT = Layout("events", (), b"", "utf-8")


@dataclass
class EventRows(Rows):
    """Rows that are events: which columns they have depends on what was said."""

    columns: dict[str, pa.Array] = field(default_factory=dict)

    def mapped(self, mapping: Mapping) -> Mapping:
        """The mapping, with every field and identifier type that is there."""
        prefix = len(full.SHOPPER)
        named = {n: (n,) for n in self.columns if not n.startswith(full.SHOPPER)}
        return msgspec.structs.replace(
            mapping,
            shopper={n[prefix:]: (n,) for n in self.columns if n not in named},
            event=named,
        )


def of_lines(lines: Sequence[bytes], first: int = 1) -> EventRows:
    """Rows of lines of JSON; those that are no event carry their fault."""
    said: list[Event] = []
    good, faults = [], {}
    hashes = np.empty(len(lines), np.uint64)
    for row, line in enumerate(lines):
        try:
            said.append(events.decode(line))
        except EventFault as fault:
            faults[row] = Fault(fault.code, str(fault))
            hashes[row] = xxhash.xxh64_intdigest(line, 1)
        else:
            hashes[row] = _content(line)
            good.append(row)
    columns = _columns(said)
    empty = pa.nulls(len(said), pa.string())
    return EventRows(
        first=first,
        hashes=hashes,
        faults=faults,
        good=np.array(good, np.int64),
        cells=lambda name: columns.get(name, empty),
        raw=lambda row: lines[row],
        layout=_LAYOUT,
        marked=("",),
        columns=columns,
    )


def _content(line: bytes) -> int:
    """A hash of what an event says, but for its arrival."""
    said = events.plain(line)
    said.pop("seen_at", None)
    return xxhash.xxh64_intdigest(msgspec.json.encode(said, order="sorted"))


def _columns(said: Sequence[Event]) -> dict[str, pa.Array]:
    """Texts of every field that some event has; times and kinds always."""
    rows = map(msgspec.structs.astuple, said)
    held = dict(zip(_FIELDS, zip(*rows, strict=True), strict=False))
    columns = {}
    for name in _PLAIN:
        values = held.get(name, ())
        if name in ("at", "kind") or values.count(None) < len(values):
            columns[name] = _texts(values)
    for name in ("attributes", "fields"):
        tables = held.get(name, ())
        if any(tables):
            texts = [msgspec.json.encode(t).decode() if t else None for t in tables]
            columns[name] = pa.array(texts, pa.string())
    shoppers = held.get("shopper", ())
    for kind in dict.fromkeys(kind for shopper in shoppers for kind in shopper):
        columns[full.SHOPPER + kind] = _texts([s.get(kind) for s in shoppers])
    return columns


def _texts(values: Sequence[object]) -> pa.Array:
    texts = [v if v is None or isinstance(v, str) else str(v) for v in values]
    return pa.array([text if text and text.strip() else None for text in texts], _TEXT)
