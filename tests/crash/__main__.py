"""`python -m tests.crash --rounds 1000`: what `make crash` runs."""

from __future__ import annotations

import argparse
import random

from tests.crash import kills, power


def main() -> None:
    """Kill, then pull the plug, so many times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    events = kills.run(given.rounds, seed=given.seed)
    print(f"{given.rounds} kills: 0 of {events:,} acknowledged events lost, 0 doubled")
    cuts = power.run(given.rounds, seed=given.seed)
    print(f"{cuts} power cuts: nothing lost, nothing doubled")


if __name__ == "__main__":
    main()
