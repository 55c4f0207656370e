"""Definitions from files and modules: ``FILE.py``, ``FILE.py:Name``, ``module:Name``.

The file is the user's program, so its mistakes are told with their line, like those of
any other input.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from limner.errors import InputError, LimnerError, did_you_mean
from limner.profile.definition import Definition, Profile


def load_definition(name: str) -> Definition:
    """The definition that a name stands for.

    A file with one profile needs no ``:Name``. Raises InputError where there is no such
    file or profile, or its code fails; DefinitionError where the definition is wrong.
    """
    place, chosen = _split(name)
    path = Path(place)
    if place.endswith(".py") or path.is_file():
        module = _executed(path)
    else:
        module = _imported(place)
    return _profile(module, chosen, name=name).definition


def _split(name: str) -> tuple[str, str]:
    """The place, and the profile's name or ''; a drive's colon is neither."""
    place, _, chosen = name.rpartition(":")
    return (place, chosen) if place and chosen.isidentifier() else (name, "")


def _executed(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"definition {path}: no such file")
    digest = hashlib.blake2b(str(path.resolve()).encode(), digest_size=4).hexdigest()
    name = f"limner_definition_{digest}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # inspect and dataclasses look for it there
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that its files shadow nobody's
    with _mistakes_of(path.name, str(path)):
        # No importlib: its cache misses an edit of the same second and length.
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    return module


def _imported(name: str) -> ModuleType:
    try:
        known = importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        known = False
    if not known:
        raise InputError(
            f"definition {name!r}: expected FILE.py, FILE.py:Name or module:Name"
        )
    with _mistakes_of(name, ""):
        return importlib.import_module(name)


@contextmanager
def _mistakes_of(name: str, path: str) -> Iterator[None]:
    """Tell what is wrong with somebody's code as a mistake of theirs, with its line."""
    try:
        yield
    except LimnerError:
        raise
    except SyntaxError as error:
        where = Path(error.filename or name).name
        where += f", line {error.lineno}" if error.lineno else ""
        raise InputError(f"definition {where}: {error.msg}") from error
    except (Exception, SystemExit) as error:  # any fault of the user's program
        line = _line_within(error, path)
        where = f"{name}, line {line}" if line else name
        raise InputError(
            f"definition {where}: {type(error).__name__}: {error}"
        ) from error


def _line_within(error: BaseException, path: str) -> int | None:
    """The innermost line of that file that the error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == path]
    return lines[-1] if lines else None


def _profile(module: ModuleType, chosen: str, *, name: str) -> type[Profile]:
    found = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Profile) and value != Profile
    }
    if chosen:
        if chosen not in found:
            hint = did_you_mean(chosen, list(found))
            raise InputError(f"definition {name}: no profile {chosen!r}.{hint}")
        return found[chosen]
    own = {value for value in found.values() if value.__module__ == module.__name__}
    candidates = own or set(found.values())
    if not candidates:
        raise InputError(f"definition {name}: no subclass of Profile in it")
    if len(candidates) > 1:
        names = sorted(candidate.__name__ for candidate in candidates)
        raise InputError(
            f"definition {name}: several profiles, {', '.join(names)}:"
            f" choose one by {name}:{names[0]}"
        )
    return candidates.pop()
