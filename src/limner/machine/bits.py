"""Compiled glue: bit casts, and calling a kernel by its address."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from limner.compiled import intrinsic, types

_INT, _NUMBER = ir.IntType(64), ir.DoubleType()
_INTS, _NUMBERS = _INT.as_pointer(), _NUMBER.as_pointer()
_KERNEL = [
    _INT,
    _INTS,
    _INTS,
    _NUMBERS,
    _NUMBERS,
    _INTS,
    _NUMBERS,
    _INT,
    _INTS,
    _NUMBERS,
]


@intrinsic
def as_number(context: Any, bits: Any) -> Any:
    """The float64 of these 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], _NUMBER)

    return types.float64(types.int64), generate


@intrinsic
def as_bits(context: Any, number: Any) -> Any:
    """The 64 bits of this float64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], _INT)

    return types.int64(types.float64), generate


@intrinsic
def call_kernel(
    context: Any,
    address: Any,
    n: Any,
    at: Any,
    value: Any,
    number: Any,
    weight: Any,
    ints: Any,
    floats: Any,
    now: Any,
    out: Any,
    out_number: Any,
) -> Any:
    """Call the kernel at this address; arrays are given by their addresses (int64)."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = ir.FunctionType(_INT, _KERNEL).as_pointer()
        function = builder.inttoptr(args[0], pointer)
        given = [
            builder.inttoptr(arg, kind) if kind is not _INT else arg
            for arg, kind in zip(args[1:], _KERNEL, strict=True)
        ]
        return builder.call(function, given)

    return types.int64(*[types.int64] * 11), generate


@intrinsic
def borrowed(context: Any, array: Any) -> Any:
    """The same array, uncounted: who lends it must keep it until it is done with.

    Counting references is atomic, and takes longer than a short loop over events.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lent = context.make_array(signature.return_type)(context, builder, args[0])
        lent.meminfo = ir.Constant(lent.meminfo.type, None)
        return lent._getvalue()

    return array(array), generate
