"""What the show shows at a moment: the shopper, what just happened, and the figures."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from limner.demo.delays import Delays
from limner.demo.shopper import Shopper
from limner.demo.trace import Happening

LINES_KEPT = 100
RATE_OVER_S = 5.0

Names = dict[str, tuple[str, str]]
"""Of each label: its English and its Chinese name."""


@dataclass
class Scene:
    """The show's state; whoever streams changes it, whoever draws reads it."""

    star: Shopper
    seconds: float
    """How long it is to last."""
    label_names: Names
    profile: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    before: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The profile as the show began."""
    labels_before: list[str] = field(default_factory=list)
    elapsed: float = 0.0
    sent: int = 0
    """Events of the show so far."""
    stored: int = 0
    """Events in the store, the past included."""
    is_joined: bool = False
    """Whether the shopper has signed in."""
    star_events: deque[Happening] = field(
        default_factory=lambda: deque(maxlen=LINES_KEPT)
    )
    other_events: deque[Happening] = field(
        default_factory=lambda: deque(maxlen=LINES_KEPT)
    )
    delays: Delays = field(default_factory=Delays)
    changed: dict[str, float] = field(default_factory=dict)
    """When (second of the show) a value, ``category:KEY`` or ``label:NAME`` changed."""
    rates: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=400))

    def see(self, profile: dict[str, dict[str, Any]], labels: list[str]) -> None:
        """A new reading of the shopper's profile."""
        if not self.before:
            self.before, self.labels_before = profile, labels
        else:
            for name in _changes(self.profile, profile):
                self.changed[name] = self.elapsed
            for label in set(labels) ^ set(self.labels):
                self.changed[f"label:{label}"] = self.elapsed
        self.profile, self.labels = profile, labels

    def happened(self, events: list[Happening]) -> None:
        """Events that have been sent."""
        self.sent += len(events)
        self.stored += len(events)
        self.rates.append((self.elapsed, len(events)))
        for one in events:
            mine = one.shopper == self.star.index
            (self.star_events if mine else self.other_events).append(one)
            if mine and "user_id" in one.event["shopper"]:
                self.is_joined = True

    @property
    def events_per_s(self) -> float:
        """Over the last seconds."""
        since = max(0.0, self.elapsed - RATE_OVER_S)
        lately = sum(count for at, count in self.rates if at >= since)
        return lately / max(0.5, self.elapsed - since)

    def is_fresh(self, name: str, for_s: float = 1.5) -> bool:
        """Whether something changed just now."""
        return self.elapsed - self.changed.get(name, -1e9) < for_s

    @property
    def categories(self) -> list[tuple[str, float, float]]:
        """The heaviest categories: key, weight, and what the show added to it."""
        began = {one["key"]: one["weight"] for one in _tops(self.before)}
        return [
            (one["key"], one["weight"], one["weight"] - began.get(one["key"], 0.0))
            for one in _tops(self.profile)
        ]


def _tops(profile: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    tops: list[dict[str, Any]] = profile.get("preference", {}).get("categories", [])
    return tops


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Names of values that an event changed; what only time changed is left out."""
    changed = [
        f"{dimension}.{feature}"
        for dimension, features in new.items()
        for feature, value in features.items()
        if _is_other(value, old.get(dimension, {}).get(feature))
    ]
    weights = {one["key"]: one["weight"] for one in _tops(old)}
    return changed + [
        f"category:{one['key']}"
        for one in _tops(new)
        if one["weight"] > weights.get(one["key"], 0.0) + 0.1
    ]


def _is_other(value: Any, old: Any) -> bool:
    if isinstance(value, float) and isinstance(old, float):
        return abs(value - old) > 0.01 * max(1.0, abs(old))
    return bool(value != old)
