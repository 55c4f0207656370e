"""A store's own settings: its currency, time zone, kinds, columns and retention."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import numpy as np

from limner.clock import FOR_EVER
from limner.errors import UserError, did_you_mean
from limner.events import money
from limner.events.kinds import KINDS, OWN_FIRST, OWN_LAST, mask_of
from limner.events.record import RECORD, dtype_with

NEWEST_OF_A_KIND = 20_000
"""Unless a store says otherwise, a reading sees this many events of a kind."""

ColumnType = Literal["text", "integer", "number", "money"]
_STORED = {"text": "u8", "integer": "i8", "number": "f8", "money": "i8"}


class Retention(msgspec.Struct, frozen=True):
    """What a reading sees of one kind: how far back (us), and at most how many."""

    span_us: int = FOR_EVER
    newest: int = NEWEST_OF_A_KIND


class Schema(msgspec.Struct, frozen=True):
    """What a store was told when it was made; `limner migrate` alone changes it."""

    currency: str = "USD"
    time_zone: str = "UTC"
    kinds: tuple[str, ...] = ()
    columns: dict[str, ColumnType] = {}
    retention: dict[str, Retention] = {}
    horizon: int = 0
    """Readings at, or known at, an earlier moment (us) are refused."""

    def check(self) -> Schema:
        """This schema, if a store can be made of it."""
        money.currency(self.currency)
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise UserError(
                f"no time zone {self.time_zone!r}, expected an IANA name"
                " such as Asia/Shanghai"
            ) from None
        if len(self.kinds) > OWN_LAST - OWN_FIRST + 1:
            raise UserError(
                f"{len(self.kinds)} own kinds, expected at most"
                f" {OWN_LAST - OWN_FIRST + 1}"
            )
        clash = [name for name in self.kinds if name in KINDS]
        clash += [name for name in self.columns if name in (RECORD.names or ())]
        if clash:
            raise UserError(f"{clash[0]!r} is ready-made: choose another name")
        return self

    def kind_codes(self) -> dict[str, int]:
        """Every kind that this store takes, with its code."""
        own = {name: OWN_FIRST + n for n, name in enumerate(self.kinds)}
        return KINDS | own

    def kind_names(self) -> dict[int, str]:
        """Code to name."""
        return {code: name for name, code in self.kind_codes().items()}

    def mask(self, names: tuple[str, ...]) -> int:
        """The bits of these kinds."""
        codes = self.kind_codes()
        for name in names:
            if name not in codes:
                raise UserError(f"no kind {name!r}.{did_you_mean(name, list(codes))}")
        return mask_of([codes[name] for name in names])

    def dtype(self) -> np.dtype[np.void]:
        """The record of this store."""
        own = [(name, _STORED[kind]) for name, kind in self.columns.items()]
        return dtype_with(own)

    def kept(self, kind: str) -> Retention:
        """The retention of a kind."""
        return self.retention.get(kind, self.retention.get("*", Retention()))
