"""Files that commands write: whole or not at all, in place of what was there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limner.errors import InputError


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A path to write to, beside the file that it replaces once the block is done.

    Raises InputError where no file can be.
    """
    check_can_be_written(out)
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        yield beside
        os.replace(beside, out)
    finally:
        beside.unlink(missing_ok=True)


def check_can_be_written(out: Path) -> None:
    """Say before the work is done that its result could not be kept."""
    if out.is_dir():
        raise InputError(f"--out {out}: is a folder, expected a file")
    if not out.parent.is_dir():
        raise InputError(f"--out {out}: no folder {out.parent}")
    if not os.access(out.parent, os.W_OK):
        raise InputError(f"--out {out}: no right to write into {out.parent}")
