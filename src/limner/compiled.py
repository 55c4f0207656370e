"""The only door to numba: compiled functions, cached by the sources they came from.

numba does not notice when a function that a cached one calls has changed. So the cache
folder is named after the sources of this package: an edited or upgraded Limner compiles
afresh, and a cache is never stale.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

_PACKAGE = Path(__file__).parent
_CACHES_KEPT = 8
_NEVER_COMPILED = frozenset("bench cli demo engine profile shop.py".split())
"""Floors of the house above all compiled code: nothing in them is compiled, or a
constant of what is."""

F = TypeVar("F", bound=Callable[..., Any])


def cache_root() -> Path:
    """The folder of this user's caches (``LIMNER_CACHE_DIR`` moves it)."""
    named = os.environ.get("LIMNER_CACHE_DIR")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "limner"
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "limner"


def _sources_digest() -> str:
    digest = hashlib.blake2b(digest_size=8)
    digest.update(sys.version.encode())
    for path in sorted(_PACKAGE.rglob("*.py")):
        if path.relative_to(_PACKAGE).parts[0] not in _NEVER_COMPILED:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _cache_dir() -> Path:
    root = cache_root() / "compiled"
    here = root / _sources_digest()
    if not here.exists():
        here.mkdir(parents=True, exist_ok=True)
        _forget_old(root, here)
    return here


def _forget_old(root: Path, here: Path) -> None:
    import shutil

    caches = sorted(root.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
    hour_ago = here.stat().st_mtime - 3600  # one that is in use may be a little old
    for old in (
        path for path in caches[_CACHES_KEPT:] if path.stat().st_mtime < hour_ago
    ):
        shutil.rmtree(old, ignore_errors=True)


CACHE_DIR = _cache_dir()
IS_FIRST_USE = not any(CACHE_DIR.iterdir())
"""Nothing is compiled yet on this machine: the first call takes some seconds."""

# numba reads its folder once, when it is imported: so this module goes first.
os.environ["NUMBA_CACHE_DIR"] = str(CACHE_DIR)

import numba  # noqa: E402
from llvmlite import ir  # noqa: E402
from numba import types  # noqa: E402
from numba.core import config, event  # noqa: E402
from numba.extending import intrinsic as _intrinsic  # noqa: E402

__all__ = [
    "CACHE_DIR",
    "IS_FIRST_USE",
    "cfunc",
    "inlined",
    "intrinsic",
    "njit",
    "types",
    "when_compiling",
]

config.CACHE_DIR = str(CACHE_DIR)


def njit(function: F) -> F:
    """Compile at first call: cached, without the interpreter's lock, exact."""
    compiled: F = numba.njit(cache=True, nogil=True, fastmath=False)(function)
    return compiled


def inlined(function: F) -> F:
    """The same, made part of its callers: for what is called at every instruction.

    Handing over a dozen arrays takes longer than a short loop does.
    """
    options = {"cache": True, "nogil": True, "fastmath": False, "forceinline": True}
    compiled: F = numba.njit(**options)(function)
    return compiled


def cfunc(signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile to a C function of this signature, to be called by its address."""
    wrap: Callable[[Callable[..., Any]], Any] = numba.cfunc(
        signature, cache=True, nopython=True
    )
    return wrap


def intrinsic(function: Callable[..., Any]) -> Any:
    """A function whose machine code we write ourselves; callers leave out `context`."""
    return _intrinsic(function)


@intrinsic
def load64(_context: Any, address: Any) -> Any:
    """In compiled code: the uint64 at an address, such as one in a mapped file."""

    def build(_: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = _.get_value_type(signature.return_type).as_pointer()
        return builder.load(builder.inttoptr(values[0], kind))

    return numba.types.uint64(numba.types.int64), build


@intrinsic
def load32(_context: Any, address: Any) -> Any:
    """In compiled code: the uint32 at an address, read anew each time."""

    def build(_: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = _.get_value_type(signature.return_type).as_pointer()
        pointer = builder.inttoptr(values[0], kind)
        return builder.load_atomic(pointer, "monotonic", 4)

    return numba.types.uint32(numba.types.int64), build


class _Listener(event.Listener):  # type: ignore[misc]
    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def on_start(self, event: Any) -> None:
        self._tell()

    def on_end(self, event: Any) -> None:
        pass


def when_compiling(tell: Callable[[], None]) -> Callable[[], None]:
    """Have this called, some hundred times a second, while something is compiled.

    What comes from the cache is not compiled. Returns what ends the calls.
    """
    listener = _Listener(tell)
    event.register("numba:run_pass", listener)
    return lambda: event.unregister("numba:run_pass", listener)


@intrinsic
def prefetch(_context: Any, address: Any) -> Any:
    """In compiled code: ask for the 64 bytes at an address, and do not wait."""

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        word, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, word, word, word])
        function = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
        options = [word(0), word(3), word(1)]  # to be read, kept near, data
        builder.call(function, [builder.inttoptr(values[0], pointer), *options])
        return context.get_dummy_value()

    return types.void(types.int64), build
