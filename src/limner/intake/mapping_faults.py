"""What is wrong with a mapping file: every fault at once, each with a hint."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from limner.errors import UserError, did_you_mean
from limner.events import money

Table: TypeAlias = "dict[str, Any]"

TOP = (
    "source identity encoding format delimiter quote columns time_zone currency null"
    " shopper event kinds attributes values fields item flags limits"
).split()
EVENT_FIELDS = (
    "id kind at seen_at item category brand order price quantity amount discount"
    " currency seconds score text query channel device campaign"
).split()
EVENT_RULES = "at_format at_unit kind_is".split()
ITEM_FIELDS = "id category brand title price at".split()
FORMATS = "csv tsv jsonl parquet events".split()
UNITS = "s ms us ns".split()
FLAGS = "bot staff".split()
LIMITS = "price quantity amount seconds score".split()
NAME = re.compile(r"[^\W\d][\w-]{0,63}")


def faults_of(table: Table) -> list[str]:
    """Every fault of a mapping, as sentences; none where it can be used."""
    return _Faults(table).all()


class _Faults:
    """A mapping under examination."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._found: list[str] = []

    def all(self) -> list[str]:
        self._known(self._table, TOP, where="")
        self._source()
        self._settings()
        self._identity()
        self._parts()
        self._tables()
        self._flags()
        self._limits()
        return self._found

    def _say(self, fault: str) -> None:
        self._found.append(fault)

    def _known(self, table: Iterable[str], names: list[str], *, where: str) -> None:
        for key in table:
            if key not in names:
                hint = did_you_mean(key, names) or f" Known: {', '.join(names)}."
                self._say(f"{where}no key {key!r}.{hint}")

    def _text(self, key: str) -> str | None:
        """The text of a key; None where it is absent, or wrong and said to be."""
        value = self._table.get(key)
        if value is not None and not isinstance(value, str):
            self._say(f"{key}: expected a text, got {_kind(value)}")
            return None
        return value

    def _source(self) -> None:
        if "source" not in self._table:
            self._say(
                'no `source`: expected a name such as source = "orders";'
                " it is part of every derived id"
            )
        elif self._text("source") == "":
            self._say("source: expected a name, got an empty text")

    def _settings(self) -> None:
        self._one_of("format", FORMATS)
        for key, check in _CHECKS.items():
            value = self._text(key)
            if value is not None and (fault := check(value)):
                self._say(f"{key}: {fault}")
        for key in ("columns", "null"):
            self._texts(key)
        columns = self._table.get("columns", [])
        if isinstance(columns, list) and len(set(map(str, columns))) < len(columns):
            self._say("columns: a name stands there twice")

    def _one_of(self, key: str, known: list[str]) -> None:
        value = self._text(key)
        if value is not None and value not in known:
            hint = did_you_mean(value, known)
            self._say(
                f"{key}: expected one of {', '.join(known)}, got {value!r}.{hint}"
            )

    def _texts(self, key: str) -> None:
        value = self._table.get(key)
        if value is not None and not _are_texts(value):
            self._say(f"{key}: expected a list of texts, got {_kind(value)}")

    def _identity(self) -> None:
        value = self._table.get("identity", "row")
        if _are_texts(value) and value:
            known = self._declared()
            for name in value if known else []:
                if name not in known:
                    hint = did_you_mean(name, known)
                    self._say(f"identity: no column {name!r}.{hint}")
        elif value not in ("row", "occurrence"):
            self._say(
                'identity: expected "row", "occurrence" or a list of columns,'
                f" got {value!r}"
            )

    def _declared(self) -> list[str]:
        """Columns that the mapping itself names; none where the header does."""
        columns = self._table.get("columns")
        return list(map(str, columns)) if isinstance(columns, list) else []

    def _parts(self) -> None:
        """Which tables must be there, and which must not be there together."""
        has = self._table.keys()
        if self._table.get("format") == "events":
            for name in ("shopper", "event", "item", "columns", "kinds"):
                if name in has:
                    self._say(f"[{name}]: lines of events say that themselves")
        elif "item" in has:
            for name in sorted(has & {"event", "shopper", "kinds", "attributes"}):
                self._say(f"[{name}]: a catalogue mapping has [item] instead")
            if "id" not in self._part("item"):
                self._say('[item] no `id`: expected the column of the item, id = "sku"')
        else:
            self._event_parts()

    def _part(self, name: str) -> Table:
        value = self._table.get(name, {})
        return value if isinstance(value, dict) else {}

    def _event_parts(self) -> None:
        if "event" not in self._table:
            self._say(
                "no [event]: expected at least `at`, and `kind` or `kind_is`;"
                " or [item] for a catalogue"
            )
        else:
            event = self._part("event")
            if "at" not in event:
                self._say('[event] no `at`: expected the column of the time, at = "ts"')
            if ("kind" in event) == ("kind_is" in event):
                self._say(
                    "[event] expected either `kind`, a column, or `kind_is`, the kind"
                    " of all rows"
                )
            if "kind_is" in event and self._part("kinds"):
                self._say("[kinds]: `kind_is` leaves nothing to look up")
        if not self._part("shopper"):
            self._say(
                "no [shopper]: expected at least one identifier,"
                ' such as user_id = "CustomerID"'
            )

    def _tables(self) -> None:
        self._known(self._part("event"), EVENT_FIELDS + EVENT_RULES, where="[event] ")
        item_rules = [*ITEM_FIELDS, "at_format", "at_unit"]
        self._known(self._part("item"), item_rules, where="[item] ")
        for name in ("shopper", "event", "attributes", "fields", "item"):
            self._columns(name)
        self._lookup("kinds", self._table.get("kinds", {}))
        values = self._table.get("values", {})
        if not isinstance(values, dict):
            self._say(f"[values]: expected tables, got {_kind(values)}")
            return
        named = self._part("attributes").keys() | self._part("fields").keys()
        named |= self._part("event").keys()
        for name, table in values.items():
            self._lookup(f"values.{name}", table)
            if name not in named:
                hint = did_you_mean(name, sorted(named))
                self._say(f"[values.{name}]: nothing is mapped under this name.{hint}")

    def _columns(self, name: str) -> None:
        table = self._table.get(name, {})
        if not isinstance(table, dict):
            self._say(f"[{name}]: expected a table, got {_kind(table)}")
            return
        known = self._declared()
        for key, value in table.items():
            where = f"[{name}] {key}: "
            if name in ("event", "item") and key in EVENT_RULES:
                self._rule(key, value, where=where)
                continue
            if name not in ("event", "item") and not NAME.fullmatch(key):
                self._say(f"{where}expected a name of letters, digits and _")
            listed = [value] if isinstance(value, str) else value
            if not _are_texts(listed) or not listed:
                self._say(f"{where}expected a column, or a list of columns")
                continue
            for column in listed if known else []:
                if column not in known:
                    hint = did_you_mean(column, known)
                    self._say(f"{where}no column {column!r}.{hint}")

    def _rule(self, key: str, value: object, *, where: str) -> None:
        if not isinstance(value, str) or not value:
            self._say(f"{where}expected a text, got {_kind(value)}")
        elif key == "at_unit" and value not in UNITS:
            self._say(f"{where}expected one of {', '.join(UNITS)}, got {value!r}")
        elif key == "at_format" and "%" not in value:
            self._say(f"{where}expected a pattern such as %Y-%m-%d, got {value!r}")

    def _lookup(self, name: str, table: object) -> None:
        if not isinstance(table, dict):
            self._say(f"[{name}]: expected a table, got {_kind(table)}")
            return
        for key, value in table.items():
            if not isinstance(value, str):
                self._say(f"[{name}] {key!r}: expected a text, got {_kind(value)}")
            if key.startswith("^") and (fault := _bad_pattern(key)):
                self._say(f"[{name}] {key!r}: {fault}")

    def _flags(self) -> None:
        self._known(self._part("flags"), FLAGS, where="[flags] ")
        for name, said in self._part("flags").items():
            for rule in said if isinstance(said, list) else [said]:
                if fault := _bad_rule(rule):
                    self._say(f"[flags] {name}: {fault}")

    def _limits(self) -> None:
        self._known(self._part("limits"), LIMITS, where="[limits] ")
        for name, value in self._part("limits").items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                self._say(f"[limits] {name}: expected a number, got {_kind(value)}")


