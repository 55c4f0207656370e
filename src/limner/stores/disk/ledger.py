"""The ledger: one LMDB environment whose transactions are the store's commits.

It holds the list of files and their committed lengths, the dictionary, and the small
tables. LMDB's write lock is the lock between processes; readers take none.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lmdb
import msgspec

from limner.errors import (
    StoreAbsent,
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreFull,
)
from limner.stores.disk.files import FULL
from limner.stores.disk.state import LAYOUT, State

_BYTES_MAX = (4 << 30) if os.name == "nt" else (256 << 30)
"""Address space, not room: LMDB's file grows as it fills. Windows makes it whole."""

_OPEN: dict[str, tuple[lmdb.Environment, int]] = {}
_OPENING = threading.Lock()

_FULL = tuple(os.strerror(code) for code in FULL)
_forks = 0


def _forked() -> None:
    """LMDB must not be used across a fork: what was open is open no more."""
    global _forks  # noqa: PLW0603  (a process has one count of its own forks)
    _forks += 1
    for env, _ in _OPEN.values():
        env.close()  # the child's copy alone, so that it may open the store itself
    _OPEN.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)

_NO_STORE = (lmdb.InvalidError, lmdb.VersionMismatchError, lmdb.CorruptedError)


@contextmanager
def _named_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except _NO_STORE:
        raise StoreForeign(f"{path.parent.name}: not a store of Limner") from None
    except lmdb.Error as fault:
        kinds = (lmdb.DiskError, lmdb.MapFullError)
        if isinstance(fault, kinds) or any(text in str(fault) for text in _FULL):
            raise StoreFull(
                "the disk took no more: nothing of this commit was kept. Free some"
                " room and try again"
            ) from None
        raise


class Ledger:
    """The environment, and what lies under its few fixed keys."""

    def __init__(self, path: Path, *, create: bool, can_write: bool) -> None:
        self.path, self._forks = path, _forks
        self._real = str(path.resolve())
        with _OPENING, _named_faults(path):
            env, users = _OPEN.get(self._real) or (_environment(path, can_write), 0)
            _OPEN[self._real] = env, users + 1
        self.env = env
        try:
            self._open_parts(create)
        except BaseException:  # an interrupt too must not leave it half open
            self.close()
            raise

    def _open_parts(self, create: bool) -> None:
        with _named_faults(self.path):
            is_new = self.env.stat()["entries"] == 0
            try:
                self.main = self.env.open_db(b"main", create=create and is_new)
                self.texts = self.env.open_db(b"texts", create=create)
                self.tables = self.env.open_db(b"tables", create=create)
                self.erased = self.env.open_db(b"erased", create=create)
            except lmdb.NotFoundError:
                if is_new:
                    raise _absent(self.path) from None
                raise StoreForeign(
                    f"{self.path.parent.name}: not a store of Limner"
                ) from None

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """A short look at the newest commit. Do not yield to a caller from within."""
        self._check_process()
        with self.env.begin() as txn:
            yield txn

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """A transaction: committed and durable on leaving, undone by an error."""
        self._check_process()
        with _named_faults(self.path), self.env.begin(write=True) as txn:
            yield txn

    def token(self) -> int:
        """The number of the newest commit."""
        self._check_process()
        with self.env.begin() as txn:
            value = txn.get(b"token", db=self.main)
        return int.from_bytes(value or b"", "little")

    def state(self, txn: Any) -> State:
        """What files there are, and how much of them is committed."""
        return msgspec.msgpack.decode(self.value(txn, b"state"), type=State)

    def put_state(self, txn: Any, state: State) -> None:
        """Make this the state of the commit under way."""
        self.put_value(txn, b"state", value=msgspec.msgpack.encode(state))
        txn.put(b"token", state.token.to_bytes(8, "little"), db=self.main)

    def value(self, txn: Any, key: bytes) -> bytes:
        """The bytes under one of the fixed keys."""
        held = txn.get(key, db=self.main)
        if held is None:
            raise StoreDamaged(f"the ledger has no {key.decode()}")
        return checked(held)

    def put_value(self, txn: Any, key: bytes, *, value: bytes) -> None:
        """Set one of the fixed keys."""
        txn.put(key, with_check(value), db=self.main)

    def check_layout(self, txn: Any) -> None:
        """Refuse a store that this version does not understand."""
        held = txn.get(b"layout", db=self.main)
        if held is None:
            raise _absent(self.path)
        layout = int.from_bytes(held, "little")
        if layout != LAYOUT:
            age = "newer" if layout > LAYOUT else "older"
            raise StoreForeign(
                f"the store has the {age} layout {layout}, this version of Limner reads"
                f" layout {LAYOUT}: use the version that made it, or import anew"
            )

    def _check_process(self) -> None:
        if self._forks != _forks:
            raise StoreError("the store was opened before this process was forked")

    def close(self) -> None:
        """Let go; the last user of the environment closes it."""
        if self._forks != _forks:
            return
        with _OPENING:
            env, users = _OPEN[self._real]
            if users == 1:
                del _OPEN[self._real]
                env.close()
            else:
                _OPEN[self._real] = env, users - 1

    def bytes_used(self) -> int:
        """Length of LMDB's file."""
        return (self.path / "data.mdb").stat().st_size


def _absent(path: Path) -> StoreAbsent:
    return StoreAbsent(f"no store in {path.parent.name}: `limner ingest` makes one")


def _environment(path: Path, can_write: bool) -> lmdb.Environment:
    data = path / "data.mdb"
    if data.exists() and data.stat().st_size:
        _check_length(data)
    readonly = not (can_write or os.access(path, os.W_OK))
    env = lmdb.open(
        str(path),
        map_size=_BYTES_MAX,
        max_dbs=16,
        max_readers=1024,
        max_spare_txns=0,  # 0.1 us dearer, and a forked child can close what it got
        readonly=readonly,
        lock=not readonly,
        create=can_write,
        mode=0o600,
    )
    try:
        env.reader_check()
        pages = env.info()["last_pgno"] + 1
        if data.stat().st_size < pages * env.stat()["psize"]:
            raise StoreDamaged(f"the ledger {data.name} is cut short")
    except BaseException:  # an interrupt too must not leave it half open
        env.close()
        raise
    return env


def _check_length(data: Path) -> None:
    """Before LMDB maps it: its two first pages must be there."""
    if data.stat().st_size < 8192:
        raise StoreDamaged(f"the ledger {data.name} is cut short")


def with_check(value: bytes) -> bytes:
    """A value with its CRC-32 in front."""
    return zlib.crc32(value).to_bytes(4, "little") + value


def checked(held: bytes) -> bytes:
    """The value behind its CRC-32, if it is what was written."""
    value = held[4:]
    if zlib.crc32(value).to_bytes(4, "little") != held[:4]:
        raise StoreDamaged("a value in the ledger is not what was written")
    return value
