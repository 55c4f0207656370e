"""Standard error while the user waits: a bar, a spinner, or now and then a line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Progress = Callable[[float, str], None]
"""Told how much is done (0 to 1), and what has been done so far, in words."""

SHOWN_AFTER_S = 2.0
"""What is quicker needs no bar."""
LINE_EVERY_S = 30.0
"""Where standard error is no terminal, a log grows slowly."""


class _Bar:
    """A bar on a terminal, drawn once the work has taken a while."""

    def __init__(self, title: str) -> None:
        self._title, self._begun = title, time.perf_counter()
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, fraction: float, text: str) -> None:
        if self._bar is None:
            if time.perf_counter() - self._begun < SHOWN_AFTER_S:
                return
            self._bar = _drawn()
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=1.0, text="")
        self._bar.update(self._task, completed=fraction, text=text)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()


class _Lines:
    """A line every half minute, for logs."""

    def __init__(self, title: str) -> None:
        self._title, self._told = title, time.perf_counter()

    def __call__(self, fraction: float, text: str) -> None:
        now = time.perf_counter()
        if now - self._told >= LINE_EVERY_S:
            self._told = now
            print(f"{self._title}: {fraction:.0%} {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        pass


def _drawn() -> Any:
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TextColumn("{task.fields[text]}", style="dim"),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """A place to tell progress to, for as long as the work takes."""
    shown = _Bar(title) if sys.stderr.isatty() else _Lines(title)
    try:
        yield shown
    finally:
        shown.close()
