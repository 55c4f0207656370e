"""Text becomes numbers: codes of items, ids of events, hashes of identifiers.

Codes and ids are xxh64, so they depend on nothing but the text; identifiers are keyed
BLAKE2b, so that a stolen store does not tell whether a known e-mail is in it.
"""

from __future__ import annotations

import hashlib

import numpy as np
import xxhash

from limner.events.record import WHO

SEED_CHECK = 0x9E3779B97F4A7C15
"""Seed of the second hash, by which two texts of one code are told apart."""


def text_code(text: str) -> int:
    """The 64-bit code of a text; 0 means none, so no text has it."""
    return xxhash.xxh64_intdigest(text.encode()) or 1


def source_seed(source: str) -> int:
    """The seed of a source's event ids: two sources never share an id."""
    return xxhash.xxh64_intdigest(source.encode())


def event_id(source: str, text: str) -> int:
    """The 64-bit id under which an event of this source is stored."""
    return xxhash.xxh64_intdigest(text.encode(), source_seed(source))


def attribute_id(event: int, attribute: int) -> int:
    """The id of the record of one declared attribute of an event."""
    data = event.to_bytes(8, "little") + attribute.to_bytes(8, "little")
    return xxhash.xxh64_intdigest(data)


def _digest(secret: bytes, identifier_type: str, value: str) -> bytes:
    """The 16 bytes under which a store keeps an identifier's history."""
    text = f"{identifier_type}\0{value}".encode()
    return hashlib.blake2b(text, digest_size=16, key=secret).digest()


def who_of(secret: bytes, identifiers: list[tuple[str, str]]) -> np.ndarray:
    """Hashes of (type, value) pairs, as an array of WHO."""
    joined = b"".join(_digest(secret, *pair) for pair in identifiers)
    whos = np.frombuffer(joined, dtype=np.dtype([("hi", ">u8"), ("lo", ">u8")]))
    return whos.astype(WHO)
