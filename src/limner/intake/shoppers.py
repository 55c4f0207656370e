"""How many shoppers a store has, those with several identifiers counted once."""

from __future__ import annotations

import numpy as np

from limner.clock import FOR_EVER
from limner.history import links
from limner.stores.contract import Store


def count_shoppers(store: Store) -> int:
    """Identifiers that have events, those that are tied together counted as one."""
    tied = links.tied_identifiers(store)
    count = store.totals().identifiers
    if len(tied) == 0:
        return count
    offsets = store.histories(tied).offsets
    has_events = {
        who
        for who, events in zip(tied.tolist(), np.diff(offsets).tolist(), strict=True)
        if events
    }
    for members in links.components(store, tied, at=FOR_EVER, known=FOR_EVER):
        present = sum(member in has_events for member in members)
        count -= max(present - 1, 0)
    return count
