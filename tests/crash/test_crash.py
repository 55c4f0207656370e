"""A killed writer, and a power cut, lose nothing that was acknowledged."""

from __future__ import annotations

import random

import pytest

from tests.crash import kills, power


def test_a_killed_writer_loses_and_doubles_nothing(crash_rounds: int) -> None:
    seed = random.randrange(2**31)
    print(f"seed {seed}")  # shown by pytest when the test fails
    assert kills.run(crash_rounds, seed=seed) > 0


@pytest.mark.parametrize("life", range(2))
def test_a_power_cut_loses_and_doubles_nothing(crash_rounds: int, life: int) -> None:
    seed = random.randrange(2**31)
    print(f"seed {seed}")
    power.run(crash_rounds, seed=seed + life)
