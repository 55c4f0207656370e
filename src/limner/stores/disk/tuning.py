"""Sizes that a store may be opened with: large ones for work, tiny ones for tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Sizes; none of them is written into the store, so each opening may differ."""

    hot_rows: int = 2_000_000
    """Records in a hot segment before it is sealed and sorted into a run."""
    sealed_max: int = 2
    """Sealed segments that may wait; with more, commits wait for the sorting."""
    fan: int = 8
    """Runs of one tier that are merged into one of the next."""
    block_events: int = 4_096
    """Events in one compressed block: what is decoded to read a single one."""
    block_file_bytes: int = 1 << 30
    """Length at which a new file of blocks is begun."""
    write_bytes: int = 4 << 20
    """Bytes that a merge writes between two syncs, so that commits need not wait."""
    in_background: bool = True
    """Whether this process settles and merges beside its commits."""
