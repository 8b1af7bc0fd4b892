"""Slips in rows of digits: one altered, two swapped."""

from enum import StrEnum
from itertools import combinations

SSN_LENGTH = 9


class Numbers(StrEnum):
    """How the SSN asked for and the SSN stored stand to each other."""

    SAME = "same"
    SWAPPED = "two digits swapped"
    ONE_DIGIT = "one digit"
    DIFFERENT = "different"


def one_altered(digits: str, at: int) -> list[str]:
    """The nine rows that have another digit there."""
    return [digits[:at] + other + digits[at + 1 :] for other in "0123456789" if other != digits[at]]


def swapped_neighbours(digits: str) -> list[str]:
    """Each two neighbours that differ in each other's place."""
    return [each for at in range(len(digits) - 1) if (each := _exchanged(digits, at, at + 1)) != digits]


def _exchanged(digits: str, first: int, second: int) -> str:
    signs = list(digits)
    signs[first], signs[second] = signs[second], signs[first]
    return "".join(signs)


def slips(ssn: str) -> tuple[str, ...]:
    """All SSNs with one altered digit or two swapped ones (domain.md, Appendix B, takes neighbours only)."""
    altered = [each for at in range(SSN_LENGTH) for each in one_altered(ssn, at)]
    exchanged = [_exchanged(ssn, *pair) for pair in combinations(range(SSN_LENGTH), 2)]
    return tuple(each for each in dict.fromkeys([*altered, *exchanged]) if each != ssn)


def compare(asked: str, stored: str) -> Numbers | None:
    """How they differ; None where one of them is not known."""
    if not asked or not stored:
        return None
    if asked == stored:
        return Numbers.SAME
    unlike = [at for at in range(SSN_LENGTH) if asked[at] != stored[at]]
    if len(unlike) == 1:
        return Numbers.ONE_DIGIT
    if len(unlike) == 2 and _exchanged(asked, *unlike) == stored:
        return Numbers.SWAPPED
    return Numbers.DIFFERENT
