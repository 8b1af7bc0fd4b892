"""Columns that only orders and their acknowledgements have: case numbers, frequencies, a date or a word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from schemas.kinds.base import Cells, Kind, Mask, RefusedValueError, Value, all_of, any_of, one_of
from schemas.kinds.dates import Date8
from schemas.kinds.text import Literal, Text

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NOT_IN_CASE_NUMBERS = "\\*"


@dataclass(frozen=True)
class CaseNumber(Text):
    """A case of a state: no space in front, no backslash, no asterisk (V025; domain specification, 6.4)."""

    sensitive: bool = True

    def parse(self, text: str) -> Value:
        """The number without the spaces that fill it up."""
        number = super().parse(text)
        if set(text) & set(_NOT_IN_CASE_NUMBERS):
            raise RefusedValueError("V025")
        return number

    def suspicious(self, cells: Cells) -> Mask:
        """As any text, or with one of the signs."""
        return super().suspicious(cells) | any_of(one_of(cells, _NOT_IN_CASE_NUMBERS))

    def expected(self, width: int) -> str:
        """Text without the signs."""
        return f"{super().expected(width)}, without \\ and *"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """As any text, and with the signs."""
        return *super().slips(width), ("KS*1".ljust(width), "V025"), ("KS\\1".ljust(width), "V025")


@dataclass(frozen=True)
class RegistryCase(CaseNumber):
    """A case number as the case registry takes it: as any, and not nothing but zeros (V030; 8.2)."""

    def parse(self, text: str) -> Value:
        """The number without the spaces that fill it up."""
        number = super().parse(text)
        if not str(number).strip("0"):
            raise RefusedValueError("V030")
        return number

    def suspicious(self, cells: Cells) -> Mask:
        """As any case number, or zeros and spaces only."""
        return super().suspicious(cells) | all_of(one_of(cells, "0 "))

    def expected(self, width: int) -> str:
        """What it may not be."""
        return f"{super().expected(width)}, and not nothing but zeros"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """As any case number, and zeros."""
        return *super().slips(width), ("0" * width, "V030")


@dataclass(frozen=True)
class Titled(Text):
    """A text whose first character is a letter or a digit (V026), such as the name of an employer."""

    def parse(self, text: str) -> Value:
        """The text without the spaces that fill it up."""
        title = super().parse(text)
        if text[0] not in _LETTERS + "0123456789":
            raise RefusedValueError("V026")
        return title

    def suspicious(self, cells: Cells) -> Mask:
        """As any text, or another first character."""
        return super().suspicious(cells) | any_of(~one_of(cells[:1], _LETTERS + "0123456789"))

    def expected(self, width: int) -> str:
        """Text with a firm beginning."""
        return f"up to {width} characters in capitals, beginning with a letter or digit"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """As any text, and with a sign in front."""
        return *super().slips(width), ("(THE) X".ljust(width), "V026")


@dataclass(frozen=True)
class Letter(Kind):
    """One capital letter (V009); `known` says what some of them mean.

    Others are taken, too: the list that we have is not official (`schemas.orders.Listed` remarks on them).
    """

    known: Mapping[str, str] = field(default_factory=dict, hash=False)

    def parse(self, text: str) -> Value:
        """The letter."""
        if len(text) != 1 or text not in _LETTERS:
            raise RefusedValueError("V009")
        return text

    def suspicious(self, cells: Cells) -> Mask:
        """No capital letter."""
        return any_of(~one_of(cells, _LETTERS))

    def expected(self, width: int) -> str:
        """The letters we know, and how well."""
        del width
        return "one letter: " + ", ".join(f"{letter} {meaning}" for letter, meaning in self.known.items())

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """A digit; a small letter."""
        del width
        return ("1", "V009"), ("m", "V009")


@dataclass(frozen=True)
class DateOrWord(Date8):
    """A day (CCYYMMDD), or one word instead of it (V027). Value: date, or the word."""

    word: str = ""
    inputmode: ClassVar[str] = ""

    def parse(self, text: str) -> Value:
        """The day, or the word."""
        if text.rstrip(" ") == self.word:
            return self.word
        try:
            return super().parse(text)
        except RefusedValueError:
            raise RefusedValueError("V027") from None

    def suspicious(self, cells: Cells) -> Mask:
        """Neither."""
        day: Mask = super().suspicious(cells)
        return day & Literal(value=self.word).suspicious(np.ascontiguousarray(cells))

    def expected(self, width: int) -> str:
        """Both."""
        return f"{super().expected(width)}, or the word {self.word}"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """No day of the calendar; another word."""
        return ("20260231".ljust(width), "V027"), ("ATONCE".ljust(width), "V027")
