"""Codes in the order of their texts, few or many; numbers in their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from limner.engine.texts import Texts
from limner.events.codes import text_code


class Dictionary:
    """Of a store, only its texts."""

    def __init__(self, words: list[str]) -> None:
        self.words = {text_code(word): word for word in words}

    def texts(self, codes: np.ndarray) -> list[str | None]:
        return [self.words.get(int(code)) for code in codes]


@pytest.mark.parametrize("times", [1, 50])
def test_ranks_are_by_text_and_then_by_number(times: int) -> None:
    words = ["pear", "apple", "é", "zebra", "Apple", "10", "9"]
    store: Any = Dictionary(words)
    held = np.array([text_code(word) for word in words], np.uint64).astype(np.int64)
    codes = np.concatenate([held, [17, 4, 9]] * times)
    ranks = Texts(store).ranks(codes)
    shown = [store.words.get(int(np.int64(code).view(np.uint64)), "") for code in codes]
    expected = sorted(zip(shown, codes.tolist(), strict=True))
    found = sorted(zip(ranks.tolist(), shown, codes.tolist(), strict=True))
    assert [(text, code) for _, text, code in found] == expected
    assert len(set(ranks.tolist())) == len(words) + 3
