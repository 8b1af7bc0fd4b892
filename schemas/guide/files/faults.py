"""What is wrong with a file of the guide: where, and what is expected there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from schemas.guide.checks import Path, misfits
from schemas.guide.documents import Guide

MOST_FAULTS: Final = 100
"""Faults that are told at once."""
_PATTERNS: Final = MappingProxyType(
    {
        "code": "up to eight capital letters and digits, such as AGE",
        "country": "two capital letters, such as US",
        "currency": "three capital letters, such as USD, or nothing",
        "email": "an address such as name@example.org, or nothing",
        "extension": "up to five digits",
        "fax": "a telephone number such as 785-555-0100 or +49 30 555 0100",
        "fips": "two digits, or nothing",
        "id": "the id of a file, as the guide exported it",
        "number": "a number such as 2, 2.1 or A2.1",
        "phone": "a telephone number such as 785-555-0100 or +49 30 555 0100",
        "question": "a question's short name: small letters, digits and hyphens",
        "sha256": "64 digits and letters from a to f",
        "slug": "a short name of small letters, digits and hyphens",
        "type": "a type of contact, such as central-registry",
        "under": "the short name of a question, or nothing",
    }
)
_LENGTHS: Final = MappingProxyType(
    {
        "string_too_long": "at most {max_length} characters",
        "string_too_short": "a text that is not empty",
        "too_long": "at most {max_length} entries",
        "missing": "a value here: it may not be left out",
        "extra_forbidden": "nothing: there is no member of this name",
        "value_error": "{error}",
    }
)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; `column`: its number, or its name in a table."""

    file: str
    line: int
    column: str
    expected: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: {self.expected}"


class GuideFileError(ValueError):
    """A file of the guide can not be read; `faults` are the first hundred, and nothing of it counts."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(islice(faults, MOST_FAULTS))
        super().__init__("\n".join(str(fault) for fault in self.faults))


Wrong = tuple[Path, str]
"""Where it is in the guide, and what is expected there."""
Locate = Callable[[list[Wrong]], list[Fault]]


def checked(read: Callable[[], Guide], locate: Locate) -> Guide:
    """The guide that is read, if all of it fits together. Raises `GuideFileError`."""
    try:
        guide = read()
    except ValidationError as error:
        found = [
            (one["loc"], expected_of(one)) for one in error.errors(include_url=False, include_input=False)
        ]
        raise GuideFileError(locate(found[:MOST_FAULTS])) from None
    if wrong := [(one.path, str(one)) for one in islice(misfits(guide), MOST_FAULTS)]:
        raise GuideFileError(locate(wrong))
    return guide


def expected_of(error: Mapping[str, Any]) -> str:
    """What is expected instead of what pydantic told of, for people."""
    kind, told = error["type"], error.get("ctx", {})
    if kind in _LENGTHS:
        return _LENGTHS[kind].format_map(told)
    if kind == "string_pattern_mismatch":
        names = [step for step in error["loc"] if isinstance(step, str)]
        return _PATTERNS.get(names[-1] if names else "", "text without control characters")
    return str(error["msg"])
