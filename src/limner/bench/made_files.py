"""Files to take in: published ones where they lie beside the checkout, else alike."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np

from limner.clock import DAY, MINUTE, SECOND, moment_text, moment_us

DATA = Path(__file__).parents[4] / "shared" / "data"
"""Real data beside a checkout; never part of it."""


class Source(NamedTuple):
    """A file, the mapping it needs, and what to call it."""

    name: str
    path: Path
    mapping: str
    columns: tuple[str, ...]
    """Of a file without a header."""
    time_format: str
    """As `datetime.strptime` has it; '' for seconds since 1970."""


def online_retail(folder: Path, rows: int) -> Source:
    """Online Retail, or as many rows that look like it."""
    columns, how = (), "%Y-%m-%d %H:%M:%S"
    real = DATA / "uci_online_retail" / "online_retail.csv.gz"
    if real.exists():
        return Source("Online Retail", real, "uci_online_retail", columns, how)
    random = np.random.default_rng(1)
    begun = moment_us("2010-12-01")
    lines = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,"
             "CustomerID,Country"]  # fmt: skip
    for row in range(rows):
        order = row // 20
        at = moment_text(begun + order * 19 * MINUTE)[:19].replace("T", " ")
        item, who = random.integers(0, 4_000), order * 7919 % 4_300
        price = f"{random.integers(10, 2_000) / 100:.2f}"
        customer = "" if order % 4 == 0 else f"{12_000 + who}.0"
        lines.append(
            f"{500_000 + order},{20_000 + item},SOME GIFT OF PAPER,{row % 12 + 1},"
            f"{at},{price},{customer},United Kingdom"
        )
    path = _packed(folder / "online_retail.csv.gz", lines)
    return Source("rows like Online Retail's", path, "uci_online_retail", columns, how)


def taobao(folder: Path, rows: int) -> Source:
    """Taobao's two hours, or as many rows that look like them."""
    columns = ("user", "item", "category", "behaviour", "ts")
    real = DATA / "taobao" / "UserBehavior_2h.csv.gz"
    if real.exists():
        return Source("Taobao, two hours", real, "taobao", columns, "")
    random = np.random.default_rng(2)
    begun = moment_us("2017-11-25") // SECOND
    span = DAY // SECOND // 12
    lines = [
        f"{random.integers(1, 60_000)},{random.integers(1, 900_000)},"
        f"{random.integers(1, 5_000)},{('pv', 'fav', 'cart', 'buy')[row % 37 // 12]},"
        f"{begun + row * span // rows}"
        for row in range(rows)
    ]
    path = _packed(folder / "taobao.csv.gz", lines)
    return Source("rows like Taobao's", path, "taobao", columns, "")


def _packed(path: Path, lines: list[str]) -> Path:
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write("\n".join(lines) + "\n")
    return path
