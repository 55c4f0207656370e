"""The shipped mappings, each a plain function from a published file to events.

Each is written from the data's own description and the interface's rules, without any
machinery in common with Limner's mapping files.
"""

import csv
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.oracle import cells
from tests.oracle.event import Account, Event, Refused

Row = dict[str, str]


def lines(path: Path) -> Iterator[str]:
    """The text of a gzipped file, line by line."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        yield from text


def read_rows(
    path: Path, to_event: Callable[[Row], Event], *, columns: list[str] | None = None
) -> Account:
    """Identical rows are one event; a row of another width is none."""
    account = Account()
    reader = csv.reader(lines(path))
    names = columns or next(reader)
    for row in reader:
        account.rows += 1
        try:
            if len(row) != len(names):
                raise Refused("bad_row")
            event = to_event(dict(zip(names, row, strict=True)))
        except Refused as refused:
            account.reasons[refused.args[0]] += 1
        else:
            account.accept(tuple(row), event)
    return account


def shopper(text: str) -> tuple[tuple[str, str]]:
    """All shipped mappings name their shoppers by `user_id`."""
    if not text:
        raise Refused("missing_shopper")
    return (("user_id", cells.identifier(text)),)


def uci_online_retail(path: Path) -> Account:
    """Sales lines in pounds; an invoice that begins with C is a refund."""

    def to_event(row: Row) -> Event:
        at = cells.iso_time(row["InvoiceDate"])
        is_refund = row["InvoiceNo"].startswith("C")
        quantity = int(row["Quantity"])
        quantity = abs(quantity) if is_refund else quantity
        price = cells.money(row["UnitPrice"], "GBP")
        return Event(
            kind="refund" if is_refund else "purchase",
            at=at,
            seen_at=at,
            who=shopper(row["CustomerID"]),
            item=row["StockCode"],
            order=row["InvoiceNo"],
            price=price,
            quantity=quantity,
            amount=price * quantity,
            currency="GBP",
        )

    return read_rows(path, to_event)


def retailrocket(path: Path) -> Account:
    """Views, carts and purchases without money."""
    kinds = {"view": "view", "cart": "cart", "buy": "purchase"}

    def to_event(row: Row) -> Event:
        at = cells.numeric_time(row["ts"])
        return Event(
            kind=kinds[row["behavior"]],
            at=at,
            seen_at=at,
            who=shopper(row["user"]),
            item=row["item"],
        )

    return read_rows(path, to_event)


def taobao(path: Path) -> Account:
    """Four behaviours, with categories; the file has no header."""
    kinds = {"pv": "view", "fav": "favourite", "cart": "cart", "buy": "purchase"}

    def to_event(row: Row) -> Event:
        at = cells.numeric_time(row["ts"])
        return Event(
            kind=kinds[row["behaviour"]],
            at=at,
            seen_at=at,
            who=shopper(row["user"]),
            item=row["item"],
            category=row["category"],
        )

    columns = ["user", "item", "category", "behaviour", "ts"]
    return read_rows(path, to_event, columns=columns)


def jdata2016_actions(path: Path) -> Account:
    """Six behaviours at a shop for electronics."""
    kinds = {
        "1": "view",
        "2": "cart",
        "3": "uncart",
        "4": "purchase",
        "5": "favourite",
        "6": "click",
    }

    def to_event(row: Row) -> Event:
        at = cells.numeric_time(row["time"])
        return Event(
            kind=kinds[row["type"]],
            at=at,
            seen_at=at,
            who=shopper(row["user_id"]),
            item=row["sku_id"],
            category=row["cate"] or None,
            brand=row["br"] or None,
        )

    return read_rows(path, to_event)


def jdata2016_users(path: Path) -> Account:
    """What is known of a user since he registered: one identify event each."""

    def to_event(row: Row) -> Event:
        who = shopper(row["user_id"])
        if not row["user_reg_tm"]:
            raise Refused("missing_time")
        at = cells.numeric_time(row["user_reg_tm"])
        return Event(kind="identify", at=at, seen_at=at, who=who)

    return read_rows(path, to_event)


def rees46(path: Path) -> Account:
    """A multi-category shop; a category without a name goes by its number."""
    kinds = {"view": "view", "cart": "cart", "purchase": "purchase"}

    def to_event(row: Row) -> Event:
        at = cells.formatted_time(row["event_time"], "%Y-%m-%d %H:%M:%S UTC")
        price = cells.money(row["price"], "USD")
        return Event(
            kind=kinds[row["event_type"]],
            at=at,
            seen_at=at,
            who=shopper(row["user_id"]),
            item=row["product_id"],
            category=row["category_code"] or row["category_id"],
            brand=row["brand"] or None,
            price=price,
            amount=price,
            currency="USD",
        )

    return read_rows(path, to_event)


def cdnow(path: Path) -> Account:
    """Purchases of CDs in dollars; identical rows are several purchases."""
    account = Account()
    for line in list(lines(path))[1:]:
        customer, date, number_of_cds, dollars = line.split()
        at = cells.formatted_time(date, "%Y%m%d")
        event = Event(
            kind="purchase",
            at=at,
            seen_at=at,
            who=shopper(customer),
            quantity=int(number_of_cds),
            amount=cells.money(dollars, "USD"),
            currency="USD",
        )
        account.rows += 1
        account.accept(account.rows, event)
    return account


Catalogue = dict[str, list[tuple[int, str | None, str | None]]]
"""Of each item its facts, oldest first: since when, category, brand."""


def jdata2016_products(path: Path) -> Catalogue:
    """Category and brand of every product, all from one day."""
    catalogue: Catalogue = {}
    for row in csv.DictReader(lines(path)):
        since = cells.iso_time(row["ingestionTime"])
        fact = (since, row["cate"] or None, row["br"] or None)
        catalogue.setdefault(row["sku_id"], []).append(fact)
    return catalogue
