"""Moments from texts: ISO 8601, numbers since 1970, and patterns of strptime."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from limner.clock import DAY, SECOND
from limner.events import hashing
from limner.intake import calendar

UNITS = {"s": SECOND, "ms": 1000, "us": 1, "ns": 0}
LATEST = 253_402_300_800 * SECOND
"""The first moment of the year 10000."""

_EPOCH = datetime(1970, 1, 1)
_EXPONENT = re.compile(r"\d+(\.\d*)?[eE]\+?\d{1,2}")
_QUARTER = 15 * 60 * SECOND


@dataclass
class TimeRule:
    """How a mapping's times are written, and where its clocks hang."""

    pattern: str | None = None
    unit: str | None = None
    zone: str = "UTC"
    _shifts: dict[int, tuple[int, int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._program = calendar.program_of(self.pattern) if self.pattern else None
        self._zoneinfo = ZoneInfo(self.zone)

    def moments(
        self, texts: pa.Array, skip: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """UTC microseconds, int64[n], and which texts are a moment from 1970 to 9999.

        Skipped texts are 0, and fine.
        """
        at = np.zeros(len(texts), np.int64)
        forms = np.zeros(len(texts), np.int8)
        data, offsets = hashing.buffers(texts)
        if self.pattern is None:
            scale = UNITS[self.unit] if self.unit else -1
            calendar.iso_or_number(data, offsets, skip, scale, at, forms)
        elif self._program is not None:
            calendar.by_program(data, offsets, skip, self._program, at, forms)
        else:
            forms[skip] = calendar.SKIPPED
        self._by_python(texts, at, forms=forms)
        local = forms == calendar.LOCAL
        if self.zone != "UTC" and local.any():
            at[local] -= self._shift(at[local])
        fine = (forms != calendar.UNREAD) & (at >= 0) & (at < LATEST)
        at[~fine] = 0
        return at, fine

    def _by_python(self, texts: pa.Array, at: np.ndarray, *, forms: np.ndarray) -> None:
        """Rare forms, each distinct text once."""
        left = np.flatnonzero(forms == calendar.UNREAD)
        if len(left) == 0:
            return
        encoded = texts.take(pa.array(left)).dictionary_encode()
        read = [self._one(text) for text in encoded.dictionary.to_pylist()]
        indices = encoded.indices.to_numpy()
        at[left] = np.array([at_ for at_, _ in read], np.int64)[indices]
        forms[left] = np.array([form for _, form in read], np.int8)[indices]

    def _one(self, text: str) -> tuple[int, int]:
        """One text: (microseconds, form)."""
        text = text.strip()
        if self.pattern is None and _EXPONENT.fullmatch(text):
            return self._since_1970(Decimal(text))
        try:
            if self.pattern is not None:
                parsed = datetime.strptime(text, self.pattern)
            elif text[:1].isdigit():
                parsed = datetime.fromisoformat(text)
            else:
                return 0, calendar.UNREAD
        except (ValueError, re.error):
            return 0, calendar.UNREAD
        if parsed.tzinfo is None and "%Z" in (self.pattern or ""):
            parsed = parsed.replace(tzinfo=UTC)
        form = calendar.LOCAL if parsed.tzinfo is None else calendar.ABSOLUTE
        try:
            if parsed.tzinfo is not None:
                parsed = parsed.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return 0, calendar.UNREAD
        return (parsed - _EPOCH) // timedelta(microseconds=1), form

    def _since_1970(self, number: Decimal) -> tuple[int, int]:
        unit = self.unit or ("s" if number < 10**11 else "ms")
        if self.unit is None and number >= 10**14:
            unit = "us"
        at = int(number / 1000 if unit == "ns" else number * UNITS[unit])
        return (at, calendar.ABSOLUTE) if at < LATEST else (0, calendar.UNREAD)

    def _shift(self, local: np.ndarray) -> np.ndarray:
        """Offsets from UTC (us) of local times.

        A time that the clocks show twice is the earlier one; one that they skip is
        read as if they had not yet been put forward (PEP 495, fold = 0).
        """
        days, day_of = np.unique(local // DAY, return_inverse=True)
        spans = np.array([self._shifts_of(int(day)) for day in days], np.int64)
        result: np.ndarray = spans[day_of, 0]
        for row in np.flatnonzero((spans[:, 0] != spans[:, 1])[day_of]):
            result[row] = self._offset(int(local[row]) // _QUARTER * _QUARTER)
        return result

    def _shifts_of(self, day: int) -> tuple[int, int]:
        """Offsets at the start and the end of a local day."""
        if day not in self._shifts:
            if len(self._shifts) > 100_000:
                self._shifts.clear()
            self._shifts[day] = (self._offset(day * DAY), self._offset((day + 1) * DAY))
        return self._shifts[day]

    def _offset(self, local: int) -> int:
        try:
            clock = _EPOCH + timedelta(microseconds=local)
            shift = clock.replace(tzinfo=self._zoneinfo).utcoffset()
        except OverflowError:
            return 0
        assert shift is not None
        return shift // timedelta(microseconds=1)
