"""Made-up traffic of a shop: full events of ~430 bytes, many millions of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

_KINDS = np.array(["view", "click", "cart", "purchase", "search"])
_POOL = 50_000
_START = 1_700_000_000_000_000


_SHARE_OF_REGULARS = 20


class Traffic:
    """Batches of events of shoppers without locality, in the order of their moments.

    Every twentieth event, more or less, is of one of the `regulars`, if there are any.
    """

    def __init__(
        self, *, shoppers: int, regulars: int = 0, items: int = 50_000, seed: int = 1
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._shoppers, self._regulars, self._items = shoppers, regulars, items
        words = [f"{word:x}" for word in self._rng.integers(0, 2**31, 4_000)]
        picked = self._rng.integers(0, len(words), (_POOL, 38))
        self._texts = pa.array([" ".join(words[i] for i in row) for row in picked])
        self._item_names = pa.array([f"item-{n:06d}" for n in range(items)])
        self._made = 0

    def batch(self, count: int) -> pa.RecordBatch:
        """The next so many events."""
        rng = self._rng
        numbers = np.arange(self._made, self._made + count)
        self._made += count
        at = pa.array(_START + numbers * 1_000)
        who = self._who(count)
        price = rng.integers(100, 100_000, count)
        item = rng.integers(0, self._items, count)
        return pa.RecordBatch.from_pydict(
            {
                "source": pa.array(["web"]).take(pa.array(np.zeros(count, np.int8))),
                "id": _numbered("evt", numbers),
                "kind": pa.array(_KINDS).take(pa.array(rng.integers(0, 5, count))),
                "at": at,
                "seen_at": at,
                "content": pa.array(rng.integers(0, 2**32, count), pa.uint32()),
                "item": self._item_names.take(pa.array(item)),
                "price": pa.array(price),
                "text": self._texts.take(pa.array(rng.integers(0, _POOL, count))),
                "shopper.user_id": _numbered("user", who),
            }
        )

    def _who(self, count: int) -> np.ndarray:
        """Numbers of shoppers; the regulars' come after those of all others."""
        rng = self._rng
        who = rng.integers(0, self._shoppers, count)
        if self._regulars:
            is_regular = rng.integers(0, _SHARE_OF_REGULARS, count) == 0
            number = self._shoppers + rng.integers(0, self._regulars, count)
            who = np.where(is_regular, number, who)
        return who


def regulars(events: int, *, each: int = 200) -> int:
    """How many regulars there are to be for each to have so many of these events."""
    return max(1, events // _SHARE_OF_REGULARS // each)


def _numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    texts = pa.array(numbers).cast(pa.string())
    return pa.compute.binary_join_element_wise(prefix, texts, "-")
