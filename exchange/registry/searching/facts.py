"""What is known of one person, as the case registry seals it, and what somebody asks for."""

from dataclasses import dataclass
from typing import Self

from exchange.errors import RequestInvalidError
from exchange.registry.searching.dates import known
from exchange.registry.searching.digits import SSN_LENGTH

_BETWEEN, _NAMES_BETWEEN, _PARTS_BETWEEN = "|", ";", ","
MOST_OTHERS = 4
"""Additional names of one person, as the record of a person has them (domain.md 8.3)."""
_SEXES = frozenset({"", "F", "M"})
_LONGEST_NAME = 62


@dataclass(frozen=True)
class FullName:
    """A name as it stands somewhere; what is not known is empty."""

    last: str = ""
    first: str = ""
    middle: str = ""


@dataclass(frozen=True)
class Facts:
    """One person; `birth_date` is CCYYMMDD, `sex` F or M, `others` further names. Unknown is empty."""

    ssn: str
    name: FullName
    birth_date: str
    sex: str = ""
    others: tuple[FullName, ...] = ()

    @classmethod
    def of(cls, cell: str) -> Self:
        """Read an opened cell: SSN, last name, first name, birth date, and what there is besides."""
        ssn, last, first, birth_date, *more = cell.split(_BETWEEN)
        middle, sex, others = (*more, "", "", "")[:3]
        further = (FullName(*each.split(_PARTS_BETWEEN)) for each in others.split(_NAMES_BETWEEN) if each)
        return cls(ssn, FullName(last, first, middle), birth_date, sex, tuple(further))

    @property
    def cell(self) -> str:
        """What is sealed of this person."""
        name = self.name
        others = _NAMES_BETWEEN.join(
            _PARTS_BETWEEN.join((each.last, each.first, each.middle)) for each in self.others
        )
        more = (name.middle, self.sex, others)
        first = (self.ssn, name.last, name.first, self.birth_date)
        return _BETWEEN.join((*first, *(more if any(more) else ())))

    @property
    def names(self) -> tuple[FullName, ...]:
        """Every name of this person."""
        return self.name, *self.others


@dataclass(frozen=True)
class Wanted:
    """Whom somebody looks for. `birth_date` is CCYYMMDD, or CCYY alone; what is not known is empty."""

    ssn: str = ""
    name: FullName = FullName()
    birth_date: str = ""
    sex: str = ""
    others: tuple[FullName, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what can not be a fact at all; raises `RequestInvalidError`."""
        if self.ssn and not (len(self.ssn) == SSN_LENGTH and self.ssn.isascii() and self.ssn.isdecimal()):
            raise RequestInvalidError(what="an SSN has nine digits")
        if self.birth_date and not self._is_date():
            raise RequestInvalidError(what="a birth date is a day of the calendar, or a year alone")
        if self.sex not in _SEXES:
            raise RequestInvalidError(what="the sex is F or M, or left out")
        if len(self.others) > MOST_OTHERS:
            raise RequestInvalidError(what=f"give at most {MOST_OTHERS} additional names")
        if any(len(part) > _LONGEST_NAME for each in self.names for part in _parts(each)):
            raise RequestInvalidError(what=f"a name has at most {_LONGEST_NAME} characters")

    def _is_date(self) -> bool:
        year = self.birth_date if len(self.birth_date) == 4 else ""
        return known(self.birth_date) is not None or known(f"{year}0101") is not None

    @property
    def names(self) -> tuple[FullName, ...]:
        """Every name asked for."""
        return self.name, *self.others


def _parts(name: FullName) -> tuple[str, str, str]:
    return name.last, name.first, name.middle
