"""A part of a word index: up to 65,536 messages, the sorted words in them, and which message has which word.

Pure. Packed into bytes it lies in such an order that a word is found by reading few stretches of it: head,
fences (the first word of each block of the lexicon), numbers of messages, postings, lexicon. Postings are
places among the numbers, two bytes each.
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

MOST = 65_536
"""Messages in a segment, so that a place among them fits into two bytes."""
HEAD = struct.Struct("<IIIII")
_BLOCK = 256
"""Words in a block of the lexicon."""
_AFTER_ALL = b"\xff"
"""Greater than any byte of UTF-8: a word with it is greater than all that begin with that word."""
_NUMBER, _PLACE = 4, 2
_STRIDE = 1_000
"""Numbers read together where a few of them are wanted."""

Numbers = NDArray[np.uint32]
Stretch = tuple[int, int]
"""From which byte, before which byte."""
Reading = Generator[list[Stretch], list[bytes], Numbers]
"""Gives the stretches it wants to read, is sent their bytes, and returns numbers of messages at the end."""


@dataclass(frozen=True)
class Segment:
    """`numbers` and `words` ascend; `pairs` are (word << 16 | place in numbers), ascending."""

    numbers: Numbers
    words: list[bytes]
    pairs: NDArray[np.uint64]

    @classmethod
    def of(cls, entries: Iterable[tuple[int, Iterable[str]]]) -> Self:
        """The messages with these numbers, each with the words in it; the numbers are different."""
        ordered = sorted(entries)
        ids: dict[str, int] = {}
        found = [[ids.setdefault(word, len(ids)) for word in words] for _, words in ordered]
        names = [word.encode() for word in ids]
        order = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(names), np.uint64)
        rank[order] = np.arange(len(names), dtype=np.uint64)
        lengths = [len(each) for each in found]
        word = rank[np.fromiter((one for each in found for one in each), np.int64, sum(lengths))]
        place = np.repeat(np.arange(len(found), dtype=np.uint64), lengths)
        numbers = np.array([number for number, _ in ordered], np.uint32)
        return cls(numbers, [names[place] for place in order], _sorted_pairs(word, place))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """One segment of several that have no message in common."""
        numbers = np.concatenate([part.numbers for part in parts])
        words = sorted({word for part in parts for word in part.words})
        rank = {word: place for place, word in enumerate(words)}
        moved = np.empty(len(numbers), np.uint64)
        moved[np.argsort(numbers)] = np.arange(len(numbers), dtype=np.uint64)
        starts = np.cumsum([0, *(len(part.numbers) for part in parts)])
        ranks = [np.fromiter(map(rank.__getitem__, part.words), np.uint64) for part in parts]
        word = np.concatenate([each[part.word] for each, part in zip(ranks, parts, strict=True)])
        place = np.concatenate(
            [moved[part.place + start] for part, start in zip(parts, starts[:-1], strict=True)]
        )
        return cls(np.sort(numbers), words, _sorted_pairs(word, place))

    def without(self, numbers: Collection[int]) -> Self:
        """The same without these messages, and without the words that only they had."""
        stays = ~np.isin(self.numbers, np.fromiter(numbers, np.uint32))
        pairs = self.pairs[stays[self.place]]
        used = np.zeros(len(self.words), bool)
        used[(pairs >> np.uint64(16)).astype(np.int64)] = True
        word = (np.cumsum(used) - 1).astype(np.uint64)[(pairs >> np.uint64(16)).astype(np.int64)]
        place = (np.cumsum(stays) - 1).astype(np.uint64)[(pairs & np.uint64(0xFFFF)).astype(np.int64)]
        words = [self.words[kept] for kept in np.flatnonzero(used)]
        return type(self)(self.numbers[stays], words, _sorted_pairs(word, place))

    @property
    def word(self) -> NDArray[np.int64]:
        """Of each pair, which word."""
        return (self.pairs >> np.uint64(16)).astype(np.int64)

    @property
    def place(self) -> NDArray[np.int64]:
        """Of each pair, which place in the numbers."""
        return (self.pairs & np.uint64(0xFFFF)).astype(np.int64)

    def packed(self) -> bytes:
        """As bytes; `unpacked` is its counterpart, `matches` and `numbers_in` read parts of it."""
        starts = np.searchsorted(self.pairs, np.arange(len(self.words) + 1, dtype=np.uint64) << np.uint64(16))
        firsts = range(0, len(self.words), _BLOCK)
        blocks = [
            starts[first : first + _BLOCK + 1].astype("<u4").tobytes()
            + b"\n".join(self.words[first : first + _BLOCK])
            for first in firsts
        ]
        fences = b"\n".join(self.words[first] for first in firsts)
        ends = np.cumsum([0, *map(len, blocks)]).astype("<u4").tobytes()
        sizes = (len(self.numbers), len(self.words), len(self.pairs), len(blocks), len(fences))
        numbers, postings = self.numbers.astype("<u4").tobytes(), self.place.astype("<u2").tobytes()
        return b"".join((HEAD.pack(*sizes), ends, fences, numbers, postings, *blocks))

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """The segment whose bytes these are; what follows them is not looked at."""
        front = _Front.of(packed)
        words, counts = [], []
        for block in range(len(front.fences)):
            starts, some = front.block(block, packed[slice(*front.stretch_of(block))])
            words += some
            counts.append(np.diff(starts))
        word = np.repeat(
            np.arange(len(words), dtype=np.uint64), np.concatenate([*counts, np.zeros(0, np.int64)])
        )
        place = np.frombuffer(packed[front.postings_at : front.lexicon_at], "<u2").astype(np.uint64)
        numbers = np.frombuffer(packed[front.numbers_at : front.postings_at], "<u4").astype(np.uint32)
        return cls(numbers, words, word << np.uint64(16) | place)


def _sorted_pairs(word: NDArray[np.uint64], place: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return np.sort(word << np.uint64(16) | place)


@dataclass(frozen=True)
class _Front:
    """The head and the fences: where everything lies."""

    messages: int
    words: int
    postings: int
    ends: NDArray[np.int64]
    fences: list[bytes]
    numbers_at: int

    @classmethod
    def of(cls, packed: bytes) -> Self:
        messages, words, postings, blocks, fences = HEAD.unpack_from(packed)
        names_at = HEAD.size + _NUMBER * (blocks + 1)
        ends = np.frombuffer(packed[HEAD.size : names_at], "<u4").astype(np.int64)
        names = packed[names_at : names_at + fences].split(b"\n") if blocks else []
        return cls(messages, words, postings, ends, names, names_at + fences)

    @staticmethod
    def size(head: bytes) -> int:
        """Bytes that it takes, read from its beginning."""
        *_, blocks, fences = HEAD.unpack_from(head)
        return int(HEAD.size + _NUMBER * (blocks + 1) + fences)

    @property
    def postings_at(self) -> int:
        return self.numbers_at + _NUMBER * self.messages

    @property
    def lexicon_at(self) -> int:
        return self.postings_at + _PLACE * self.postings

    def stretch_of(self, block: int) -> Stretch:
        return self.lexicon_at + int(self.ends[block]), self.lexicon_at + int(self.ends[block + 1])

    def block(self, block: int, packed: bytes) -> tuple[NDArray[np.int64], list[bytes]]:
        """Where the postings of each word of a block begin (and those of the last end), and its words."""
        words = min(_BLOCK, self.words - block * _BLOCK)
        names_at = _NUMBER * (words + 1)
        return np.frombuffer(packed[:names_at], "<u4").astype(np.int64), packed[names_at:].split(b"\n")

    def blocks_for(self, beginning: bytes) -> tuple[int, int]:
        """The first and the last block that may hold words with this beginning."""
        first = max(bisect_right(self.fences, beginning) - 1, 0)
        return first, max(bisect_left(self.fences, beginning + _AFTER_ALL) - 1, first)


def _front(first_page: int) -> Generator[list[Stretch], list[bytes], _Front]:
    [head] = yield [(0, first_page)]
    if (size := _Front.size(head)) > len(head):
        [more] = yield [(len(head), size)]
        head += more
    return _Front.of(head)


def numbers_in(first_page: int) -> Reading:
    """Read which messages are in a segment, ascending; the first `first_page` bytes come at once."""
    front = yield from _front(first_page)
    [numbers] = yield [(front.numbers_at, front.postings_at)]
    return np.frombuffer(numbers, "<u4")


def matches(beginnings: Sequence[bytes], first_page: int) -> Reading:
    """Read which messages have for each of `beginnings` a word that begins so, ascending."""
    front = yield from _front(first_page)
    stretches = yield from _postings_of(front, beginnings)
    if stretches is None:
        return np.zeros(0, np.uint32)
    every = np.ones(front.messages, bool)
    for postings in (yield stretches):
        having = np.zeros(front.messages, bool)
        having[np.frombuffer(postings, "<u2")] = True
        every &= having
    return (yield from _numbers_at(front, np.flatnonzero(every)))


def _postings_of(
    front: _Front, beginnings: Sequence[bytes]
) -> Generator[list[Stretch], list[bytes], list[Stretch] | None]:
    """Where the postings for each beginning lie; None when one of them begins no word."""
    if not front.words:
        return None
    blocks = [block for beginning in beginnings for block in front.blocks_for(beginning)]
    read = yield [front.stretch_of(block) for block in blocks]
    opened = [front.block(block, packed) for block, packed in zip(blocks, read, strict=True)]
    stretches = []
    for place, beginning in enumerate(beginnings):
        (starts, names), (last_starts, last_names) = opened[2 * place : 2 * place + 2]
        begin = int(starts[bisect_left(names, beginning)])
        end = int(last_starts[bisect_left(last_names, beginning + _AFTER_ALL)])
        if begin == end:
            return None
        stretches.append((front.postings_at + _PLACE * begin, front.postings_at + _PLACE * end))
    return stretches


def _numbers_at(front: _Front, places: NDArray[np.int64]) -> Reading:
    """The numbers at places, of which only the surroundings are read."""
    if not len(places):
        return np.zeros(0, np.uint32)
    strides = np.unique(places // _STRIDE)
    begins = front.numbers_at + _NUMBER * _STRIDE * strides
    ends = np.minimum(begins + _NUMBER * _STRIDE, front.postings_at)
    read = yield list(zip(begins.tolist(), ends.tolist(), strict=True))
    numbers = np.frombuffer(b"".join(read), "<u4")
    skipped = (strides - np.arange(len(strides))) * _STRIDE
    return numbers[places - skipped[np.searchsorted(strides, places // _STRIDE)]]
