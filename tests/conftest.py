"""What every test may ask for, and a loud account of what could not be tested."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# The first example of a test may compile kernels, so no example has a deadline.
settings.register_profile("limner", deadline=None, print_blob=True)
settings.load_profile("limner")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--crash-rounds",
        type=int,
        default=30,
        help="how many times the crash test kills the writing process",
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; the test is skipped without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data: ../shared/data is absent")
    return folder


@pytest.fixture
def store_dir(tmp_path: Path) -> Path:
    """A place for a store, where nothing is yet."""
    return tmp_path / "store"


@pytest.fixture(scope="session")
def crash_rounds(request: pytest.FixtureRequest) -> int:
    """How many times to kill: 30, or what `--crash-rounds` says."""
    return int(request.config.getoption("--crash-rounds"))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> None:
    """List what was skipped, by reason: a skipped test has proved nothing."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    counts = Counter(_reason(report) for report in skipped)
    terminalreporter.section(
        f"NOT TESTED HERE: {len(skipped)} skipped", yellow=True, bold=True
    )
    for reason, count in counts.most_common():
        terminalreporter.line(f"{count:5d}  {reason}", yellow=True)
        for name in sorted({r.nodeid for r in skipped if _reason(r) == reason})[:20]:
            terminalreporter.line(f"         {name}")


def _reason(report: pytest.TestReport) -> str:
    place = report.longrepr
    text = place[2] if isinstance(place, tuple) else str(place)
    return text.removeprefix("Skipped: ")
