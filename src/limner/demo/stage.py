"""Where the show is shown: a picture on a terminal, or plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from limner.demo.catalogue import CATEGORY
from limner.demo.past import Tell
from limner.demo.scene import Scene
from limner.demo.screen import picture
from limner.demo.wording import KIND_ZH, subject

PICTURES_PER_S = 8
LINE_EVERY_S = 2.0


class Stage(Protocol):
    """What a show needs of the place where it is shown."""

    def say(self, line: str) -> None:
        """One line, with rich's markup."""
        ...

    @contextmanager
    def step(self, title: str) -> Iterator[Tell]:
        """A step of the preparation that takes a while."""
        ...

    @contextmanager
    def show(self, scene: Scene) -> Iterator[None]:
        """The show itself, between the first picture and the last."""
        ...

    def draw(self, scene: Scene) -> None:
        """The scene as it is now, if it is time for a picture."""
        ...


class Screen:
    """A terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live: Live | None = None
        self._drawn = 0.0

    def say(self, line: str) -> None:
        """One line."""
        self.console.print(line, highlight=False)

    @contextmanager
    def step(self, title: str) -> Iterator[Tell]:
        """A bar that vanishes when the step is done."""
        shown = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(24),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        )
        with shown:
            task = shown.add_task(title, total=None)
            yield lambda part: shown.update(task, completed=part, total=1.0)

    @contextmanager
    def show(self, scene: Scene) -> Iterator[None]:
        """The whole screen, given back at the end as it was."""
        live = Live(console=self.console, screen=True, auto_refresh=False)
        with live:
            self._live = live
            self._drawn = 0.0
            self.draw(scene)
            yield
        self._live = None

    def draw(self, scene: Scene) -> None:
        """A picture, a few times a second."""
        now = time.perf_counter()
        if self._live is None or now - self._drawn < 1 / PICTURES_PER_S:
            return
        self._drawn = now
        width, height = self.console.size
        self._live.update(picture(scene, width, height=height), refresh=True)


class Lines:
    """A pipe, a log, or standard error beside ``--json``."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._told = 0
        self._next = LINE_EVERY_S

    def say(self, line: str) -> None:
        """One line."""
        self.console.print(line, highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, title: str) -> Iterator[Tell]:
        """Only its name."""
        self.say(f"  {title} …")
        yield lambda part: None

    @contextmanager
    def show(self, scene: Scene) -> Iterator[None]:
        """Nothing but lines."""
        yield
        self._line(scene)

    def draw(self, scene: Scene) -> None:
        """A line now and then."""
        if scene.elapsed >= self._next:
            self._next = scene.elapsed + LINE_EVERY_S
            self._line(scene)

    def _line(self, scene: Scene) -> None:
        tops = " · ".join(
            f"{CATEGORY[key].english} {weight:.1f}"
            for key, weight, _ in scene.categories[:3]
        )
        newest = scene.star_events[-1].event if scene.star_events else None
        now = "nothing yet"
        if newest is not None:
            kind = newest["kind"]
            now = f"{kind} {KIND_ZH.get(kind, '')} {subject(newest)}".strip()
        found = scene.delays.quantiles()
        delay = "" if found.p50 is None else f"  p50 {found.p50:.1f} ms"
        self.say(
            f"{scene.elapsed:5.1f} s  {scene.sent:5,} events"
            f" {scene.events_per_s:4.0f}/s{delay}  \\[{now}]  {tops}"
        )
