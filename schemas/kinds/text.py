"""Columns of letters: fixed marks, filler, free text, names, codes, e-mail."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import numpy as np

from schemas.kinds.base import Cells, Kind, Mask, RefusedValueError, Value, any_of, blank, one_of, same
from schemas.tables import MAIL_STATES, STATES

_NAME_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-' "
_NAME_START = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_EMAIL = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+ *")
FORMULA = ("=", "@", "+", "-")
"""How a cell begins that a spreadsheet program would run."""


def _lower(cells: Cells) -> Mask:
    return any_of((cells - np.uint8(97)) < 26)


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    return "".join(part for part in parts if not unicodedata.combining(part))


def _letters(text: str) -> str:
    """Words without what people write differently: case, spaces, hyphens."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _has_lower(text: str) -> bool:
    return any("a" <= character <= "z" for character in text)


@dataclass(frozen=True)
class Literal(Kind):
    """Always the same text, such as the letter that names the record."""

    value: str = ""

    def parse(self, text: str) -> Value:
        """The text, which must be this one (V003)."""
        if text != self.value.ljust(len(text)):
            raise RefusedValueError("V003")
        return self.value

    def render(self, value: Value, width: int) -> str:
        """The fixed text, whatever is asked for."""
        del value
        return self.value.ljust(width)

    def suspicious(self, cells: Cells) -> Mask:
        """Any other text."""
        want = np.frombuffer(self.value.ljust(len(cells)).encode("ascii"), dtype=np.uint8)
        return any_of(cells != want[:, None])

    def expected(self, width: int) -> str:
        """The text itself."""
        del width
        return self.value


@dataclass(frozen=True)
class Blank(Kind):
    """Spaces and nothing else: filler, or (`named`) a field that is blank in this kind of file."""

    named: bool = False
    takes_blank: ClassVar[bool] = True

    def parse(self, text: str) -> Value:
        """Nothing (V002 for anything else)."""
        if text.strip(" "):
            raise RefusedValueError("V002")
        return None

    def render(self, value: Value, width: int) -> str:
        """Spaces, whatever is asked for."""
        del value
        return " " * width

    def suspicious(self, cells: Cells) -> Mask:
        """Anything but spaces."""
        return ~blank(cells)

    def expected(self, width: int) -> str:
        """Spaces."""
        del width
        return "spaces"


@dataclass(frozen=True)
class Anything(Kind):
    """Handed back as it came, such as pass-back data: any characters at all."""

    takes_blank: ClassVar[bool] = True

    def parse(self, text: str) -> Value:
        """The text without the spaces that fill it up."""
        return text.rstrip(" ") or None

    def render(self, value: Value, width: int) -> str:
        """The text, filled up with spaces."""
        return ("" if value is None else str(value)).ljust(width)

    def suspicious(self, cells: Cells) -> Mask:
        """Never."""
        return np.zeros(cells.shape[1], dtype=np.bool_)

    def expected(self, width: int) -> str:
        """Anything."""
        return f"up to {width} characters"


@dataclass(frozen=True)
class Text(Kind):
    """Free text in capitals, at the left of its column (V014, V015)."""

    def parse(self, text: str) -> Value:
        """The text without the spaces that fill it up."""
        if text.startswith(" "):
            raise RefusedValueError("V014")
        if _has_lower(text):
            raise RefusedValueError("V015")
        return text.rstrip(" ")

    def suspicious(self, cells: Cells) -> Mask:
        """A space in front, or small letters."""
        return same(cells[0], " ") | _lower(cells)

    def expected(self, width: int) -> str:
        """Text in capitals."""
        return f"up to {width} characters in capitals, starting in the first column"

    def friendly(self, text: str, width: int) -> str:
        """In capitals, without accents."""
        del width
        plain = text if text.isascii() else _without_accents(text)
        return " ".join(plain.split()).upper()

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """Indented; in small letters."""
        return ((" X".ljust(width), "V014"), ("x".ljust(width), "V015")) if width > 1 else (("x", "V015"),)


