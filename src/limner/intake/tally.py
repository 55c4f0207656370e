"""The account of rows: every row that was given is in exactly one of three numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from limner.events.record import FLAGS
from limner.intake.rows import Fault
from limner.stores.contract import Outcome

COLLISION = Fault("hash_collision", "a text of it has the code of another text")


class Tally(msgspec.Struct):
    """What became of rows."""

    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    """Of the duplicates, those whose content differs from what was there."""
    dead_letters: int = 0
    reasons: dict[str, int] = {}
    """Dead letters by reason code."""
    flags: dict[str, int] = {}
    """Accepted events by flag."""

    @property
    def rows(self) -> int:
        """All of them."""
        return self.accepted + self.duplicates + self.dead_letters

    def __add__(self, more: Tally) -> Tally:
        return Tally(
            accepted=self.accepted + more.accepted,
            duplicates=self.duplicates + more.duplicates,
            conflicts=self.conflicts + more.conflicts,
            dead_letters=self.dead_letters + more.dead_letters,
            reasons=dict(Counter(self.reasons) + Counter(more.reasons)),
            flags=dict(Counter(self.flags) + Counter(more.flags)),
        )

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Count rows that became dead letters."""
        codes = Counter(fault.code for fault in faults)
        self.dead_letters += codes.total()
        self.reasons = dict(Counter(self.reasons) + codes)

    def judge(self, outcomes: np.ndarray, flags: np.ndarray) -> None:
        """Count events by what a store made of them (int8[n]); `flags` are uint8[n]."""
        counts = np.bincount(outcomes, minlength=len(Outcome)).tolist()
        self.accepted += counts[Outcome.ACCEPTED]
        different = counts[Outcome.CONFLICT] + counts[Outcome.REPLACED]
        self.duplicates += counts[Outcome.DUPLICATE] + different
        self.conflicts += different
        self.refuse([COLLISION] * counts[Outcome.COLLISION])
        raised = flags[outcomes == Outcome.ACCEPTED]
        for name, flag in FLAGS.items():
            if count := int(np.count_nonzero(raised & flag)):
                self.flags[name] = self.flags.get(name, 0) + count


class Summary(msgspec.Struct):
    """What `ingest` says when it is done."""

    tally: Tally
    events: int
    """Of the whole store."""
    shoppers: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As ``limner ingest --json`` prints it."""
        said = self.tally
        return {
            "rows": said.rows,
            "accepted": said.accepted,
            "duplicates": said.duplicates,
            "conflicts": said.conflicts,
            "dead_letters": said.dead_letters,
            "events": self.events,
            "shoppers": self.shoppers,
            "reasons": dict(sorted(said.reasons.items())),
            "flags": dict(sorted(said.flags.items())),
            "seconds": round(self.seconds, 3),
        }
