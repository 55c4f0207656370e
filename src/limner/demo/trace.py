"""The trace that a visit leaves: its events, one after another, as JSON-like dicts."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from limner.clock import SECOND, moment_text
from limner.demo.catalogue import CURRENCY, Item


class Happening(NamedTuple):
    """An event of the simulated shop, and when it happens."""

    at: int
    """UTC microseconds."""
    id: str
    shopper: int
    """Number of the simulated shopper, whatever identifiers the event carries."""
    event: dict[str, Any]
    """The event as Limner takes it in."""


class Trace:
    """What one visitor does, told in order; time passes between the tellings."""

    def __init__(self, prefix: str, at: int, *, shopper: int, pace: float) -> None:
        self.prefix, self.at, self.shopper, self.pace = prefix, at, shopper, pace
        self.who: dict[str, str] = {}
        """Identifiers in each event told from now on."""
        self.always: dict[str, Any] = {}
        """Further cells of each event told from now on."""
        self._told: list[Happening] = []

    def __iter__(self) -> Iterator[Happening]:
        return iter(self._told)

    def wait(self, seconds: float) -> None:
        """Let time pass: by so many seconds, shortened by the pace."""
        self.at += max(1, int(seconds * SECOND / self.pace))

    def tell(self, kind: str, item: Item | None = None, **cells: Any) -> None:
        """One event, now."""
        name = f"{self.prefix}.{len(self._told):03d}"
        event: dict[str, Any] = {
            "id": name,
            "kind": kind,
            "at": moment_text(self.at),
            "shopper": self.who,
        }
        if item is not None:
            event["item"] = item.key
            event["category"] = item.category
            event["brand"] = item.brand
        self._told.append(
            Happening(self.at, name, self.shopper, event | self.always | cells)
        )


def money(minor: int) -> dict[str, str]:
    """A price as the cells of an event."""
    return {"price": f"{minor // 100}.{minor % 100:02d}", "currency": CURRENCY}


def pause(random: Random, mean_seconds: float) -> float:
    """How long somebody hesitates: usually about the mean, at times much longer."""
    return random.lognormvariate(-0.3, 0.8) * mean_seconds
