"""Every store against every promise of ``stores/contract.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from limner.errors import StoreError
from limner.events.batch import standardise, texts_only
from limner.events.kinds import ATTRIBUTE
from limner.events.schema import Retention, Schema
from limner.stores.contract import Change, Outcome, Put, Store
from limner.stores.disk import Tuning, open_store
from limner.stores.memory import open_memory
from tests.stores.shop import (
    DAY,
    Event,
    add,
    batch,
    contents,
    full,
    ids,
    random_events,
    who,
)

Opener = Callable[[Schema], Store]
TINY = Tuning(
    hot_rows=64, fan=3, block_events=16, block_file_bytes=4_096, write_bytes=4_096
)
OPENERS = {
    "memory": lambda path, schema: open_memory(schema),
    "disk": lambda path, schema: open_store(path, create=schema),
    "disk, always merging": lambda path, schema: open_store(
        path, create=schema, tuning=TINY
    ),
    "disk, merging at once": lambda path, schema: open_store(
        path, create=schema, tuning=replace(TINY, in_background=False)
    ),
}


@pytest.fixture(params=list(OPENERS))
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens an empty store with given settings."""
    stores: list[Store] = []

    def opener(schema: Schema) -> Store:
        path = tmp_path / f"store{len(stores)}"
        stores.append(OPENERS[request.param](path, schema))
        return stores[-1]

    yield opener
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Opener) -> Store:
    """An empty store."""
    return opened(Schema())


def test_a_history_is_in_the_order_of_moments_not_of_arrival(store: Store) -> None:
    late, early = Event("b", at=20), Event("a", at=10)
    add(store, late)
    add(store, early)
    assert ids(store.histories(who(store, "ann"))[0], [late, early]) == ["a", "b"]


def test_events_of_one_moment_are_in_the_order_of_their_ids(store: Store) -> None:
    events = [Event(f"e{n}") for n in range(20)]
    add(store, *events)
    found = store.histories(who(store, "ann"))[0]
    assert list(found["id"]) == sorted(found["id"])
    assert len(found) == 20


def test_histories_come_in_the_order_asked_for_and_may_be_empty(store: Store) -> None:
    add(store, Event("a", who="ann"), Event("b", who="bob"), Event("c", who="bob"))
    found = store.histories(who(store, "bob", "nobody", "ann", "bob"))
    assert list(found.offsets) == [0, 2, 2, 3, 5]
    assert len(store.histories(who(store))) == 0


def test_giving_the_same_events_again_changes_nothing(store: Store) -> None:
    events = [Event(f"e{n}", who=f"u{n % 3}", at=n) for n in range(30)]
    assert add(store, *events).count(Outcome.ACCEPTED) == 30
    before = contents(store)
    assert add(store, *events[:20]).count(Outcome.DUPLICATE) == 20
    assert contents(store) == before
    assert store.totals().events == 30


def test_duplicates_are_found_within_a_batch(store: Store) -> None:
    event = Event("a")
    outcomes = add(store, event, event, replace(event, content=2)).outcomes
    assert list(outcomes) == [Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.CONFLICT]
    assert store.totals().events == 1


def test_the_same_id_of_another_source_or_shopper_is_another_event(
    store: Store,
) -> None:
    events = (Event("a"), Event("a", source="app"), Event("a", who="bob"))
    assert add(store, *events).count(Outcome.ACCEPTED) == 3


def test_identity_does_not_look_at_the_moment(store: Store) -> None:
    add(store, Event("a", at=10, seen_at=5))
    outcomes = add(store, Event("a", at=99, seen_at=6, content=2)).outcomes
    assert list(outcomes) == [Outcome.CONFLICT]
    assert list(store.histories(who(store, "ann"))[0]["at"]) == [10]


def test_the_earliest_delivery_stands_however_they_arrive(store: Store) -> None:
    first = Event("a", at=50, seen_at=30, content=7)
    assert add(store, first).count(Outcome.ACCEPTED) == 1
    assert add(store, replace(first, seen_at=40, content=1)).count(Outcome.CONFLICT)
    earlier = replace(first, seen_at=20, content=9, at=70)
    assert add(store, earlier).count(Outcome.REPLACED) == 1
    smaller = replace(earlier, content=8)
    assert add(store, smaller).count(Outcome.REPLACED) == 1
    assert add(store, first).count(Outcome.CONFLICT) == 1
    assert add(store, smaller).count(Outcome.DUPLICATE) == 1
    found = store.histories(who(store, "ann"))[0]
    assert [(r["at"], r["seen_at"], r["content"]) for r in found] == [(70, 20, 8)]
    assert store.totals().events == 1
    assert not found["flags"].any()


