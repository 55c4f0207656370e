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

_PLAIN = [
    name
    for name in Event.__struct_fields__
    if name not in ("shopper", "attributes", "fields")
]
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
        columns=columns,
    )


def _content(line: bytes) -> int:
    """A hash of what an event says, but for its arrival."""
    said = events.plain(line)
    said.pop("seen_at", None)
    return xxhash.xxh64_intdigest(msgspec.json.encode(said, order="sorted"))


def _columns(said: Sequence[Event]) -> dict[str, pa.Array]:
    """Texts of every field that some event has; times and kinds always."""
    columns = {}
    for name in _PLAIN:
        values = [getattr(event, name) for event in said]
        if name in ("at", "kind") or any(value is not None for value in values):
            texts = [v if v is None or isinstance(v, str) else str(v) for v in values]
            columns[name] = pa.array(texts, pa.string())
    for name in ("attributes", "fields"):
        tables = [getattr(event, name) for event in said]
        if any(tables):
            texts = [msgspec.json.encode(t).decode() if t else None for t in tables]
            columns[name] = pa.array(texts, pa.string())
    types = dict.fromkeys(kind for event in said for kind in event.shopper)
    for kind in types:
        ids = [event.shopper.get(kind) for event in said]
        texts = [v if v is None or isinstance(v, str) else str(v) for v in ids]
        columns[full.SHOPPER + kind] = pa.array(texts, pa.string())
    return columns
