"""Every benchmark by name: a module of this folder with ``run(setting)``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from limner.bench.figure import Figure, Progress, Setting
from limner.errors import InputError, did_you_mean

BENCHES = {
    "store": "The store on disk: appends, commits, readings, visibility.",
    "commands": "Start-up of the commands, and the first use on a machine.",
    "files": "CSV files into a durable store, cleaned.",
    "profiles": "Whole profiles of one shopper, and of everybody.",
}


def chosen(names: list[str]) -> list[str]:
    """These benchmarks, or all. Raises InputError for a name that is none."""
    for name in names:
        if name not in BENCHES:
            known = list(BENCHES)
            raise InputError(
                f"no benchmark {name!r}, expected {', '.join(known)}."
                f"{did_you_mean(name, known)}"
            )
    return names or list(BENCHES)


def figures(
    name: str, *, folder: Path, is_quick: bool, progress: Progress
) -> Iterator[Figure]:
    """Run one benchmark in a new folder under `folder`, figure by figure."""
    module = import_module(f"limner.bench.{name}")
    with tempfile.TemporaryDirectory(prefix=f"limner-{name}-", dir=folder) as place:
        yield from module.run(Setting(Path(place), is_quick, progress))