def test_a_replacement_within_a_batch_leaves_one_record(store: Store) -> None:
    event = Event("a", seen_at=9, attributes={"city": "Oslo"})
    earlier = replace(event, seen_at=3, attributes={"town": "Bergen"})
    outcomes = add(store, event, earlier).outcomes
    assert list(outcomes) == [Outcome.ACCEPTED, Outcome.REPLACED]
    found = store.histories(who(store, "ann"))[0]
    assert list(found["seen_at"]) == [3, 3]
    assert store.totals().events == 1


def test_attributes_follow_their_event(store: Store) -> None:
    event = Event("a", seen_at=9, attributes={"city": "Oslo", "age": "30"})
    add(store, event)
    add(store, event)
    assert (store.histories(who(store, "ann"))[0]["kind"] == ATTRIBUTE).sum() == 2
    add(store, replace(event, seen_at=4, attributes={"city": "Rome"}))
    found = store.histories(who(store, "ann"))[0]
    declared = found[found["kind"] == ATTRIBUTE]
    assert store.texts(declared["value"]) == ["Rome"]
    assert len(found) == 2


def test_a_code_met_with_another_text_is_refused_and_the_rest_is_kept(
    store: Store,
) -> None:
    add(store, Event("a", item="lamp"))
    made = batch(store, [Event("b", item="chair"), Event("c", item="lamp")])
    code = made.text_codes[made.texts.to_pylist().index("chair")]
    lamp = made.text_codes[made.texts.to_pylist().index("lamp")]
    records = made.records.copy()
    records["item"][records["item"] == code] = lamp
    forged = replace(
        made,
        records=records[:1],
        event_of=made.event_of[:1],
        full=made.full.slice(0, 1),
        text_codes=np.array([lamp]),
        texts=pa.array(["chair"]),
    )
    receipt = store.commit(Change(forged))
    assert list(receipt.outcomes) == [Outcome.COLLISION]
    assert add(store, Event("c", item="lamp")).count(Outcome.ACCEPTED) == 1
    assert store.texts(np.array([lamp, 0, 12345], np.uint64)) == ["lamp", None, None]
    assert store.totals().events == 2


def test_the_dictionary_has_every_text_once(store: Store) -> None:
    add(store, *(Event(f"e{n}", item=f"i{n % 7}") for n in range(20)))
    pieces = list(store.dictionary())
    codes = np.concatenate([codes for codes, _ in pieces])
    texts = [text for _, some in pieces for text in some]
    assert sorted(texts) == [f"i{n}" for n in range(7)]
    assert store.texts(codes) == texts


def test_texts_may_come_without_events(store: Store) -> None:
    codes = np.array([5, 7], np.uint64)
    made = texts_only(codes, pa.array(["five", "seven"]), schema=store.schema)
    assert len(store.commit(Change(made)).outcomes) == 0
    assert store.texts(codes[::-1]) == ["seven", "five"]
    assert store.totals().events == 0


def test_full_events_are_found_by_their_place(store: Store) -> None:
    events = [Event(f"e{n}", who=f"u{n % 5}", at=n) for n in range(200)]
    for start in range(0, 200, 40):
        add(store, *events[start : start + 40])
    found = store.histories(who(store, "u1", "u3"))
    table = store.full_events(found.rows["place"])
    assert table["id"].to_pylist() == ids(found.rows, events)
    assert table["text"].to_pylist()[0].startswith("u1 ")
    assert store.full_events(found.rows["place"][:0]).num_rows == 0


def test_a_column_that_a_block_lacks_is_null(store: Store) -> None:
    add(store, Event("a", attributes={"city": "Oslo"}))
    add(store, Event("b", at=2_000))
    places = store.histories(who(store, "ann")).rows["place"]
    table = store.full_events(np.unique(places))
    assert table["attributes.city"].to_pylist() == ["Oslo", None]


def test_blocks_keep_full_events_in_order_of_arrival(store: Store) -> None:
    events = [Event(f"e{n}", at=1_000 - n) for n in range(100)]
    add(store, *events[:60])
    add(store, *events[40:])
    said = [i for part in store.blocks() for i in part.column("id").to_pylist()]
    assert said == [event.id for event in events]


