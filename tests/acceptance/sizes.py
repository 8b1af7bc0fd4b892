"""How much the acceptance tests do: enough for every run, or all of it when SOAK=1 (`make soak`)."""

import os
import random

SOAK = os.environ.get("SOAK", "") not in {"", "0"}


def sized(ordinary: int, soak: int) -> int:
    """The number for this run."""
    return soak if SOAK else ordinary


SEEDS: list[int | None] = [int(word) for word in os.environ.get("SEED", "").split()] or [None]
"""Repeats runs, as far as the machine's own timing lets them; without any, one is drawn."""


def seed_of(wanted: int | None) -> int:
    """The seed of a run, told so that it can be repeated."""
    seed = random.SystemRandom().randrange(10**9) if wanted is None else wanted
    print(f"seed {seed}")
    return seed
