"""Many blocks of a file at once: a database finds a hundred thousand keys much faster than one by one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from schemas.checking import Block
from schemas.columns import Numbers, RecordBlock

Item = TypeVar("Item")
Found = TypeVar("Found")

WINDOW = 16 * 1024 * 1024
"""Bytes of records in one window: it decides how much memory a file takes, whatever its size.

Three times as much was no faster, and took 90 MB more.
"""


def windows(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Consecutive blocks together, `WINDOW` bytes of records or hardly more."""
    some: list[Block] = []
    held = 0
    for block in blocks:
        some.append(block)
        held += sum(rows.cells.nbytes for rows in block.records.values())
        if held >= WINDOW:
            yield some
            some, held = [], 0
    if some:
        yield some


def ahead(items: Iterator[Item], size: int | None) -> Iterator[Item]:
    """The same items, each made in a thread while the one before is used; not for a file of one window.

    `size` is that of the file in bytes.
    """
    if (size or 0) <= WINDOW:
        yield from items
        return
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


@dataclass(frozen=True)
class Together:
    """The accepted records of several blocks, counted as if they were one."""

    rows: Sequence[RecordBlock]
    whose: Numbers
    places: Numbers

    @classmethod
    def of(cls, rows: Sequence[RecordBlock]) -> "Together":
        """Those of `rows`."""
        places = [each.accepted.nonzero()[0] for each in rows]
        whose = np.repeat(np.arange(len(rows)), [len(each) for each in places])
        return cls(rows, whose, np.concatenate([np.zeros(0, dtype=np.int64), *places]))

    def column(self, name: str) -> list[bytes]:
        """One field of all of them."""
        texts = (each.column(name)[each.accepted].tolist() for each in self.rows)
        return [text for some in texts for text in some]

    def by_block(self, found: Mapping[int, Found]) -> list[dict[int, Found]]:
        """What was found by count, for each block by the place of its records."""
        spread: list[dict[int, Found]] = [{} for _ in self.rows]
        for index, value in found.items():
            spread[self.whose[index]][int(self.places[index])] = value
        return spread
