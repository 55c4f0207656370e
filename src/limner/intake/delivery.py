"""One piece of a file goes into the store: events, dead letters and links, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

import numpy as np

from limner.events.batch import standardise
from limner.events.schema import Schema
from limner.history import links
from limner.intake.mapping import Mapping
from limner.intake.rows import Fault, Rows
from limner.intake.tally import COLLISION, Tally
from limner.intake.translate import Translated, Translator
from limner.stores.contract import Change, Outcome, Put, Receipt, Store


class Delivered(NamedTuple):
    """What a commit made of the rows of a piece."""

    tally: Tally
    token: int
    """Readings that have caught up with this number see it."""
    gone: list[int]
    """Positions of the rows that are in the store now: they are no dead letters."""


Finish = Callable[[Tally, list[int]], Iterable[Put]]
"""Further puts of the same commit, once it is known what became of the rows: the tally,
and the positions of those that are in the store."""


class Refusing(Protocol):
    """Where refused rows go."""

    def puts(self, faults: dict[int, Fault]) -> list[Put]:
        """The changes that keep these rows, by position, as dead letters."""
        ...


class Delivering(Protocol):
    """A mapping made ready for a store: of events, or of facts."""

    def translate(self, rows: Rows, occurrence: np.ndarray | None) -> Translated:
        """What rows of a file mean."""
        ...

    def deliver(
        self, store: Store, piece: Translated, *, letters: Refusing, finish: Finish
    ) -> Delivered:
        """Commit it; StoreFull and others pass through."""
        ...


class Events:
    """A mapping of events, made ready for a store."""

    def __init__(
        self, mapping: Mapping, schema: Schema, *, is_import: bool = True
    ) -> None:
        self._translator = Translator(mapping, schema, is_import=is_import)

    def translate(self, rows: Rows, occurrence: np.ndarray | None) -> Translated:
        """Full events of these rows."""
        return self._translator.translate(rows, occurrence)

    def deliver(
        self, store: Store, piece: Translated, *, letters: Refusing, finish: Finish
    ) -> Delivered:
        """Commit full events, their links, and the dead letters beside them."""
        batch = None
        if piece.batch.num_rows:
            batch = standardise(piece.batch, store.schema, secret=store.secret)
        made: list[tuple[Tally, list[int]]] = []

        def then(receipt: Receipt) -> list[Put]:
            tally, gone = Tally(), piece.row_of
            tally.refuse(piece.faults.values())
            puts: list[Put] = []
            if batch is not None:
                tally.judge(
                    receipt.outcomes, batch.records["flags"][: piece.batch.num_rows]
                )
                puts.extend(Put(*put) for put in links.puts(batch, receipt))
                collided = receipt.outcomes == Outcome.COLLISION
                puts.extend(
                    letters.puts(dict.fromkeys(gone[collided].tolist(), COLLISION))
                )
                gone = gone[~collided]
            made[:] = [(tally, gone.tolist())]
            puts.extend(finish(*made[0]))
            return puts

        change = Change(batch=batch, puts=letters.puts(piece.faults), then=then)
        receipt = store.commit(change)
        return Delivered(made[0][0], receipt.token, made[0][1])
