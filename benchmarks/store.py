"""The store on disk, measured: `python -m benchmarks.store --events 2000000`."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import sqlite3
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.traffic import Traffic, regulars
from limner.events.batch import standardise
from limner.events.codes import who_of
from limner.events.schema import Schema
from limner.stores.contract import EVENTS_MAX, Change, Store
from limner.stores.disk import Tuning, open_store


@dataclass(frozen=True)
class Figure:
    """One measurement, and what something plain does in the same run."""

    what: str
    value: float
    unit: str
    beside: str = ""

    def __str__(self) -> str:
        return f"{self.what:<58} {self.value:>12,.1f} {self.unit:<10} {self.beside}"


def fresh_memory_mb() -> float:
    """Memory of this process beside mapped files, in MiB, where the system tells."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    held = next(line for line in lines if line.startswith("RssAnon"))
    return int(held.split()[1]) / 1024


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """p50 and p99."""
    return float(np.percentile(seconds, 50)), float(np.percentile(seconds, 99))


def sync_seconds(folder: Path, length: int = 4096) -> float:
    """p50 of what the disk itself takes to write and sync so many bytes."""
    path, data = folder / "sync", os.urandom(length)
    taken = []
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    for i in range(100):
        begun = time.perf_counter()
        os.pwrite(descriptor, data, i * length)
        getattr(os, "fdatasync", os.fsync)(descriptor)
        taken.append(time.perf_counter() - begun)
    os.close(descriptor)
    path.unlink()
    return percentiles(taken)[0]


def ingest(
    store: Store, traffic: Traffic, *, events: int, piece: int
) -> tuple[list[float], float]:
    """Seconds per event of each piece, standardising included; and memory in MiB.

    Two threads: the next batch is standardised while one is committed.
    """
    speeds, memory, done, taken, worked, since = [], 0.0, 0, 0.0, 0.0, 0

    def made(batch: pa.RecordBatch) -> Change:
        return Change(standardise(batch, store.schema, secret=store.secret))

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(made, traffic.batch(EVENTS_MAX))
        while done < events:
            after = traffic.batch(EVENTS_MAX)  # making up events is not what we measure
            coming.result()
            begun, work = time.perf_counter(), time.process_time()
            change = coming.result()
            coming = pool.submit(made, after)
            store.commit(change)
            coming.result()
            taken += time.perf_counter() - begun
            worked += time.process_time() - work
            done, since = done + EVENTS_MAX, since + EVENTS_MAX
            memory = max(memory, fresh_memory_mb())
            if since >= piece or done >= events:
                speeds.append(taken / since)
                print(
                    f"  {done:>12,} events {since / taken:>10,.0f}/s"
                    f" {memory:>6,.0f} MiB, {worked / since * 1e6:.2f} us of processor"
                    " each",
                    flush=True,
                )
                taken, worked, since = 0.0, 0.0, 0
    return speeds, memory


def sqlite_inserts(folder: Path, traffic: Traffic) -> float:
    """Events/s of SQLite, same batches, indexed by (shopper, at), durable."""
    db = sqlite3.connect(folder / "plain.sqlite")
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute(
        "create table event (who text, at int, id text unique, kind text, item text,"
        " price int, body text)"
    )
    db.execute("create index by_who on event (who, at)")
    count, seconds = 0, 0.0
    for _ in range(4):
        batch = traffic.batch(EVENTS_MAX)
        names = ["shopper.user_id", "at", "id", "kind", "item", "price", "text"]
        rows = list(zip(*(batch.column(n).to_pylist() for n in names), strict=True))
        begun = time.perf_counter()
        with db:
            db.executemany("insert or ignore into event values (?,?,?,?,?,?,?)", rows)
        seconds += time.perf_counter() - begun
        count += len(rows)
    db.close()
    return count / seconds


def one_event_commits(store: Store, traffic: Traffic, count: int) -> list[float]:
    """Seconds of commits of a single event."""
    taken = []
    for _ in range(count):
        change = Change(
            standardise(traffic.batch(1), store.schema, secret=store.secret)
        )
        begun = time.perf_counter()
        store.commit(change)
        taken.append(time.perf_counter() - begun)
    return taken


