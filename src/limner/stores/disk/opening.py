"""Opening, and making, a store on disk."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from limner.errors import StoreAbsent, StoreDamaged, StoreForeign
from limner.events.schema import Schema
from limner.stores.disk.files import Files
from limner.stores.disk.ledger import Ledger
from limner.stores.disk.state import LAYOUT, State
from limner.stores.disk.store import DiskStore
from limner.stores.disk.tuning import Tuning

_LEDGER = "ledger"


def open_store(
    path: str | Path,
    *,
    create: Schema | None = None,
    read_only: bool = False,
    tuning: Tuning | None = None,
    files: Files | None = None,
    secret: bytes | None = None,
) -> DiskStore:
    """The store in this folder.

    `create` makes it with these settings where there is none; one that is there is
    opened as it is. `secret`: for a new store that must keep identifiers as another
    one does. Raises StoreAbsent, StoreForeign (not a store, or of another
    layout), StoreDamaged (files cut short).
    """
    folder = Path(path)
    tuning, files = tuning or Tuning(), files or Files()
    if not (folder / _LEDGER / "data.mdb").exists():
        if folder.exists() and any(p.name != _LEDGER for p in folder.iterdir()):
            raise StoreForeign(
                f"{folder.name}: files are there, but no store of Limner"
            )
        if create is None:
            raise StoreAbsent(f"no store in {folder.name}: `limner ingest` makes one")
    if create is not None:
        create.check()
        (folder / _LEDGER).mkdir(parents=True, exist_ok=True, mode=0o700)
    ledger = Ledger(
        folder / _LEDGER,
        create=create is not None,
        can_write=create is not None or not read_only,
    )
    try:
        if create is not None:
            made = secret or secrets.token_bytes(32)
            _make(ledger, create, files=files, secret=made)
        with ledger.reading() as txn:
            ledger.check_layout(txn)
            state = ledger.state(txn)
            schema = msgspec.json.decode(ledger.value(txn, b"schema"), type=Schema)
        _check_lengths(folder, state, words=schema.dtype().itemsize // 8)
        return DiskStore(
            folder, ledger, tuning=tuning, files=files, read_only=read_only
        )
    except BaseException:  # an interrupt too must not leave it half open
        ledger.close()
        raise


def _make(ledger: Ledger, schema: Schema, *, files: Files, secret: bytes) -> None:
    with ledger.writing() as txn:
        if txn.get(b"layout", db=ledger.main) is not None:
            return
        txn.put(b"layout", LAYOUT.to_bytes(4, "little"), db=ledger.main)
        ledger.put_value(txn, b"secret", value=secret)
        ledger.put_value(txn, b"schema", value=msgspec.json.encode(schema))
        ledger.put_state(txn, State())
    files.sync_folder(ledger.path)
    files.sync_folder(ledger.path.parent)
    files.sync_folder(ledger.path.parent.parent)
    files.committed()


def _check_lengths(folder: Path, state: State, *, words: int) -> None:
    """Files cut short are found now, and not when somebody reads there."""
    expected = {run.name: run.bytes for run in state.runs}
    expected |= {file.name: file.bytes for file in state.blocks}
    expected |= {s.name: s.capacity * words * 8 for s in state.segments}
    for name, length in expected.items():
        try:
            found = (folder / name).stat().st_size
        except FileNotFoundError:
            continue  # merged away by another process just now, or found missing later
        if found < length:
            raise StoreDamaged(f"{name} is cut short: {found} bytes, expected {length}")
