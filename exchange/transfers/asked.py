"""Whom a file is about: SSN and name of its accepted records, noted while it is checked.

The registry is asked for a quarter of a million people at once, whatever the size of their records: the more
of them, the nearer they stand to each other in its index (decision 24). Each costs 13 bytes till then.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exchange.registry import keys
from schemas.checking import Block, RecordBlock
from schemas.columns import Texts
from schemas.kinds import Mask
from schemas.record import Layout

STRETCH = 1 << 18
"""People that are looked for at once, or hardly more."""
_ABOUT_PEOPLE = frozenset({"debt-inquiry", "lump-sum", "termination"})
"""Layouts whose programs match each record by SSN and last name."""


@dataclass(frozen=True)
class Some:
    """The accepted records of one block: their SSNs, what counts of their last names, and which they are."""

    ssns: Texts
    names: Texts
    bits: npt.NDArray[np.uint8]
    records: int

    @classmethod
    def of(cls, rows: RecordBlock | None) -> "Some":
        """Those of a block; of a block without such records nobody."""
        if rows is None:
            return cls(np.zeros(0, "S9"), np.zeros(0, "S4"), np.zeros(0, np.uint8), 0)
        accepted, place = rows.accepted, rows.record["last_name"]
        names = rows.cells[:, place.first - 1 : place.last]
        if not accepted.all():
            names = names[accepted]
        ssns = rows.column("ssn")[accepted]
        return cls(ssns, keys.name_keys(names), np.packbits(accepted), len(rows))

    @property
    def accepted(self) -> Mask:
        """Which records of the block these are."""
        return np.unpackbits(self.bits, count=self.records).astype(np.bool_)


@dataclass(frozen=True)
class Stretch:
    """The people of consecutive blocks."""

    blocks: Sequence[Some]

    @property
    def ssns(self) -> Texts:
        """Their SSNs; nothing where somebody is asked about without."""
        return np.concatenate([some.ssns for some in self.blocks])

    @property
    def names(self) -> Texts:
        """What counts of their last names."""
        return np.concatenate([some.names for some in self.blocks])


class Asked:
    """The people of a file, block by block. They are given once, and let go as they are."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._blocks: deque[Some] = deque()

    @classmethod
    def by(cls, layout: Layout) -> "Asked | None":
        """For the first pass over a file in this layout; None where the registry is not asked by it."""
        return cls() if layout.slug in _ABOUT_PEOPLE else None

    def add(self, block: Block) -> None:
        """Note the next block."""
        self._blocks.append(Some.of(block.records.get("detail")))

    def stretches(self) -> Iterator[Stretch]:
        """All of them, a stretch at a time."""
        while self._blocks:
            some: list[Some] = []
            people = 0
            while self._blocks and people < STRETCH:
                some.append(self._blocks.popleft())
                people += len(some[-1].ssns)
            yield Stretch(some)
