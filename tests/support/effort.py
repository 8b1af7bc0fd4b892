"""How much processor time something takes, told so that a busy machine does not spoil it."""

import time
from collections.abc import Callable

TRIES = 3


def least_effort(work: Callable[[], object]) -> float:
    """Processor seconds of the quickest of a few tries: the collector pauses one of them, seldom all."""
    return min(_effort(work) for _ in range(TRIES))


def _effort(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
