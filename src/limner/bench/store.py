"""The store on disk: appends, commits, readings, visibility. Needs a checkout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from limner.bench.figure import Figure, Setting
from limner.errors import InputError

CHECKOUT = Path(__file__).parents[3]

BARS: dict[str, tuple[float, Literal["more", "less"]]] = {
    "durable append": (250_000, "more"),
    "memory beside mapped files": (1_430, "less"),  # MiB: 1.5 GB
    "commit of one event, p50": (2, "less"),
    "one history": (20, "less"),
    "visible to another process, p99, imports": (20, "less"),
    "time per event, grown": (25, "less"),
}
"""By how a measurement's name begins, in its unit."""


def run(setting: Setting) -> Iterator[Figure]:
    """What `benchmarks/store.py` measures, with what is promised of it."""
    if not (CHECKOUT / "benchmarks" / "store.py").exists():
        raise InputError("benchmark 'store': expected a checkout of Limner")
    if str(CHECKOUT) not in sys.path:
        sys.path.append(str(CHECKOUT))
    measured: list[Any] = []
    with redirect_stdout(sys.stderr):  # where it tells how far it is
        import_module("benchmarks.store").measure(
            setting.folder,
            events=setting.sized(20_000_000, 200_000),
            shoppers=setting.sized(2_000_000, 20_000),
            then=setting.sized(40_000_000, 0),
            show=measured.append,
        )
    for one in measured:
        yield judged(one.what, one.value, unit=one.unit, note=one.beside)


def judged(what: str, value: float, *, unit: str, note: str) -> Figure:
    """A measurement beside its bar, if it has one."""
    for beginning, (bar, better) in BARS.items():
        if what.startswith(beginning):
            return Figure(what, value, unit, bar=bar, better=better, note=note)
    return Figure(what, value, unit, note=note)
