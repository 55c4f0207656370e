"""What a kernel is: a small compiled function over the events that a feature selects.

A kernel sees the selected events of one shopper in (at, id) order and nothing else::

    @kernel
    def total(n, at, value, number, weight, ints, floats, now, out, out_number):
        ...
        return 1

``n`` events; ``at`` their moments (us); ``value`` the column as int64 (codes, money,
counts), ``number`` the same as float64; ``weight`` what each event counts (1 unless the
feature has weights or a half-life); ``ints`` and ``floats`` the feature's own
parameters; ``now`` the moment of the reading (us). It writes its results to ``out``
(int64) or ``out_number`` (float64), each with room for n + 1, and returns how many: 0
is None (or the empty list). It sums in the order given and never allocates more than a
few arrays of length n.
"""

from __future__ import annotations

import dis
import hashlib
import inspect
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

LOOKS_AT = {"at": 1, "value": 2, "number": 4, "weight": 8}
"""What a kernel may look at of each event, as bits: the rest is not computed for it."""


def source_digest(function: Callable[..., Any], *more: object) -> str:
    """16 hexadecimal digits of a function's source, and of what else it depends on."""
    try:
        source = inspect.getsource(function)
    except OSError:
        source = repr(function.__code__.co_code)
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", f"{source}{more!r}")  # new in each run
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class Kernel:
    """A kernel as plain Python, and, once asked for, its compiled address."""

    def __init__(self, function: Callable[..., int]) -> None:
        self.function = function
        self.name = function.__name__
        self.__doc__ = function.__doc__

    @cached_property
    def meaning(self) -> str:
        """What tells it from others: its name, and its source where it is not ours."""
        if self.function.__module__.startswith("limner."):
            return self.name
        return f"{self.name} {source_digest(self.function)}"

    @cached_property
    def looks_at(self) -> int:
        """The bits of LOOKS_AT of the parameters that its code mentions."""
        named: set[str] = set()
        for instruction in dis.get_instructions(self.function):
            said = instruction.argval
            named.update(said if isinstance(said, tuple) else (str(said),))
        return sum(bit for name, bit in LOOKS_AT.items() if name in named)

    @cached_property
    def _compiled(self) -> Any:
        from limner.compiled import cfunc, types  # late: half a second

        integers = types.CPointer(types.int64)
        numbers = types.CPointer(types.float64)
        signature = types.int64(
            types.int64,
            integers,
            integers,
            numbers,
            numbers,
            integers,
            numbers,
            types.int64,
            integers,
            numbers,
        )
        return cfunc(signature)(self.function)

    @property
    def address(self) -> int:
        """Where the compiled function is; compiles at the first call."""
        return int(self._compiled.address)


def kernel(function: Callable[..., int]) -> Kernel:
    """Make a kernel of a function; it is compiled when first used."""
    return Kernel(function)
