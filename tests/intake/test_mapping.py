"""Mappings: what they may say, and that every fault in one is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import InputError, MappingError
from limner.intake.mapping import (
    Mapping,
    load_mapping,
    parse_mapping,
    shipped_names,
)

SMALL = """
source = "orders"
[shopper]
user_id = "who"
[event]
at = "when"
kind_is = "purchase"
"""


def faults(text: str) -> str:
    with pytest.raises(MappingError) as raised:
        parse_mapping(text, name="m")
    return str(raised.value)


def test_the_shipped_mappings_are_those_promised() -> None:
    assert shipped_names() == sorted(
        "limner uci_online_retail retailrocket taobao jdata2016_actions jdata2016_users"
        " jdata2016_products rees46 cdnow".split()
    )


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_mapping_has_no_fault(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.source
    assert mapping.is_catalogue or mapping.is_events or "user_id" in mapping.shopper


def test_a_small_mapping_has_the_defaults_promised() -> None:
    mapping = parse_mapping(SMALL, name="m")
    assert (mapping.identity, mapping.encoding, mapping.time_zone) == (
        "row",
        "utf-8",
        "UTC",
    )
    assert mapping.event == {"at": ("when",)}
    assert mapping.kind_is == "purchase"


def test_several_columns_may_stand_for_one_field() -> None:
    text = SMALL + 'category = ["code", "number"]\n'
    assert parse_mapping(text, name="m").event["category"] == ("code", "number")


def test_the_fingerprint_is_of_what_it_says_not_of_how() -> None:
    one = parse_mapping(SMALL, name="a")
    other = parse_mapping("# a comment\n" + SMALL.replace(" = ", "="), name="b")
    changed = parse_mapping(SMALL.replace("who", "whom"), name="a")
    assert one.fingerprint == other.fingerprint != changed.fingerprint


def test_all_faults_are_told_together() -> None:
    said = faults(
        """
        souce = "x"
        encoding = "zork"
        delimiter = ",,"
        time_zone = "Mars/One"
        currency = "EURO"
        [shopper]
        user_id = 7
        [event]
        pric = "p"
        kind = "k"
        kind_is = "purchase"
        at_unit = "m"
        [kinds]
        "^(" = "view"
        """
    )
    for part in (
        "no key 'souce'. Did you mean 'source'?",
        "no `source`",
        "no encoding 'zork'",
        "expected one ASCII character",
        "no time zone 'Mars/One'",
        "Did you mean 'EUR'?",
        "[shopper] user_id: expected a column",
        "no key 'pric'. Did you mean 'price'?",
        "[event] no `at`",
        "either `kind`, a column, or `kind_is`",
        "expected one of s, ms, us, ns",
        "not a regular expression",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("[shopper]", "[shoper]"), "no [shopper]"),
        (('"orders"', "7"), "source: expected a text, got a number"),
        (("[event]", "[events]"), "no [event]"),
        (('"when"', '["when", 1]'), "[event] at: expected a column"),
    ],
)
def test_what_is_missing_is_named(change: tuple[str, str], expected: str) -> None:
    assert expected in faults(SMALL.replace(*change))


def test_columns_that_the_mapping_does_not_name_are_found_before_a_file_is() -> None:
    said = faults('columns = ["who", "whn"]\n' + SMALL)
    assert "no column 'when'. Did you mean 'whn'?" in said


def test_a_catalogue_has_items_instead_of_events() -> None:
    text = 'source = "c"\n[item]\nid = "sku"\ncategory = "cat"\nat = "t"\n'
    mapping = parse_mapping(text, name="m")
    assert mapping.is_catalogue
    assert mapping.used() == ["sku", "cat", "t"]
    said = faults(text + '[shopper]\nuser_id = "u"\n')
    assert "a catalogue mapping has [item] instead" in said


def test_what_is_no_toml_is_a_fault() -> None:
    assert "not TOML" in faults("source = [")


def test_an_unknown_mapping_is_a_clear_mistake() -> None:
    with pytest.raises(InputError, match="Did you mean 'taobao'"):
        load_mapping("taobo")


def test_a_mapping_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")
    assert load_mapping(str(path)).name == "mine"


def test_columns_that_a_file_lacks_are_all_named() -> None:
    mapping: Mapping = parse_mapping(SMALL, name="m")
    with pytest.raises(InputError) as raised:
        mapping.check_columns(("whom", "date"), "f.csv")
    said = str(raised.value)
    assert "no column 'who'. Did you mean 'whom'?" in said
    assert "no column 'when'" in said
    assert "'date'" in said


def test_flags_are_rules_over_a_column() -> None:
    text = SMALL + '[flags]\nbot = {column = "agent", matches = "bot|spider"}\n'
    (rule,) = parse_mapping(text, name="m").flags["bot"]
    assert (rule.column, rule.matches) == ("agent", "bot|spider")
    assert "[flags] bot: expected" in faults(SMALL + '[flags]\nbot = "agent"\n')
