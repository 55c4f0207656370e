"""attribute: the latest declared value of something about the shopper."""

from __future__ import annotations

from limner.features.last import Last
from limner.language.kind import Kind

DECLARED = Kind(("attribute",))


def attribute(name: str) -> Last:
    """The newest declared value, as text: ``attribute("gender")``. None without any."""
    return Last(DECLARED.column("value")).where(DECLARED.column("attribute") == name)
