"""Loading what comes to stay without looking for garbage: a process starts in three quarters of the time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage in here, and never again among what is alive at the end.

    For the imports of a process's entry, and for the reference guide. Classes, tables and entries by the
    thousand come to stay, and each look goes through all of them, while nothing else runs; left alone, they
    also stay shared with the processes that are forked later.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
