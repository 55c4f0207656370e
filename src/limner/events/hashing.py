"""xxh64 of many texts at once, over Arrow's buffers; equal to the xxhash package.

Source: Y. Collet, xxHash specification 0.1.1.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from limner.compiled import njit

_P1 = np.uint64(0x9E3779B185EBCA87)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_P3 = np.uint64(0x165667B19E3779F9)
_P4 = np.uint64(0x85EBCA77C2B2AE63)
_P5 = np.uint64(0x27D4EB2F165667C5)


@njit
def _rotate(x, bits):
    return (x << bits) | (x >> (np.uint64(64) - bits))


@njit
def _round(lane, word):
    return _rotate(lane + word * _P2, np.uint64(31)) * _P1


@njit
def _word(data, at, width):
    value = np.uint64(0)
    for i in range(width):
        value |= np.uint64(data[at + i]) << np.uint64(8 * i)
    return value


@njit
def _stripes(data, at, end, seed):
    a, b = seed + _P1 + _P2, seed + _P2
    c, d = seed, seed - _P1
    while at + 32 <= end:
        a = _round(a, _word(data, at, np.int64(8)))
        b = _round(b, _word(data, at + 8, np.int64(8)))
        c = _round(c, _word(data, at + 16, np.int64(8)))
        d = _round(d, _word(data, at + 24, np.int64(8)))
        at += 32
    value = (
        _rotate(a, np.uint64(1))
        + _rotate(b, np.uint64(7))
        + _rotate(c, np.uint64(12))
        + _rotate(d, np.uint64(18))
    )
    for lane in (a, b, c, d):
        value = (value ^ _round(np.uint64(0), lane)) * _P1 + _P4
    return value, at


@njit
def xxh64(data, start, end, seed):
    """xxh64 of data[start:end]."""
    at = start
    if end - start >= 32:
        value, at = _stripes(data, at, end, seed)
    else:
        value = seed + _P5
    value += np.uint64(end - start)
    while at + 8 <= end:
        value ^= _round(np.uint64(0), _word(data, at, np.int64(8)))
        value = _rotate(value, np.uint64(27)) * _P1 + _P4
        at += 8
    if at + 4 <= end:
        value ^= _word(data, at, np.int64(4)) * _P1
        value = _rotate(value, np.uint64(23)) * _P2 + _P3
        at += 4
    while at < end:
        value ^= np.uint64(data[at]) * _P5
        value = _rotate(value, np.uint64(11)) * _P1
        at += 1
    value ^= value >> np.uint64(33)
    value *= _P2
    value ^= value >> np.uint64(29)
    value *= _P3
    return value ^ (value >> np.uint64(32))


@njit
def mix(a, b):
    """Two hashes as one; the order matters."""
    value = (a ^ _rotate(b, np.uint64(32))) * _P2 + b * _P1
    value ^= value >> np.uint64(29)
    value *= _P3
    return value ^ (value >> np.uint64(32))


@njit
def _hash_all(data, offsets, seeds, out):
    for i in range(len(out)):
        seed = seeds[i % len(seeds)]
        out[i] = xxh64(data, np.int64(offsets[i]), np.int64(offsets[i + 1]), seed)


@njit
def mix_into(into, more):
    """Mix a column of hashes into another, in place."""
    for i in range(len(into)):
        into[i] = mix(into[i], more[i])


@njit
def _hex_all(values, out):
    for i in range(len(values)):
        for digit in range(16):
            nibble = (values[i] >> np.uint64(60 - 4 * digit)) & np.uint64(15)
            letter = nibble + np.uint64(48)
            if nibble > np.uint64(9):
                letter = nibble + np.uint64(87)
            out[16 * i + digit] = np.uint8(letter)


def buffers(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes and offsets of an Arrow array of strings or binary; nulls are empty."""
    if not (pa.types.is_string(texts.type) or pa.types.is_binary(texts.type)):
        texts = texts.cast(pa.string())
    _, offsets, data = texts.buffers()
    held = _read_only(data or b"")
    if offsets is None or len(texts) == 0:
        return held, _read_only(bytes(4 * (len(texts) + 1))).view(np.int32)
    starts = _read_only(offsets).view(np.int32)
    return held, starts[texts.offset : texts.offset + len(texts) + 1]


def _read_only(data: pa.Buffer | bytes) -> np.ndarray:
    """Always so: functions are compiled anew for arrays that can be written."""
    held = np.frombuffer(data, np.uint8)
    held.setflags(write=False)
    return held


def hash_texts(texts: pa.Array, seed: int | np.ndarray = 0) -> np.ndarray:
    """xxh64 of each text, uint64[n]; one seed, or one for each. Nulls are empty."""
    data, offsets = buffers(texts)
    seeds = np.atleast_1d(np.asarray(seed, np.uint64))
    out = np.empty(len(texts), np.uint64)
    _hash_all(data, offsets, seeds, out)
    return out


def hex_texts(values: np.ndarray) -> pa.Array:
    """64-bit numbers as Arrow strings of 16 hexadecimal digits."""
    out = np.empty(16 * len(values), np.uint8)
    _hex_all(np.ascontiguousarray(values, np.uint64), out)
    offsets = np.arange(0, 16 * len(values) + 1, 16, dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(values), pa.py_buffer(offsets.tobytes()), pa.py_buffer(out.tobytes())
    )
