"""Files become rows: the format is told by the mapping, else by the file's name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

from limner.errors import InputError
from limner.intake import lines
from limner.intake.delimited import Dialect, read_delimited
from limner.intake.event_rows import of_lines
from limner.intake.mapping import EVENTS, Mapping
from limner.intake.parquet import read_parquet
from limner.intake.rows import Rows
from limner.intake.streams import Stream, format_of

_DELIMITERS = {"csv": ",", "tsv": "\t"}


def read_rows(path: Path, mapping: Mapping) -> Iterator[Rows]:
    """The rows of a file in pieces, numbered from 1, in bounded memory.

    Raises InputError where the file cannot be read, or has not the mapping's columns.
    """
    with Stream(path) as stream:
        form = format_for(path, mapping)
        if form == "parquet":
            yield from _checked(read_parquet(path), mapping, path=path)
            return
        blocks = stream.blocks(mapping.encoding)
        if form in (EVENTS, "jsonl"):
            make: Callable[[list[bytes], int], Rows] = of_lines
            if form != EVENTS:
                make = functools.partial(lines.object_rows, encoding=mapping.encoding)
            pieces = lines.read_lines(blocks, make)
        else:
            pieces = read_delimited(blocks, dialect_of(mapping, form))
            pieces = _checked(pieces, mapping, path=path)
        for rows in pieces:
            rows.done = stream.done()
            yield rows


def format_for(path: Path, mapping: Mapping) -> str:
    """The format of a file: csv, tsv, jsonl, parquet or events."""
    named = format_of(path)
    is_table = named in ("tsv", "parquet") or ".csv" in path.suffixes
    if mapping.is_events and is_table:
        raise InputError(
            f"{path}: mapping {mapping.name!r} reads events as lines of JSON, and the"
            " name tells of a table: it needs a mapping of its columns"
        )
    if mapping.format:
        return mapping.format
    if named is None and (mapping.delimiter or mapping.columns):
        named = "csv"
    if named is None:
        raise InputError(
            f"{path}: the name does not tell the format: expected .csv, .txt, .tsv,"
            " .jsonl or .parquet (each also with .gz or .zst), or `format` in the"
            " mapping"
        )
    return named


def dialect_of(mapping: Mapping, form: str) -> Dialect:
    """How a delimited file of this mapping is written."""
    return Dialect(
        delimiter=mapping.delimiter or _DELIMITERS.get(form, ","),
        quote=mapping.quote,
        columns=mapping.columns,
        encoding=mapping.encoding,
    )


def _checked(pieces: Iterator[Rows], mapping: Mapping, *, path: Path) -> Iterator[Rows]:
    is_first = True
    for rows in pieces:
        if is_first:
            mapping.check_columns(rows.layout.columns, str(path))
        is_first = False
        yield rows