def _kind(value: object) -> str:
    names = {str: "a text", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "a table" if isinstance(value, dict) else "a list")


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _bad_pattern(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return f"not a regular expression: {error}"
    return None


def _bad_rule(rule: object) -> str | None:
    form = 'expected {column = "agent", matches = "bot|spider"} or equals = ["…"]'
    if not isinstance(rule, dict) or not isinstance(rule.get("column"), str):
        return form
    if rule.keys() - {"column", "matches", "equals"} or len(rule) != 2:
        return form
    if "equals" in rule and not _are_texts(rule["equals"]):
        return form
    if "matches" in rule:
        pattern = rule["matches"]
        return _bad_pattern(pattern) if isinstance(pattern, str) else form
    return None


def _bad_encoding(name: str) -> str | None:
    try:
        is_text = codecs.lookup(name)._is_text_encoding
        if is_text:
            return None
    except LookupError:
        pass
    return f"no encoding {name!r}, expected a name such as utf-8 or gb18030"


def _bad_zone(name: str) -> str | None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"no time zone {name!r}, expected an IANA name such as Asia/Shanghai"
    return None


def _bad_currency(name: str) -> str | None:
    try:
        money.currency(name)
    except UserError as error:
        return str(error)
    return None


def _bad_delimiter(text: str) -> str | None:
    if text in ("whitespace", "\\t") or (
        len(text) == 1 and text.isascii() and text not in '\r\n"'
    ):
        return None
    return f'expected one ASCII character or "whitespace", got {text!r}'


def _bad_quote(text: str) -> str | None:
    if text == "" or (len(text) == 1 and text.isascii() and text not in "\r\n"):
        return None
    return f"expected one ASCII character, or an empty text for none, got {text!r}"


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "encoding": _bad_encoding,
    "delimiter": _bad_delimiter,
    "quote": _bad_quote,
    "time_zone": _bad_zone,
    "currency": _bad_currency,
}
