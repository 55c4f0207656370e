"""Texts of codes, kept near: a bounded cache before the store's dictionary."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from limner.events.record import NULL
from limner.stores.contract import Store

CACHED_MAX = 1_000_000


class Texts:
    """Codes (int64, as the machine has them) to texts. A code's text never changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, str] = {}

    def of(self, codes: list[int]) -> list[str | None]:
        """The text of each code; None for NULL, and for a code nobody knows."""
        known = self._known
        try:
            return [known[code] for code in codes]
        except KeyError:
            self._learn([code for code in set(codes) if code not in known])
        return [self._known.get(code) for code in codes]

    def _learn(self, codes: list[int]) -> None:
        wanted = np.array([code for code in codes if code != NULL], np.int64)
        found = self._store.texts(wanted.view(np.uint64))
        if len(self._known) + len(found) > CACHED_MAX:
            self._known = {}
        for code, text in zip(wanted.tolist(), found, strict=True):
            if text is not None:
                self._known[code] = text

    def ranks(self, codes: np.ndarray) -> np.ndarray:
        """The rank of each code among all of these by its text: int64[n]."""
        if len(codes) < 256:
            texts = [text or "" for text in self.of(codes.tolist())]
            place = {text: n for n, text in enumerate(sorted(set(texts)))}
            return np.array([place[text] for text in texts], np.int64)
        encoded = pa.array(codes).dictionary_encode()
        texts = pa.array(self.of(encoded.dictionary.to_pylist()), pa.string())
        ranks = pc.rank(pc.fill_null(texts, ""), tiebreaker="dense").to_numpy()
        placed: np.ndarray = ranks.astype(np.int64)[encoded.indices.to_numpy()]
        return placed

    def column(self, codes: np.ndarray) -> pa.Array:
        """The texts as an Arrow array of strings, null for NULL."""
        encoded = pa.array(codes).dictionary_encode()
        texts = self.of(encoded.dictionary.to_pylist())
        return pa.array(texts, pa.string()).take(encoded.indices)
