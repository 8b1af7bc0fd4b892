"""How much the acceptance tests do: enough for every run, or all of it when SOAK=1 (`make soak`)."""

import os

SOAK = os.environ.get("SOAK", "") not in {"", "0"}


def sized(ordinary: int, soak: int) -> int:
    """The number for this run."""
    return soak if SOAK else ordinary
