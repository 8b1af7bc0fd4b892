"""The refused rows of a file as a form, what is wrong beside each field; sent as a file of their own."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.programs import correction
from exchange.programs.correction import Refused
from schemas.forms import Question
from schemas.forms.correcting import Row, name_of, question_of
from web.door import actor_of, exchange_of, id_of, in_thread
from web.forms import Texts, fields_of
from web.templating import page

_MOST_BYTES, _MOST_FIELDS = 1 << 19, 2_000
"""Of a form with every row that is shown at a time."""


@dataclass(frozen=True)
class Asked:
    """One row in the page: what has to be answered anew stands open, the rest below."""

    row: Row
    leave: str
    wrong: tuple[Question, ...]
    other: tuple[Question, ...]


async def correct_page(request: Request) -> Response:
    """The rows as they were read."""
    found = await in_thread(
        request, correction.refused_rows, exchange_of(request), actor_of(request), id_of(request)
    )
    return _form(request, found, 200)


async def correct(request: Request) -> Response:
    """Hand the corrected rows over; or the form again, with what is still wrong."""
    fields = await fields_of(request, _MOST_BYTES, _MOST_FIELDS)
    exchange, actor, identifier = exchange_of(request), actor_of(request), id_of(request)
    outcome = await in_thread(request, correction.correct, exchange, actor, identifier, fields)
    if isinstance(outcome, Refused):
        return _form(request, outcome, 422)
    return RedirectResponse(f"/files/{outcome.transfer.id}", 303)


def _form(request: Request, found: Refused, status: int) -> Response:
    asked = [_asked(found, row) for row in found.rows]
    values = {
        "title": "Correct refused rows",
        "found": found,
        "asked": asked,
        "fields": Texts(
            {name_of(row.line, name): text for row in found.rows for name, text in row.values.items()}
        ),
        "problems": Texts(
            {
                name_of(row.line, one.field): one.message
                for row in found.rows
                for one in reversed(row.problems)
            }
        ),
        "errors": _errors(found) if status != 200 else (),
    }
    return page(request, "correct.html", values, status)


def _asked(found: Refused, row: Row) -> Asked:
    wrong = {one.field for one in row.problems}
    questions = [(one.name in wrong, question_of(row, one)) for one in found.form.questions]
    return Asked(
        row,
        name_of(row.line, "leave"),
        tuple(question for is_wrong, question in questions if is_wrong),
        tuple(question for is_wrong, question in questions if not is_wrong),
    )


def _errors(found: Refused) -> list[dict[str, str]]:
    """Every problem for the summary, which leads to its field."""
    of_rows = [
        {"field": name_of(row.line, one.field or "leave"), "text": f"Row {row.line}: {one.message}"}
        for row in found.rows
        for one in row.problems
    ]
    return [{"field": "", "text": text} for text in found.problems] + of_rows