def test_a_scan_meets_everybody_once_in_the_order_of_hashes(store: Store) -> None:
    events = [Event(f"e{n}", who=f"u{n % 40}", at=n) for n in range(400)]
    add(store, *events)
    whos, rows = [], 0
    for piece in store.scan(rows_max=50):
        assert len(piece.whos) == len(piece.names) == len(piece.histories)
        assert len(piece.histories.rows) <= 100
        whos += [(int(w["hi"]), int(w["lo"])) for w in piece.whos]
        rows += len(piece.histories.rows)
        again = store.histories(piece.whos)
        assert again.rows.tobytes() == piece.histories.rows.tobytes()
    assert whos == sorted(set(whos))
    assert (len(whos), rows) == (40, 400)


def test_parts_of_a_scan_are_the_whole(store: Store) -> None:
    add(store, *(Event(f"e{n}", who=f"u{n % 40}") for n in range(200)))
    whole = [int(w) for piece in store.scan() for w in piece.whos["hi"]]
    parts = [
        int(w) for i in range(3) for piece in store.scan(i, 3) for w in piece.whos["hi"]
    ]
    assert parts == whole


def test_names_are_type_and_value(store: Store) -> None:
    add(store, Event("a", who="ann"), Event("b", who="安"))
    assert set(contents(store)) == {"user_id:ann", "user_id:安"}


def test_puts_ride_in_the_commit(store: Store) -> None:
    puts = [Put("notes", b"b", b"2"), Put("notes", b"a", b"1"), Put("other", b"a", b"")]
    store.commit(Change(batch(store, [Event("x")]), puts))
    assert store.get("notes", b"a") == b"1"
    assert store.get("other", b"a") == b""
    assert store.get("notes", b"c") is None
    assert store.get("nothing", b"c") is None
    assert list(store.items("notes")) == [(b"a", b"1"), (b"b", b"2")]
    assert (store.count("notes"), store.count("nothing")) == (2, 0)


def test_a_put_of_none_deletes_and_a_second_put_overwrites(store: Store) -> None:
    store.commit(Change(puts=[Put("t", b"a", b"1"), Put("t", b"b", b"1")]))
    store.commit(Change(puts=[Put("t", b"a", None), Put("t", b"b", b"2")]))
    store.commit(Change(puts=[Put("t", b"a", None)]))
    assert list(store.items("t")) == [(b"b", b"2")]
    assert store.count("t") == 1


def test_items_keep_to_their_prefix_and_tolerate_commits(store: Store) -> None:
    keys = [n.to_bytes(3, "big") for n in range(3_000)]
    store.commit(Change(puts=[Put("t", b"k" + key, key) for key in keys]))
    store.commit(Change(puts=[Put("t", b"l", b"other")]))
    seen = []
    for key, value in store.items("t", b"k"):
        seen.append(key)
        assert key[1:] == value
        if len(seen) % 1_000 == 0:
            store.commit(Change(puts=[Put("u", key, b"")]))
            assert store.get("t", key) == value
    assert seen == [b"k" + key for key in keys]


def test_a_key_may_have_500_bytes_and_a_value_many(store: Store) -> None:
    key, value = b"k" * 500, b"v" * 1_000_000
    store.commit(Change(puts=[Put("a long name of a table", key, value)]))
    assert store.get("a long name of a table", key) == value


def test_then_knows_the_outcomes_and_its_puts_ride_along(store: Store) -> None:
    add(store, Event("a"))

    def then(receipt):
        count = receipt.count(Outcome.ACCEPTED)
        return [Put("counts", b"accepted", str(count).encode())]

    made = batch(store, [Event("a"), Event("b"), Event("c")])
    store.commit(Change(made, then=then))
    assert store.get("counts", b"accepted") == b"2"


def test_a_commit_that_fails_leaves_nothing(store: Store) -> None:
    add(store, Event("a"))
    before, token = contents(store), store.token()

    def then(receipt):
        raise ZeroDivisionError

    made = batch(store, [Event("b", item="new")])
    with pytest.raises(ZeroDivisionError):
        store.commit(Change(made, [Put("t", b"k", b"v")], then))
    assert (contents(store), store.token()) == (before, token)
    assert store.get("t", b"k") is None
    assert add(store, Event("b", item="new")).count(Outcome.ACCEPTED) == 1
    assert sum(len(codes) for codes, _ in store.dictionary()) == 1
    assert len(store.histories(who(store, "ann"))[0]) == 2


