"""What commands promise: a mistake is one clear line, and small things they keep."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.oracle.accounting import HEADER, MAPPING, written
from tests.oracle.cells import iso_time
from tests.oracle.limner_command import ingest, limner, profile

VIEW = '{"kind": "view", "at": "2024-01-05T10:00:00Z", "shopper": {"user_id": "a"}'
ROW = b"u1,2024-01-05 10:00:00,see,shoe,9.50,1\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of one shopper, a log and some useless files."""
    folder = tmp_path_factory.mktemp("mistakes")
    written(folder / "log.jsonl", VIEW + "}\n")
    written(folder / "broken.toml", "source = [")
    written(folder / "empty.toml", 'source = "x"\n')
    written(folder / "other.toml", MAPPING.replace('"user"', '"customer"'))
    written(
        folder / "rows.csv",
        HEADER + b"\n" + ROW,
    )
    (folder / "foreign").mkdir()
    written(folder / "foreign" / "notes.txt", "not a store")
    ingest(folder / "store", "limner", folder / "log.jsonl")
    return folder


MISTAKES = [
    "ingest --store {0}/new --mapping no_such_mapping {0}/log.jsonl --json",
    "ingest --store {0}/new --mapping {0}/absent.toml {0}/log.jsonl --json",
    "ingest --store {0}/new --mapping {0}/broken.toml {0}/log.jsonl --json",
    "ingest --store {0}/new --mapping {0}/empty.toml {0}/rows.csv --json",
    "ingest --store {0}/new --mapping {0}/other.toml {0}/rows.csv --json",
    "ingest --store {0}/new --mapping limner {0}/absent.jsonl --json",
    "ingest --store {0}/new --mapping limner",
    "ingest --mapping limner {0}/log.jsonl",
    "profile --store {0}/absent a --json",
    "profile --store {0}/store nobody --json",
    "profile --store {0}/store user_id:nobody --json",
    "profile --store {0}/store a --at someday --json",
    "profile --store {0}/store a --at 2024-02-30 --json",
    "profile --store {0}/store --json",
    "export --store {0}/absent --at 2024-01-01 --out {0}/out.parquet",
    "export --store {0}/store --at someday --out {0}/out.parquet",
    "export --store {0}/store --at 2024-01-01 --known so --out {0}/out.parquet",
    "export --store {0}/store --at 2024-01-01 --out {0}/no/such/folder.parquet",
    "export --store {0}/store --at 2024-01-01",
    "explain --store {0}/store a behaviour.no_such_feature --json",
    "explain --store {0}/store nobody behaviour.views_1h --json",
    "explain --store {0}/absent a behaviour.views_1h --json",
    "timeline --store {0}/store nobody --json",
    "timeline --store {0}/absent a --json",
    "deadletters list --store {0}/absent --json",
    "verify --store {0}/absent --json",
    "profile --store {0}/log.jsonl a --json",
    "profile --store {0}/foreign a --json",
    "ingest --store {0}/log.jsonl --mapping limner {0}/log.jsonl --json",
    "no_such_command",
    "profile --no-such-option",
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_clear_line_and_exit_code_two(
    small: Path, mistake: str
) -> None:
    words = [word.format(small) for word in mistake.split()]
    answer = limner(*words, expected=2)
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert len(answer.err.strip().splitlines()) == 1, answer.err


def test_a_command_that_fails_leaves_no_store_behind(small: Path) -> None:
    limner("profile", "--store", small / "absent", "a", "--json", expected=2)
    assert not (small / "absent").exists()


def test_an_export_replaces_what_was_there(small: Path) -> None:
    out = written(small / "there.parquet", "something else")
    words = ["--at", "2024-02-01", "--out", out]
    limner("export", "--store", small / "store", *words)
    assert pq.read_table(out)["shopper"].to_pylist() == ["a"]


def test_a_shopper_is_known_by_the_bare_value_or_with_its_type(small: Path) -> None:
    at = iso_time("2024-01-06T00:00:00Z")
    bare = profile(small / "store", "a", at)
    assert bare == profile(small / "store", "user_id:a", at)
    assert bare["behaviour.views_24h"] == 1


def test_timelines_are_oldest_first(tmp_path: Path, store_dir: Path) -> None:
    days = [3, 1, 2]
    lines = [VIEW.replace("05T", f"0{day}T") + "}" for day in days]
    ingest(store_dir, "limner", written(tmp_path / "log.jsonl", "\n".join(lines)))
    told = limner("timeline", "--store", store_dir, "a", "--json").json_lines
    assert [event["at"][:10] for event in told] == [
        "2024-01-01",
        "2024-01-02",
        "2024-01-03",
    ]
