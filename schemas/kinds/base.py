"""What every rule of one column can do: for one value, and for a whole block of them at once."""

from dataclasses import dataclass
from datetime import date, time
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

Value = str | int | date | time | None
Cells = npt.NDArray[np.uint8]
"""One column of many records: shape (width, records), bytes."""
Mask = npt.NDArray[np.bool_]
_SHORT = 4
"""Digits that fit into 16 bits."""
_SMALL, _BIG = np.dtype(np.int16), np.dtype(np.int64)


class RefusedValueError(ValueError):
    """One value breaks the rule of its column; `code` is its line in the table of findings."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Facts(Protocol):
    """The outside facts that a kind may ask for when a check begins (`schemas.rules.CheckRules` has them)."""

    @property
    def today(self) -> date:
        """The day of the check."""

    @property
    def synthetic(self) -> bool:
        """True: only Social Security numbers that were never issued; False: only ones that may have been."""


@dataclass(frozen=True)
class Kind:
    """The rule of one column.

    `parse` takes the column's full width and gives the value or raises `RefusedValueError`; `render` is its
    exact inverse; `suspicious` marks in a block of columns exactly those that `parse` would refuse. A blank
    column is judged by the field (required or optional) and never reaches a kind, unless `takes_blank`.
    """

    sensitive: bool = False
    """Findings show only the shape of what was found."""

    takes_blank: ClassVar[bool] = False
    inputmode: ClassVar[str] = ""

    def parse(self, text: str) -> Value:
        """The value that `text` stands for."""
        raise NotImplementedError

    def render(self, value: Value, width: int) -> str:
        """`value` as the record writes it, `width` characters."""
        return str(value).ljust(width)

    def suspicious(self, cells: Cells) -> Mask:
        """Which of the block's columns `parse` would refuse."""
        raise NotImplementedError

    def expected(self, width: int) -> str:
        """What belongs into the column, in words."""
        raise NotImplementedError

    def typed(self, width: int) -> str:
        """What a person may type who fills a table in, in words; `friendly` makes a record's text of it."""
        return self.expected(width)

    def friendly(self, text: str, width: int) -> str:
        """What a person typed, as the record writes it; nonsense comes back as it is."""
        del width
        return text.strip()

    def under(self, facts: Facts) -> "Kind":
        """The same rule with the facts of one check filled in."""
        del facts
        return self

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """Mistakes people make here: (text, code of the finding it must give). For samples and tests."""
        del width
        return ()


def any_of(marks: Mask) -> Mask:
    """Columns in which any character is marked."""
    marked: Mask = np.logical_or.reduce(marks, axis=0)
    return marked


def all_of(marks: Mask) -> Mask:
    """Columns in which every character is marked."""
    marked: Mask = np.logical_and.reduce(marks, axis=0)
    return marked


def blank(cells: Cells) -> Mask:
    """Columns that hold nothing but spaces."""
    return all_of(same(cells, " "))


def not_digits(cells: Cells) -> Mask:
    """Columns in which any character is not a digit."""
    return any_of((cells - np.uint8(48)) > 9)


def number_of(cells: Cells) -> npt.NDArray[np.signedinteger]:
    """Columns of digits as numbers (up to 18 digits; anything else in them gives nonsense, not an error)."""
    total: npt.NDArray[np.signedinteger] = np.zeros(cells.shape[1], _SMALL if len(cells) <= _SHORT else _BIG)
    for row in cells:
        total = total * 10 + (row - np.uint8(48))
    return total


def same(cells: Cells, character: str) -> Mask:
    """Where each single character is this one; same shape as `cells`."""
    equal: Mask = cells == np.uint8(ord(character))
    return equal


def one_of(cells: Cells, characters: str) -> Mask:
    """Where each single character is one of `characters`; same shape as `cells`."""
    allowed = np.zeros(256, dtype=np.bool_)
    allowed[list(characters.encode("ascii"))] = True
    return allowed.take(cells)


def is_digits(text: str) -> bool:
    """ASCII digits only, at least one."""
    return text.isascii() and text.isdigit()
