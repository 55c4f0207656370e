"""CSV files into a durable store, cleaned; beside csv.DictReader into a dict."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import datetime
from itertools import count

from limner.bench.figure import Figure, Setting
from limner.bench.made_files import Source, online_retail, taobao
from limner.bench.measuring import percentile, seconds_of
from limner.engine.limner import open as open_limner
from limner.events.schema import Schema

REPEATED = 3
"""The median of so many: other work shares the machine."""
BAR = 150_000.0


def run(setting: Setting) -> Iterator[Figure]:
    """Rows a second, from the compressed file to the last durable commit."""
    sources = [
        online_retail(setting.folder, setting.sized(540_000, 20_000)),
        taobao(setting.folder, setting.sized(110_000, 10_000)),
    ]
    numbers = count()
    for source in sources:
        rates = [
            _rate(setting, source, number=next(numbers)) for _ in range(REPEATED + 1)
        ]
        rows, seconds = _plain(source)
        yield Figure(
            f"{source.name}: CSV to durable store",
            percentile(rates[1:], 50),  # the first may have compiled
            "rows/s",
            bar=BAR,
            plain=rows / seconds,
            beside="csv.DictReader and strptime into a dict, nothing cleaned or kept",
        )


def _rate(setting: Setting, source: Source, *, number: int) -> float:
    store = setting.folder / f"store-{number}"
    with open_limner(store, create=Schema()) as limner:
        summary = limner.ingest(source.mapping, [source.path])
        return summary.tally.rows / summary.seconds


def _plain(source: Source) -> tuple[int, float]:
    """Rows and seconds of what one would write first."""
    histories: dict[str, list[tuple[float, dict[str, str]]]] = {}

    def read() -> None:
        with gzip.open(source.path, "rt", newline="") as file:
            for row in csv.DictReader(file, source.columns or None):
                who = row.get("CustomerID") or row.get("user") or ""
                histories.setdefault(who, []).append((_moment(source, row), row))

    seconds = seconds_of(read)
    return sum(len(history) for history in histories.values()), seconds


def _moment(source: Source, row: dict[str, str]) -> float:
    if not source.time_format:
        return float(row["ts"])
    return datetime.strptime(row["InvoiceDate"], source.time_format).timestamp()
