"""Every promised feature of every shopper, against a judge that knows only promises.

The judge is `tests/oracle`: plain Python, written from the interface alone. It is asked
about published data sets, and about a made-up log full of edges and ties.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import mappings
from tests.oracle.cells import rfc3339
from tests.oracle.event import Account
from tests.oracle.json_lines import read_json_lines
from tests.oracle.limner_command import export, ingest, limner, profile
from tests.oracle.promised import DAY, HOUR, promised
from tests.oracle.storm import NOON, storm
from tests.oracle.verdict import judge, same
from tests.oracle.world import World

Step = tuple[str, str, Callable[[Path], Account]]


@dataclass(frozen=True)
class Case:
    """A published data set: the files that make it, in the order they are given."""

    name: str
    steps: tuple[Step, ...]
    currency: str
    edge: int
    """A window's span: one reading lies exactly this long after an event."""
    catalogue: tuple[str, str] | None = None


CASES = [
    Case(
        "uci_online_retail",
        (
            (
                "uci_online_retail",
                "uci_online_retail/online_retail.csv.gz",
                mappings.uci_online_retail,
            ),
        ),
        currency="GBP",
        edge=30 * DAY,
    ),
    Case(
        "retailrocket",
        (("retailrocket", "retailrocket/events.csv.gz", mappings.retailrocket),),
        currency="USD",
        edge=7 * DAY,
    ),
    Case(
        "taobao_2h",
        (("taobao", "taobao/UserBehavior_2h.csv.gz", mappings.taobao),),
        currency="CNY",
        edge=HOUR,
    ),
    Case(
        "taobao_114users",
        (("taobao", "taobao/UserBehavior_114users.csv.gz", mappings.taobao),),
        currency="CNY",
        edge=DAY,
    ),
    Case(
        "jdata2016",
        (
            (
                "jdata2016_actions",
                "jdata2016/actions_sample_89k.csv.gz",
                mappings.jdata2016_actions,
            ),
            (
                "jdata2016_users",
                "jdata2016/users.csv.gz",
                mappings.jdata2016_users,
            ),
        ),
        currency="CNY",
        edge=30 * DAY,
        catalogue=("jdata2016_products", "jdata2016/products.csv.gz"),
    ),
    Case(
        "rees46",
        (("rees46", "rees46/2019-Oct_head.csv.gz", mappings.rees46),),
        currency="USD",
        edge=HOUR,
    ),
    Case(
        "cdnow",
        (("cdnow", "cdnow/CDNOW_master.txt.gz", mappings.cdnow),),
        currency="USD",
        edge=365 * DAY,
    ),
]


@dataclass
class Trial:
    """A store filled by Limner, and the judge's own reading of the same files."""

    name: str
    store: Path
    world: World
    said: list[dict[str, Any]]
    expected: list[dict[str, object]]
    moments: dict[str, int]


def published(path: Path) -> Path:
    """A data set's file; without it the test is skipped, and says so."""
    if not path.exists():
        pytest.skip(f"NOT JUDGED: ../shared/data/{path.parent.name}/{path.name} absent")
    return path


