"""Imported by the server that writers fork from: everything compiled is loaded once."""

from __future__ import annotations

import tempfile

from limner.events.schema import Schema
from limner.stores.disk import Tuning, open_store
from tests.crash.story import TINY, check, tell


def warm() -> None:
    """Go through all that a writer will do."""
    quiet = Tuning(**{**vars(TINY), "in_background": False})
    with tempfile.TemporaryDirectory(prefix="limner-warm-") as name:
        store = open_store(name, create=Schema(), tuning=quiet)
        for first in range(0, 2_000, 250):
            tell(store, first=first, last=first + 300)
        store.compact()
        check(store, acknowledged=2_000)
        store.close()


warm()
