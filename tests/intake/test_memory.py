"""Files of any size are read in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PEAK = """
import sys
from pathlib import Path
from limner.intake.ingest import ingest
from limner.stores.disk import open_store
from limner.events.schema import Schema
from tests.intake.orders import mapping

most = 0

def tell(*_):
    global most
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            most = max(most, int(line.split()[1]) // 1024)

store = open_store(sys.argv[1], create=Schema(currency="EUR"))
for path in sys.argv[2:]:
    said = ingest(store, mapping(), paths=[Path(path)], progress=tell)
    print(said.tally.rows, most)
"""


def write(path: Path, rows: int, *, line: str) -> Path:
    with path.open("w") as file:
        file.write("user,when,what,item,price,qty\n")
        for number in range(rows):
            file.write(line.format(number % 10_000, number))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_file_ten_times_as_large_takes_no_more(
    tmp_path: Path, store_dir: Path
) -> None:
    line = "u{},2024-01-05 10:00:00,see,p{},,\n"
    small = write(tmp_path / "small.csv", 100_000, line=line)
    large = write(tmp_path / "large.csv", 1_000_000, line=line)
    words = [sys.executable, "-c", PEAK, str(store_dir), str(small), str(large)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    (_, first), (rows, second) = [
        map(int, said.split()) for said in done.stdout.splitlines()
    ]
    assert rows == 1_000_000
    assert second < first + 250, f"{first} MB, then {second} MB"
    assert second < 1_000
