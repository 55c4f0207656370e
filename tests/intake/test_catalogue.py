"""Catalogue tables: dated facts, and the one that held at a moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner.clock import moment_us
from limner.events.codes import text_code
from limner.history.catalogue import TABLE, Catalogue, texts_of
from limner.intake.mapping import Mapping, load_mapping, parse_mapping
from limner.stores.contract import Store
from tests.intake.orders import store, take

MAPPING = """
source = "goods"
null = ["", "-1"]
currency = "EUR"
[item]
id = "sku"
category = ["fine", "coarse"]
brand = "maker"
title = "name"
price = "price"
at = "since"
"""


def mapping() -> Mapping:
    return parse_mapping(MAPPING, name="goods")


def goods(folder: Path, *rows: str, name: str = "goods.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["sku,fine,coarse,maker,name,price,since", *rows]))
    return path


def catalogue(of: Store) -> Catalogue:
    return Catalogue.of(of.items(TABLE))


def test_facts_are_kept_with_their_texts(tmp_path: Path) -> None:
    into = store()
    path = goods(tmp_path, "p1,-1,shoes,acme,A shoe,9.505,2024-01-05")
    assert take(into, mapping(), path).tally.accepted == 1
    facts = catalogue(into)
    assert len(facts) == 1
    assert facts.item.tolist() == [text_code("p1")]
    assert facts.at.tolist() == [moment_us("2024-01-05")]
    assert into.texts(facts.category) == ["shoes"]
    assert into.texts(facts.brand) == ["acme"]
    assert facts.price.tolist() == [951]
    ((_, value),) = into.items(TABLE)
    assert texts_of(value) == ["p1", "shoes", "acme", "A shoe"]


def test_every_row_of_a_catalogue_is_accounted_for(tmp_path: Path) -> None:
    into = store()
    rows = [
        "p1,a,,,,,2024-01-05",
        "p1,a,,,,,2024-01-05",
        "p1,b,,,,,2024-01-05",
        ",a,,,,,2024-01-05",
        "p2,a,,,,,soon",
        "p3,a,,,,cheap,2024-01-05",
        "p4,a",
    ]
    tally = take(into, mapping(), goods(tmp_path, *rows)).tally
    assert (tally.accepted, tally.duplicates, tally.conflicts) == (1, 2, 1)
    assert tally.reasons == {
        "bad_event": 1,
        "bad_time": 1,
        "bad_number": 1,
        "bad_row": 1,
    }
    other = store()
    take(other, mapping(), goods(tmp_path, *reversed(rows)))
    assert list(other.items(TABLE)) == list(into.items(TABLE))
    assert take(into, mapping(), goods(tmp_path, *rows)).tally.accepted == 0


def test_a_fact_without_a_time_holds_always(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text("sku,kind\np1,shoes\n")
    text = 'source = "g"\n[item]\nid = "sku"\ncategory = "kind"\n'
    into = store()
    take(into, parse_mapping(text, name="g"), path)
    assert catalogue(into).at.tolist() == [0]


def test_no_facts_are_a_catalogue_too() -> None:
    assert len(catalogue(store())) == 0


def test_the_products_of_jdata_are_read(shared_data: Path) -> None:
    into = store()
    path = shared_data / "jdata2016" / "products.csv.gz"
    tally = take(into, load_mapping("jdata2016_products"), path).tally
    assert (tally.rows, tally.accepted) == (24_187, 24_187)
    assert into.texts(np.unique(catalogue(into).category)) == ["8"]
