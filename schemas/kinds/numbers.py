"""Columns of digits: counts, amounts, and the numbers that name people and organizations."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from schemas.kinds.base import (
    Cells,
    Facts,
    Kind,
    Mask,
    RefusedValueError,
    Value,
    all_of,
    blank,
    is_digits,
    not_digits,
    number_of,
    same,
)

_SEPARATORS = str.maketrans("", "", " -.()")
_DOLLARS = re.compile(r"\$? *((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)", re.ASCII)
"""Commas stand between thousands only: where they mean the cents, as in 1.300,00, nobody is to guess."""


@dataclass(frozen=True)
class Digits(Kind):
    """A number that is a name, not a quantity: every column a digit, kept as text (V016)."""

    refusal: str = "V016"
    inputmode: ClassVar[str] = "numeric"

    def parse(self, text: str) -> Value:
        """The digits."""
        if not is_digits(text):
            raise RefusedValueError(self.refusal)
        return text

    def suspicious(self, cells: Cells) -> Mask:
        """Anything but digits."""
        return not_digits(cells)

    def expected(self, width: int) -> str:
        """So many digits."""
        return f"{width} digits"

    def friendly(self, text: str, width: int) -> str:
        """Without spaces, hyphens and brackets."""
        del width
        return text.translate(_SEPARATORS)

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """A letter among the digits; too few digits."""
        return ("1" * (width - 1) + "O", self.refusal), ("1" * (width - 1) + " ", self.refusal)


@dataclass(frozen=True)
class Number(Digits):
    """A quantity, at the right of its column, filled with zeros (V016). Value: int."""

    def parse(self, text: str) -> Value:
        """The number."""
        return int(str(super().parse(text)))

    def render(self, value: Value, width: int) -> str:
        """Filled with zeros; nothing is zero."""
        return str(value or 0).zfill(width)

    def expected(self, width: int) -> str:
        """Digits, filled."""
        return f"{width} digits, filled with zeros on the left"


@dataclass(frozen=True)
class Amount(Number):
    """Money with its decimal point implied (V007). Value: int, in the smallest unit (cents at two places)."""

    sensitive: bool = True
    refusal: str = "V007"
    places: int = 2
    inputmode: ClassVar[str] = "decimal"

    def expected(self, width: int) -> str:
        """Digits, with the point where it is thought."""
        point = (
            f", the last {self.places} of them cents, no decimal point" if self.places else ", whole dollars"
        )
        return f"{width} digits, filled with zeros on the left{point}"

    def typed(self, width: int) -> str:
        """Money as people write it."""
        del width
        return "dollars and cents, such as 1,250.50" if self.places else "whole dollars, such as 1,250"

    def friendly(self, text: str, width: int) -> str:
        """Dollars as people write them ($1,250.5) in the smallest unit."""
        typed = text.strip()
        dollars = _DOLLARS.fullmatch(typed)
        if dollars is None:
            return typed
        units = Decimal(dollars[1].replace(",", "")).scaleb(self.places)
        return f"{int(units):0{width}d}" if units == units.to_integral_value() else typed

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """Written with its point; with the letter O for a zero."""
        return ("12.50".rjust(width, "0")[-width:], self.refusal), ("0" * (width - 2) + "1O", self.refusal)


@dataclass(frozen=True)
class WholeDollars(Amount):
    """Money without cents (V007). Value: int, dollars."""

    places: int = 0


@dataclass(frozen=True)
class SignedDollars(Kind):
    """Whole dollars, the sign (if any) in the last column (V007). Value: the text as it stands."""

    sensitive: bool = True

    def parse(self, text: str) -> Value:
        """Digits, or digits and a sign."""
        if not is_digits(text[:-1]) or text[-1] not in "0123456789+-":
            raise RefusedValueError("V007")
        return text

    def suspicious(self, cells: Cells) -> Mask:
        """Anything else."""
        signed = same(cells[-1], "+") | same(cells[-1], "-")
        return not_digits(cells[:-1]) | (not_digits(cells[-1:]) & ~signed)

    def expected(self, width: int) -> str:
        """Digits and a sign."""
        return f"{width} digits in whole dollars, or {width - 1} digits followed by + or -"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """The sign in front."""
        return (("-5".rjust(width, "0") if width < 3 else "-" + "5".rjust(width - 1, "0"), "V007"),)


@dataclass(frozen=True)
class Ssn(Digits):
    """A Social Security number: nine digits (V004) that can exist (V005).

    Production: area not 000, 666 or 9xx, group not 00, serial not 0000. Test: the area must be one of those,
    so that no number ever issued gets into a test (domain specification, 0.3). `None`: not asked.
    """

    sensitive: bool = True
    refusal: str = "V004"
    synthetic: bool | None = None

    def under(self, facts: Facts) -> Kind:
        """With the rule of this check."""
        return Ssn(self.sensitive, self.refusal, facts.synthetic)

    def parse(self, text: str) -> Value:
        """The nine digits."""
        super().parse(text)
        never = text[:3] in ("000", "666") or text[0] == "9"
        hollow = text[3:5] == "00" or text[5:] == "0000"
        if self.synthetic is not None and ((never or hollow) if not self.synthetic else not never):
            raise RefusedValueError("V005")
        return text

    def suspicious(self, cells: Cells) -> Mask:
        """Not nine digits, or not of the range that the rule wants."""
        wrong = not_digits(cells)
        if self.synthetic is None:
            return wrong
        area = number_of(cells[:3])
        never: Mask = (area == 0) | (area == 666) | (area >= 900)
        if self.synthetic:
            return wrong | ~never
        hollow: Mask = (number_of(cells[3:5]) == 0) | (number_of(cells[5:]) == 0)
        return wrong | never | hollow

    def expected(self, width: int) -> str:
        """Nine digits."""
        del width
        kind = " from a range that is never issued (test data)" if self.synthetic else ""
        return f"nine digits{kind}, no hyphens"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """A letter, a hyphen, and (under the test rule) a number that could be somebody's."""
        del width
        impossible = {True: (("123456789", "V005"),), False: (("900123456", "V005"),), None: ()}
        return ("90001O123", "V004"), ("900-01-12", "V004"), *impossible[self.synthetic]


