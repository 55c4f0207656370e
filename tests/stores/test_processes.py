"""Several processes over one store on disk: writers, readers, merges, compaction."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from limner.events.schema import Schema
from limner.stores.contract import Outcome, Store
from limner.stores.disk import open_store
from limner.stores.memory import open_memory
from tests.crash.story import SHOPPERS, TINY, check, tell
from tests.stores.shop import Event, add, contents, random_events, who

_CONTEXT = multiprocessing.get_context("forkserver")
_SECONDS = 120


@contextmanager
def another(act: object, *given: object) -> Iterator[Connection]:
    """A second process that does this with a pipe; it must end well."""
    _CONTEXT.set_forkserver_preload(["tests.crash.kills", "tests.crash.warm"])
    ours, theirs = _CONTEXT.Pipe()
    child = _CONTEXT.Process(target=act, args=(*given, theirs))
    child.start()
    theirs.close()
    try:
        yield ours
        child.join(_SECONDS)
        assert child.exitcode == 0
    finally:
        child.kill()


def answer(pipe: Connection) -> object:
    """What the other process says, if it still lives."""
    assert pipe.poll(_SECONDS), "the other process says nothing"
    return pipe.recv()


def importing(path: str, step: int, pipe: Connection) -> None:
    """Import the story, in batches of this size; tell how many events were new."""
    store = open_store(path, tuning=TINY)
    pipe.send("ready")
    pipe.recv()
    new = 0
    for first in range(0, 3_000, step):
        batch = range(first, min(3_000, first + step))
        new += tell(store, first=batch.start, last=batch.stop)
    store.close()
    pipe.send(new)


def test_two_imports_of_the_same_at_once_keep_each_event_once(store_dir: Path) -> None:
    store = open_store(store_dir, create=Schema(), tuning=TINY)
    with (
        another(importing, str(store_dir), 37) as one,
        another(importing, str(store_dir), 101) as two,
    ):
        for pipe in (one, two):
            answer(pipe)
        for pipe in (one, two):
            pipe.send("go")
        assert answer(one) + answer(two) == 3_000  # type: ignore[operator]
    assert store.totals().events == 3_000
    check(store, acknowledged=3_000)
    store.close()


def watching(path: str, pipe: Connection) -> None:
    """Answer each question with the number of records that one shopper has."""
    store = open_store(path, read_only=True)
    whos = np.frombuffer(pipe.recv(), np.dtype([("hi", "u8"), ("lo", "u8")]))
    while True:
        pipe.send(len(store.histories(whos).rows))
        if pipe.recv() == "end":
            return


def test_a_commit_is_seen_by_another_process_once_it_returned(store_dir: Path) -> None:
    store = open_store(store_dir, create=Schema(), tuning=TINY)
    with another(watching, str(store_dir)) as pipe:
        pipe.send(who(store, "ann").tobytes())
        assert answer(pipe) == 0
        for number in range(400):
            add(store, Event(f"e{number}"), Event(f"x{number}", who="bob"))
            pipe.send("?")
            assert answer(pipe) == number + 1
        store.compact()
        pipe.send("?")
        assert answer(pipe) == 400
        store.erase(who(store, "ann"))
        pipe.send("?")
        assert answer(pipe) == 0
        pipe.send("end")
    store.close()


def scanning(path: str, pipe: Connection) -> None:
    """Scan everything, a piece for each question."""
    store = open_store(path, read_only=True)
    rows = 0
    for piece in store.scan(rows_max=1):
        rows += len(piece.histories.rows)
        pipe.send("more")
        pipe.recv()
    pipe.send(rows)


def test_a_reader_left_open_blocks_nobody_and_is_not_disturbed(
    store_dir: Path,
) -> None:
    store = open_store(store_dir, create=Schema(), tuning=TINY)
    for first in range(0, 1_000, 50):
        tell(store, first=first, last=first + 50)
    with another(scanning, str(store_dir)) as pipe:
        assert answer(pipe) == "more"
        for first in range(1_000, 3_000, 50):
            tell(store, first=first, last=first + 50)
        store.compact()
        check(store, acknowledged=3_000)
        for _ in range(SHOPPERS - 1):
            pipe.send("next")
            assert answer(pipe) == "more"
        pipe.send("next")
        # As of its beginning, or later where a hot segment was read that still grew.
        assert 1_000 <= answer(pipe) <= 3_000  # type: ignore[operator]
    store.close()


def told_ids(store: Store) -> set[tuple[str, str]]:
    """Who and id of every full event that is still there."""
    pairs: set[tuple[str, str]] = set()
    for part in store.blocks():
        names = part.column("shopper.user_id").to_pylist()
        pairs.update(zip(names, part.column("id").to_pylist(), strict=True))
    return pairs


def test_commits_go_on_beside_compaction(store_dir: Path) -> None:
    store = open_store(store_dir, create=Schema(), tuning=TINY)
    judge = open_memory(Schema())
    done = threading.Event()

    def compact() -> None:
        while not done.is_set():
            store.compact()

    compacting = threading.Thread(target=compact)
    compacting.start()
    try:
        rng = np.random.default_rng(11)
        for step in range(80):
            events = random_events(rng, 100, 9)
            ours, theirs = add(store, *events), add(judge, *events)
            assert list(ours.outcomes) == list(theirs.outcomes)
            if step % 20 == 10:
                name = f"u{step % 9}"
                assert store.erase(who(store, name)) == judge.erase(who(judge, name))
            if step % 8 == 0:
                assert contents(store) == contents(judge)
    finally:
        done.set()
        compacting.join()
    store.compact()
    assert contents(store) == contents(judge)
    assert store.totals().events == judge.totals().events
    assert told_ids(store) == told_ids(judge)
    store.close()


@pytest.mark.parametrize("with_new_column", [False, True])
def test_a_store_open_elsewhere_takes_notice_of_new_settings(
    store_dir: Path, with_new_column: bool
) -> None:
    one = open_store(store_dir, create=Schema(), tuning=TINY)
    add(one, *(Event(f"e{n}", who=f"u{n % 5}") for n in range(200)))
    other = open_store(store_dir, tuning=TINY)
    before = contents(other)
    columns = {"size": "text"} if with_new_column else {}
    one.change_schema(Schema(kinds=("scan",), columns=columns))  # type: ignore[arg-type]
    assert other.schema.kinds == ("scan",)
    assert len(contents(other)) == len(before)
    added = add(other, Event("new", kind="scan"))
    assert added.count(Outcome.ACCEPTED) == 1
    assert len(one.histories(who(one, "ann"))[0]) == 1
    one.close()
    other.close()
