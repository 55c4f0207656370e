"""The small keyed tables: one LMDB database, keys led by the number of their table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from limner.stores.contract import Put
from limner.stores.disk.ledger import Ledger, checked, with_check
from limner.stores.disk.state import State

_PIECE = 1_000
KEY_BYTES_MAX = 500


def _lead(number: int) -> bytes:
    return number.to_bytes(2, "big")


def put(ledger: Ledger, txn: Any, *, state: State, puts: Iterable[Put]) -> State:
    """Make these changes; returns the state with tables and counts brought up."""
    tables, counts = dict(state.tables), dict(state.counts)
    db = ledger.tables
    for table, key, value in puts:
        assert len(key) <= KEY_BYTES_MAX, "a key of a small table has at most 500 bytes"
        number = tables.setdefault(table, len(tables) + 1)
        full = _lead(number) + key
        if value is None:
            counts[table] = counts.get(table, 0) - txn.delete(full, db=db)
            continue
        held = with_check(value)
        if txn.put(full, held, overwrite=False, db=db):
            counts[table] = counts.get(table, 0) + 1
        else:
            txn.put(full, held, db=db)
    return msgspec.structs.replace(state, tables=tables, counts=counts)


def get(ledger: Ledger, state: State, *, table: str, key: bytes) -> bytes | None:
    """One value, as of now."""
    number = state.tables.get(table)
    if number is None:
        return None
    with ledger.reading() as txn:
        held = txn.get(_lead(number) + key, db=ledger.tables)
    return None if held is None else checked(held)


def items(
    ledger: Ledger, state: State, *, table: str, prefix: bytes
) -> Iterator[tuple[bytes, bytes]]:
    """Keys that begin with this, in order; read in pieces, so that no page is held."""
    number = state.tables.get(table)
    if number is None:
        return
    lead = _lead(number)
    start = lead + prefix
    while True:
        with ledger.reading() as txn, txn.cursor(db=ledger.tables) as cursor:
            found = _some(cursor, start, lead + prefix)
        for full, held in found:
            yield full[len(lead) :], checked(held)
        if len(found) < _PIECE:
            return
        start = found[-1][0] + b"\0"


def _some(cursor: Any, start: bytes, prefix: bytes) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    if not cursor.set_range(start):
        return found
    for key, value in cursor:
        if not key.startswith(prefix) or len(found) == _PIECE:
            break
        found.append((key, value))
    return found
