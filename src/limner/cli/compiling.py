"""Says that kernels are being compiled, which takes some seconds once on a machine."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

TEXT = "Compiling kernels, once on this machine …"
SHOWN_AFTER_S = 0.7
"""A kernel or two is not worth a word."""
OVER_AFTER_S = 1.0
"""Without news for so long, compiling is over."""
REDRAWN_EVERY_S = 0.2


class Notice:
    """One line on standard error: redrawn with the time on a terminal, else once.

    Where no terminal shows it, it waits for `is_logged`: until what was asked for is
    known to make sense, since a mistake is one line and nothing else.
    """

    def __init__(self, *, is_logged: bool = True) -> None:
        self.is_logged = is_logged
        self._first: float | None = None
        self._last = 0.0
        self._is_said = False
        self._stop = threading.Event()
        self.redrawing: threading.Thread | None = None

    def heard(self) -> None:
        """Something is being compiled at this moment."""
        self._last = time.perf_counter()
        if self._first is None:
            self._first = self._last
        is_seen = sys.stderr.isatty()
        if self._is_said or self._last - self._first < SHOWN_AFTER_S:
            return
        if not (is_seen or self.is_logged):
            return
        self._is_said = True
        if is_seen:
            self.redrawing = threading.Thread(target=self._redraw, daemon=True)
            self.redrawing.start()
        else:
            print(TEXT, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave a clean line behind."""
        self._stop.set()

    def _redraw(self) -> None:
        assert self._first is not None
        while not self._stop.wait(REDRAWN_EVERY_S):
            now = time.perf_counter()
            if now - self._last > OVER_AFTER_S:
                break
            print(f"\r{TEXT} {now - self._first:.0f} s", end="", file=sys.stderr)
            sys.stderr.flush()
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        self._is_said, self._first = False, None


@contextmanager
def said_when_compiling(*, is_logged: bool = True) -> Iterator[Notice]:
    """Tell the user why it takes so long the first time."""
    from limner.compiled import when_compiling

    notice = Notice(is_logged=is_logged)
    end = when_compiling(notice.heard)
    try:
        yield notice
    finally:
        end()
        notice.close()