def moments_of(actions: list[int], edge: int) -> dict[str, int]:
    """The readings that catch out an engine, given when things happened."""
    in_two_thirds = actions[2 * len(actions) // 3]
    return {
        "in_the_middle": actions[len(actions) // 2] + 123_457,
        "at_an_event": in_two_thirds,
        "just_before_it": in_two_thirds - 1,
        "a_window_after_one": actions[len(actions) // 3] + edge,
        "long_after": actions[-1] + 300 * DAY,
    }


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def trial(
    request: pytest.FixtureRequest,
    shared_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Trial:
    case: Case = request.param
    store = tmp_path_factory.mktemp(case.name) / "store"
    said, expected, events, catalogue = [], [], [], None
    for mapping, name, read in case.steps:
        path = published(shared_data / name)
        said.append(ingest(store, mapping, path))
        account = read(path)
        expected.append(account.counts())
        events.append(account.events)
    if case.catalogue:
        mapping, name = case.catalogue
        path = published(shared_data / name)
        ingest(store, mapping, path)
        catalogue = mappings.jdata2016_products(path)
    world = World(
        [event for part in events for event in part],
        currency=case.currency,
        catalogue=catalogue,
    )
    actions = sorted({event.at for event in events[0]})
    moments = moments_of(actions, case.edge)
    return Trial(case.name, store, world, said, expected, moments)


def test_rows_are_accounted_for_as_the_judge_counts_them(trial: Trial) -> None:
    for said, expected in zip(trial.said, trial.expected, strict=True):
        assert {key: said[key] for key in expected} == expected
    assert trial.said[-1]["shoppers"] == len(trial.world.histories)
    total = sum(len(history) for history in trial.world.histories.values())
    assert trial.said[-1]["events"] == total


@pytest.mark.parametrize("moment", list(moments_of([0], 0)))
def test_every_feature_of_every_shopper_is_as_promised(
    trial: Trial, moment: str
) -> None:
    at = trial.moments[moment]
    table = export(trial.store, at)
    judge(table, trial.world.profiles(at), data=f"{trial.name}, {moment}", at=at)


def test_one_profile_says_what_the_row_says(trial: Trial) -> None:
    at, histories = trial.moments["at_an_event"], trial.world.histories
    busiest = max(histories, key=lambda shopper: len(histories[shopper]))
    got = profile(trial.store, busiest[1], at)
    expected = promised(histories[busiest], at, trial.world.currency)
    for column, value in expected.items():
        where = f"{trial.name} at {rfc3339(at)}: {busiest} {column}"
        assert same(got[column], value), f"{where}: got {got[column]}, not {value}"


SEED = 20_230_615
READINGS = {
    "noon": (NOON, None),
    "just_after_noon": (NOON + 1, None),
    "before_devices_met": (NOON - 9 * DAY, None),
    "while_tied": (NOON - 15 * DAY, None),
    "after_untied": (NOON - 3 * DAY, None),
    "tied_again": (NOON + 12 * DAY, None),
    "known_at_noon": (NOON, NOON),
    "known_just_before_the_late": (NOON, NOON + 5 * DAY - 1),
    "known_with_the_late": (NOON, NOON + 5 * DAY),
    "a_year_after": (NOON + 365 * DAY, None),
}


@pytest.fixture(scope="module")
def stormy(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder = tmp_path_factory.mktemp("storm")
    lines = storm(SEED)
    path = folder / "storm.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = [ingest(folder / "store", "limner", path)]
    account = read_json_lines(lines)
    world = World(account.events, currency="USD")
    name = f"storm (seed {SEED})"
    return Trial(name, folder / "store", world, said, [account.counts()], {})


def test_a_storms_lines_are_accounted_for(stormy: Trial) -> None:
    (said,), (expected,) = stormy.said, stormy.expected
    assert {key: said[key] for key in expected} == expected


@pytest.mark.parametrize("reading", READINGS)
def test_every_feature_of_a_storm_is_as_promised(stormy: Trial, reading: str) -> None:
    at, known = READINGS[reading]
    table = export(stormy.store, at, known)
    expected = stormy.world.profiles(at, known)
    judge(table, expected, data=f"{stormy.name}, {reading}", at=at)


@pytest.mark.parametrize("shopper", ["person", "orders", "edge-in", "robot", "late"])
def test_profiles_of_a_storm_equal_the_rows(stormy: Trial, shopper: str) -> None:
    got = profile(stormy.store, f"user_id:{shopper}", NOON)
    for column, value in stormy.world.profiles(NOON)["user_id", shopper].items():
        assert same(got[column], value), f"{shopper} {column}"


def test_any_identifier_of_a_person_finds_the_person(stormy: Trial) -> None:
    by_user = profile(stormy.store, "user_id:person", NOON)
    by_browser = profile(stormy.store, "anonymous_id:a1", NOON)
    assert by_browser == by_user


def test_before_the_first_event_a_profile_is_zeros_and_none(stormy: Trial) -> None:
    got = profile(stormy.store, "user_id:orders", NOON - 1000 * DAY)
    nothing = stormy.world.profiles(NOON)["user_id", "shadow"]  # never did anything
    for column, value in nothing.items():
        assert same(got[column], value), column


def test_an_explanation_lists_what_the_value_is_made_of(stormy: Trial) -> None:
    words = ["user_id:edge-in", "behaviour.views_30d", "--at", rfc3339(NOON)]
    told = limner("explain", "--store", stormy.store, *words, "--json").json
    expected = stormy.world.profiles(NOON)["user_id", "edge-in"]
    assert told["value"] == told["count"] == expected["behaviour.views_30d"]
    assert len(told["contributions"]) == told["count"]
    assert {one["kind"] for one in told["contributions"]} == {"view"}


def test_a_rebuilt_storm_is_the_same(stormy: Trial) -> None:
    told = limner("verify", "--store", stormy.store, "--json").json
    assert told["differences"] == 0
    assert told["shoppers"] > 40
    assert told["features"] >= 60


def test_a_store_in_yen_has_no_minor_units(tmp_path: Path, store_dir: Path) -> None:
    lines = [
        '{"id": "1", "kind": "purchase", "at": "2024-01-01", "price": "12.5",'
        ' "quantity": 3, "shopper": {"user_id": "a"}}',
        '{"id": "2", "kind": "purchase", "at": "2024-01-01", "price": "12.5",'
        ' "currency": "USD", "shopper": {"user_id": "a"}}',
    ]
    path = tmp_path / "yen.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    words = ["--mapping", "limner", "--currency", "JPY", path, "--json"]
    limner("ingest", "--store", store_dir, *words)
    world = World(read_json_lines(lines, currency="JPY").events, currency="JPY")
    at = world.moments[-1] + DAY
    expected = world.profiles(at)
    assert expected["user_id", "a"]["value.spend_365d"] == 39
    judge(export(store_dir, at), expected, data="a store in yen", at=at)


CATALOGUE = """source = "catalogue"
[item]
id = "sku"
category = "class"
brand = "maker"
at = "since"
"""


@pytest.mark.parametrize("first", ["catalogue", "events"])
def test_a_catalogue_speaks_for_events_that_do_not(
    tmp_path: Path, store_dir: Path, first: str
) -> None:
    """Whichever is given first: facts are joined at reading, as of the event."""
    facts = tmp_path / "facts.csv"
    facts.write_text(
        "sku,class,maker,since\n"
        "hat,sport,b,2024-02-01\nhat,wear,b,2024-01-01\nsock,wear,c,2024-01-01\n",
        encoding="utf-8",
    )
    mapping = tmp_path / "catalogue.toml"
    mapping.write_text(CATALOGUE, encoding="utf-8")
    said = [
        ("2023-12-01", "hat", None),  # older than every fact: the earliest
        ("2024-01-31T23:59:59.999999Z", "hat", None),
        ("2024-02-01", "hat", None),
        ("2024-02-02", "hat", "its own"),
        ("2024-02-03", "sock", None),
        ("2024-02-04", "unheard of", None),
    ]
    lines = [
        f'{{"kind": "view", "at": "{at}", "item": "{item}", "shopper": '
        + '{"user_id": "a"}'
        + (f', "category": "{category}"}}' if category else "}")
        for at, item, category in said
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines), encoding="utf-8")
    files = [(mapping, facts), ("limner", log)]
    for name, path in files if first == "catalogue" else reversed(files):
        ingest(store_dir, name, path)
    got = profile(store_dir, "a", NOON + 240 * DAY)["preference.categories"]
    weights = {entry["key"]: entry["weight"] for entry in got}
    faded = faded_views(NOON + 240 * DAY, [at for at, _, _ in said])
    assert weights == pytest.approx(
        {
            "wear": faded[0] + faded[1] + faded[4],
            "sport": faded[2],
            "its own": faded[3],
        },
        rel=1e-9,
    )


def faded_views(at: int, times: list[str]) -> list[float]:
    """What a view at each of the times is worth at the moment."""
    lines = [
        f'{{"kind": "view", "at": "{time}", "shopper": {{"user_id": "a"}}}}'
        for time in times
    ]
    events = read_json_lines(lines).events
    return [0.5 ** ((at - event.at) / (14 * DAY)) for event in events]
