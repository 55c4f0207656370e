"""Texts of codes, kept near: a bounded cache before the store's dictionary."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from limner.events.record import NULL
from limner.stores.contract import Store

CACHED_MAX = 1_000_000


class _Whole:
    """A whole dictionary as arrays: what is asked of it needs no Python per text."""

    def __init__(self, codes: np.ndarray, texts: pa.Array) -> None:
        order = np.argsort(codes)
        self.codes: np.ndarray = codes[order]
        self.texts = texts.take(pa.array(order))
        self.ranks = pc.rank(self.texts, tiebreaker="first").to_numpy().astype("i8")

    def places(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where each code is, and whether it is there at all."""
        places = np.searchsorted(self.codes, codes)
        places[places == len(self.codes)] = 0
        return places, self.codes[places] == codes


class Texts:
    """Codes (int64, as the machine has them) to texts. A code's text never changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, str | None] = {NULL: None}
        self._whole: _Whole | None = None

    def learn_all(self) -> None:
        """Take the whole dictionary near, unless it is too large: for everybody."""
        codes, texts = [np.zeros(0, np.uint64)], [pa.array([], pa.string())]
        for some, said in self._store.dictionary():
            codes.append(some)
            texts.append(pa.array(said, pa.string()))
            if sum(map(len, codes)) > CACHED_MAX:
                return
        if sum(map(len, codes)):
            every = np.concatenate(codes).view(np.int64)
            self._whole = _Whole(every, pa.concat_arrays(texts))

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
            self._known = {NULL: None}
        for code, text in zip(wanted.tolist(), found, strict=True):
            if text is not None:
                self._known[code] = text

    def ranks(self, codes: np.ndarray) -> np.ndarray:
        """The rank of each code among all of these by its text: int64[n].

        Those without a text (whole numbers, in lists of them) go by themselves.
        """
        if len(codes) < 256:
            held = codes.tolist()
            pairs = [
                (text or "", n) for text, n in zip(self.of(held), held, strict=True)
            ]
            place = {pair: n for n, pair in enumerate(sorted(set(pairs)))}
            return np.array([place[pair] for pair in pairs], np.int64)
        if self._whole is not None:
            places, are_there = self._whole.places(codes)
            if are_there.all():
                known: np.ndarray = self._whole.ranks[places]
                return known
        encoded = pa.array(codes).dictionary_encode()
        order = np.argsort(encoded.dictionary.to_numpy())
        ordered = encoded.dictionary.take(pa.array(order)).to_pylist()
        texts = pc.fill_null(pa.array(self.of(ordered), pa.string()), "")
        ranks = np.empty(len(order), np.int64)
        ranks[order] = pc.rank(texts, tiebreaker="first").to_numpy()
        placed: np.ndarray = ranks[encoded.indices.to_numpy()]
        return placed

    def column(self, codes: np.ndarray) -> pa.Array:
        """The texts as an Arrow array of strings, null for NULL."""
        if (codes == NULL).all():
            return pa.nulls(len(codes), pa.string())
        if self._whole is not None:
            places, are_there = self._whole.places(codes)
            if (are_there | (codes == NULL)).all():
                return self._whole.texts.take(pa.array(places, mask=~are_there))
        encoded = pa.array(codes).dictionary_encode()
        texts = self.of(encoded.dictionary.to_pylist())
        return pa.array(texts, pa.string()).take(encoded.indices)
