"""Compiles, or loads, every kernel that the show needs before it begins."""

from __future__ import annotations

import tempfile
from pathlib import Path

from limner.clock import DAY
from limner.compiled import when_compiling
from limner.demo.past import deliver
from limner.demo.simulation import Shop
from limner.engine.kernels import compiled_beside
from limner.engine.limner import open as open_limner
from limner.events.schema import Schema
from limner.shop import Shopper as Definition

_SHOPPERS, _DAYS = 12, 6


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
        with compiled_beside():
            deliver(limner, events)
        limner.read(Definition, names[0])
        limner.read(Definition, names)
