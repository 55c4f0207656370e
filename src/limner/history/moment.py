"""The moment of a reading: as of when, and by what was known when."""

from __future__ import annotations

from typing import NamedTuple

from limner.clock import FOR_EVER


class Moment(NamedTuple):
    """Events after ``at``, and what arrived after ``known``, do not exist (us)."""

    at: int
    known: int = FOR_EVER
