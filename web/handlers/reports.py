"""Reporting one person on the screen: the form made from its declaration, and the answer at once."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.programs import on_screen
from roles.programs import PROGRAMS
from schemas.forms import Answers
from web.door import actor_of, exchange_of, id_of, in_thread
from web.forms import fields_of
from web.templating import page


async def report_page(request: Request) -> Response:
    """The empty form."""
    return await _form(request, {}, None)


async def report_send(request: Request) -> Response:
    """Hand the report over; or the form again, with what is wrong."""
    fields, program = await fields_of(request), request.path_params["program"]
    exchange, actor = exchange_of(request), actor_of(request)
    outcome = await in_thread(request, on_screen.report, exchange, actor, program, fields)
    if isinstance(outcome, Answers):
        return await _form(request, fields, outcome)
    return RedirectResponse(f"/programs/{program}/answers/{outcome.transfer.id}", 303)


async def answer_page(request: Request) -> Response:
    """Match or no match, and whom to contact."""
    found = await in_thread(
        request, on_screen.answer, exchange_of(request), actor_of(request), id_of(request)
    )
    program = PROGRAMS[found.transfer.program]
    return page(request, "answer.html", {"title": "Answer", "found": found, "program": program})


async def _form(request: Request, fields: dict[str, str], answers: Answers | None) -> Response:
    slug, exchange, actor = request.path_params["program"], exchange_of(request), actor_of(request)
    form = on_screen.form_of(actor, slug)
    employers = await in_thread(request, on_screen.employers, exchange, actor)
    problems = {problem.field: problem.message for problem in answers.problems} if answers else {}
    values = {
        "title": form.title,
        "program": PROGRAMS[slug],
        "form": form,
        "employers": employers,
        "fields": fields,
        "problems": problems,
        "errors": [{"field": name, "text": text} for name, text in problems.items()],
    }
    return page(request, "report.html", values, 422 if problems else 200)