@dataclass(frozen=True)
class Fein(Digits):
    """An employer identification number, or another taxpayer number: nine digits, not all zero (V012)."""

    sensitive: bool = True
    refusal: str = "V012"

    def parse(self, text: str) -> Value:
        """The nine digits."""
        super().parse(text)
        if not text.strip("0"):
            raise RefusedValueError(self.refusal)
        return text

    def suspicious(self, cells: Cells) -> Mask:
        """Not digits, or nothing but zeros."""
        return not_digits(cells) | all_of(same(cells, "0"))

    def expected(self, width: int) -> str:
        """Nine digits."""
        return f"{width} digits, no hyphen, not all zero"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """With its hyphen; all zero."""
        return ("00-1234567"[:width], self.refusal), ("0" * width, self.refusal)


@dataclass(frozen=True)
class Phone(Digits):
    """A telephone number: area code and number (V019)."""

    sensitive: bool = True
    refusal: str = "V019"
    inputmode: ClassVar[str] = "tel"

    def expected(self, width: int) -> str:
        """Digits."""
        return f"{width} digits: area code and number"

    def friendly(self, text: str, width: int) -> str:
        """Without brackets, spaces and the country's 1; no zeros are added to a telephone number."""
        bare = text.translate(_SEPARATORS).removeprefix("+")
        bare = bare[1:] if len(bare) == width + 1 and bare.startswith("1") else bare
        return bare if is_digits(bare) else text.strip()


@dataclass(frozen=True)
class Zip(Kind):
    """A ZIP code: five digits and spaces, or nine digits; not all zero (V011)."""

    inputmode: ClassVar[str] = "numeric"
    _FORM: ClassVar[re.Pattern[str]] = re.compile(r"(?=.*[1-9])([0-9]{5}( *)|[0-9]{9})")

    def parse(self, text: str) -> Value:
        """Five or nine digits."""
        if self._FORM.fullmatch(text) is None:
            raise RefusedValueError("V011")
        return text.rstrip(" ")

    def suspicious(self, cells: Cells) -> Mask:
        """Anything else."""
        head, tail = cells[:5], cells[5:]
        wrong_tail = not_digits(tail) & ~blank(tail)
        nothing = all_of(same(cells, "0") | same(cells, " "))
        return not_digits(head) | wrong_tail | nothing

    def expected(self, width: int) -> str:
        """Five or nine digits."""
        return "five digits" if width == 5 else "five digits followed by spaces, or nine digits"

    def friendly(self, text: str, width: int) -> str:
        """Without the hyphen."""
        del width
        bare = text.replace("-", "").replace(" ", "")
        return bare if is_digits(bare) else text.strip()

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """With its hyphen; too short."""
        hyphen = (("66612-12".ljust(width), "V011"),) if width > 5 else ()
        return ("666".ljust(width), "V011"), *hyphen
