"""`limner demo`: a shop is simulated, its past written, and its present shown live."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import msgspec
from rich.console import Console
from rich.markup import escape

from limner.clock import DAY, now_us
from limner.compiled import IS_FIRST_USE
from limner.demo.catalogue import CURRENCY, ITEM, TIME_ZONE
from limner.demo.kernels import warm
from limner.demo.past import Past, Tell, star_of, write_past
from limner.demo.report import Report, report, told
from limner.demo.scene import Scene
from limner.demo.shopper import Shopper
from limner.demo.simulation import Shop
from limner.demo.stage import Lines, Screen, Stage
from limner.demo.stream import Stream
from limner.engine.limner import Limner
from limner.engine.limner import open as open_limner
from limner.errors import InputError
from limner.events.schema import Schema
from limner.shop import Shopper as Definition

SECONDS, SEED = 30.0, 11
SHOPPERS, PAST_DAYS = 300, 90
TICK_S = 0.04
WIDTH_UNSEEN = 110
"""Characters in a line where nobody's terminal says how many it has."""


def run(
    store_dir: Path | None = None,
    *,
    seconds: float = SECONDS,
    seed: int = SEED,
    json: bool = False,
) -> int:
    """The whole demo; the exit code.

    The store is made in `store_dir`, an absent or empty folder, else in a temporary
    one that stays. The show lasts `seconds`; Ctrl-C ends it early. With `json`,
    standard output gets one JSON document and nothing else. Raises InputError.
    """
    if not 0 <= seconds <= 86_400:
        raise InputError(f"--seconds {seconds:g}: expected 0 to 86400")
    console = _console(json)
    is_seen = console.is_terminal and not console.is_dumb_terminal and not json
    with _folder(store_dir) as folder, _ended_early() as ended:
        demo = Demo(
            stage=Screen(console) if is_seen else Lines(console),
            shop=Shop(seed, SHOPPERS, now_us() - PAST_DAYS * DAY),
            folder=folder,
            seconds=seconds,
            ended=ended,
        )
        done, star = demo.perform()
    if json:
        print(msgspec.json.encode(done).decode())
    else:
        console.print(told(done, star, at=now_us()))
        stays = f"\nThe store stays in [bold]{escape(done.store)}[/]. Go on with:"
        console.print(stays, soft_wrap=True)
        for command in done.next:
            line = f"  [cyan]{escape(_prefix() + command)}[/]"
            console.print(line, soft_wrap=True)  # to be copied in one piece
    return 0


@dataclass(frozen=True)
class Demo:
    """One performance, step by step."""

    stage: Stage
    shop: Shop
    folder: Path
    seconds: float
    ended: threading.Event
    """Set when the show is to end early."""

    def perform(self) -> tuple[Report, Shopper]:
        """Everything; the figures of it, and the shopper who was shown."""
        schema = Schema(currency=CURRENCY, time_zone=TIME_ZONE)
        self.stage.say(
            "[bold]Limner[/] paints a simulated shop: no data needed, no network used."
        )
        self._say(
            "Shop",
            f"{self.shop.size} shoppers with hidden interests, {len(ITEM)} items"
            f" (seed {self.shop.seed})",
        )
        self._warm(schema)
        with open_limner(self.folder, create=schema) as limner:
            past = self._write(limner)
            scene = self._show(limner, past)
            found = report(
                limner, self.shop, scene=scene, past=past, store=str(self.folder)
            )
        return found, scene.star

    def _warm(self, schema: Schema) -> None:
        title = "Compiling kernels, once on this machine"
        title = title if IS_FIRST_USE else "Loading kernels"
        begun = time.perf_counter()
        with self.stage.step(title):
            is_new = warm(schema, at=now_us())
        verb = "compiled, once on this machine" if is_new else "loaded"
        self._say("Kernels", f"{verb}, {time.perf_counter() - begun:.1f} s")

    def _write(self, limner: Limner) -> Past:
        with self.stage.step(f"Writing {PAST_DAYS} days of the past") as tell:
            past = write_past(
                limner, self.shop, until_us=now_us(), tell=self._or_stop(tell)
            )
        rate = past.events / max(1e-9, past.writing_s)
        self._say(
            "Past",
            f"{past.events:,} events of {PAST_DAYS} days, durable in"
            f" {past.seconds:.1f} s (writing {rate:,.0f}/s)",
        )
        return past

    def _or_stop(self, tell: Tell) -> Tell:
        """Between two writes is a good moment to stop."""

        def told(part: float) -> None:
            if self.ended.is_set():
                raise KeyboardInterrupt
            tell(part)

        return told

    def _show(self, limner: Limner, past: Past) -> Scene:
        star = star_of(self.shop, past, at=now_us())
        scene = Scene(star, self.seconds, _label_names(), stored=past.events)
        stream = Stream(limner, self.shop, scene)
        with self.stage.show(scene):
            while scene.elapsed < self.seconds and not self.ended.is_set():
                stream.tick()
                self.stage.draw(scene)
                self.ended.wait(TICK_S)
        if self.ended.is_set():
            self._say("Ended", f"early, after {scene.elapsed:.0f} s")
        return scene

    def _say(self, what: str, text: str) -> None:
        self.stage.say(f"  [green]✓[/] [bold]{what:8}[/] {text}")


def _label_names() -> dict[str, tuple[str, str]]:
    """The display names of every label of the definition."""
    return {
        name.removeprefix("labels."): (feature.titles.en, feature.titles.zh)
        for name, feature in Definition.definition
        if name.startswith("labels.")
    }


def _console(is_json: bool) -> Console:
    stream = sys.stderr if is_json else sys.stdout
    width = None if stream.isatty() else WIDTH_UNSEEN
    return Console(file=stream, width=width, highlight=False)


def _prefix() -> str:
    """What leads to the command where it is not on the path: such as ``.venv/bin/``."""
    if shutil.which("limner"):
        return ""
    folder = Path(sys.argv[0]).parent
    return f"{folder}/" if (folder / "limner").exists() else ""


@contextmanager
def _folder(store_dir: Path | None) -> Iterator[Path]:
    """Where the store is to be. A temporary one goes if the demo does not get to its
    end, and stays if it does."""
    if store_dir is not None:
        if store_dir.exists() and (not store_dir.is_dir() or any(store_dir.iterdir())):
            raise InputError(
                f"--store {store_dir}: expected an absent or empty folder, since the"
                " demo makes a shop of its own"
            )
        yield store_dir
        return
    folder = Path(tempfile.mkdtemp(prefix="limner-demo-"))
    try:
        yield folder
    except BaseException:  # whatever it was: nobody knows of the folder yet
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _ended_early() -> Iterator[threading.Event]:
    """Set by the first Ctrl-C, so that no commit is cut; a second one interrupts."""
    ended = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield ended  # only the main thread hears signals
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield ended
    finally:
        signal.signal(signal.SIGINT, before)
