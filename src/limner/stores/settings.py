"""Which new settings a store can take."""

from __future__ import annotations

from limner.errors import StoreError
from limner.events.schema import Schema


def check_change(old: Schema, new: Schema) -> None:
    """Refuse settings under which what is stored would mean something else."""
    new.check()
    faults = []
    if new.currency != old.currency:
        faults.append(f"currency {new.currency!r}: the store's is {old.currency!r}")
    if new.kinds[: len(old.kinds)] != old.kinds:
        faults.append(f"own kinds must begin with {list(old.kinds)}, in this order")
    if new.horizon < old.horizon:
        faults.append("the horizon moves only forward")
    if faults:
        raise StoreError("settings that the store cannot take: " + "; ".join(faults))


def needs_rebuild(old: Schema, new: Schema) -> bool:
    """Whether records must be made again from full events."""
    return old.columns != new.columns or old.time_zone != new.time_zone
