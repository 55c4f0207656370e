"""Every error that Limner raises, as one tree.

::

    LimnerError
    ├── UserError            the caller can mend it (command line: exit code 2)
    │   ├── DefinitionError  a definition is wrong; carries all faults at once
    │   ├── MappingError     a mapping is wrong; carries all faults at once
    │   ├── StoreError       the store cannot be used as asked
    │   │   ├── StoreAbsent      there is no store there
    │   │   ├── StoreForeign     not a store, or of another layout
    │   │   └── BeforeHorizon    the moment asked for is no longer kept
    │   ├── UnknownShopper   nobody of that name
    │   └── InputError       a file or an argument that cannot be read
    ├── EventFault           one event is refused; becomes a dead letter
    └── StoreDamaged         bytes on disk are not what was written (exit code 3)
        └── StoreFull        the disk refused to take more; nothing was acknowledged

Messages say what, got, expected and hint, and never hold personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


class LimnerError(Exception):
    """The root: everything that Limner raises on purpose."""


class UserError(LimnerError):
    """Something that the caller can mend."""


class _Faults(UserError):
    """Several faults, reported together."""

    noun = "faults"

    def __init__(self, faults: Sequence[str] | str) -> None:
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        count = len(self.faults)
        head = f"{count} {self.noun}:\n  " if count > 1 else ""
        super().__init__(head + "\n  ".join(self.faults))


class DefinitionError(_Faults):
    """A definition that cannot be built, with every fault found in it."""

    noun = "faults in the definition"


class MappingError(_Faults):
    """A mapping that cannot be used, with every fault found in it."""

    noun = "faults in the mapping"


class StoreError(UserError):
    """The store cannot be used as asked."""


class StoreAbsent(StoreError):
    """There is no store at the place named."""


class StoreForeign(StoreError):
    """The folder is no store, or one of a layout that this version cannot read."""


class BeforeHorizon(StoreError):
    """A reading before the store's horizon: what it needs may be deleted."""


class UnknownShopper(UserError):
    """The store has no history under this name."""


class InputError(UserError):
    """A file or an argument that cannot be read."""


class EventFault(LimnerError):
    """One event is refused at the door, with the reason code of its dead letter."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class StoreDamaged(LimnerError):
    """Bytes on disk are not what was written: cut short, or flipped."""


class StoreFull(StoreDamaged):
    """The disk refused to take more; nothing of this commit was acknowledged."""


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A hint for a name that is not known: '' where nothing comes close."""
    close = get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
