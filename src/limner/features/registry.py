"""Which features there are: whatever a file of this folder declares under its name."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from limner import features
from limner.language.selection import Selection


def _modules() -> list[ModuleType]:
    found = pkgutil.iter_modules(features.__path__, f"{features.__name__}.")
    return [import_module(module.name) for module in found]


def declarations() -> dict[str, Callable[..., Selection]]:
    """Every feature by name, and the function that declares one.

    >>> "count" in declarations()
    True
    """
    found: dict[str, Any] = {}
    for module in _modules():
        name = module.__name__.rpartition(".")[2]
        if callable(getattr(module, name, None)):
            found[name] = getattr(module, name)
    return found


def selections() -> list[type[Selection]]:
    """Every class of features, each where it is declared."""
    return [
        kept
        for module in _modules()
        for kept in vars(module).values()
        if isinstance(kept, type)
        and issubclass(kept, Selection)
        and kept.__module__ == module.__name__
    ]
