"""How quick the commands are: help, a profile, and the first use on a machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from limner.bench.figure import Figure, Setting
from limner.bench.measuring import seconds_of, seconds_of_command

REPEATED = 5
"""The best of so many: other work shares the machine."""

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
    bare = min(
        seconds_of(lambda: subprocess.run(python, check=True)) for _ in range(REPEATED)
    )
    shown = min(seconds_of_command("--help") for _ in range(REPEATED))
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
    warm = min(seconds_of_command(*asked, cache=cache) for _ in range(REPEATED))
    yield Figure("limner profile, warm", warm, "s", bar=1.5, better="less")