def test_tokens_go_up_with_commits(store: Store) -> None:
    tokens = [store.token()]
    tokens.append(add(store, Event("a")).token)
    tokens.append(store.commit(Change(puts=[Put("t", b"k", b"v")])).token)
    assert tokens == sorted(set(tokens))
    assert store.token() >= tokens[-1]


def test_totals_count_events_and_identifiers(store: Store) -> None:
    assert (store.totals().events, store.totals().identifiers) == (0, 0)
    events = [Event(f"e{n}", who=f"u{n % 7}") for n in range(100)]
    add(store, *events, Event("x", who="u1", attributes={"city": "Oslo"}))
    totals = store.totals()
    assert (totals.events, totals.identifiers) == (101, 7)
    assert sum(totals.bytes_by_part.values()) > 0


def test_too_many_events_or_another_schema_are_refused(
    store: Store, opened: Opener
) -> None:
    other = opened(Schema(columns={"size": "text"}))
    with pytest.raises(StoreError, match="another schema"):
        store.commit(Change(batch(other, [Event("a")])))
    many = batch(store, [Event("a")] * 65_537)
    with pytest.raises(StoreError, match="at most 65536"):
        store.commit(Change(many))
    assert store.totals().events == 0


def test_all_stores_agree_on_random_deliveries(opened: Opener) -> None:
    """The simple one is the judge of the others."""
    rng = np.random.default_rng(7)
    store, judge = opened(Schema()), open_memory(Schema())
    for _ in range(40):
        events = random_events(rng, int(rng.integers(1, 120)), 9)
        made, theirs = add(store, *events), add(judge, *events)
        assert list(made.outcomes) == list(theirs.outcomes)
    assert contents(store) == contents(judge)
    assert store.totals().events == judge.totals().events
    assert store.totals().identifiers == judge.totals().identifiers


def test_erased_histories_are_gone_and_others_are_not(store: Store) -> None:
    events = [Event(f"e{n}", who=f"u{n % 5}", at=n) for n in range(150)]
    add(store, *events, Event("x", who="u1", attributes={"city": "Oslo"}))
    assert store.erase(who(store, "u1", "u2", "u1", "nobody")) == 61
    assert list(np.diff(store.histories(who(store, "u1", "u0", "u2")).offsets)) == [
        0,
        30,
        0,
    ]
    assert set(contents(store)) == {"user_id:u0", "user_id:u3", "user_id:u4"}
    totals = store.totals()
    assert (totals.events, totals.identifiers) == (90, 3)
    assert store.erase(who(store, "u1")) == 0


def test_erased_full_events_are_never_seen_again(store: Store) -> None:
    events = [Event(f"e{n}", who=f"u{n % 5}", at=n) for n in range(150)]
    add(store, *events)
    store.erase(who(store, "u1"))
    for _ in range(2):
        said = pa.concat_tables(
            [pa.Table.from_batches([part]) for part in store.blocks()]
        )
        assert set(said["shopper.user_id"].to_pylist()) == {"u0", "u2", "u3", "u4"}
        assert said["id"].to_pylist() == [e.id for e in events if e.who != "u1"]
        found = store.histories(who(store, "u2"))
        places = store.full_events(found.rows["place"])
        assert places["id"].to_pylist() == ids(found.rows, events)
        store.compact()


def test_what_comes_after_an_erasure_is_kept(store: Store) -> None:
    before = [Event(f"e{n}", at=n) for n in range(70)]
    add(store, *before, Event("other", who="bob"))
    store.erase(who(store, "ann"))
    after = Event("new", at=5)
    assert add(store, after, before[3]).count(Outcome.ACCEPTED) == 2
    for _ in range(2):
        found = store.histories(who(store, "ann"))[0]
        assert ids(found, [*before, after]) == ["e3", "new"]
        said = [i for part in store.blocks() for i in part.column("id").to_pylist()]
        assert sorted(said) == ["e3", "new", "other"]
        store.compact()
    add(store, *(Event(f"f{n}", who=f"v{n % 3}") for n in range(200)))
    assert len(store.histories(who(store, "ann"))[0]) == 2
    assert store.erase(who(store, "ann")) == 2
    assert "user_id:ann" not in contents(store)


