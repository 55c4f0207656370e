"""What features ask of a store: columns, kinds, and how far back it must keep."""

from __future__ import annotations

from collections.abc import Iterator

from limner.clock import DAY, FOR_EVER
from limner.errors import did_you_mean
from limner.events.schema import Schema
from limner.language.columns import Column
from limner.language.feature import Feature, all_parts
from limner.language.kind import ACTIVITY, Kind
from limner.language.selection import Selection


def faults_with(name: str, feature: Feature, *, schema: Schema) -> list[str]:
    """What a feature asks that a store of this schema does not have."""
    faults: list[str] = []
    for part in all_parts(feature):
        if isinstance(part, Selection):
            for column in _columns(part):
                faults += _column_faults(column, schema)
            faults += _kind_faults(part.kind, schema, looks_back=_looks_back(part))
    return [f"{name}: {fault}" for fault in dict.fromkeys(faults)]


def _columns(selection: Selection) -> Iterator[Column]:
    """Every column that a selection is made of."""
    ahead = [c for c in (selection.column, selection.condition) if c is not None]
    for column in ahead:
        yield column
        ahead += [arg for arg in column.args if isinstance(arg, Column)]


def _looks_back(selection: Selection) -> int:
    """How far before the moment it looks (us); FOR_EVER: at all that is kept."""
    if selection.span_us >= FOR_EVER:
        return FOR_EVER
    return selection.span_us + selection.shift_us


def _column_faults(column: Column, schema: Schema) -> list[str]:
    faults = _kind_faults(column.source, schema, looks_back=FOR_EVER)
    if column.op != "own":
        return faults
    own, wanted = column.args
    kept = schema.columns.get(own)
    if kept is None:
        faults.append(
            f"the store keeps no column {own!r}; add it by"
            f" limner migrate --add-column {own}:{wanted}"
        )
    elif kept != wanted:
        faults.append(f"column {own!r} is {kept} in the store, expected {wanted}")
    return faults


def _kind_faults(kind: Kind, schema: Schema, *, looks_back: int) -> list[str]:
    known = list(schema.kind_codes())
    faults = [
        f"the store knows no kind {name!r}.{did_you_mean(name, known)}"
        for name in kind.names or ()
        if name not in (*known, ACTIVITY, "attribute")
    ]
    if looks_back >= FOR_EVER:
        return faults
    return faults + [
        f"looks back {looks_back / DAY:g} days at {name}, the store keeps"
        f" {schema.kept(name).span_us / DAY:g}"
        for name in kind.kinds(known)
        if name in known and looks_back > schema.kept(name).span_us
    ]
