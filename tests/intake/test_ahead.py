"""Work done ahead in a thread: in order, with its errors, and ended when left."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from limner.intake.ahead import Ahead


def test_items_come_in_order() -> None:
    with Ahead(iter(range(100))) as items:
        assert list(items) == list(range(100))


def test_an_error_comes_after_the_items_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise OSError("disk")

    with Ahead(failing()) as items:
        taken = iter(items)
        assert next(taken) == 1
        with pytest.raises(OSError, match="disk"):
            next(taken)


def test_leaving_early_ends_the_thread() -> None:
    before = threading.active_count()
    with Ahead(iter(int, 1)) as items:
        next(iter(items))
    assert threading.active_count() == before


def test_it_is_only_a_few_items_ahead() -> None:
    made: list[int] = []

    def making() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    with Ahead(making(), depth=2) as items:
        for taken, _ in enumerate(items, 1):
            assert len(made) <= taken + 3
