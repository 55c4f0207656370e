"""The entry point: finds the command that was asked for, and ends as promised."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from limner.cli.ending import DONE, exit_code_of, in_utf8

COMMANDS = {
    "ingest": "Take files in: events, or facts of a catalogue.",
    "profile": "The profile of one shopper, at any moment.",
    "export": "Everybody's profile as a Parquet file.",
    "explain": "The events behind a value.",
    "timeline": "The events of one shopper, oldest first.",
    "deadletters": "Refused rows: list, show, export, retry.",
    "verify": "Rebuild everything another way, and compare.",
    "describe": "The definition as a table.",
    "migrate": "Bring a store to this layout, or change its settings.",
    "compact": "Merge a store's files now, and give space back.",
    "bench": "Measure, each figure beside a plain alternative.",
    "demo": "A simulated shop, and its profiles live.",
}
"""Names and what they do; the module of each is loaded when it is asked for, since
what most of them import takes longer than to print this list."""


class LateGroup(TyperGroup):
    """Lists commands without loading them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, text in COMMANDS.items():
            self.add_command(TyperCommand(name, callback=None, help=text))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """The command itself, in place of its line in the list."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, loaded(name) if name else listed, rest


def loaded(name: str) -> Any:
    """The command of this name."""
    command = typer.main.get_command(import_module(f"limner.cli.commands.{name}").app)
    command.name = name
    command.help = command.help or COMMANDS[name]
    return command


app = typer.Typer(
    name="limner",
    cls=LateGroup,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def limner(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.")
    ] = False,
) -> None:
    """Limner keeps a live, explainable profile of every shopper of a shop."""
    if version:
        import limner as package

        typer.echo(f"limner {package.__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(words: Sequence[str] | None = None) -> int:
    """Run one command, by default that of the process, and return its exit code."""
    in_utf8(sys.stdout, sys.stderr)
    return exit_code_of(lambda: _run(words))


def _run(words: Sequence[str] | None) -> int:
    command = typer.main.get_command(app)
    said = list(sys.argv[1:] if words is None else words)
    # Not command.main: it would end a broken pipe or Ctrl-C in its own manner.
    with command.make_context("limner", said) as context:
        command.invoke(context)
    sys.stdout.flush()
    return DONE
