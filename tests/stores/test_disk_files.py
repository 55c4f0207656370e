"""What the store on disk says when its files are not what it wrote, or cannot grow."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import lmdb
import pytest

from limner.errors import StoreAbsent, StoreDamaged, StoreError, StoreForeign, StoreFull
from limner.events.schema import Schema
from limner.stores.contract import Change, Outcome, Put
from limner.stores.disk import Tuning, open_store
from limner.stores.disk.files import Files
from limner.stores.disk.run import HEADER_BYTES, unpacked
from limner.stores.disk.store import DiskStore
from tests.stores.shop import Event, add, batch, contents, who

QUIET = Tuning(
    hot_rows=64,
    fan=3,
    block_events=16,
    block_file_bytes=4_096,
    write_bytes=4_096,
    in_background=False,
)
EVENTS = [Event(f"e{n}", who=f"u{n % 9}", at=n) for n in range(150)]


@pytest.fixture
def written(store_dir: Path) -> Path:
    """A closed store with a run, a hot segment and several files of blocks."""
    store = open_store(store_dir, create=Schema(), tuning=QUIET)
    for start in range(0, 150, 15):
        add(store, *EVENTS[start : start + 15])
    assert list(store_dir.glob("run-*"))
    store.close()
    return store_dir


def flip(path: Path, at: int) -> None:
    """Turn one bit."""
    with path.open("r+b") as file:
        file.seek(at)
        held = file.read(1)
        file.seek(at)
        file.write(bytes([held[0] ^ 4]))


def read_all(path: Path) -> None:
    """Open, scan, read full events, and write something known and something new."""
    store = open_store(path, tuning=QUIET)
    try:
        contents(store)
        for _ in store.blocks():
            pass
        add(store, EVENTS[0], Event("new"))
    finally:
        store.close()


def newest(folder: Path, pattern: str) -> Path:
    return max(folder.glob(pattern))


def test_no_folder_and_an_empty_one_have_no_store(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(StoreAbsent, match="no store"):
            open_store(path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(StoreForeign, match="no store"):
        open_store(tmp_path, create=Schema())
    assert len(list(tmp_path.iterdir())) == 1


def test_a_ledger_that_is_none_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "data.mdb").write_bytes(b"no" * 8_192)
    with pytest.raises(StoreForeign):
        open_store(tmp_path)


def test_an_environment_of_somebody_else_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    with lmdb.open(str(tmp_path / "ledger")) as env, env.begin(write=True) as txn:
        txn.put(b"a", b"b")
    for settings in (None, Schema()):
        with pytest.raises(StoreForeign):
            open_store(tmp_path, create=settings)
    with lmdb.open(str(tmp_path / "ledger")) as env:
        assert env.stat()["entries"] == 1


@pytest.mark.parametrize(("layout", "age"), [(0, "older"), (7, "newer")])
def test_another_layout_is_refused(written: Path, layout: int, age: str) -> None:
    with (
        lmdb.open(str(written / "ledger"), max_dbs=8) as env,
        env.begin(write=True, db=env.open_db(b"main")) as txn,
    ):
        txn.put(b"layout", layout.to_bytes(4, "little"))
    with pytest.raises(StoreForeign, match=f"{age} layout {layout}"):
        open_store(written)


def test_whole_files_are_no_fault(written: Path) -> None:
    read_all(written)


@pytest.mark.parametrize("pattern", ["hot-*.rec", "run-*.run", "events-*.blk"])
def test_a_file_cut_short_is_found_at_opening(written: Path, pattern: str) -> None:
    path = newest(written, pattern)
    os.truncate(path, path.stat().st_size - 9)
    with pytest.raises(StoreDamaged, match=f"{path.name} is cut short"):
        open_store(written)


def test_a_ledger_cut_short_is_found_at_opening(written: Path) -> None:
    path = written / "ledger" / "data.mdb"
    for length in (path.stat().st_size - 4_096, 5_000, 100):
        os.truncate(path, length)
        with pytest.raises(StoreDamaged, match="cut short"):
            open_store(written)


def test_a_missing_file_is_named(written: Path) -> None:
    path = newest(written, "run-*.run")
    path.unlink()
    with pytest.raises(StoreDamaged, match=f"{path.name} is missing"):
        read_all(written)


@pytest.mark.parametrize("byte", [0, 20, 100, 167])
def test_a_flipped_bit_in_a_hot_record_is_found(written: Path, byte: int) -> None:
    path = newest(written, "hot-*.rec")
    flip(path, byte)
    with pytest.raises(StoreDamaged, match=path.name):
        read_all(written)


@pytest.mark.parametrize(
    "section", ["header", "rows", "directory", "names", "prefix", "bloom"]
)
def test_a_flipped_bit_in_a_run_is_found(written: Path, section: str) -> None:
    path = newest(written, "run-*.run")
    head = unpacked(path.read_bytes()[:HEADER_BYTES], path.name)
    start = {"header": 30, "rows": HEADER_BYTES + 168 * 3 + 8}
    flip(path, start.get(section) or getattr(head, section) + 10)
    with pytest.raises(StoreDamaged, match=path.name):
        read_all(written)


@pytest.mark.parametrize("byte", [0, 30, 70, 300])
def test_a_flipped_bit_in_a_block_is_found(written: Path, byte: int) -> None:
    path = newest(written, "events-*.blk")
    flip(path, byte)
    with pytest.raises(StoreDamaged, match=path.name):
        read_all(written)


def test_a_flipped_bit_in_a_small_table_is_found(store_dir: Path) -> None:
    store = open_store(store_dir, create=Schema())
    store.commit(Change(puts=[Put("t", b"key", b"remember me")]))
    store.close()
    path = store_dir / "ledger" / "data.mdb"
    data = path.read_bytes()
    for at in range(len(data)):
        if data.startswith(b"remember me", at):
            flip(path, at)
    store = open_store(store_dir)
    with pytest.raises(StoreDamaged, match="ledger"):
        store.get("t", b"key")
    store.close()


class Filling(Files):
    """A disk that is full from the n-th write on, until there is room."""

    def __init__(self) -> None:
        self.left = 10**9

    def write(self, descriptor: int, data: bytes | memoryview, *, at: int) -> None:
        self.left -= 1
        if self.left < 0:
            half = memoryview(data).cast("B")[: len(data) // 2]
            super().write(descriptor, half, at=at)
            raise StoreFull(os.strerror(errno.ENOSPC))
        super().write(descriptor, data, at=at)


@pytest.mark.parametrize("left", range(0, 40, 3))
def test_a_full_disk_loses_nothing_and_goes_on_with_room(
    store_dir: Path, left: int
) -> None:
    files = Filling()
    store = open_store(store_dir, create=Schema(), tuning=QUIET, files=files)
    files.left = left
    kept = 0
    for start in range(0, 150, 15):
        try:
            receipt = add(store, *EVENTS[start : start + 15])
        except StoreFull:
            # The commit may have been done, and the merge after it have failed.
            assert store.totals().events in {kept, kept + 15}
            files.left = 10**9
            add(store, *EVENTS[start : start + 15])
        else:
            assert receipt.count(Outcome.ACCEPTED) == 15
        kept += 15
        assert store.totals().events == kept
    before = contents(store)
    store.close()
    again = open_store(store_dir, tuning=QUIET)
    assert contents(again) == before
    assert add(again, *EVENTS).count(Outcome.DUPLICATE) == 150
    again.close()


LIMITED = """
import resource, signal, sys
from pathlib import Path
from limner.errors import StoreFull
from limner.events.schema import Schema
from limner.stores.disk import open_store
from tests.stores.shop import Event, add, contents
from tests.stores.test_disk_files import QUIET

