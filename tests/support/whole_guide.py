"""The whole synthetic guide, made once for all tests of a process."""

from functools import cache

from exchange.guide import synthetic
from schemas.guide.documents import Guide, Part


@cache
def whole_guide() -> Guide:
    return synthetic.guide()


def part_of(code: str) -> Part:
    return next(part for part in whole_guide().parts if part.facts.locator_code == code)


def said(code: str) -> dict[str, str]:
    return {answer.question: answer.value for answer in part_of(code).answers}
