"""Limner as the world sees it: a command, its output, and the files it writes."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.oracle.cells import rfc3339


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document that it has to be."""
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        """Standard output where it is one document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def limner(*words: object, expected: int = 0) -> Answer:
    """Run a command; another exit code than the expected one fails with its words."""
    script = Path(sys.executable).with_name("limner")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "limner"]
    command = [*start, *map(str, words)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    answer = Answer(done.returncode, done.stdout, done.stderr)
    if answer.code != expected:
        spoken = " ".join(command[len(start) :])
        raise AssertionError(
            f"limner {spoken}\n  exit code: expected {expected}, got {answer.code}\n"
            f"  stdout: {answer.out[-2000:]}\n  stderr: {answer.err[-4000:]}"
        )
    return answer


def ingest(store: Path, mapping: str | Path, *paths: Path) -> dict[str, Any]:
    """Feed files to a store."""
    return limner(
        "ingest", "--store", store, "--mapping", mapping, *paths, "--json"
    ).json


def export(store: Path, at: int, known: int | None = None) -> pa.Table:
    """Everybody's profile at a moment."""
    out = store.with_name(f"{store.name}.parquet")
    words = ["--at", rfc3339(at), "--out", out]
    if known is not None:
        words += ["--known", rfc3339(known)]
    limner("export", "--store", store, *words)
    return pq.read_table(out)


def profile(store: Path, shopper: str, at: int) -> dict[str, Any]:
    """One shopper's profile, as columns of the export are named."""
    words = [shopper, "--at", rfc3339(at), "--json"]
    dimensions = limner("profile", "--store", store, *words).json["profile"]
    return {
        f"{dimension}.{feature}": value
        for dimension, features in dimensions.items()
        for feature, value in features.items()
    }
