"""An import that is killed goes on where it stopped: nothing lost, nothing doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from limner.intake import deadletters, position
from limner.intake.ingest import ingest
from limner.intake.mapping import Mapping
from limner.stores.contract import Store
from limner.stores.disk import open_store
from tests.intake import orders
from tests.intake.orders import mapping, take

ROWS = 130_000
KILLED = """
import os, signal, sys
from pathlib import Path
from limner.intake.ingest import ingest
from limner.stores.disk import open_store
from limner.events.schema import Schema
from tests.intake.orders import mapping

left = int(sys.argv[1])

def tell(share, text):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

store = open_store(sys.argv[2], create=Schema(currency="EUR"))
ingest(store, mapping(sys.argv[3]), paths=list(map(Path, sys.argv[4:])), progress=tell)
"""


def row(number: int) -> str:
    if number % 10 == 0:
        return ",2024-01-05,buy,shoe,9.50,1"
    who = number % 7 * (number % 1_000)
    return f"u{who},2024-01-05,buy,p{number % 50_000},9.50,1"


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("orders")
    rows = [row(number) for number in range(ROWS)]
    cut = ROWS // 3 * 2
    return [
        orders.file(folder, rows[:cut], "1.csv"),
        orders.file(folder, rows[cut:], "2.csv"),
    ]


def kill(after: int, folder: Path, change: str, paths: list[Path]) -> None:
    """Ingest in a process that dies after so many commits."""
    words = [sys.executable, "-c", KILLED, str(after), str(folder), change]
    done = subprocess.run([*words, *map(str, paths)], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def kept(of: Store) -> list[str]:
    return sorted(letter["id"] for letter in deadletters.told_all(of))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("change", ["", 'identity = "occurrence"\n'])
def test_a_killed_import_goes_on_and_reports_the_whole(
    tmp_path: Path, paths: list[Path], change: str
) -> None:
    straight = orders.store()
    expected = take(straight, mapping(change), *paths).tally
    assert expected.rows == ROWS
    for after in (1, 1):
        kill(after, tmp_path / "killed", change, paths)
    killed = open_store(tmp_path / "killed")
    assert 0 < killed.totals().events < expected.accepted
    assert take(killed, mapping(change), *paths).tally == expected
    assert killed.totals().events == expected.accepted
    assert kept(killed) == kept(straight)
    assert killed.count(position.TABLE) == 0
    again = take(killed, mapping(change), *paths).tally
    assert (again.rows, again.accepted) == (ROWS, 0)
    killed.close()


class Stop(Exception):
    """An interruption."""


def interrupt(into: Store, how: Mapping, *paths: Path) -> None:
    def tell(*_: object) -> None:
        raise Stop

    with pytest.raises(Stop):
        ingest(into, how, paths=list(paths), progress=tell)
    assert into.count(position.TABLE) == 1


def test_a_file_that_changed_meanwhile_is_taken_from_its_beginning(
    tmp_path: Path,
) -> None:
    rows = [row(number) for number in range(60_000)]
    into = orders.store()
    path = orders.file(tmp_path, rows)
    interrupt(into, mapping(), path)
    changed = orders.file(tmp_path, ["u1,2024-01-05,see,new,,", *rows[1:]])
    tally = take(into, mapping(), changed).tally
    assert tally.rows == 60_000
    assert tally.accepted == 1 + len(set(rows[50_000:]) - set(rows[:50_000]))


def test_a_file_that_was_cut_short_meanwhile_is_taken_from_its_beginning(
    tmp_path: Path,
) -> None:
    rows = [row(number) for number in range(60_000)]
    into = orders.store()
    interrupt(into, mapping(), orders.file(tmp_path, rows))
    tally = take(into, mapping(), orders.file(tmp_path, rows[:20_000])).tally
    assert (tally.rows, tally.accepted) == (20_000, 0)


def test_a_mapping_that_changed_meanwhile_starts_anew(tmp_path: Path) -> None:
    rows = [row(number) for number in range(60_000)]
    into = orders.store()
    path = orders.file(tmp_path, rows)
    interrupt(into, mapping(), path)
    tally = take(into, mapping("time_zone = 'Asia/Tokyo'\n"), path).tally
    assert tally.rows == 60_000


def test_a_finished_file_of_several_is_counted_and_not_read_again(
    tmp_path: Path,
) -> None:
    one = orders.file(tmp_path, [row(1), row(2)], "1.csv")
    two = orders.file(tmp_path, [row(3), row(10)], "2.csv")
    into, commits = orders.store(), []

    def tell(*said: object) -> None:
        commits.append(said)
        if len(commits) == 2:
            raise Stop

    with pytest.raises(Stop):
        ingest(into, mapping(), paths=[one, two], progress=tell)
    tally = take(into, mapping(), one, two).tally
    assert (tally.rows, tally.accepted, tally.dead_letters) == (4, 3, 1)


BESIDE = """
import sys
from pathlib import Path
from limner.events.schema import Schema
from limner.intake.ingest import ingest
from limner.stores.disk import open_store
from tests.intake.orders import mapping

store = open_store(sys.argv[1], create=Schema(currency="EUR"))
said = ingest(store, mapping(), paths=list(map(Path, sys.argv[2:]))).tally
print(said.rows, said.accepted, said.duplicates, said.dead_letters)
"""


def test_two_imports_at_once_take_each_event_once(
    store_dir: Path, paths: list[Path]
) -> None:
    expected = take(orders.store(), mapping(), *paths).tally
    open_store(store_dir, create=orders.store().schema).close()
    words = [sys.executable, "-c", BESIDE, str(store_dir)]
    both = [
        subprocess.Popen([*words, *map(str, order)], stdout=subprocess.PIPE, text=True)
        for order in (paths, paths[::-1])
    ]
    said = [list(map(int, one.communicate()[0].split())) for one in both]
    assert [one[0] for one in said] == [ROWS, ROWS]
    assert said[0][1] + said[1][1] == expected.accepted
    assert [one[3] for one in said] == [expected.dead_letters] * 2
    store = open_store(store_dir)
    assert store.totals().events == expected.accepted
    assert store.count(deadletters.TABLE) == expected.dead_letters
    store.close()
