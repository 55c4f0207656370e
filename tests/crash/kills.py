"""Rounds of killing: a process writes, is killed at some moment, and is looked at."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from limner.events.schema import Schema
from limner.stores.disk import open_store
from tests.crash.story import TINY, check, tell, told

_ROUNDS_OF_A_STORE = 25
_LIFE_SECONDS = 0.25


def write(path: str, seed: int, pipe: Connection) -> None:
    """Commit until killed, telling after each commit how far it is acknowledged."""
    rng = random.Random(seed)
    store = open_store(path, tuning=TINY)
    position = told(store)
    pipe.send(position)
    while True:
        # Now and then events are sent again, as after a lost answer.
        first = max(0, position - rng.choice([0, 0, 0, 1, 50]))
        last = position + rng.choice([1, 1, 7, 60, 200])
        assert tell(store, first=first, last=last) == last - position
        position = last
        pipe.send(position)
        if rng.random() < 0.01:
            store.compact()


def run(rounds: int, *, seed: int, say: Callable[[str], None] = print) -> int:
    """So many kills; returns how many events were acknowledged in all."""
    rng = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.kills", "tests.crash.warm"])
    acknowledged = total = 0
    folder = Path(tempfile.mkdtemp(prefix="limner-crash-"))
    try:
        for number in range(rounds):
            path = folder / str(number // _ROUNDS_OF_A_STORE)
            if number % _ROUNDS_OF_A_STORE == 0:
                total += acknowledged
                acknowledged = 0
                shutil.rmtree(folder / str(number // _ROUNDS_OF_A_STORE - 1), True)
                open_store(path, create=Schema(), tuning=TINY).close()
            ours, theirs = context.Pipe(duplex=False)
            child = context.Process(
                target=write, args=(str(path), rng.randrange(2**31), theirs)
            )
            child.start()
            theirs.close()
            ours.recv()
            time.sleep(rng.random() * _LIFE_SECONDS)
            child.kill()
            child.join()
            assert child.exitcode == -signal.SIGKILL, "the writer ended by itself"
            acknowledged = _last(ours, acknowledged)
            _look(path, acknowledged=acknowledged)
            if number % 50 == 49:
                say(f"{number + 1} kills, {total + acknowledged:,} events acknowledged")
        return total + acknowledged
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _last(pipe: Connection, acknowledged: int) -> int:
    try:
        while True:
            acknowledged = pipe.recv()
    except (EOFError, OSError):
        return acknowledged


def _look(path: Path, *, acknowledged: int) -> None:
    store = open_store(path, tuning=TINY)
    try:
        check(store, acknowledged=acknowledged)
    finally:
        store.close()
