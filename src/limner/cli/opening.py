"""Opens what commands read: a store, and a definition."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from limner.cli.ending import warn
from limner.cli.options import SHOP

if TYPE_CHECKING:
    from limner.engine.limner import Limner
    from limner.events.schema import Schema
    from limner.profile.definition import Definition


@contextmanager
def opened(
    store: Path, *, create: Schema | None = None, read_only: bool = False
) -> Iterator[Limner]:
    """The store of this folder. Raises StoreAbsent where there is none to open."""
    from limner.cli.compiling import said_when_compiling
    from limner.engine import limner as engine

    with (
        engine.open(store, create=create, read_only=read_only) as limner,
        said_when_compiling(),
    ):
        yield limner


@contextmanager
def opened_for(shopper: str, store: Path) -> Iterator[Limner]:
    """The store of this folder, to read of one shopper. Raises UnknownShopper too."""
    from limner.cli.compiling import said_when_compiling
    from limner.engine import limner as engine

    with (
        said_when_compiling(is_logged=False) as notice,
        engine.open(store, read_only=True) as limner,
    ):
        limner.check(shopper)
        notice.is_logged = True
        yield limner


def definition_of(name: str = SHOP) -> Definition:
    """The definition of this name, or the ready-made shop."""
    from limner.profile.loading import load_definition

    return load_definition(name)


def warn_of_unrated(limner: Limner, definition: Definition) -> None:
    """Say how many amounts a reading left out, since no rate converts them."""
    count = limner.reader(definition).unrated
    if count:
        amounts = "1 amount is" if count == 1 else f"{count:,} amounts are"
        warn(
            f"{amounts} in another currency than {limner.schema.currency}, and the"
            " definition has no rate: left out of money features"
        )
