"""A web form as data: questions derived from the fields of a layout, answers that travel as a file."""

import io
import re
from calendar import month_abbr
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.checking import check, run
from schemas.context import header_facts
from schemas.findings import Finding
from schemas.groups import bound, refusal
from schemas.kinds import Amount, Code, Date8, Phone, Ssn, Text, Zip
from schemas.record import Field, Layout, Record
from schemas.structure import CheckRules, NeedsWhen
from schemas.tabular import written

_MONTHS = {name.upper(): number for number, name in enumerate(month_abbr) if number}
_PARTS = ("month", "day", "year")
_AS_NUMBER = re.compile(r"[0-9]{1,4}")
_WORDS = {
    "V004": "Enter nine digits, such as 900 01 0001",
    "V005": "Check the number: this Social Security number cannot be right",
    "V007": "Enter an amount in dollars, such as 1,250.50",
    "V008": "Enter a date of the calendar, such as 3 27 1980",
    "V009": "Choose one of the list",
    "V010": "Choose a state of the list",
    "V011": "Enter a ZIP code of five or nine digits",
    "V013": "Use letters, hyphens, apostrophes and spaces only",
    "V019": "Enter ten digits, such as 785 555 0100",
    "V020": "Enter a date that is not in the future",
    "V021": "Check the year: this date is too far ahead",
    "V028": "Enter the value itself: the file has a formula here",
    "V029": "Enter the date: the file has a bare number here",
    "X004": "Enter the Social Security number, or else the date of birth",
}


@dataclass(frozen=True)
class Ask:
    """How a form words one field of its layout; what is not said here follows from the field.

    `part`: the heading it stands under. `unless`: the answer that makes it needless, as QUESTION-CODE.
    """

    name: str
    label: str
    hint: str = ""
    autocomplete: str = "off"
    kind: str = ""
    part: str = ""
    unless: str = ""


@dataclass(frozen=True)
class Question:
    """One question as a page shows it.

    `kind`: text, ssn, date, money, choice, radio, zip, tel, email, number, textarea.

    A date is asked for in three fields: NAME-month, NAME-day, NAME-year. `choices`: value and words.
    """

    name: str
    label: str
    hint: str
    kind: str
    optional: bool
    width: int
    autocomplete: str = "off"
    inputmode: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    sensitive: bool = False
    part: str = ""
    unless: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the fields to be filled in."""
        return tuple(f"{self.name}-{part}" for part in _PARTS) if self.kind == "date" else (self.name,)


@dataclass(frozen=True)
class Form:
    """One report on the screen: a record of a layout, asked for question by question.

    `words`: what to do about a finding, by field and code, where this form has better words than all forms.
    """

    slug: str
    layout: Layout
    title: str
    summary: str
    asks: tuple[Ask, ...]
    submit: str
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[Question, ...]:
        """In the order of the page."""
        (detail,) = self.layout.details
        return tuple(question_of(ask, detail[ask.name], _needed(detail)) for ask in self.asks)


@dataclass(frozen=True)
class Problem:
    """What is wrong with an answer: the question's name, and what to do."""

    field: str
    message: str


@dataclass(frozen=True)
class Answers:
    """What was submitted: texts as the record writes them, by field; and what is wrong with them."""

    values: Mapping[str, str]
    problems: tuple[Problem, ...] = field(default=())


def _needed(record: Record) -> frozenset[str]:
    """The fields that some code asks for: whoever sees their questions answers them."""
    return frozenset(rule.field for rule in record.across if isinstance(rule, NeedsWhen))


def question_of(ask: Ask, place: Field, needed: Container[str]) -> Question:
    """The question about a field; those in `needed` have to be answered."""
    return Question(
        ask.name,
        ask.label or place.title,
        ask.hint,
        ask.kind or _kind(place),
        place.optional and place.name not in needed,
        place.width,
        ask.autocomplete,
        place.kind.inputmode or "text",
        _choices(place.kind.table, ask.kind) if isinstance(place.kind, Code) else (),
        place.kind.sensitive,
        ask.part,
        ask.unless,
    )


def _choices(table: Mapping[str, str], kind: str) -> tuple[tuple[str, str], ...]:
    """Each code and its words; those of radio buttons stand alone and begin with a capital."""
    if kind != "radio":
        return tuple(table.items())
    return tuple((code, words[:1].upper() + words[1:]) for code, words in table.items())


def _kind(place: Field) -> str:
    kinds = {Amount: "money", Code: "choice", Date8: "date", Phone: "tel", Ssn: "ssn", Zip: "zip"}
    return next((name for kind, name in kinds.items() if isinstance(place.kind, kind)), "text")


