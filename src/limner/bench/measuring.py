"""Times of calls and of commands."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any


def percentile(values: Iterable[float], percent: int) -> float:
    """The value below which so many percent lie, linear between neighbours."""
    ordered = sorted(values)
    if len(ordered) == 1:
        return ordered[0]
    return statistics.quantiles(ordered, n=100, method="inclusive")[percent - 1]


def seconds_of(call: Callable[[], Any]) -> float:
    """How long a call takes."""
    begun = perf_counter()
    call()
    return perf_counter() - begun


def seconds_of_command(*words: object, cache: str | None = None) -> float:
    """How long a whole limner command takes, start-up included; it has to succeed.

    cache: another folder for compiled kernels.
    """
    command = [sys.executable, "-m", "limner", *map(str, words)]
    environment = os.environ | ({"LIMNER_CACHE_DIR": cache} if cache else {})
    return seconds_of(
        lambda: subprocess.run(
            command,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
    )
