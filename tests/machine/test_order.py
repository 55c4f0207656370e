"""Lists in the order of readers: heaviest first, ties by text, cut to their limit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from limner.machine.order import TIE, settle

entries = st.lists(
    st.tuples(
        st.sampled_from([-1.0, 0.0, 1.0, 2.0, 2.0 * (1 + TIE / 3), 2.5, 1e9]),
        st.integers(0, 1000),
    ),
    max_size=60,
    unique_by=lambda entry: entry[1],
)


def settled(lists: list[list[tuple[float, int]]], limit: int) -> list[list[int]]:
    """The ranks (which are the keys, too) of each list after settling."""
    flat = [entry for one in lists for entry in one]
    ranks = np.array([rank for _, rank in flat], np.int64)
    keys, weights = ranks.copy(), np.array([weight for weight, _ in flat], np.float64)
    starts = np.cumsum([0, *map(len, lists)])
    bounds = np.array([[s, len(one)] for s, one in zip(starts, lists, strict=False)])
    bounds = bounds.astype(np.int64).reshape(len(lists), 1, 2)
    settle(keys, weights, ranks, bounds, np.array([limit]))
    assert (keys == ranks).all()
    return [keys[s : s + n].tolist() for s, n in bounds[:, 0].tolist()]


@given(st.lists(entries, max_size=4), st.integers(1, 10))
def test_it_sorts_as_python_does(lists: list[list[tuple[float, int]]], k: int) -> None:
    near = [[(float(f"{w:.6g}"), rank) for w, rank in one] for one in lists]
    expected = [
        [r for _, r in sorted(one, key=lambda e: (-e[0], e[1]))] for one in near
    ]
    assert settled(lists, k) == [one[:k] for one in expected]


def test_a_tie_reaches_as_far_as_the_heaviest_allows() -> None:
    weights = [1.0, 1.0 - 0.6e-9, 1.0 - 1.2e-9]
    entries = [(w, rank) for w, rank in zip(weights, [2, 1, 0], strict=True)]
    assert settled([entries], 3) == [[1, 2, 0]]


def test_long_lists_of_ties_are_quick() -> None:
    ranks = np.random.default_rng(1).permutation(20_000).tolist()
    assert settled([[(1.0, rank) for rank in ranks]], 5) == [[0, 1, 2, 3, 4]]
