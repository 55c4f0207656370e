"""Limner keeps a live, explainable profile of every shopper of an online shop.

A profile is a pure function of a shopper's history and a moment.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner.engine.limner import Limner as Limner
    from limner.engine.limner import open as open
    from limner.events.schema import Retention as Retention
    from limner.events.schema import Schema as Schema
    from limner.features.active_days import active_days as active_days
    from limner.features.attribute import attribute as attribute
    from limner.features.count import count as count
    from limner.features.decayed import decayed as decayed
    from limner.features.distinct import distinct as distinct
    from limner.features.exists import exists as exists
    from limner.features.first import first as first
    from limner.features.intervals import intervals as intervals
    from limner.features.last import last as last
    from limner.features.maximum import maximum as maximum
    from limner.features.mean import mean as mean
    from limner.features.minimum import minimum as minimum
    from limner.features.mode import mode as mode
    from limner.features.quantile import quantile as quantile
    from limner.features.sessions import sessions as sessions
    from limner.features.share import share as share
    from limner.features.since_first import since_first as since_first
    from limner.features.since_last import since_last as since_last
    from limner.features.top import top as top
    from limner.features.total import total as total
    from limner.language.python_feature import feature as feature
    from limner.language.vocabulary import *  # noqa: F403
    from limner.profile.definition import (
        Dimension as Dimension,
    )
    from limner.profile.definition import (
        Profile as Profile,
    )
    from limner.profile.definition import (
        label as label,
    )
    from limner.profile.definition import (
        ref as ref,
    )
    from limner.profile.rates import Rates as Rates
    from limner.shop import Shopper as Shopper

_HOMES = {
    "Limner": "engine.limner",
    "open": "engine.limner",
    "Retention": "events.schema",
    "Schema": "events.schema",
    "feature": "language.python_feature",
    "Dimension": "profile.definition",
    "Profile": "profile.definition",
    "label": "profile.definition",
    "ref": "profile.definition",
    "Rates": "profile.rates",
    "Shopper": "shop",
}
"""Where public names live that are neither features nor kinds of events."""


def __getattr__(name: str) -> Any:
    """Public names are loaded when they are first used: importing limner is quick."""
    if name == "__version__":
        from importlib.metadata import version  # a tenth of a second

        return version("limner")
    if name.startswith("_"):
        raise AttributeError(f"module 'limner' has no attribute {name!r}")
    if name in _HOMES:
        return getattr(import_module(f"limner.{_HOMES[name]}"), name)
    if name[0].isupper():
        return getattr(import_module("limner.language.vocabulary"), name)
    try:
        return getattr(import_module(f"limner.features.{name}"), name)
    except ModuleNotFoundError:
        raise AttributeError(f"module 'limner' has no attribute {name!r}") from None
