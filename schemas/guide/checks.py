"""Whether an answer is in the form its question asks for, and whether the parts of a guide fit together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Answer, AnswerType, Contact, Facts, Guide, Part, Question, Version

Path = tuple[str | int, ...]
"""From a guide to what is meant: names of members, and places in lists."""
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,4})?")
_WORDS = {
    AnswerType.YESNO: "Answer yes or no",
    AnswerType.NUMBER: "Enter a number, such as 21 or 0.75",
    AnswerType.DATE: "Enter a day as year-month-day, such as 1998-01-01",
    AnswerType.LINK: "Enter an address that begins with http:// or https://",
    AnswerType.CHOICE: "Choose one of the answers",
}


def answer_problem(question: Question, value: str) -> str | None:
    """What is wrong with a value, in words; None when nothing is. An empty value is no answer."""
    if not value:
        return "Answer this question" if question.required else None
    return None if _fits(question, value) else _WORDS[question.answer_type]


def _fits(question: Question, value: str) -> bool:
    match question.answer_type:
        case AnswerType.YESNO:
            return value in {"yes", "no"}
        case AnswerType.NUMBER:
            return _NUMBER.fullmatch(value) is not None
        case AnswerType.DATE:
            return _is_day(value)
        case AnswerType.CHOICE:
            return value in question.choices
        case AnswerType.LINK:
            return value.startswith(("http://", "https://"))
        case _:
            return True


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def contact_problem(facts: Facts, contact: Contact) -> str | None:
    """Whether a contact can be one of this jurisdiction."""
    found = _contact_fault(facts, contact)
    return found[1] if found else None


def _contact_fault(facts: Facts, contact: Contact) -> tuple[str, str] | None:
    """The member that is wrong, and why."""
    known = CONTACT_TYPES.get(contact.type)
    if known is None or facts.kind not in known.kinds:
        return "type", "this jurisdiction has no contacts of that type"
    if not belongs_to(contact.locator_code, facts.locator_code):
        return "locator_code", "its locator code is not within the jurisdiction"
    return None


def belongs_to(code: str, jurisdiction: str) -> bool:
    """Whether a locator code is the jurisdiction's own, or that of a county or office of a state."""
    return code == jurisdiction or (jurisdiction.endswith("000") and code[:2] == jurisdiction[:2])


@dataclass(frozen=True)
class Misfit:
    """Something that does not fit to the rest: `path` leads to it from the guide, `place` is it in words."""

    path: Path
    place: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.place}: {self.wrong}" if self.place else self.wrong


def problems(guide: Guide) -> list[str]:
    """Everything that does not fit together, in words that name the place; empty for a good guide."""
    return [str(one) for one in misfits(guide)]


def misfits(guide: Guide) -> Iterator[Misfit]:
    """Everything that does not fit together."""
    questions = {one.slug: one for one in guide.questions}
    yield from _twice(("questions",), "slug", "", "question", [one.slug for one in guide.questions])
    yield from _twice(("versions",), "slug", "", "version", [one.slug for one in guide.versions])
    for index, version in enumerate(guide.versions):
        yield from _of_version(("versions", index), version, questions)
    for index, question in enumerate(guide.questions):
        if question.under is not None and question.under not in questions:
            wrong = f"no question {question.under}"
            yield Misfit(("questions", index, "under"), f"question {question.slug}", wrong)
    codes = [part.facts.locator_code for part in guide.parts]
    for one in _twice(("parts",), "locator_code", "", "jurisdiction", codes):
        yield Misfit((*one.path[:-1], "facts", "locator_code"), one.place, one.wrong)
    for index, part in enumerate(guide.parts):
        yield from _of_part(("parts", index), part, questions)


def _twice(path: Path, field: str, place: str, what: str, names: list[str]) -> Iterator[Misfit]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Misfit((*path, index, field), place, f"{what} {name} stands there twice")
        seen.add(name)


def _of_version(path: Path, version: Version, questions: dict[str, Question]) -> Iterator[Misfit]:
    where = f"version {version.slug}"
    codes = [category.code for category in version.categories]
    yield from _twice((*path, "categories"), "code", where, "category", codes)
    seen: set[str] = set()
    for place, slug in _placed(path, version):
        if slug in seen:
            yield Misfit(place, where, f"question {slug} stands there twice")
        seen.add(slug)
        if slug not in questions or questions[slug].kind is not version.kind:
            yield Misfit(place, where, f"no question {slug} of its kind")


def _placed(path: Path, version: Version) -> Iterator[tuple[Path, str]]:
    for number, category in enumerate(version.categories):
        for index, place in enumerate(category.places):
            yield (*path, "categories", number, "places", index, "question"), place.question


def _of_part(path: Path, part: Part, questions: dict[str, Question]) -> Iterator[Misfit]:
    where = part.facts.locator_code
    answered = [one.question for one in part.answers]
    yield from _twice((*path, "answers"), "question", where, "answer", answered)
    yield from _twice((*path, "contacts"), "slug", where, "contact", [one.slug for one in part.contacts])
    for index, answer in enumerate(part.answers):
        yield from _of_answer((*path, "answers", index), part.facts, answer, questions)
    for index, contact in enumerate(part.contacts):
        if fault := _contact_fault(part.facts, contact):
            field, wrong = fault
            yield Misfit((*path, "contacts", index, field), f"{where}: contact {contact.slug}", wrong)


def _of_answer(path: Path, facts: Facts, answer: Answer, questions: dict[str, Question]) -> Iterator[Misfit]:
    question, where = questions.get(answer.question), facts.locator_code
    if question is None or question.kind is not facts.kind:
        wrong = f"no question {answer.question} for a {facts.kind.value}"
        yield Misfit((*path, "question"), where, wrong)
    elif problem := answer_problem(question, answer.value):
        yield Misfit((*path, "value"), f"{where}: answer {answer.question}", problem)
