"""Operations of the machine: what each does to one value, or to one event's value.

A value is 64 bits: an int64, or the bits of a float64. NULL (int) and NaN (float) mean
that there is none; arithmetic hands that on, and comparing with it is false.
"""

from __future__ import annotations

from enum import IntEnum


class Op(IntEnum):
    """Operation codes; *_N take and give floats, *_I integers."""

    ADD_I = 1
    SUB_I = 2
    MUL_I = 3
    ADD_N = 4
    SUB_N = 5
    MUL_N = 6
    DIV_N = 7
    EQ_I = 8
    LT_I = 9
    LE_I = 10
    EQ_N = 11
    LT_N = 12
    LE_N = 13
    AND = 14
    OR = 15
    NOT = 16
    HAS_I = 17
    HAS_N = 18
    TO_N = 19
    FLOORDIV_I = 20
    MOD_I = 21
    OR_ELSE_I = 22
    """The first where there is one, else the second."""
    OR_ELSE_N = 23
    # over events only
    LOAD = 32
    """A column: a = word, b = shift, c = stored type."""
    FILL = 33
    """A constant: the bits are in `bits`."""
    SLOT = 34
    """A feature's value, for every event: a = slot."""
    LOCAL_AT = 35
    """The event's moment as its local clock showed it (us)."""
    AMONG = 36
    """Of events of kinds c: is the value of register a that of register b in one of
    kinds `bits`?"""
    FACT = 37
    """A catalogue fact of the item in register a: b = which; c = the event's own."""
    MONEY = 38
    """Register a in the store's currency."""
    DECAY = 39
    """0.5 ** (age / half-life): half-life (us) in `bits`, shift (us) in a."""
    KERNEL = 64
    """A feature over selected events; its parameters are in the kernel table."""


EVERY_EVENT, ONCE = 1, 2
"""What an instruction is over: 0 is the slots of a shopper."""


class Stored(IntEnum):
    """How a column is stored in a record."""

    CODE = 0
    INT64 = 1
    FLOAT64 = 2
    INT32 = 3
    FLOAT32 = 4
    UINT8 = 5
    INT8 = 6


STORED_OF = {
    "u8": Stored.CODE,
    "i8": Stored.INT64,
    "f8": Stored.FLOAT64,
    "i4": Stored.INT32,
    "f4": Stored.FLOAT32,
    "u1": Stored.UINT8,
    "i1": Stored.INT8,
}
"""By numpy's name of the type."""

FACTS = ("category", "brand", "price")
"""What a catalogue says of an item, by the number that FACT takes."""

_INTEGER = {
    "add": Op.ADD_I,
    "sub": Op.SUB_I,
    "mul": Op.MUL_I,
    "eq": Op.EQ_I,
    "lt": Op.LT_I,
    "le": Op.LE_I,
    "or_else": Op.OR_ELSE_I,
}
_NUMBER = {
    "add": Op.ADD_N,
    "sub": Op.SUB_N,
    "mul": Op.MUL_N,
    "div": Op.DIV_N,
    "eq": Op.EQ_N,
    "lt": Op.LT_N,
    "le": Op.LE_N,
    "or_else": Op.OR_ELSE_N,
}
LOGIC = {"and": Op.AND, "or": Op.OR, "not": Op.NOT}
CONSTANT_ARGUMENT = {"floordiv": Op.FLOORDIV_I, "mod": Op.MOD_I}


def over_two(name: str, *, floats: bool) -> Op:
    """The operation of this name over two values."""
    return (_NUMBER if floats else _INTEGER)[name]


def has(value: str) -> Op:
    """The operation that asks whether there is a value of this sort."""
    return Op.HAS_N if value == "number" else Op.HAS_I
