"""Many blocks of a file at once: a database finds a hundred thousand keys much faster than one by one."""

import io
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import BinaryIO, TypeVar

from exchange.vault import SealedReader
from schemas.checking import Block
from schemas.lines import PIECE
from schemas.record import Form

Item = TypeVar("Item")
READ_AHEAD = 1024 * 1024

WINDOW = 16 * 1024 * 1024
"""Bytes of records in one window: it decides how much memory a file takes, whatever its size.

Three times as much was no faster, and took 90 MB more.
"""


def windows(blocks: Iterable[Block], part: int = 1) -> Iterator[list[Block]]:
    """Consecutive blocks together, `WINDOW` bytes of records (or that part of it) or hardly more."""
    some: list[Block] = []
    held = 0
    for block in blocks:
        some.append(block)
        held += sum(rows.cells.nbytes for rows in block.records.values())
        if held >= WINDOW // part:
            yield some
            some, held = [], 0
    if some:
        yield some


def ahead(items: Iterator[Item], size: int | None) -> Generator[Item, None, None]:
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


@contextmanager
def source(reader: SealedReader, form: Form) -> Iterator[BinaryIO]:
    """A file to be checked from front to back; the pieces of a large one are read and opened ahead."""
    if form is not Form.FIXED or reader.size <= WINDOW:
        yield io.BufferedReader(reader.file(), READ_AHEAD)
        return
    with closing(ahead(reader.pieces(size=PIECE), reader.size)) as pieces:
        yield _Pieces(pieces)


class _Pieces(io.RawIOBase, BinaryIO):
    """Bytes that come in pieces of their own size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces

    def read(self, size: int = -1, /) -> bytes:
        """The next piece, whatever size was asked for; nothing at the end."""
        del size
        return next(self._pieces, b"")
