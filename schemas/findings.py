"""Findings: what is wrong, where, and what to do about it, in words for the person who made the file.

The table of codes is `schemas.codes.CODES`. `found` never shows a sensitive value, only its shape.
"""

import re
import string
import sys
from dataclasses import dataclass

from schemas.codes import CODES, CodeWords, Effect
from schemas.record import Field

__all__ = ["CODES", "CodeWords", "Effect", "Finding", "at", "finding", "shape", "shown"]

_LONGEST_FOUND = 40
_LONG_NUMBER = re.compile(r"\d{9,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `line` counts from 1 (0: the file as a whole); columns are 1-based, inclusive.

    In a spreadsheet the line is the row and the column its number (A is 1).
    """

    line: int
    first_column: int
    last_column: int
    field: str
    code: str
    found: str
    expected: str
    message: str

    @property
    def columns(self) -> str:
        """As people read it, such as "4-12" or "92"; "" where no column is meant."""
        return str(self.first_column) if 0 < self.first_column == self.last_column else self.span

    @property
    def span(self) -> str:
        """As programs read it, always first and last, such as "92-92"; "" where no column is meant."""
        return f"{self.first_column}-{self.last_column}" if self.first_column else ""


_SHAPES = str.maketrans(
    dict.fromkeys(string.digits, "#")
    | dict.fromkeys(string.ascii_uppercase, "A")
    | dict.fromkeys(string.ascii_lowercase, "a")
)


def shape(text: str) -> str:
    """What a value looks like without what it says: digits become #, letters A or a, the rest stays."""
    return text.translate(_SHAPES)


def shown(text: str, *, sensitive: bool) -> str:
    """`found` as it may be shown: printable, short; the shape only of long numbers and what is sensitive."""
    plain = text.rstrip(" ")
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(character if " " <= character <= "~" else "?" for character in plain)
    plain = shape(plain) if sensitive else _LONG_NUMBER.sub(lambda match: "#" * len(match[0]), plain)
    return plain if len(plain) <= _LONGEST_FOUND else plain[: _LONGEST_FOUND - 3] + "..."


def finding(code: str, line: int, field: Field, *, found: str = "", expected: str | None = None) -> Finding:
    """A finding about a field, in the words of the table. `found` is masked here, as its kind demands."""
    wanted = field.kind.expected(field.width) if expected is None else expected
    seen = shown(found, sensitive=field.kind.sensitive)
    words = CODES[code].action.format(label=field.title, expected=wanted, found=seen)
    # Thousands of findings say the same thing; each text is held once.
    return Finding(
        line, field.first, field.last, field.name, code, seen, sys.intern(wanted), sys.intern(words)
    )


def at(code: str, line: int, columns: tuple[int, int], *, found: str = "", expected: str = "") -> Finding:
    """A finding that no field owns."""
    seen = shown(found, sensitive=False)
    words = CODES[code].action.format(label="This line", expected=expected, found=seen).strip()
    return Finding(line, *columns, "", code, seen, expected, words)
