"""A feature of one's own: one file, no other place to touch."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from limner.features.count import count
from limner.language.vocabulary import View
from tests.machine.events import Event
from tests.machine.reading import Machine

OWN = '''
from limner.language.kernel import kernel
from limner.language.kind import Kind
from limner.language.selection import Selection


@kernel
def burst_kernel(n, at, value, number, weight, ints, floats, now, out, out_number):
    """The most events within one minute."""
    most = 0
    for i in range(n):
        j = i
        while j < n and at[j] < at[i] + 60_000_000:
            j += 1
        most = max(most, j - i)
    out[0] = most + EXTRA
    return 1


class Count(Selection):
    """The most events within one minute. 0 without any."""

    kernel = burst_kernel
    empty = 0


def burst(source: Kind) -> Count:
    return Count(source)
'''


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Any]:
    """A function that writes the file, with a number in it, and imports it."""
    loaded = []

    def make(extra: int) -> Any:
        name = f"own_{extra}"
        file = tmp_path / f"{name}.py"
        file.write_text(OWN.replace("EXTRA", str(extra)), "utf-8")
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        loaded.append(name)
        spec.loader.exec_module(module)
        return module

    yield make
    for name in loaded:
        del sys.modules[name]


STORM = [Event(at, "view", at) for at in (0, 1, 59_999_999, 60_000_000, 200_000_000)]


def test_it_is_read_like_any_other(load: Any) -> None:
    burst = load(0).burst
    features = {
        "burst": burst(View),
        "early": burst(View).within("150s"),
        "many": burst(View) > 2,
        "count": count(View),
    }
    assert Machine(features).read([[STORM]], 200_000_000) == [
        {"burst": 3, "early": 2, "many": True, "count": 5}
    ]


def test_its_source_is_part_of_what_it_means(load: Any) -> None:
    one, other = load(0).burst(View), load(1).burst(View)
    keys = {one.key(), other.key(), count(View).key()}
    assert len(keys) == 3
    machine = Machine({"one": one, "other": other})
    assert machine.read([[STORM]], 1) == [{"one": 2, "other": 3}]