@dataclass(frozen=True)
class Name(Text):
    """A person's name: letters, full stop, hyphen, apostrophe, space; a letter or digit first (V013).

    The rule a state applies before it sends income withholding data (domain specification, section 2).
    """

    sensitive: bool = True

    def parse(self, text: str) -> Value:
        """The name without the spaces that fill it up."""
        name = super().parse(text)
        if text[0] not in _NAME_START or not set(text) <= set(_NAME_CHARACTERS):
            raise RefusedValueError("V013")
        return name

    def suspicious(self, cells: Cells) -> Mask:
        """A character that no name has, or a wrong first one."""
        wrong = ~one_of(cells, _NAME_CHARACTERS)
        return any_of(~one_of(cells[:1], _NAME_START)) | any_of(wrong)

    def expected(self, width: int) -> str:
        """Letters."""
        return f"up to {width} letters, with . - ' or space inside, beginning with a letter"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """As any text, and with a character no name has."""
        strange = "O#NEIL".ljust(width)[:width] if width > 1 else "#"
        return (*super().slips(width), (strange, "V013"))


@dataclass(frozen=True)
class Email(Kind):
    """An e-mail address; the only text that keeps its small letters (V022)."""

    sensitive: bool = True
    inputmode: ClassVar[str] = "email"

    def parse(self, text: str) -> Value:
        """The address."""
        if _EMAIL.fullmatch(text) is None:
            raise RefusedValueError("V022")
        return text.rstrip(" ")

    def suspicious(self, cells: Cells) -> Mask:
        """Asked of each one: a column of addresses is rare, and short."""
        texts = (bytes(column).decode("latin-1") for column in np.ascontiguousarray(cells.T))
        return np.fromiter((_EMAIL.fullmatch(text) is None for text in texts), np.bool_, cells.shape[1])

    def expected(self, width: int) -> str:
        """An address."""
        return f"an e-mail address of up to {width} characters"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """Without its @."""
        return (("payroll.example.com".ljust(width)[:width], "V022"),)


@dataclass(frozen=True)
class Code(Kind):
    """One of a table of codes (V009, or the code of findings given)."""

    table: Mapping[str, str] = field(default_factory=dict, hash=False)
    refusal: str = "V009"

    def parse(self, text: str) -> Value:
        """The code."""
        code = text.rstrip(" ")
        if code not in self.table:
            raise RefusedValueError(self.refusal)
        return code

    def suspicious(self, cells: Cells) -> Mask:
        """Anything that is not in the table."""
        packed = number_of_bytes(cells)
        allowed = _packed(tuple(self.table), len(cells))
        if len(cells) > 2:
            return np.isin(packed, allowed, invert=True)
        known = np.zeros(256 ** len(cells), dtype=np.bool_)
        known[allowed] = True
        return ~known[packed]

    def expected(self, width: int) -> str:
        """The table, when it is short enough to read."""
        if len(self.table) > 12:
            return f"one of the {len(self.table)} codes of the table, {width} characters"
        return ", ".join(f"{code} {meaning}" for code, meaning in self.table.items())

    def friendly(self, text: str, width: int) -> str:
        """The code in capitals; the meaning in words will do, too; a number gets back its leading zeros."""
        typed = text.strip()
        for code, meaning in self.table.items():
            if _letters(typed) == _letters(meaning):
                return code
        if typed.isdigit() and typed not in self.table and typed.zfill(width) in self.table:
            return typed.zfill(width)
        return typed.upper()

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """A code nobody has."""
        return (("?" * width, self.refusal),)


@dataclass(frozen=True)
class StateCode(Code):
    """A state that runs a child-support program (V010)."""

    table: Mapping[str, str] = field(default_factory=lambda: STATES, hash=False)
    refusal: str = "V010"

    def expected(self, width: int) -> str:
        """The post's two letters."""
        del width
        return "the two-letter postal code of a state or territory, such as KS"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """Two letters that are no state's."""
        del width
        return (("ZZ", self.refusal), ("XK", self.refusal))


@dataclass(frozen=True)
class MailState(StateCode):
    """A state in an address: the armed forces' post, too."""

    table: Mapping[str, str] = field(default_factory=lambda: MAIL_STATES, hash=False)


def number_of_bytes(cells: Cells) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Up to seven characters as one number, first character highest."""
    total = np.zeros(cells.shape[1], dtype=np.int64)
    for row in cells:
        total = total * 256 + row
    return total


@lru_cache(maxsize=256)
def _packed(codes: tuple[str, ...], width: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    fitting = [code.ljust(width).encode("ascii") for code in codes if len(code) <= width]
    return np.array([int.from_bytes(code, "big") for code in fitting], dtype=np.int64)