def parse(form: Form, submitted: Mapping[str, str], rules: CheckRules) -> Answers:
    """The answers as the record writes them, and all that is wrong with them, question by question.

    Numbers may be typed with spaces and hyphens, amounts with $ and commas, months by name. A third party
    names the employer it reports for in `client_fein`.
    """
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for question in form.questions:
        place = bound(form.layout.details[0][question.name], rules)
        _, text, message = answered(question, place, submitted)
        if message:
            problems.append(Problem(question.name, message))
        elif text:
            values[question.name] = text
    if client := submitted.get("client_fein", "").strip():
        values["client_fein"] = written(form.layout.header["client_fein"], client)
    return Answers(values, tuple(problems or _as_a_file(form, values, rules)))


def answered(question: Question, place: Field, submitted: Mapping[str, str]) -> tuple[str, str, str]:
    """What was typed, the same as the record writes it, and what is wrong with it."""
    given, message = typed(question, submitted)
    text = written(place, given) if given else ""
    return given, text, message or _wrong(question, place, text)


def typed(question: Question, submitted: Mapping[str, str]) -> tuple[str, str]:
    """What was typed, and what is wrong with the way it was typed."""
    if question.kind != "date":
        return submitted.get(question.name, "").strip(), ""
    month, day, year = (submitted.get(name, "").strip() for name in question.parts)
    if not month + day + year:
        return "", ""
    missing = [part for part, text in zip(_PARTS, (month, day, year), strict=True) if not text]
    if missing:
        return "", f"{question.label} must include a {' and a '.join(missing)}"
    month = str(_MONTHS.get(month[:3].upper(), month))
    if not all(_AS_NUMBER.fullmatch(part) for part in (month, day, year)):
        return "", _WORDS["V008"]
    return f"{year.zfill(4)}{month.zfill(2)}{day.zfill(2)}", ""


def _wrong(question: Question, place: Field, text: str) -> str:
    if not text:
        return "" if place.optional else _missing(question)
    if not text.isprintable():
        return "Use plain letters, digits and signs only"
    too_long = len(text.rstrip()) > place.width
    if too_long and isinstance(place.kind, Text):
        return f"{question.label} must be {place.width} characters or fewer"
    _, usual = place.kind.slips(place.width)[0]
    code = usual if too_long else refusal(place, text.ljust(place.width))
    return _WORDS.get(code, f"Check this: {place.kind.expected(place.width)}") if code else ""


def _as_a_file(form: Form, values: Mapping[str, str], rules: CheckRules) -> list[Problem]:
    """What the check finds in the file that would be made; it has the last word."""
    content = as_file(form, values, rules)
    findings, _ = run(check(form.layout, io.BytesIO(content), rules=rules))
    return [problem_of(form, each) for each in findings]


def problem_of(form: Form, found: Finding) -> Problem:
    """A finding in the words of the form, or of all forms, or its own."""
    words = form.words.get((found.field, found.code)) or _WORDS.get(found.code, found.message)
    asked = next((one for one in form.questions if one.name == found.field), None)
    return Problem(found.field, _missing(asked) if asked and found.code == "V001" else words)


def _missing(question: Question) -> str:
    return f"{'Choose' if question.choices else 'Fill in'}: {question.label}"


def as_file(form: Form, values: Mapping[str, str], rules: CheckRules) -> bytes:
    """A file of one record in the form's layout, so that what is typed travels as what is sent.

    `values` as `parse` gave them. Raises LayoutMistakeError for a value that does not fit its column.
    """
    return file_of(form, [values], rules, {name: values[name] for name in ("client_fein",) if name in values})


def file_of(
    form: Form, rows: Sequence[Mapping[str, str]], rules: CheckRules, facts: Mapping[str, str]
) -> bytes:
    """A file of some records in the form's layout, each as `parse` gave it; `facts` stand in its header."""
    layout = form.layout
    (detail,) = layout.details
    said = {**header_facts(rules), **facts}
    records = [{name: text for name, text in row.items() if name in detail} for row in rows]
    sums = {
        one.trailer: str(sum(int(row.get(one.detail) or 0) for row in rows))
        for one in layout.structure.totals
    }
    counted = {"record_count": str(len(rows)), **sums}
    trailer = {name: text.zfill(layout.trailer[name].width) for name, text in counted.items()}
    trailer["control_number"] = said["control_number"]
    lines = [
        _line(layout.header.fields, said),
        *(_line(detail.fields, row) for row in records),
        _line(layout.trailer.fields, trailer),
    ]
    return b"".join(line + b"\n" for line in lines)


def _line(fields: tuple[Field, ...], texts: Mapping[str, str]) -> bytes:
    first, *rest = fields
    columns = [first.render(None), *(texts.get(place.name, "").ljust(place.width) for place in rest)]
    return "".join(columns).encode("ascii")


__all__ = ["Answers", "Ask", "Form", "Problem", "Question", "as_file", "parse"]
