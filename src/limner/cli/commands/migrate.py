"""limner migrate: change a store's settings, or bring it to this layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from limner.cli.opening import opened
from limner.cli.options import AsJson, StoreDir
from limner.cli.output import put_json
from limner.clock import moment_text, moment_us, span_text, span_us
from limner.errors import InputError, UserError

if TYPE_CHECKING:
    from limner.events.schema import Schema

app = typer.Typer(add_completion=False)

_TYPES = ("text", "integer", "number", "money")


@app.command()
def migrate(
    store: StoreDir,
    add_column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:TYPE",
            help="A column for definitions, made of a field of the full events:"
            " text, integer, number or money. May be repeated.",
        ),
    ] = None,
    add_kind: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A kind of events of the shop's own."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=SPAN[,N]",
            help="Readings see events of this kind (* is every other) no older than"
            " SPAN (400d, or always), and the newest N at most.",
        ),
    ] = None,
    horizon: Annotated[
        str | None,
        typer.Option(
            metavar="T",
            help="Give up readings before this moment: what only they see is deleted."
            " Moves only forward.",
        ),
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Of days and hours.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Change a store's settings; without options, show them.

    A new column or time zone makes every record again from its full event.
    """
    with opened(store) as limner:
        before = limner.schema
        after = _zoned(before, time_zone)
        after = _with_kinds(_with_columns(after, add_column or []), add_kind or [])
        after = _at_horizon(_keeping(after, keep or []), horizon)
        if after != before:
            limner.store.change_schema(after.check())
        _show(_told(after), is_changed=after != before, json=json)


def _zoned(schema: Schema, zone: str | None) -> Schema:
    import msgspec

    return msgspec.structs.replace(schema, time_zone=zone) if zone else schema


def _with_columns(schema: Schema, wanted: list[str]) -> Schema:
    import msgspec

    columns: dict[str, Any] = dict(schema.columns)
    for word in wanted:
        name, _, kind = word.partition(":")
        if not name.isidentifier() or kind not in _TYPES:
            raise InputError(
                f"--add-column {word}: expected NAME:TYPE with a TYPE of"
                f" {', '.join(_TYPES)}"
            )
        if columns.get(name, kind) != kind:
            raise UserError(f"--add-column {word}: is there as {columns[name]}")
        columns[name] = kind
    return msgspec.structs.replace(schema, columns=columns)


def _with_kinds(schema: Schema, wanted: list[str]) -> Schema:
    import msgspec

    for name in wanted:
        if not name.isidentifier():
            raise InputError(f"--add-kind {name!r}: expected a plain name")
    kinds = tuple(dict.fromkeys([*schema.kinds, *wanted]))
    return msgspec.structs.replace(schema, kinds=kinds)


def _keeping(schema: Schema, wanted: list[str]) -> Schema:
    import msgspec

    from limner.clock import FOR_EVER
    from limner.events.schema import Retention

    retention = dict(schema.retention)
    for word in wanted:
        kind, sign, rest = word.partition("=")
        span, _, newest = rest.partition(",")
        if not kind or not sign or not span or (newest and not newest.isdigit()):
            raise InputError(f"--keep {word}: expected KIND=SPAN or KIND=SPAN,N")
        if kind != "*":
            schema.mask((kind,))
        kept = schema.kept(kind)
        span_kept = FOR_EVER if span == "always" else span_us(span)
        retention[kind] = Retention(span_kept, int(newest) if newest else kept.newest)
    return msgspec.structs.replace(schema, retention=retention)


def _at_horizon(schema: Schema, wanted: str | None) -> Schema:
    import msgspec

    if wanted is None:
        return schema
    horizon = moment_us(wanted)
    if horizon < schema.horizon:
        raise UserError(
            f"--horizon {wanted}: it moves only forward, and is at"
            f" {moment_text(schema.horizon)}"
        )
    return msgspec.structs.replace(schema, horizon=horizon)


def _told(schema: Schema) -> dict[str, Any]:
    """A store's settings as people write them."""
    from limner.clock import FOR_EVER

    return {
        "currency": schema.currency,
        "time_zone": schema.time_zone,
        "kinds": list(schema.kinds),
        "columns": schema.columns,
        "keep": {
            kind: {
                "span": "always"
                if kept.span_us >= FOR_EVER
                else span_text(kept.span_us),
                "newest": kept.newest,
            }
            for kind, kept in schema.retention.items()
        },
        "horizon": moment_text(schema.horizon) if schema.horizon else None,
    }


def _show(told: dict[str, Any], *, is_changed: bool, json: bool) -> None:
    if json:
        put_json({"changed": is_changed, "schema": told})
        return
    for name, value in told.items():
        print(f"{name.replace('_', ' '):<10} {_plain(value)}")
    print("changed" if is_changed else "nothing to do: the layout is this version's")


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        rows = (f"{k} {_plain(v)}" for k, v in value.items())
        return ", ".join(rows) or "–"
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return "–" if value is None else str(value)
