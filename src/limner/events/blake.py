"""Keyed BLAKE2b of many texts at once, over Arrow's buffers; equal to hashlib's.

Source: RFC 7693. Only what an identifier needs: a key of at most 64 bytes, a digest of
16 bytes.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from limner.compiled import njit
from limner.events.hashing import buffers
from limner.events.record import WHO

DIGEST_BYTES = 16
_BLOCK = 128
_IV = np.array(
    [
        0x6A09E667F3BCC908,
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    ],
    np.uint64,
)
_SIGMA = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    ],
    np.int64,
)


_LANES = np.array(
    [
        [0, 4, 8, 12],
        [1, 5, 9, 13],
        [2, 6, 10, 14],
        [3, 7, 11, 15],
        [0, 5, 10, 15],
        [1, 6, 11, 12],
        [2, 7, 8, 13],
        [3, 4, 9, 14],
    ],
    np.int64,
)
"""Which words of the state a quarter mixes: as data, since a literal index in a call
would make numba compile the quarter once for each."""
_32, _24, _16, _63 = np.uint64(32), np.uint64(24), np.uint64(16), np.uint64(63)


@njit
def _turn(x, bits):
    return (x >> bits) | (x << (np.uint64(64) - bits))


@njit
def _quarter(v, a, b, c, d, x, y):
    v[a] = v[a] + v[b] + x
    v[d] = _turn(v[d] ^ v[a], _32)
    v[c] = v[c] + v[d]
    v[b] = _turn(v[b] ^ v[c], _24)
    v[a] = v[a] + v[b] + y
    v[d] = _turn(v[d] ^ v[a], _16)
    v[c] = v[c] + v[d]
    v[b] = _turn(v[b] ^ v[c], _63)


@njit
def _compress(h, words, count, last, v):
    """Mix one block of 16 words into the state; `count` bytes were hashed so far.

    `last` is all ones for the last block, else 0.
    """
    for i in range(8):
        v[i], v[i + 8] = h[i], _IV[i]
    v[12] ^= count
    v[14] ^= last
    for turn in range(12):
        for quarter in range(8):
            a, b, c, d = _LANES[quarter]
            x = words[_SIGMA[turn, 2 * quarter]]
            _quarter(v, a, b, c, d, x, words[_SIGMA[turn, 2 * quarter + 1]])
    for i in range(8):
        h[i] ^= v[i] ^ v[i + 8]


@njit
def _keyed(key):
    """The state after the block of the key."""
    h = _IV.copy()
    parameters = np.uint64(0x01010000) | (np.uint64(len(key)) << np.uint64(8))
    h[0] ^= parameters | np.uint64(DIGEST_BYTES)
    words = np.zeros(16, np.uint64)
    for i in range(len(key)):
        words[i >> 3] |= np.uint64(key[i]) << np.uint64(8 * (i & 7))
    _compress(h, words, np.uint64(_BLOCK), np.uint64(0), np.empty(16, np.uint64))
    return h


@njit
def _digest_all(key, prefix, data, offsets, out):
    start = _keyed(key)
    h, words = np.empty(8, np.uint64), np.zeros(16, np.uint64)
    v = np.empty(16, np.uint64)
    lead = len(prefix)
    for row in range(len(out)):
        first, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        length = lead + end - first
        for i in range(8):  # slices would do, but take seconds to compile
            h[i] = start[i]
        done = 0
        while True:
            for i in range(16):
                words[i] = np.uint64(0)
            here = length - done if length - done < _BLOCK else _BLOCK
            for i in range(here):
                at = done + i
                byte = prefix[at] if at < lead else data[first + at - lead]
                words[i >> 3] |= np.uint64(byte) << np.uint64(8 * (i & 7))
            done += here  # type: ignore[assignment]
            last = ~np.uint64(0) if done == length else np.uint64(0)
            _compress(h, words, np.uint64(_BLOCK + done), last, v)
            if done == length:
                break
        out[row, 0], out[row, 1] = h[0], h[1]


def whos_of(secret: bytes, identifier_type: str, *, values: pa.Array) -> np.ndarray:
    """The identifiers of these values (strings, none null) of one type, WHO[n]."""
    if len(values) == 0:
        return np.zeros(0, WHO)
    data, offsets = buffers(values)
    key = np.frombuffer(secret, np.uint8)
    prefix = np.frombuffer(identifier_type.encode() + b"\0", np.uint8)
    out = np.empty((len(values), 2), np.uint64)
    _digest_all(key, prefix, data, offsets, out)
    return out.byteswap().reshape(-1).view(WHO)
