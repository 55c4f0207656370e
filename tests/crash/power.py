"""Pulling the plug: the files as of their last sync, with what came later torn.

A journal of every write and sync is kept while a store is written. From it the folder
is made as a power cut at some moment could leave it: what was synced is there; of
what was not, each write is there, or not, or in part; a file whose folder was not
synced since it was made may be missing, and one that was unlinked may be back. LMDB
syncs by itself, so its file is taken as of its last commit.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from limner.events.schema import Schema
from limner.stores.disk import open_store
from limner.stores.disk.files import Files
from limner.stores.disk.tuning import Tuning
from tests.crash.story import TINY, check, tell, told

_SECTOR = 512
_QUIET = Tuning(**{**vars(TINY), "in_background": False})


@dataclass
class Step:
    """One operation on one file; or, with name '', on the folder or the ledger."""

    what: str
    name: str = ""
    at: int = 0
    data: bytes = b""


class Journal(Files):
    """Does everything, and remembers it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[int, str] = {}
        self.steps: list[Step] = []

    def create(self, path: Path, length: int = 0) -> int:
        descriptor = super().create(path, length)
        self._names[descriptor] = path.name
        self.steps.append(Step("create", path.name, length))
        return descriptor

    def open(self, path: Path) -> int:
        descriptor = super().open(path)
        self._names[descriptor] = path.name
        return descriptor

    def write(self, descriptor: int, data: bytes | memoryview, *, at: int) -> None:
        super().write(descriptor, data, at=at)
        held = bytes(memoryview(data).cast("B"))
        self.steps.append(Step("write", self._names[descriptor], at, held))

    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        self.steps.append(Step("sync", self._names[descriptor]))

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        self.steps.append(Step("sync folder"))

    def unlink(self, path: Path) -> None:
        super().unlink(path)
        self.steps.append(Step("unlink", path.name))

    def committed(self) -> None:
        data = (self._folder / "ledger" / "data.mdb").read_bytes()
        self.steps.append(Step("ledger", data=data))


@dataclass
class Disk:
    """What a disk would hold of one file."""

    data: bytearray
    is_in_folder: bool = False
    is_unlinked: bool = False
    waiting: list[Step] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """A write, a sync or an unlink of this file."""
        if step.what == "write":
            self.waiting.append(step)
        elif step.what == "unlink":
            self.is_unlinked = True
        else:
            for write in self.waiting:
                _apply(self.data, write.at, write.data)
            self.waiting = []


class Disks:
    """What a disk holds while steps come to it."""

    def __init__(self) -> None:
        self.files: dict[str, Disk] = {}
        self.ledger = b""

    def take(self, step: Step) -> None:
        """One step more."""
        file = self.files.get(step.name)
        if step.what == "create":
            self.files[step.name] = Disk(bytearray(step.at))
        elif step.what == "ledger":
            self.ledger = step.data
        elif step.what == "sync folder":
            kept = {n: d for n, d in self.files.items() if not d.is_unlinked}
            self.files = kept
            for held in kept.values():
                held.is_in_folder = True
        elif file is not None:
            file.take(step)


def after_cut(steps: list[Step], into: Path, rng: random.Random) -> None:
    """Make a folder as these steps could leave it when the power goes."""
    disks = Disks()
    for step in steps:
        disks.take(step)
    (into / "ledger").mkdir(parents=True)
    (into / "ledger" / "data.mdb").write_bytes(disks.ledger)
    for name, disk in disks.files.items():
        is_in_doubt = disk.is_unlinked or not disk.is_in_folder
        if is_in_doubt and rng.random() < 0.5:
            continue
        for write in disk.waiting:
            _apply_some(disk.data, write, rng)
        (into / name).write_bytes(disk.data)


def _apply(data: bytearray, at: int, more: bytes) -> None:
    data.extend(bytes(max(0, at + len(more) - len(data))))
    data[at : at + len(more)] = more


def _apply_some(data: bytearray, write: Step, rng: random.Random) -> None:
    """A write that was not synced: all of it, nothing, or any of its sectors."""
    fate = rng.choice(["all", "none", "some"])
    if fate == "all":
        _apply(data, write.at, write.data)
    elif fate == "some":
        for start in range(0, len(write.data), _SECTOR):
            if rng.random() < 0.5:
                sector = write.data[start : start + _SECTOR]
                _apply(data, write.at + start, sector)


def run(cuts: int, *, seed: int) -> int:
    """Write a store, then cut its power at so many moments of its life."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="limner-power-") as name:
        folder = Path(name)
        journal, acknowledged = _life(folder / "store", rng)
        for number in range(cuts):
            moment = rng.randrange(acknowledged[0][0], len(journal.steps) + 1)
            known = max(count for at, count in acknowledged if at <= moment)
            there = folder / f"cut{number}"
            after_cut(journal.steps[:moment], there, rng)
            _look(there, acknowledged=known)
            shutil.rmtree(there)
    return cuts


def _life(path: Path, rng: random.Random) -> tuple[Journal, list[tuple[int, int]]]:
    """Some hundred commits; and after which step how many events were acknowledged."""
    path.mkdir()
    journal = Journal(path)
    store = open_store(path, create=Schema(), tuning=_QUIET, files=journal)
    position, acknowledged = 0, [(len(journal.steps), 0)]
    for number in range(200):
        last = position + rng.choice([1, 5, 40, 150])
        tell(store, first=max(0, position - rng.choice([0, 10])), last=last)
        position = last
        acknowledged.append((len(journal.steps), position))
        if number in {60, 150}:
            store.compact()
    store.close()
    return journal, acknowledged


def _look(path: Path, *, acknowledged: int) -> None:
    """The store opens, has everything, and takes more."""
    store = open_store(path, tuning=_QUIET)
    try:
        check(store, acknowledged=acknowledged)
        count = told(store)
        tell(store, first=max(0, count - 20), last=count + 30)
        check(store, acknowledged=count + 30)
    finally:
        store.close()
