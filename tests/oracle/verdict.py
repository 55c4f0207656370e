"""Limner's table against the judge's profiles: the first differences, in words."""

import math
from collections.abc import Iterator

import pyarrow as pa

from tests.oracle.cells import rfc3339
from tests.oracle.event import Identifier
from tests.oracle.promised import Top, Value
from tests.oracle.world import Profiles

MONEY = {"value.spend_30d", "value.spend_365d", "value.refunded_365d"}
FLOATS = {
    "behaviour.purchase_cycle_days",
    "value.average_order_365d",
    "value.recency_days",
    "preference.price_median_365d",
}
TEXTS = {"preference.favourite_item_365d"}
TOPS = {"preference.categories", "preference.items"}
SHOWN = 5


def differences(table: pa.Table, expected: Profiles) -> list[str]:
    """At most a few lines; an empty list is the verdict that all is as promised."""
    found: list[str] = []
    for difference in _differences(table, expected):
        found.append(difference)
        if len(found) == SHOWN:
            break
    return found


def _differences(table: pa.Table, expected: Profiles) -> Iterator[str]:
    columns = list(next(iter(expected.values()), {}))
    missing = missing_columns(table.schema, columns)
    if missing:
        yield f"no column {', '.join(missing)}"
        return
    yield from wrong_types(table.schema, columns)
    got = rows(table, columns)
    yield from wrong_rows(table.num_rows, got, expected)
    for shopper in sorted(got.keys() & expected.keys()):
        yield from wrong_values(shopper, got[shopper], expected[shopper])


def missing_columns(schema: pa.Schema, columns: list[str]) -> list[str]:
    """Promised columns that the table lacks."""
    return [c for c in ("shopper", "shopper_type", *columns) if c not in schema.names]


def judge(table: pa.Table, expected: Profiles, *, data: str, at: int) -> None:
    """Fail with the data set and the moment before the first differences."""
    found = differences(table, expected)
    if found:
        raise AssertionError("\n  ".join([f"{data} at {rfc3339(at)}:", *found]))


def rows(table: pa.Table, columns: list[str]) -> dict[Identifier, dict[str, Value]]:
    """The table by shopper."""
    types, shoppers = table["shopper_type"].to_pylist(), table["shopper"].to_pylist()
    names = zip(types, shoppers, strict=True)
    values = zip(*(table[c].to_pylist() for c in columns), strict=True)
    return {
        name: dict(zip(columns, row, strict=True))
        for name, row in zip(names, values, strict=False)
    }


def wrong_types(schema: pa.Schema, columns: list[str]) -> Iterator[str]:
    """Columns of another Arrow type than promised."""
    for column in columns:
        type_ = schema.field(column).type
        if column in MONEY:
            right, promised = type_ == pa.int64(), "int64"
        elif column in FLOATS:
            right, promised = type_ == pa.float64(), "double"
        elif column in TEXTS:
            right, promised = is_text(type_), "string"
        elif column in TOPS:
            right, promised = is_top(type_), "list<struct<key: string, weight: double>>"
        else:
            right, promised = pa.types.is_integer(type_), "an integer"
        if not right:
            yield f"column {column}: got type {type_}, expected {promised}"
    for field in schema:
        if field.name.startswith("labels.") and not pa.types.is_boolean(field.type):
            yield f"column {field.name}: got type {field.type}, expected bool"


def is_text(type_: pa.DataType) -> bool:
    """A string, or one that a dictionary spells."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def is_top(type_: pa.DataType) -> bool:
    """Of the promised shape, whatever the list calls its child."""
    promised = pa.struct([("key", pa.string()), ("weight", pa.float64())])
    if not pa.types.is_list(type_) or not pa.types.is_struct(type_.value_type):
        return False
    fields = [(f.name, f.type) for f in type_.value_type]
    return fields == [(f.name, f.type) for f in promised]


def wrong_rows(count: int, got: Profiles, expected: Profiles) -> Iterator[str]:
    """One row for each shopper, no more and no fewer."""
    if count != len(got):
        yield f"{count} rows for {len(got)} shoppers: some have several"
    for shopper in sorted(expected.keys() - got.keys()):
        yield f"no row for {spell(shopper)}"
    for shopper in sorted(got.keys() - expected.keys()):
        yield f"an unexpected row for {spell(shopper)}"


def wrong_values(
    shopper: Identifier, got: dict[str, Value], expected: dict[str, Value]
) -> Iterator[str]:
    """One shopper's differences."""
    for column, value in expected.items():
        if not same(got.get(column), value):
            yield (
                f"{spell(shopper)} {column}: got {got.get(column)!r}, "
                f"expected {value!r}"
            )


def same(got: object, expected: Value) -> bool:
    """Whole numbers and texts equal, floats to 1e-9 relative; None is null only."""
    if isinstance(expected, list):
        return isinstance(got, list) and same_top(got, expected)
    if expected is None or isinstance(expected, str):
        return got == expected
    if isinstance(got, bool) or not isinstance(got, (int, float)):
        return False
    if isinstance(expected, float):
        return math.isclose(got, expected, rel_tol=1e-9)
    return got == expected


def same_top(got: list[dict[str, object]], expected: Top) -> bool:
    """The same keys in the same order, with the same weights."""
    return len(got) == len(expected) and all(
        entry["key"] == key and same(entry["weight"], weight)
        for entry, (key, weight) in zip(got, expected, strict=True)
    )


def spell(shopper: Identifier) -> str:
    """`user_id:42`, as commands take it."""
    return ":".join(shopper)
