"""What a jurisdiction of the synthetic guide answers: a variant of the tables, filled with its own words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange.guide.synthetic.drawing import draw, filled, names_of, number
from exchange.guide.synthetic.places import Subject
from exchange.guide.synthetic.questionnaires import sections
from exchange.guide.synthetic.tables import table
from schemas.guide.documents import Answer, AnswerType, JurisdictionKind, Question

_TABLES = {
    JurisdictionKind.FEDERAL: "answers_of_federal",
    JurisdictionKind.STATE: "answers_of_states",
    JurisdictionKind.TRIBE: "answers_of_tribes",
    JurisdictionKind.COUNTRY: "answers_of_countries",
}
_CITATION: Mapping[str, Any] = {"say": ["{cite}"]}
_STYLES = (
    "Synthetic Code of {place}, section {title}-{section}",
    "Synthetic Revised Statutes of {place}, chapter {title}, section {section}",
    "{key} Synth. Stat. {title}.{section}",
)


@dataclass(frozen=True)
class Asking:
    """One question put to one jurisdiction; `row`: what the tables have for it, `names`: what decides."""

    subject: Subject
    question: Question
    row: Mapping[str, Any]
    names: tuple[str, ...]


def answers(subject: Subject, before: int = 0) -> tuple[Answer, ...]:
    """To every question that its kind is asked, by slug, as it stood so many editions `before`."""
    said = {one.question: one for one in _answered(subject, before)}
    return tuple(said[slug] for slug in sorted(said))


def _answered(subject: Subject, before: int) -> Iterator[Answer]:
    rows = table(_TABLES[subject.facts.kind])
    said: dict[str, str] = {}
    for section in sections(subject.facts.kind):
        for question in (one.question for one in section.asks):
            row = rows.get(question.slug) or _plain(question)
            names = names_of(subject.facts.locator_code, question.slug, before)
            answer = _answer(Asking(subject, question, row, names), said)
            said[question.slug] = answer.value
            yield answer


def _plain(question: Question) -> Mapping[str, Any]:
    """What stands for a row that the tables leave out."""
    if question.answer_type is not AnswerType.CITATION:
        raise KeyError(question.slug)
    return _CITATION


def _answer(asking: Asking, said: Mapping[str, str]) -> Answer:
    subject, slug, row, names = asking.subject, asking.question.slug, asking.row, asking.names
    citation, url = _law(subject, slug)
    words = {**subject.words, "cite": citation}
    value = filled(_variant(asking, said), words, row, *names)
    comment = filled(draw(_notes(row, value), *names, "note"), words, row, *names)
    url = url if value == citation else ""
    return Answer(question=slug, value=value, comment=comment, url=url, synthetic=True)


def _variant(asking: Asking, said: Mapping[str, str]) -> str:
    """The text before its braces are filled: its own, one for what was answered above, or any."""
    row, key = asking.row, asking.subject.key
    if key in row.get("fixed", {}):
        return str(row["fixed"][key])
    choices = row.get("say", [])
    if "when" in row:
        above = said[row.get("by") or str(asking.question.under)]
        choices = row["when"].get(above) or row["when"]["other"]
    return str(draw(choices, *asking.names))


def _notes(row: Mapping[str, Any], value: str) -> Sequence[str]:
    """The comments that go with an answer: any, or those for its value."""
    notes = row.get("note", [""])
    found: Sequence[str] = notes.get(value) or notes.get("other", [""]) if isinstance(notes, dict) else notes
    return found


def _law(subject: Subject, slug: str) -> tuple[str, str]:
    """A citation that nobody can take for a real one, and where its text would be."""
    code = subject.facts.locator_code
    title, section = str(10 + number(80, code, slug, "title")), str(100 + number(900, code, slug, "section"))
    words = {**subject.words, "title": title, "section": section}
    url = f"https://example.org/law/{subject.key.lower()}/{title}-{section}"
    return filled(draw(_STYLES, code), words, {}), url
