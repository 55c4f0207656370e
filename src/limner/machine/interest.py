"""Who looks at what an instruction computes: so that nothing is computed for nobody.

A register is read by kernels, of some kinds of events and over some span. Where a
shopper has no event of these kinds, or for events before the longest span, the
instruction need not be executed.
"""

from __future__ import annotations

import numpy as np

from limner.clock import FOR_EVER
from limner.machine.operations import EVERY_EVENT, Op
from limner.machine.selected import (
    K_DECAY,
    K_KINDS,
    K_SHIFT,
    K_SPAN,
    K_VALUE,
    K_WHERE,
)

Line = tuple[int, ...]


def narrowed(lines: list[Line], kernels: list[list[int]]) -> np.ndarray:
    """The instructions, int64[n, 9]: each with the kinds of events (bits) it is
    computed for, and how far back (us).
    """
    wanted: dict[int, tuple[int, int]] = {}

    def want(register: int, *, kinds: int, span: int) -> None:
        before = wanted.get(register, (0, 0))
        wanted[register] = before[0] | kinds, max(before[1], span)

    made = []
    for line in reversed(lines):
        kinds, span = wanted.get(line[2], (0, 0))
        if line[0] == Op.KERNEL:
            row = kernels[line[3]]
            looks_back = min(row[K_SPAN] + row[K_SHIFT], FOR_EVER)
            for register in (row[K_WHERE], row[K_VALUE], row[K_DECAY]):
                want(register, kinds=row[K_KINDS], span=looks_back)
        elif line[1] == EVERY_EVENT:
            if line[0] == Op.AMONG:  # it searches other events, however old
                span = FOR_EVER
            others = line[6] if line[0] == Op.AMONG else 0
            for register in _read_by(line):
                want(register, kinds=kinds | others, span=span)
        made.append((*line, kinds, span))
    return np.array(made[::-1], np.int64).reshape(-1, 9)


def _read_by(line: Line) -> tuple[int, ...]:
    """The registers that an instruction over events reads."""
    op, a, b, c = line[0], line[3], line[4], line[5]
    if op < Op.LOAD or op == Op.AMONG:
        return a, b
    if op == Op.FACT:
        return a, c
    return (a,) if op == Op.MONEY else ()
