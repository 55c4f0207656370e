"""What README and docs/ show is run, and what they link to is there.

A ``python`` block is executed. In a ``console`` block, each line ``$ limner …`` must
exit with 0. A block with ``file=NAME`` beside its language is written to that file.
The blocks of one page run in order, in one temporary folder. ``norun`` opts out.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
DATA = "../shared/data"
"""Pages name real data as a checkout sees it; where it is absent they are skipped."""

FENCE = re.compile(r"^ *```+ *(?P<info>[^\n`]*)\n(?P<body>.*?)^ *```+ *$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)\s]+)\)")
TERMS = (
    "artefact|at|attribute|block|catalogue|commit|conflict|dead letter|definition"
    "|dimension|duplicate|episode|event|feature|fingerprint|flag|full event|half-life"
    "|history|horizon|hot|identifier|kind|known|label|ledger|link|mapping|moment"
    "|profile|reading|record|retention|run|schema|seen_at|settled|shopper|source|store"
    "|twin|visit|window"
).split("|")


class Block(NamedTuple):
    """One fenced block of a page."""

    language: str
    words: list[str]
    body: str
    line: int

    @property
    def file(self) -> str | None:
        """The file that the block is to be written to."""
        for word in self.words:
            if word.startswith("file="):
                return word.removeprefix("file=")
        return None


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    found = []
    for match in FENCE.finditer(text):
        language, *words = match["info"].split() or [""]
        line = text.count("\n", 0, match.start()) + 2
        found.append(Block(language, words, match["body"], line))
    return found


def commands(block: Block) -> list[str]:
    """The lines behind ``$``, with what a backslash continues."""
    joined = re.sub(r"\\\n\s*", " ", block.body)
    return re.findall(r"^\s*\$ (.+)$", joined, re.M)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_what_a_page_shows_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    for block in blocks(page):
        if "norun" in block.words:
            continue
        if block.file is not None:
            Path(block.file).write_text(block.body, "utf-8")
        elif block.language in {"python", "console"}:
            run = run_python if block.language == "python" else run_console
            ready = block._replace(body=with_data(block, page))
            run(ready, f"{page.name}:{block.line}", module)


def with_data(block: Block, page: Path) -> str:
    """The block's text, with real data where it lies on this machine."""
    if DATA not in block.body:
        return block.body
    folder = ROOT / DATA
    if not folder.is_dir():
        pytest.skip(f"no real data: {DATA} is absent ({page.name}:{block.line} on)")
    return block.body.replace(DATA, folder.resolve().as_posix())


def run_python(block: Block, place: str, module: types.ModuleType) -> None:
    # Written to a file of as many lines as stand above it, so that tracebacks and
    # inspect.getsource find their way.
    source = Path(f"page_{block.line}.py")
    source.write_text("\n" * (block.line - 1) + block.body, "utf-8")
    code = compile(source.read_text("utf-8"), str(source.resolve()), "exec")
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(code, module.__dict__)
        except Exception as error:  # any fault of the page is the page's
            raise AssertionError(f"{place}: {type(error).__name__}: {error}") from error


def run_console(block: Block, place: str, _: types.ModuleType) -> None:
    shown = commands(block)
    assert shown, f"{place}: no line begins with '$ ': mark the block norun"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command in shown:
        assert command.split()[0] == "limner", (
            f"{place}: {command!r} cannot be tested: mark the block norun"
        )
        done = subprocess.run(
            command,
            check=False,
            shell=True,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=240,
        )
        assert done.returncode == 0, f"{place}: $ {command}\n{done.stderr}{done.stdout}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    broken = []
    for target in LINK.findall(text):
        name, _, anchor = target.partition("#")
        there = (page.parent / name) if name else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    text = FENCE.sub("", page.read_text("utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.M)
    }


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_fence_is_closed(page: Path) -> None:
    fences = re.findall(r"^ *```", page.read_text("utf-8"), re.M)
    assert len(fences) % 2 == 0


def test_the_glossary_has_every_term_once_and_in_order() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    found = re.findall(r"^\*\*([^*]+)\*\*", text, re.M)
    assert not set(TERMS) - set(found)
    assert found == sorted(set(found), key=str.lower)