def single_reads(store: Store, whos: np.ndarray) -> list[float]:
    """Seconds of reading one history, of identifiers picked at random."""
    taken = []
    for i in range(len(whos)):
        one = whos[i : i + 1]
        begun = time.perf_counter()
        store.histories(one)
        taken.append(time.perf_counter() - begun)
    return taken


def scan_speed(store: Store, threads: int) -> float:
    """Records/s of scanning everything in so many threads."""

    def part(number: int) -> int:
        return sum(len(piece.histories.rows) for piece in store.scan(number, threads))

    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        rows = sum(pool.map(part, range(threads)))
    return rows / (time.perf_counter() - begun)


def _watch(path: str, who: bytes, pipe: object) -> None:
    """In another process: when did each new record of this shopper become visible?"""
    store = open_store(path, read_only=True)
    wanted = np.frombuffer(who, np.dtype([("hi", "u8"), ("lo", "u8")]))
    seen = len(store.histories(wanted).rows)
    pipe.send(("ready", 0.0))  # type: ignore[attr-defined]
    while True:
        found = len(store.histories(wanted).rows)
        now = time.perf_counter()  # one clock for all processes on Linux and macOS
        if found > seen:
            seen = found
            pipe.send(("seen", now))  # type: ignore[attr-defined]
        if pipe.poll():  # type: ignore[attr-defined]
            return
        time.sleep(0.0005)


def visibility(
    store: Store, path: Path, *, traffic: Traffic, count: int, busy: bool
) -> list[float]:
    """Seconds from handing an event over until another process reads it.

    With `busy`, another thread of this process imports some 50,000 events/s.
    """
    who = who_of(store.secret, [("user_id", "watched")])
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_watch, args=(str(path), who.tobytes(), theirs))
    child.start()
    assert ours.poll(60), "the other process does not start"
    ours.recv()
    stop = threading.Event()

    def import_on() -> None:
        while not stop.is_set():
            batch = traffic.batch(1_000)
            store.commit(Change(standardise(batch, store.schema, secret=store.secret)))
            time.sleep(0.01)

    importer = threading.Thread(target=import_on)
    if busy:
        importer.start()
    taken = []
    one = Traffic(shoppers=1, seed=9)
    for number in range(count):
        batch = one.batch(1)
        columns = {name: batch.column(name) for name in batch.schema.names}
        columns["id"] = pa.array([f"watched-{time.perf_counter_ns()}-{number}"])
        columns["shopper.user_id"] = pa.array(["watched"])
        made = pa.RecordBatch.from_pydict(columns)
        begun = time.perf_counter()
        store.commit(Change(standardise(made, store.schema, secret=store.secret)))
        assert ours.poll(30), "the other process sees nothing"
        taken.append(ours.recv()[1] - begun)
        time.sleep(0.01)
    stop.set()
    if busy:
        importer.join()
    ours.send("stop")
    child.join()
    return taken


def dict_reads(rows: int, count: int) -> float:
    """Seconds p50 of fetching 200 tuples from a plain dict of lists."""
    packed = struct.pack("<qq", 1, 2)
    held = {n: [packed] * 200 for n in range(rows)}
    taken = []
    for n in range(count):
        begun = time.perf_counter()
        [struct.unpack("<qq", row) for row in held[n % rows]]
        taken.append(time.perf_counter() - begun)
    return percentiles(taken)[0]


