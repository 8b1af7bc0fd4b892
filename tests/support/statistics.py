"""Whether two samples are of one kind: by ranks (Mann, Whitney) and by shapes (Kolmogorov, Smirnov)."""

import math
import random
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


def ranks_differ(one: Sequence[float], other: Sequence[float]) -> float:
    """The chance that samples of one kind lie as far apart (Mann-Whitney U, two-sided, ties shared)."""
    first, second = len(one), len(other)
    _, place, counts = np.unique(np.array([*one, *other]), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    above = ranks[:first].sum() - first * (first + 1) / 2
    every = first + second
    ties = float((counts.astype(float) ** 3 - counts).sum()) / (every * (every - 1))
    spread = math.sqrt(first * second / 12 * (every + 1 - ties))
    return math.erfc(abs(above - first * second / 2) / spread / math.sqrt(2)) if spread else 1.0


def shapes_differ(one: Sequence[float], other: Sequence[float]) -> float:
    """The same for the greatest distance of their distributions (Kolmogorov-Smirnov, for many values)."""
    first, second = np.sort(one), np.sort(other)
    every = np.concatenate([first, second])
    apart = float(np.abs(_below(first, every) - _below(second, every)).max())
    size = math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    reach = (size + 0.12 + 0.11 / size) * apart
    if reach < 0.2:  # where the sum below has not settled, and the chance is 1 to many digits
        return 1.0
    return min(
        1.0, 2 * sum((-1) ** (term - 1) * math.exp(-2 * (term * reach) ** 2) for term in range(1, 101))
    )


def _below(sample: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.searchsorted(sample, values, side="right") / len(sample)


def interleaved(times: int, acts: Sequence[Callable[[], object]], seed: int) -> NDArray[np.float64]:
    """How long each act takes, so often, in an order that is drawn: what else slows one of them slows all.

    Seconds by act, time and clock: the wall's, and that of this process's own work, which is the finer one.
    """
    order = [number for number in range(len(acts)) for _ in range(times)]
    random.Random(seed).shuffle(order)
    taken: list[list[tuple[float, float]]] = [[] for _ in acts]
    for number in order:
        begun, worked = time.perf_counter(), time.process_time()
        acts[number]()
        taken[number].append((time.perf_counter() - begun, time.process_time() - worked))
    return np.array(taken)