def test_compaction_changes_no_reading(store: Store) -> None:
    rng = np.random.default_rng(3)
    for _ in range(12):
        add(store, *random_events(rng, 80, 11))
    before, totals = contents(store), store.totals()
    shares: list[float] = []
    store.compact(shares.append)
    assert shares[-1] == 1.0
    assert contents(store) == before
    assert store.totals().events == totals.events
    assert store.totals().identifiers == totals.identifiers
    again = add(store, *random_events(np.random.default_rng(3), 80, 11))
    assert again.count(Outcome.ACCEPTED) == 0
    assert contents(store) == before


def test_without_a_horizon_nothing_is_deleted(opened: Opener) -> None:
    store = opened(Schema(retention={"*": Retention(span_us=1, newest=1)}))
    add(store, *(Event(f"e{n}", at=n) for n in range(100)))
    store.compact()
    assert len(store.histories(who(store, "ann"))[0]) == 100


def test_compaction_deletes_what_no_reading_after_the_horizon_sees(
    opened: Opener,
) -> None:
    kept = {"view": Retention(span_us=10 * DAY), "click": Retention(newest=2)}
    store = opened(Schema(retention=kept))
    events = [Event(f"v{n}", kind="view", at=n * DAY) for n in range(40)]
    events += [Event(f"c{n}", kind="click", at=n * DAY) for n in range(40)]
    events += [Event(f"p{n}", kind="purchase", at=n * DAY) for n in range(40)]
    late = Event("late", kind="click", at=29 * DAY, seen_at=35 * DAY)
    add(store, *events, late)
    store.change_schema(Schema(retention=kept, horizon=30 * DAY))
    store.compact()
    left = set(ids(store.histories(who(store, "ann"))[0], [*events, late]))
    assert {i for i in left if i[0] == "v"} == {f"v{n}" for n in range(21, 40)}
    # c29 and c30 had arrived by the horizon, and so are read before any older one.
    clicks = {f"c{n}" for n in range(29, 40)} | {"late"}
    assert {i for i in left if i[0] in "cl"} == clicks
    assert {i for i in left if i[0] == "p"} == {f"p{n}" for n in range(40)}
    assert store.totals().events == len(left)


def test_a_new_column_is_filled_from_the_full_events(opened: Opener) -> None:
    store = opened(Schema())
    events = [
        Event(f"e{n}", who=f"u{n % 7}", at=n * 1_000, item=f"i{n}") for n in range(200)
    ]
    texts = pa.array([f"size {n % 3}" for n in range(200)])
    made = full(events).append_column("fields.size", texts)
    for start in range(0, 200, 50):
        piece = made.slice(start, 50)
        store.commit(Change(standardise(piece, store.schema, secret=store.secret)))
    moved = replace(events[5], seen_at=2, at=77)
    add(store, moved)
    store.erase(who(store, "u3"))
    before = store.histories(who(store, "u0"))
    store.change_schema(Schema(columns={"size": "text"}))
    assert store.schema.columns == {"size": "text"}
    found = store.histories(who(store, "u0"))
    assert found.rows["id"].tolist() == before.rows["id"].tolist()
    sizes = [f"size {int(i[1:]) % 3}" for i in ids(found.rows, events)]
    assert store.texts(found.rows["size"]) == sizes
    places = store.full_events(found.rows["place"])
    assert places["id"].to_pylist() == ids(found.rows, events)
    assert store.histories(who(store, "u5")).rows["at"].tolist()[0] == 77
    assert len(store.histories(who(store, "u3"))[0]) == 0
    assert (store.totals().events, store.totals().identifiers) == (171, 6)
    assert add(store, *events[9:12]).count(Outcome.DUPLICATE) == 2


def test_settings_that_would_change_meanings_are_refused(opened: Opener) -> None:
    store = opened(Schema(kinds=("scan",), horizon=5))
    for bad in (
        Schema(kinds=("scan",), horizon=5, currency="EUR"),
        Schema(kinds=("swap", "scan"), horizon=5),
        Schema(kinds=("scan",), horizon=4),
    ):
        with pytest.raises(StoreError, match="cannot take"):
            store.change_schema(bad)
    store.change_schema(Schema(kinds=("scan", "swap"), horizon=6))
    assert add(store, Event("a", kind="swap")).count(Outcome.ACCEPTED) == 1
