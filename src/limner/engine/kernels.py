"""The first use on a machine: what reads is compiled beside what writes.

Two cores take half as long. As a program, this module is the second process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from limner.clock import now_us
from limner.compiled import IS_FIRST_USE
from limner.engine.everybody import Everybody
from limner.engine.limner import open as open_limner
from limner.engine.reading import Painted
from limner.events.record import WHO
from limner.events.schema import Schema
from limner.history.moment import Moment
from limner.machine.run import Spill
from limner.shop import Shopper as Definition

_PATIENCE_S = 300


@contextmanager
def compiled_beside() -> Iterator[None]:
    """Beside what is done meanwhile, compile what reads, and wait for it at the end.

    Nothing happens where kernels are there already. Its failure costs time alone,
    since what is not there is compiled when it is needed.
    """
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
    """Read nobody's profile, which needs nearly every kernel of reading."""
    with (
        tempfile.TemporaryDirectory(prefix="limner-kernels-") as folder,
        open_limner(Path(folder) / "store", create=Schema()) as limner,
    ):
        limner.store.histories(np.zeros(1, WHO))
        reader = limner.reader(Definition)
        Everybody(reader, Moment(now_us())).schema()
        # Nobody has lists to be put in order, so one is made up.
        lists = np.zeros((1, int(reader.compiled.sizes[2]), 2), np.int64)
        lists[0, 0] = 0, 1
        one = np.ones(1, np.int64)
        spill = Spill(one, np.ones(1), lists, one)
        reader.dress.settled(Painted(np.zeros((1, 1), np.int64), spill))


if __name__ == "__main__":
    paint_nobody()
