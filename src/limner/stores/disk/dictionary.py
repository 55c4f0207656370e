"""Codes back to texts: in the ledger, with a bounded memory of the codes met lately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from limner.compiled import njit
from limner.events import hashing
from limner.events.codes import SEED_CHECK
from limner.stores.disk.ledger import Ledger

_KNOWN_MAX = 1 << 20
_PIECE = 10_000
UNKNOWN, SAME, OTHER = 0, 1, 2


@njit
def _look(codes, checks, known, known_checks, status):
    mask = np.uint64(len(known) - 1)
    for i in range(len(codes)):
        slot = codes[i] & mask
        while known[slot] != np.uint64(0) and known[slot] != codes[i]:
            slot = (slot + np.uint64(1)) & mask
        if known[slot] == codes[i]:
            status[i] = SAME if known_checks[slot] == checks[i] else OTHER


@njit
def _remember(codes, checks, known, known_checks):
    mask = np.uint64(len(known) - 1)
    for i in range(len(codes)):
        slot = codes[i] & mask
        while known[slot] != np.uint64(0) and known[slot] != codes[i]:
            slot = (slot + np.uint64(1)) & mask
        known[slot], known_checks[slot] = codes[i], checks[i]


class Dictionary:
    """Memory: 32 MiB at most, of pages that fill as codes are met."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._clear()

    def _clear(self) -> None:
        self._known = np.zeros(2 * _KNOWN_MAX, np.uint64)
        self._checks = np.zeros(2 * _KNOWN_MAX, np.uint64)
        self._count = 0

    def add(self, txn: Any, codes: np.ndarray, *, texts: pa.Array) -> Added:
        """Put what is new into the transaction, and find codes of another text."""
        checks = hashing.hash_texts(texts, SEED_CHECK)
        status = np.zeros(len(codes), np.int8)
        _look(codes, checks, self._known, self._checks, status)
        new = np.flatnonzero(status == UNKNOWN)
        if len(new):
            said = texts.take(pa.array(new)).to_pylist()
            keys = codes[new].astype(">u8").tobytes()
            for i, text in enumerate(said):
                key, value = keys[8 * i : 8 * i + 8], text.encode()
                if txn.put(key, value, overwrite=False, db=self._ledger.texts):
                    continue
                if txn.get(key, db=self._ledger.texts) != value:
                    status[new[i]] = OTHER
        learnt = new[status[new] == UNKNOWN]
        return Added(codes[status == OTHER], codes[learnt], checks[learnt])

    def remember(self, added: Added) -> None:
        """The commit is done: these need not be looked up again."""
        if self._count + len(added.codes) > _KNOWN_MAX:
            self._clear()
        codes, checks = added.codes[:_KNOWN_MAX], added.checks[:_KNOWN_MAX]
        _remember(codes, checks, self._known, self._checks)
        self._count += len(codes)

    def texts(self, codes: np.ndarray) -> list[str | None]:
        """The texts of these codes; None where there is none."""
        keys = np.asarray(codes, np.uint64).astype(">u8").tobytes()
        with self._ledger.reading() as txn:
            held = [
                txn.get(keys[i : i + 8], db=self._ledger.texts)
                for i in range(0, len(keys), 8)
            ]
        return [None if value is None else value.decode() for value in held]

    def pieces(self) -> Iterator[tuple[np.ndarray, list[str]]]:
        """Every code and its text."""
        key = bytes(8)
        while True:
            texts = self._ledger.texts
            with self._ledger.reading() as txn, txn.cursor(db=texts) as cursor:
                found = _some(cursor, key)
            if not found:
                return
            codes = np.frombuffer(b"".join(k for k, _ in found), ">u8")
            yield codes.astype(np.uint64), [value.decode() for _, value in found]
            key = found[-1][0] + b"\0"


def _some(cursor: Any, key: bytes) -> list[tuple[bytes, bytes]]:
    if not cursor.set_range(key):
        return []
    return [item for item, _ in zip(cursor, range(_PIECE), strict=False)]


class Added:
    """What a batch's texts came to."""

    def __init__(
        self, others: np.ndarray, codes: np.ndarray, checks: np.ndarray
    ) -> None:
        self.others = others
        """Codes that already stand for another text."""
        self.codes, self.checks = codes, checks
