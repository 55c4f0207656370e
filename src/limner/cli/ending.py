"""How a command ends: exit codes, and failures as one clear line.

0 done · 1 a difference found, or a bar missed · 2 the user's mistake · 3 our failure ·
130 stopped by the user · 141 nobody reads the output any more.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

import typer

from limner.errors import DefinitionError, LimnerError, MappingError, UserError

DONE, DIFFERENT, MISTAKE, FAILURE = 0, 1, 2, 3
STOPPED, UNREAD = 130, 141

_MISTAKEN_PLACES = {
    errno.ENOENT,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EROFS,
    errno.EEXIST,
    errno.ENAMETOOLONG,
}
"""What the system says of a path that the user has to mend."""

_DEBUG = "LIMNER_DEBUG"


def exit_code_of(run: Callable[[], int]) -> int:
    """Run, say in one line what went wrong if something did, and give the exit code."""
    try:
        return run()
    except BrokenPipeError:
        _forget_output()
        return UNREAD
    except (KeyboardInterrupt, typer.Abort):
        say("stopped")
        return STOPPED
    except typer.Exit as ended:
        return ended.exit_code
    except Exception as error:  # whatever it is, the user gets one line and a code
        if os.environ.get(_DEBUG):
            raise
        line, code = told(error)
        say(line)
        return code


def told(error: Exception) -> tuple[str, int]:
    """What to tell of an error, and the exit code."""
    if isinstance(error, typer.TyperException):
        return error.format_message(), MISTAKE
    if isinstance(error, DefinitionError | MappingError):
        return "; ".join(error.faults), MISTAKE
    if isinstance(error, LimnerError):
        return str(error), MISTAKE if isinstance(error, UserError) else FAILURE
    if isinstance(error, OSError) and error.errno in _MISTAKEN_PLACES:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}", MISTAKE
    if isinstance(error, OSError):
        return f"{type(error).__name__}: {error}", FAILURE
    hint = f"(a fault of Limner; {_DEBUG}=1 shows where)"
    return f"{type(error).__name__}: {error} {hint}", FAILURE


def say(line: str) -> None:
    """One line on standard error, whatever is in it."""
    text = " ".join(line.split())
    print(f"limner: {text}", file=sys.stderr)


def warn(line: str) -> None:
    """Something that the user should know of a result that stands."""
    say(f"warning: {line}")


def in_utf8(*streams: TextIO) -> None:
    """Make streams write UTF-8, and never fail on a strange file name."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget_output() -> None:
    """Nobody reads it, and the interpreter would flush it again at its end."""
    with suppress(OSError, ValueError):  # a stream that is no file keeps nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
