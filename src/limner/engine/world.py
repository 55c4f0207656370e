"""What a reading looks at beside the history: retention, catalogue, rates."""

from __future__ import annotations

import numpy as np

from limner.clock import FOR_EVER
from limner.events import money
from limner.events.kinds import ATTRIBUTE
from limner.events.record import NULL
from limner.events.schema import Schema
from limner.history.catalogue import Catalogue
from limner.machine.run import World
from limner.profile.rates import Rates


def world_of(schema: Schema, catalogue: Catalogue, *, rates: Rates) -> World:
    """The machine's tables for a store, its catalogue and a definition's rates."""
    spans, newest = np.full(64, FOR_EVER), np.full(64, FOR_EVER)
    for kind, code in schema.kind_codes().items():
        kept = schema.kept(kind)
        spans[code], newest[code] = kept.span_us, kept.newest
    newest[ATTRIBUTE] = schema.kept("identify").newest
    rate_ats, factors, starts = _rates(schema.currency, rates)
    return World(
        spans,
        newest,
        catalogue.item,
        catalogue.at,
        _facts(catalogue, money.CODES[schema.currency]),
        rate_ats,
        factors,
        starts,
        np.array([money.CODES[schema.currency]], np.int64),
        np.zeros(1, np.int64),
    )


def _facts(catalogue: Catalogue, currency: int) -> np.ndarray:
    """int64[n, 3]: category, brand, price; a price of another currency is not said."""
    facts = np.empty((len(catalogue), 3), np.int64)
    for column, codes in enumerate((catalogue.category, catalogue.brand)):
        facts[:, column] = np.where(codes == 0, NULL, codes.view(np.int64))
    facts[:, 2] = np.where(catalogue.currency == currency, catalogue.price, NULL)
    return facts


def _rates(store: str, rates: Rates) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments and factors of minor units, by the code of their currency."""
    rows = sorted((money.CODES[name], at, name, rate) for name, at, rate in rates.table)
    factors = [
        float(rate.scaleb(money.EXPONENTS[store] - money.EXPONENTS[name]))
        for _, _, name, rate in rows
    ]
    codes = np.array([code for code, _, _, _ in rows], np.int64)
    starts = np.searchsorted(codes, np.arange(257)).astype(np.int64)
    ats = np.array([at for _, at, _, _ in rows], np.int64)
    return ats, np.array(factors, np.float64), starts
