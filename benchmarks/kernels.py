"""What each feature costs beside plain Python: µs for a shopper of 100 events.

``python -m benchmarks.kernels`` from the root of a checkout. What every reading costs
(finding the visible events) is measured once and taken off each line.
"""

from __future__ import annotations

import random
from time import perf_counter

import numpy as np

from limner.clock import FOR_EVER, HOUR, MINUTE
from limner.events.record import words_of
from limner.language.feature import Constant, Feature
from limner.machine.run import Trace, run
from tests.features.twins import LINES, Line
from tests.machine.events import Event, in_order, records_of
from tests.machine.reading import Machine

SHOPPERS, EVENTS = 500, 100
START = 400 * 24 * HOUR
END = START + 60 * 24 * HOUR
KINDS = "view view view view cart purchase purchase rating wish attribute".split()


def some_event(rng: random.Random) -> Event:
    """An event that says everything that features look at."""
    return Event(
        at=rng.randrange(START, END, MINUTE),
        kind=rng.choice(KINDS),
        id=rng.getrandbits(62),
        item=f"item {rng.randrange(60)}",
        category=f"category {rng.randrange(12)}",
        order=f"order {rng.randrange(20)}",
        campaign="spring",
        channel=rng.choice(("app", "web")),
        attribute="gender",
        value="f",
        price=rng.randrange(100, 9_999),
        amount=rng.randrange(100, 9_999),
        stars=rng.randrange(5),
        fee=rng.randrange(99),
        seconds=rng.random() * 60,
        score=rng.randrange(1, 6) / 1,
    )


def shoppers(seed: int = 1) -> list[list[Event]]:
    """Histories in order."""
    rng = random.Random(seed)
    return [in_order(some_event(rng) for _ in range(EVENTS)) for _ in range(SHOPPERS)]


def machine_us(feature: Feature, words: np.ndarray, *, repeats: int = 7) -> float:
    """The best of some passes over everybody: µs a shopper."""
    machine = Machine(feature)
    offsets = np.arange(SHOPPERS + 1, dtype=np.int64) * EVENTS
    groups = np.arange(SHOPPERS + 1, dtype=np.int64)
    ats, knowns = np.full(SHOPPERS, END), np.full(SHOPPERS, FOR_EVER)
    slots = np.zeros((SHOPPERS, int(machine.program.sizes[1])), np.int64)
    nothing = np.zeros(0, np.int64)
    trace = Trace(np.array([-1, 0]), nothing, nothing, np.zeros(0), np.zeros(0))
    taken = []
    for _ in range(repeats):
        begun = perf_counter()
        run(
            words, offsets, groups, ats, knowns,
            machine.program, machine.world, slots, trace,
        )  # fmt: skip
        taken.append(perf_counter() - begun)
    return min(taken) / SHOPPERS * 1e6


def twin_us(line: Line, histories: list[list[Event]]) -> float:
    """The same in plain Python, events at hand as named tuples."""
    activity = {*KINDS} - {"attribute"}
    kinds = set(line.kinds) if line.kinds else activity
    begun = perf_counter()
    for history in histories:
        line.twin([e for e in history if e.at <= END and e.kind in kinds], END)
    return (perf_counter() - begun) / len(histories) * 1e6


def main() -> None:
    """Print the table."""
    histories = shoppers()
    words = words_of(records_of([event for one in histories for event in one]))
    base = machine_us(Constant(1), words)
    print(f"{'every reading':24} {base:8.2f} µs")
    print(f"{'feature':24} {'compiled':>8} {'Python':>8}   times")
    for name, line in LINES.items():
        compiled = machine_us(line.feature, words) - base
        plain = twin_us(line, histories[:100])
        times = plain / max(compiled, 0.01)
        print(f"{name:24} {compiled:8.2f} {plain:8.2f} {times:7.0f}")


if __name__ == "__main__":
    main()
