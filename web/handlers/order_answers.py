"""Answering orders on the screen, one or many with one choice, and reporting an employee without an order."""

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.errors import FieldsRefusedError, RequestInvalidError
from exchange.models.orders import WAITING
from exchange.orders import lists, on_screen
from exchange.orders.lists import OrderLine
from exchange.programs.on_screen import employers
from exchange.runtime import Exchange
from exchange.transfers import delivery, partners
from exchange.transfers.intake import Handed
from exchange.transfers.views import TransferView
from roles.policy import Actor
from schemas.forms import order_answer
from schemas.forms.order_answer import ANSWER_PARTS, CHOICE, REPORT_PARTS, REPORTS, STATE_QUESTION, Said
from web import order_words
from web.door import actor_of, exchange_of, id_of, in_thread
from web.forms import fields_of, form_page
from web.handlers.orders import chosen_orders, listed

_OF_CHOICE = frozenset({"action_code", "disposition_reason", "disposition_status"})
"""Fields whose findings are about the choice."""
Problems = Mapping[str, str]


async def answer_page(request: Request) -> Response:
    """The form for the orders whose boxes were ticked."""
    try:
        order_ids = chosen_orders(request.query_params)
    except RequestInvalidError:
        return await listed(request, {"choose": "Select at least one order"})
    lines = await in_thread(request, lists.lines, exchange_of(request), actor_of(request), order_ids)
    if any(line.status not in WAITING for line in lines):
        return await listed(request, {"choose": "Select only orders that have no answer yet"})
    return _answer_form(request, lines, {}, {})


async def answer_send(request: Request) -> Response:
    """Hand the answers over; or the form again, with what is wrong."""
    fields = await fields_of(request)
    exchange, actor, order_ids = exchange_of(request), actor_of(request), chosen_orders(fields)
    lines = await in_thread(request, lists.lines, exchange, actor, order_ids)
    outcome = await in_thread(request, _acknowledge, exchange, actor, (lines, fields))
    if isinstance(outcome, Handed):
        return RedirectResponse(f"/orders/answered/{outcome.transfer.id}", 303)
    return _answer_form(request, lines, fields, outcome)


async def answered_page(request: Request) -> Response:
    """What became of an answer or a report: at once, with the receipt."""
    transfer_id = id_of(request)
    view, lines = await in_thread(request, _answered, exchange_of(request), actor_of(request), transfer_id)
    rows = [(line, order_words.answer(line)) for line in lines]
    done = view.status == "COMPLETE" and not view.findings_count
    return form_page(
        request, "order_answered.html", {"title": "Answered", "view": view, "rows": rows, "all": done}
    )


async def report_page(request: Request) -> Response:
    """The empty form of a report."""
    return await _report_form(request, {}, {})


async def report_send(request: Request) -> Response:
    """Hand the report over; or the form again, with what is wrong."""
    fields = await fields_of(request)
    outcome = await in_thread(request, _report, exchange_of(request), actor_of(request), fields)
    if isinstance(outcome, Handed):
        return RedirectResponse(f"/orders/answered/{outcome.transfer.id}", 303)
    return await _report_form(request, fields, outcome)


def _acknowledge(
    exchange: Exchange, actor: Actor, asked: tuple[list[OrderLine], Mapping[str, str]]
) -> Handed | Problems:
    lines, fields = asked
    rules = partners.rules_now(exchange, actor, on_screen.PROGRAM, 1)
    said = order_answer.parse_answer(fields, [line.action for line in lines], rules)
    if said.problems:
        return _problems(said)
    try:
        order_ids = [line.id for line in lines]
        return on_screen.acknowledge(exchange, actor, order_ids, said.status, said.reason, said.more)
    except FieldsRefusedError as refusal:
        return _named(refusal.problems)


def _report(exchange: Exchange, actor: Actor, fields: Mapping[str, str]) -> Handed | Problems:
    rules = partners.rules_now(exchange, actor, on_screen.PROGRAM, 1)
    said = order_answer.parse_report(fields, rules)
    if said.problems:
        return _problems(said)
    typed = {**said.more, "disposition_status": said.status}
    try:
        return on_screen.report(exchange, actor, fields["state"], typed, fields.get("ein", ""))
    except FieldsRefusedError as refusal:
        return _named(refusal.problems)


def _answered(exchange: Exchange, actor: Actor, transfer_id: UUID) -> tuple[TransferView, list[OrderLine]]:
    return delivery.transfer(exchange, actor, transfer_id), lists.answered_in(exchange, actor, transfer_id)


def _problems(said: Said) -> Problems:
    return {problem.field: problem.message for problem in said.problems}


def _named(problems: Problems) -> Problems:
    """What the check of the file found, by the questions of the form."""
    return {CHOICE if field in _OF_CHOICE else field: text for field, text in problems.items()}


def _answer_form(
    request: Request, lines: list[OrderLine], fields: Mapping[str, str], problems: Problems
) -> Response:
    label = (
        "What is your answer?" if len(lines) == 1 else f"What is your answer to these {len(lines)} orders?"
    )
    choices = order_answer.answers_for(line.action for line in lines)
    values = {
        "title": "Answer an order" if len(lines) == 1 else f"Answer {len(lines)} orders",
        "lines": lines,
        "said": order_words,
        "choice": order_answer.choice_question(label, choices),
        "parts": ANSWER_PARTS,
    }
    return form_page(request, "order_answer.html", values, fields, problems)


async def _report_form(request: Request, fields: Mapping[str, str], problems: Problems) -> Response:
    choices = tuple(REPORTS.items())
    values = {
        "title": "Report without an order",
        "employers": await in_thread(request, employers, exchange_of(request), actor_of(request)),
        "state": STATE_QUESTION,
        "choice": order_answer.choice_question("What do you report?", choices),
        "parts": REPORT_PARTS,
    }
    return form_page(request, "order_report.html", values, fields, problems)
