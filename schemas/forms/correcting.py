"""Refused rows in a form: each field as one text, under the name of its row, so that many fit on a page."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.checking import CheckRules, check, run
from schemas.findings import CODES, Effect, Finding
from schemas.forms.form import Answers, Ask, Form, Problem, Question, file_of, parse, problem_of
from schemas.kinds import Amount, Date8

_HINTS = {Date8: "Month/day/year, such as 3/27/2026.", Amount: "In dollars, such as 1,250.50."}
_EXAMPLE = ("3 27 1980", "3/27/1980")


@dataclass(frozen=True)
class Row:
    """One row in the form: its line in the file, what stands in its fields, and what is wrong with them.

    `remarks`: what is wrong with it that no field has. `repeats`: it says what was said before, here or in
    another file, so that leaving it out is what is usually meant.
    """

    line: int
    values: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    left_out: bool = False
    repeats: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is wrong that no question asks for."""
        return tuple(one.message for one in self.problems if not one.field)


def correcting(form: Form) -> Form:
    """The form with days and choices in one field each."""
    return replace(form, asks=tuple(_plainly(form, ask) for ask in form.asks))


def _in_one_field(problem: Problem) -> Problem:
    """Words about a day that is asked for in one field."""
    return replace(problem, message=problem.message.replace(*_EXAMPLE))


def _plainly(form: Form, ask: Ask) -> Ask:
    place = form.layout.details[0][ask.name]
    hint = next((words for kind, words in _HINTS.items() if isinstance(place.kind, kind)), "")
    kind = "text" if isinstance(place.kind, Date8) else "choice" if ask.kind == "radio" else ask.kind
    return replace(ask, hint=hint, kind=kind, part="", unless="")


def name_of(line: int, field: str) -> str:
    """What a field of a row is called in the form."""
    return f"row{line}-{field}"


def question_of(row: Row, question: Question) -> Question:
    """The question for this row; where a list cannot show what the file says, its hint does."""
    said = row.values.get(question.name, "") if question.kind == "choice" else ""
    known = {value for value, _ in question.choices}
    hint = f"The file says: {said}" if said and said not in known else question.hint
    inputmode = question.inputmode if question.kind != "text" else "text"
    return replace(question, name=name_of(row.line, question.name), hint=hint, inputmode=inputmode)


def found_in(form: Form, values: Mapping[str, str], line: int, findings: Sequence[Finding]) -> Row:
    """A refused row as it was read, with what was found in it."""
    problems = tuple(_in_one_field(problem_of(form, one)) for one in findings)
    repeats = bool(findings) and all(one.code[0] == "D" for one in findings)
    shown = dict(values)
    for question in form.questions:
        text, codes = shown.get(question.name, ""), {code for code, _ in question.choices}
        if codes and text not in codes:
            kind = form.layout.details[0][question.name].kind
            shown[question.name] = kind.friendly(text, question.width) if text else ""
    return Row(line, shown, problems, left_out=repeats, repeats=repeats)


def sent_rows(form: Form, submitted: Mapping[str, str], lines: Sequence[int]) -> list[Row]:
    """The rows of a form that was sent, as they were typed."""
    rows = []
    for line in lines:
        typed = {one.name: submitted.get(name_of(line, one.name), "") for one in form.questions}
        rows.append(Row(line, typed, left_out=name_of(line, "leave") in submitted))
    return rows


def checked(form: Form, rows: Sequence[Row], rules: CheckRules, facts: Mapping[str, str]) -> "Checked":
    """The rows with all that is still wrong in them, and the file that they make when nothing is.

    `facts` stand in the header: whom the rows are for.
    """
    taken = [row for row in rows if not row.left_out]
    answers = [parse(form, {**row.values, **facts}, rules) for row in taken]
    problems = {
        row.line: tuple(map(_in_one_field, one.problems))
        for row, one in zip(taken, answers, strict=True)
        if one.problems
    }
    if problems or not taken:
        return Checked(_marked(rows, problems), b"")
    content = file_of(form, [one.values for one in answers], rules, facts)
    problems = dict(_among(form, content, taken, rules))
    return Checked(_marked(rows, problems), b"" if problems else content)


@dataclass(frozen=True)
class Checked:
    """What a check of rows came to: `content` is empty where something is wrong."""

    rows: list[Row]
    content: bytes


def _marked(rows: Sequence[Row], problems: Mapping[int, tuple[Problem, ...]]) -> list[Row]:
    return [replace(row, problems=problems.get(row.line, ())) for row in rows]


def _among(
    form: Form, content: bytes, rows: Sequence[Row], rules: CheckRules
) -> Iterator[tuple[int, tuple[Problem, ...]]]:
    """What is wrong with the file as a whole that no row shows alone: two rows that say the same."""
    findings, _ = run(check(form.layout, io.BytesIO(content), rules=rules))
    refusing = [one for one in findings if CODES[one.code].effect is not Effect.NOTE]
    for place, row in enumerate(rows, start=2):
        told = tuple(problem_of(form, one) for one in refusing if one.line in (place, 0))
        if told:
            yield row.line, told


__all__ = [
    "Answers",
    "Checked",
    "Row",
    "checked",
    "correcting",
    "found_in",
    "name_of",
    "question_of",
    "sent_rows",
]
