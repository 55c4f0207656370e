"""Compiles, or loads, every kernel that the show needs before it begins.

The first time on a machine, those of reading are compiled by a second process, so that
two cores take half as long. As a program, this module is that process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from limner.clock import DAY, now_us
from limner.compiled import IS_FIRST_USE, when_compiling
from limner.demo.past import deliver
from limner.demo.simulation import Shop
from limner.engine.everybody import Everybody
from limner.engine.limner import open as open_limner
from limner.events.record import WHO
from limner.events.schema import Schema
from limner.history.moment import Moment
from limner.shop import Shopper as Definition

_SHOPPERS, _DAYS = 12, 6
_PATIENCE_S = 300


def warm(schema: Schema, *, at: int) -> bool:
    """Use everything once in a store that is thrown away; whether it was compiled."""
    heard: list[bool] = []
    end = when_compiling(lambda: heard.append(True))
    try:
        _use(schema, at=at)
    finally:
        end()
    return bool(heard)


def _use(schema: Schema, *, at: int) -> None:
    shop = Shop(1, _SHOPPERS, at - _DAYS * DAY)
    events = [one.event for one in shop.happenings(shop.opened_us, at)]
    users = {
        who["user_id"] for event in events if "user_id" in (who := event["shopper"])
    }
    names = sorted(f"user_id:{user}" for user in users)
    with (
        tempfile.TemporaryDirectory(prefix="limner-kernels-") as folder,
        open_limner(Path(folder) / "store", create=schema) as limner,
    ):
        with _second_process():
            deliver(limner, events)
        limner.read(Definition, names[0])
        limner.read(Definition, names)


@contextmanager
def _second_process() -> Iterator[None]:
    """Beside what is done meanwhile, compile what reads; its failure costs time alone,
    since what is not there is compiled here."""
    if not IS_FIRST_USE:
        yield
        return
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=quiet, stdout=quiet, stderr=quiet
    ) as process:
        try:
            yield
            process.wait(_PATIENCE_S)
        finally:
            process.kill()


def paint_nobody() -> None:
    """Read nobody's profile, which needs every kernel of reading."""
    with (
        tempfile.TemporaryDirectory(prefix="limner-kernels-") as folder,
        open_limner(Path(folder) / "store", create=Schema()) as limner,
    ):
        limner.store.histories(np.zeros(1, WHO))
        Everybody(limner.reader(Definition), Moment(now_us())).schema()


if __name__ == "__main__":
    paint_nobody()
