"""Columns of texts: which cells are null, what values stand for, and Arrow forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from limner.compiled import njit
from limner.events import full, hashing
from limner.intake.numbers import trimmed

_EMPTY = pa.scalar("", pa.string())


class Texts(NamedTuple):
    """A column: its texts, and which of them are no value."""

    texts: pa.Array
    missing: np.ndarray

    def array(self) -> pa.Array:
        """As an Arrow column, null where it is missing."""
        if not self.missing.any():
            return self.texts
        return masked(self.texts, self.missing)


@njit
def _find_nulls(data, offsets, nulls, null_offsets, out):
    for i in range(len(out)):
        start, end = trimmed(data, offsets[i], offsets[i + 1])
        for j in range(len(null_offsets) - 1):
            first, size = null_offsets[j], null_offsets[j + 1] - null_offsets[j]
            if size != end - start:
                continue
            same = True
            for k in range(size):
                if data[start + k] != nulls[first + k]:
                    same = False
                    break
            if same:
                out[i] = True
                break


@lru_cache(maxsize=256)
def _buffers(null: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    return hashing.buffers(pa.array(list(null), pa.string()))


def missing_of(texts: pa.Array, null: Sequence[str]) -> np.ndarray:
    """bool[n]: cells that are null, or one of these texts but for blanks around it."""
    out = np.zeros(len(texts), np.bool_)
    if null:
        data, offsets = hashing.buffers(texts)
        nulls, null_offsets = _buffers(tuple(null))
        _find_nulls(data, offsets, nulls, null_offsets, out)
    if texts.null_count:
        out |= texts.is_null().to_numpy(zero_copy_only=False)
    return out


def masked(texts: pa.Array, missing: np.ndarray) -> pa.Array:
    """The same texts, null where they are missing; no copy of the texts."""
    if texts.offset:
        texts = pa.concat_arrays([texts])
    _, offsets, data = texts.buffers()
    bits = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.StringArray.from_buffers(len(texts), offsets, data, bits)


def without_float_tails(texts: pa.Array) -> pa.Array:
    """Identifiers of digits that went through a float column lose their `.0`."""
    if not pc.any(pc.ends_with(texts, ".0")).as_py():
        return texts
    return pc.replace_substring_regex(texts, r"^([0-9]+)\.0$", r"\1")


Lookup = Callable[[str], "str | None"]


def lookup_of(table: Mapping[str, str]) -> Lookup:
    """Text to what it stands for: exact, then by pattern in order, then by `*`."""
    patterns = [(re.compile(k), v) for k, v in table.items() if k.startswith("^")]

    def find(text: str) -> str | None:
        if text in table:
            return table[text]
        for pattern, value in patterns:
            if pattern.search(text):
                return value
        return table.get("*")

    return find


def translated(column: Texts, table: Mapping[str, str]) -> Texts:
    """A column in the words of a table; what is not in it stays as it is."""
    find = lookup_of(table)
    encoded = column.texts.dictionary_encode()
    words = [find(text) for text in encoded.dictionary.to_pylist()]
    held = encoded.dictionary.to_pylist()
    said = [old if new is None else new for old, new in zip(held, words, strict=True)]
    return Texts(pa.array(said, pa.string()).take(encoded.indices), column.missing)


def first_given(columns: Sequence[Texts]) -> Texts:
    """Of several columns, in each row the first that is not missing."""
    if len(columns) == 1:
        return columns[0]
    texts = pc.coalesce(*(column.array() for column in columns))
    missing = np.logical_and.reduce([column.missing for column in columns])
    return Texts(texts.fill_null(_EMPTY), missing)


def matching(column: Texts, is_match: Callable[[str], bool]) -> np.ndarray:
    """bool[n]: cells for which this holds; asked once for each distinct text."""
    encoded = column.texts.dictionary_encode()
    held = encoded.dictionary.to_pylist()
    said = np.array([is_match(text) for text in held] + [False], np.bool_)
    indices = full.indices(encoded, len(held))
    found: np.ndarray = said[indices] & ~column.missing
    return found
