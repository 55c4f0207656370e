"""How quick the commands are: help, a profile, and the first use on a machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

from limner.bench.figure import Figure, Setting
from limner.bench.measuring import percentile, seconds_of, seconds_of_command

REPEATED = 5
"""The median of so many: other work shares the machine."""

EVENTS = "\n".join(
    f'{{"kind": "view", "at": "2026-03-{day:02d}T10:00:00Z", "item": "p{day}",'
    ' "shopper": {"user_id": "u1"}}'
    for day in range(1, 29)
)


def run(setting: Setting) -> Iterator[Figure]:
    """Whole commands, from the shell's point of view."""
    events, store = setting.folder / "events.jsonl", setting.folder / "store"
    events.write_text(EVENTS)
    python = [sys.executable, "-c", "pass"]
    bare = _median(lambda: seconds_of(lambda: subprocess.run(python, check=True)))
    shown = _median(lambda: seconds_of_command("--help"))
    yield Figure(
        "limner --help", shown, "s", bar=0.3, better="less", plain=bare,
        beside="python -c pass",
    )  # fmt: skip
    taken = ("ingest", "--store", store, "--mapping", "limner", events)
    asked = ("profile", "--store", store, "u1", "--at", "2026-03-29")
    cache = str(setting.folder / "cache")
    first = seconds_of_command(*taken, cache=cache)
    first += seconds_of_command(*asked, cache=cache)
    yield Figure(
        "first ingest and first profile on a machine", first, "s", bar=20, better="less"
    )
    warm = _median(lambda: seconds_of_command(*asked, cache=cache))
    yield Figure("limner profile, warm", warm, "s", bar=1.5, better="less")


def _median(seconds: Callable[[], float]) -> float:
    return percentile([seconds() for _ in range(REPEATED)], 50)