path = Path(sys.argv[1])
warm = open_store(path.with_name("warm"), create=Schema(), tuning=QUIET)
for start in range(0, 300, 30):  # whatever must be compiled is, before the limit
    add(warm, *(Event(f"e{n}", who=f"u{n % 7}") for n in range(start, start + 30)))
assert warm.totals().events == 300 and contents(warm)
store = open_store(path, create=Schema(), tuning=QUIET)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, most))
kept, refused = 0, 0
while refused < 3:
    try:
        add(store, *(Event(f"e{n}", who=f"u{n % 7}") for n in range(kept, kept + 30)))
        kept += 30
    except StoreFull:
        refused += 1
        if refused == 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        if refused >= 2:
            break
add(store, *(Event(f"e{n}", who=f"u{n % 7}") for n in range(kept, kept + 30)))
assert store.totals().events == kept + 30, (store.totals(), kept)
assert sum(map(len, contents(store).values())) == kept + 30
print("kept", kept)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit of files")
def test_a_limit_of_the_system_is_a_full_disk(store_dir: Path) -> None:
    root = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(store_dir)],
        capture_output=True,
        text=True,
        cwd=root,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) > 100


def test_a_store_opened_to_be_read_takes_nothing(written: Path) -> None:
    store = open_store(written, read_only=True)
    assert len(contents(store)) == 9
    with pytest.raises(StoreError, match="read only"):
        store.commit(Change(puts=[Put("t", b"k", b"v")]))
    for change in (store.compact, lambda: store.erase(who(store, "u1"))):
        with pytest.raises(StoreError, match="read only"):
            change()
    store.close()


def test_leftovers_of_an_unfinished_commit_are_overwritten(written: Path) -> None:
    path = newest(written, "events-*.blk")
    with path.open("ab") as file:
        file.write(b"torn" * 1_000)
    read_all(written)


def test_files_that_no_commit_speaks_of_are_swept(written: Path) -> None:
    old = written / "run-000001.run"
    old.write_bytes(b"a merge that was killed")
    store = open_store(written, tuning=QUIET)
    store.compact()
    assert not old.exists()
    store.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_what_was_opened_before_a_fork_is_refused_after_it(written: Path) -> None:
    store = open_store(written, tuning=QUIET)
    child = _fork_and(store.token)
    assert child == "StoreError"
    assert _fork_and(lambda: read_all(written)) == "fine"
    assert isinstance(store, DiskStore)
    assert store.token() > 0
    store.close()


def _fork_and(act: object) -> str:
    """What comes of this in a forked child: 'fine', or the name of its error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            act()  # type: ignore[operator]
            said = "fine"
        except BaseException as fault:  # a child must end here, whatever happens
            said = type(fault).__name__
        os.write(writing, said.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return pipe.read()


def test_one_process_may_open_a_store_twice(written: Path) -> None:
    one, two = open_store(written, tuning=QUIET), open_store(written, tuning=QUIET)
    add(one, Event("new"))
    assert len(two.histories(who(two, "ann"))[0]) == 1
    one.close()
    assert add(two, Event("new")).count(Outcome.DUPLICATE) == 1
    two.close()


def test_an_old_batch_is_refused_after_a_new_column(written: Path) -> None:
    store = open_store(written, tuning=QUIET)
    made = batch(store, [Event("new")])
    store.change_schema(Schema(columns={"size": "text"}))
    with pytest.raises(StoreError, match="another schema"):
        store.commit(Change(made))
    store.close()