def measure(
    folder: Path,
    *,
    events: int,
    shoppers: int,
    then: int,
    show: Callable[[Figure], None],
) -> None:
    """Everything, in a folder of its own; `then` events more are added at the end."""
    path = folder / "store"
    store = open_store(path, create=Schema())
    often = regulars(events)
    traffic = Traffic(shoppers=shoppers, regulars=often)
    warm = Traffic(shoppers=10, seed=3)
    ingest_quietly(folder, warm)
    plain = sqlite_inserts(folder, Traffic(shoppers=shoppers, seed=2))
    speeds, memory = ingest(store, traffic, events=events, piece=2_000_000)
    show(
        Figure(
            f"durable append, the last of {events:,} events",
            1 / speeds[-1],
            "events/s",
            f"SQLite, first 262,144: {plain:,.0f}",
        )
    )
    show(Figure("memory beside mapped files while ingesting", memory, "MiB"))
    _latencies(folder, store, traffic=traffic, show=show)
    _readings(store, range(shoppers, shoppers + often), show=show)
    _show_visibility(folder, store, traffic=traffic, show=show)
    if then:
        more, memory = ingest(store, traffic, events=then, piece=2_000_000)
        growth = np.mean(more[-3:]) / np.mean(speeds[-3:]) - 1
        show(Figure(f"time per event, grown after {then:,} more", growth * 100, "%"))
    parts = store.totals().bytes_by_part
    for name, held in parts.items():
        show(Figure(f"room taken by {name}", held / 2**20, "MiB"))
    store.close()


def _show_visibility(
    folder: Path, store: Store, *, traffic: Traffic, show: Callable[[Figure], None]
) -> None:
    """Of the store as it is, and of one with small segments, so always merging."""
    small = open_store(
        folder / "merging",
        create=Schema(),
        tuning=Tuning(hot_rows=50_000, fan=3),
    )
    for each, path, name in (
        (store, folder / "store", "idle"),
        (small, folder / "merging", "imports and merges running"),
    ):
        busy = each is small
        taken = visibility(each, path, traffic=traffic, count=300, busy=busy)
        p50, p99 = percentiles(taken)
        runs = f"; {each.token():,} commits by then" if busy else ""
        show(
            Figure(
                f"visible to another process, p99, {name}",
                p99 * 1e3,
                "ms",
                f"p50 {p50 * 1e3:.2f} ms{runs}",
            )
        )
    small.close()


def ingest_quietly(folder: Path, traffic: Traffic) -> None:
    """Compile everything before anything is measured."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        store = open_store(name, create=Schema())
        for _ in range(3):
            batch = traffic.batch(100)
            store.commit(Change(standardise(batch, store.schema, secret=store.secret)))
        store.compact()
        list(store.scan())
        store.close()


def _latencies(
    folder: Path, store: Store, *, traffic: Traffic, show: Callable[[Figure], None]
) -> None:
    sync = sync_seconds(folder)
    p50, p99 = percentiles(one_event_commits(store, traffic, 500))
    show(
        Figure(
            "commit of one event, p50",
            p50 * 1e3,
            "ms",
            f"p99 {p99 * 1e3:.2f} ms; write and sync alone {sync * 1e3:.2f} ms",
        )
    )


def _readings(store: Store, shoppers: range, *, show: Callable[[Figure], None]) -> None:
    rng = np.random.default_rng(5)
    names = [("user_id", f"user-{n}") for n in rng.choice(shoppers, 5_000)]
    whos = who_of(store.secret, names)
    first, _ = percentiles(single_reads(store, whos))
    p50, p99 = percentiles(single_reads(store, whos))
    begun = time.perf_counter()
    found = store.histories(whos)
    bulk = len(found.rows) / (time.perf_counter() - begun)
    show(
        Figure(
            f"one history of ~{len(found.rows) / len(whos):.0f} records read, p50",
            p50 * 1e6,
            "us",
            f"p99 {p99 * 1e6:.1f} us; at first touch {first * 1e6:.1f} us; unpacking"
            f" 200 tuples from a dict {dict_reads(5_000, 5_000) * 1e6:.1f} us",
        )
    )
    show(Figure("5,000 histories in one call", bulk / 1e6, "M rec/s"))
    for threads in (1, 2):
        speed = scan_speed(store, threads)
        show(Figure(f"scan of everything, threads: {threads}", speed / 1e6, "M rec/s"))


def main() -> None:
    """Measure with sizes from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--shoppers", type=int, default=200_000)
    parser.add_argument("--then", type=int, default=0, help="events added at the end")
    parser.add_argument("--dir", type=Path, default=None)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="limner-bench-", dir=given.dir))
    try:
        measure(
            folder,
            events=given.events,
            shoppers=given.shoppers,
            then=given.then,
            show=lambda figure: print(figure, flush=True),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
