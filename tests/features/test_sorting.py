"""Compiled sorting, searching and grouping, beside Python's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.features.groups import empty_table, group_of
from limner.features.sorting import find, sort

integers = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=80)


@given(integers, st.integers(-4, 4))
def test_integers(values: list[int], wanted: int) -> None:
    held = np.array([*values, -9], np.int64)
    sort(held, len(values))
    assert held.tolist() == [*sorted(values), -9]
    assert find(held, len(values), wanted) == (wanted in values)


@given(st.lists(st.floats(allow_nan=False), max_size=80))
def test_floats(values: list[float]) -> None:
    held = np.array(values, np.float64)
    sort(held, len(values))
    assert held.tolist() == sorted(values)


@pytest.mark.parametrize("n", [1_000, 20_000])
def test_long_arrays(n: int) -> None:
    rng = np.random.default_rng(n)
    for values in (np.arange(n)[::-1], rng.permutation(n), np.zeros(n), np.arange(n)):
        held = values.astype(np.float64)
        sort(held, n)
        assert (np.diff(held) >= 0).all()


@given(integers)
def test_groups_are_numbered_as_they_appear(values: list[int]) -> None:
    held, keys = np.array(values, np.int64), np.empty(len(values), np.int64)
    table, groups, found = empty_table(len(held)), 0, []
    for value in held:
        found.append(group_of(value, table, keys, groups))
        groups += found[-1] == groups
    distinct = list(dict.fromkeys(values))
    assert keys[:groups].tolist() == distinct
    assert found == [distinct.index(value) for value in values]
