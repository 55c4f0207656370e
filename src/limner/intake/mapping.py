"""Mappings: how the columns of a source become events, or facts of a catalogue.

A mapping is a TOML file, or one of those that Limner ships, by name. Whatever is wrong
with it is told at once, before a file is touched.
"""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import xxhash

from limner.errors import InputError, MappingError, did_you_mean
from limner.intake.mapping_faults import Table, faults_of

SHIPPED = Path(__file__).parent / "mappings"

ROW, OCCURRENCE = "row", "occurrence"
"""Identities by all cells: identical rows are one event, or several."""

EVENTS = "events"
"""The format of lines that each hold one event as JSON."""

Columns = tuple[str, ...]
"""Names of columns: the first that is not null gives the value."""


class FlagRule(msgspec.Struct, frozen=True):
    """Rows that are flagged: those whose cell matches, or is one of these."""

    column: str
    matches: str | None = None
    """A regular expression, found anywhere in the cell, in any case."""
    equals: tuple[str, ...] = ()


class Mapping(msgspec.Struct, frozen=True, dict=True):
    """What a mapping file says, checked and completed."""

    name: str
    source: str
    identity: str | Columns = ROW
    encoding: str = "utf-8"
    format: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    columns: Columns = ()
    time_zone: str = "UTC"
    currency: str | None = None
    null: Columns = ("", "NULL", "\\N")
    shopper: dict[str, Columns] = {}
    event: dict[str, Columns] = {}
    at_format: str | None = None
    at_unit: str | None = None
    kind_is: str | None = None
    kinds: dict[str, str] = {}
    attributes: dict[str, Columns] = {}
    values: dict[str, dict[str, str]] = {}
    fields: dict[str, Columns] = {}
    item: dict[str, Columns] = {}
    flags: dict[str, tuple[FlagRule, ...]] = {}
    limits: dict[str, float] = {}

    @property
    def is_catalogue(self) -> bool:
        """Whether it maps facts about items, not events."""
        return bool(self.item)

    @property
    def is_events(self) -> bool:
        """Whether it reads events in JSON, that need no columns mapped."""
        return self.format == EVENTS

    @cached_property
    def fingerprint(self) -> str:
        """The same for mappings that say the same, whatever their layout and name."""
        said = msgspec.to_builtins(self)
        del said["name"]
        encoded = msgspec.json.encode(said, order="deterministic")
        return xxhash.xxh64_hexdigest(encoded)

    def used(self) -> list[str]:
        """Every column that it names, once, in the order of the file."""
        tables = (self.shopper, self.event, self.attributes, self.fields, self.item)
        names = [n for table in tables for columns in table.values() for n in columns]
        names += self.identity if isinstance(self.identity, tuple) else ()
        names += [rule.column for rules in self.flags.values() for rule in rules]
        return list(dict.fromkeys(names))

    def check_columns(self, found: tuple[str, ...], where: str) -> None:
        """Raise InputError naming each column that it uses and a file lacks."""
        missing = [name for name in self.used() if name not in found]
        if not missing:
            return
        lines = [f"no column {n!r}.{did_you_mean(n, found)}" for n in missing]
        listed = ", ".join(map(repr, found[:30])) + (" …" if len(found) > 30 else "")
        hint = "" if self.columns else " A file without a header needs `columns`."
        raise InputError(
            f"{where} does not fit mapping {self.name!r}: {' '.join(lines)}"
            f" Found: {listed}.{hint}"
        )


def load_mapping(name: str) -> Mapping:
    """A mapping by the name of a shipped one, or from a TOML file.

    Raises MappingError with every fault, InputError where there is no such mapping.
    """
    path = SHIPPED / f"{name}.toml"
    if not (name in shipped_names() and path.is_file()):
        path = Path(name)
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        known = shipped_names()
        raise InputError(
            f"no mapping {name!r}: expected a file, or one of {', '.join(known)}."
            f"{did_you_mean(name, known)}"
        ) from None
    except UnicodeDecodeError:
        raise MappingError(f"{name}: not UTF-8, expected a TOML file") from None
    except OSError as error:
        raise InputError(f"mapping {name!r} cannot be read: {error.strerror}") from None
    return parse_mapping(text, name=path.stem)


def shipped_names() -> list[str]:
    """The mappings that come with Limner."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def parse_mapping(text: str, *, name: str) -> Mapping:
    """The mapping that a TOML text says, under this name."""
    try:
        table: Table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{name}: not TOML: {error}") from None
    faults = faults_of(table)
    if faults:
        raise MappingError([f"{name}: {fault}" for fault in faults])
    return _built(table, name)


def _built(table: Table, name: str) -> Mapping:
    event = dict(table.get("event", {}))
    item = dict(table.get("item", {}))
    rules = event if event else item
    plain = {key: rules.pop(key) for key in _PLAIN if key in rules}
    said: dict[str, Any] = {k: v for k, v in table.items() if k in _AS_THEY_ARE}
    if said.get("delimiter") == "\\t":
        said["delimiter"] = "\t"
    if "currency" in said:
        said["currency"] = said["currency"].strip().upper()
    for key in ("identity", "columns", "null"):
        if isinstance(said.get(key), list):
            said[key] = tuple(said[key])
    said.update(
        shopper=_columns(table.get("shopper", {})),
        event=_columns(event),
        attributes=_columns(table.get("attributes", {})),
        fields=_columns(table.get("fields", {})),
        item=_columns(item),
        flags={k: _rules(v) for k, v in table.get("flags", {}).items()},
    )
    return Mapping(name=name, **plain, **said)


_AS_THEY_ARE = set(
    "source identity encoding format delimiter quote time_zone columns null currency"
    " kinds values limits".split()
)
_PLAIN = ("at_format", "at_unit", "kind_is")


def _columns(table: dict[str, str | list[str]]) -> dict[str, Columns]:
    return {k: (v,) if isinstance(v, str) else tuple(v) for k, v in table.items()}


def _rules(said: Table | list[Table]) -> tuple[FlagRule, ...]:
    listed = said if isinstance(said, list) else [said]
    return tuple(msgspec.convert(rule, FlagRule) for rule in listed)
