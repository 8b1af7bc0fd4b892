"""Finds records that stand in a file twice, in bounded memory: a hash and a line of each, nothing else."""

import numpy as np
import numpy.typing as npt

from schemas.columns import Numbers
from schemas.kinds import Cells, Mask

Keys = npt.NDArray[np.uint64]
_Run = tuple[Keys, npt.NDArray[np.uint32]]

RUN = 1 << 17
"""Keys in one sorted run, at most."""
WITHOUT_BITS = 4096
"""Keys that are looked up one and all."""
MOST_RUNS = 16
"""When there are more, the oldest is forgotten: two million records later nobody is told of a repetition."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_STIR = np.uint64(0xD6E8FEB86659FD93)
_BITS = 26
_TO_BIT = np.uint64(64 - _BITS)


def keys_of(cells: Cells, salt: Numbers) -> Keys:
    """A 64-bit hash of each record's columns (records, width), mixed with a number of its own.

    Good enough to find equals: two different records in five million agree once in a million files.
    """
    count, width = cells.shape
    padded = np.zeros((count, -(-width // 8) * 8), dtype=np.uint8)
    padded[:, :width] = cells
    state = salt.astype(np.uint64) * _MIX + np.uint64(width)
    for word in padded.view(np.uint64).T:
        state = (state ^ word) * _MIX
        state ^= state >> np.uint64(29)
        state *= _STIR
        state ^= state >> np.uint64(32)
    return state


class Seen:
    """Keys met so far in a file, with the line of each: twelve bytes a record, at most 25 MB.

    A field of bits (8 MB) tells at once of nearly all keys that they are new; the few others are looked up
    in sorted runs. A small file goes without: to get the field takes longer than to look up all its keys.
    """

    def __init__(self) -> None:
        self._bits: npt.NDArray[np.uint8] | None = None
        self._runs: list[_Run] = []

    def earlier(self, keys: Keys, lines: Numbers) -> Numbers:
        """For each key the line where it was met before (0: nowhere); remembers those that are new."""
        found = np.zeros(len(keys), dtype=np.int64)
        if not len(keys):
            return found
        order = _in_order(keys)
        sorted_keys, sorted_lines = keys[order], lines[order]
        again = np.concatenate(([False], sorted_keys[1:] == sorted_keys[:-1]))
        first = np.maximum.accumulate(np.where(again, 0, np.arange(len(keys))))
        found[again] = sorted_lines[first][again]
        self._look_up(sorted_keys, found, self._perhaps(sorted_keys))
        new = found == 0
        self._remember(sorted_keys[new], sorted_lines[new].astype(np.uint32))
        in_order = np.empty_like(found)
        in_order[order] = found
        return in_order

    def _perhaps(self, keys: Keys) -> Mask:
        """Keys whose bit is set; sets those of all. Without the field of bits any key may be known."""
        if self._bits is None:
            if len(keys) + sum(len(known) for known, _ in self._runs) <= WITHOUT_BITS:
                return np.ones(len(keys), dtype=np.bool_)
            self._bits = np.zeros(1 << (_BITS - 3), dtype=np.uint8)
            for known, _ in self._runs:
                self._mark(self._bits, known)
        return self._mark(self._bits, keys)

    @staticmethod
    def _mark(bits: npt.NDArray[np.uint8], keys: Keys) -> Mask:
        """Set the bit of each key; which of them were set before."""
        place = keys >> _TO_BIT
        byte = place >> np.uint64(3)
        bit = np.left_shift(np.uint8(1), (place & np.uint64(7)).astype(np.uint8))
        perhaps: Mask = (bits[byte] & bit) != 0
        np.bitwise_or.at(bits, byte, bit)
        return perhaps

    def _look_up(self, keys: Keys, found: Numbers, perhaps: Mask) -> None:
        asked = keys[perhaps]
        lines = found[perhaps]
        for run_keys, run_lines in self._runs if len(asked) else ():
            at = np.searchsorted(run_keys, asked)
            at[at == len(run_keys)] = 0
            known = run_keys[at] == asked
            lines[known] = run_lines[at[known]]
        found[perhaps] = lines

    def _remember(self, keys: Keys, lines: npt.NDArray[np.uint32]) -> None:
        if not len(keys):
            return
        while self._runs and len(self._runs[-1][0]) <= min(2 * len(keys), RUN - len(keys)):
            before_keys, before_lines = self._runs.pop()
            keys = np.concatenate((before_keys, keys))
            order = np.argsort(keys)
            keys, lines = keys[order], np.concatenate((before_lines, lines))[order]
        self._runs.append((keys, lines))
        del self._runs[:-MOST_RUNS]


def _in_order(keys: Keys) -> Numbers:
    """The places of the keys in their order, equal ones as they came; the quick sort does where none are."""
    quick = np.argsort(keys)
    in_order = keys[quick]
    return np.argsort(keys, kind="stable") if (in_order[1:] == in_order[:-1]).any() else quick
