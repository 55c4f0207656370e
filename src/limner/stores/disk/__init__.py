"""The store on disk: sorted runs, a hot file, compressed full events, and a ledger."""

from limner.stores.disk.opening import open_store
from limner.stores.disk.tuning import Tuning

__all__ = ["Tuning", "open_store"]
