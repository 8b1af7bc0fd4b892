"""Deciding registrations: the queue of OCSS staff, what is on record, and who asks to join."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import clearances, verification
from exchange.accounts.registration_rows import Application
from exchange.errors import (
    ClearanceMissingError,
    RegistrationSettledError,
    RequestInvalidError,
    UsernameTakenError,
)
from exchange.runtime import Exchange
from roles.organizations import KINDS
from roles.policy import Actor
from schemas.forms import Problem
from schemas.forms.registration import EVIDENCE, RECORDED_NAME
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page
from web.menus import ORGANIZATION, tabs
from web.registering import summary
from web.templating import page

SHOWN = ("submitted", "returned", "verified", "denied")
_QUEUE, _JOINS, _CLEARANCES = "/staff/registrations", "/organization/joins", "/staff/clearances"
_TOO_LONG = 2_000
_HINDERS = (ClearanceMissingError, RegistrationSettledError, RequestInvalidError, UsernameTakenError)
_ACTS: Mapping[str, Callable[[Exchange, Actor, UUID, str], object]] = {
    "verify": lambda exchange, actor, which, _words: verification.verify(exchange, actor, which),
    "ask": verification.ask_back,
    "deny": verification.deny,
}
_JOIN_ACTS: Mapping[str, Callable[[Exchange, Actor, UUID, str], None]] = {
    "approve": lambda exchange, actor, which, _reason: verification.approve_join(exchange, actor, which),
    "deny": verification.deny_join,
}
_NEED_WORDS = {"ask": "Write what you want to know", "deny": "Write the reason"}


async def queue(request: Request) -> Response:
    """What waits, the oldest first; or what became of the latest."""
    status = request.query_params.get("status", SHOWN[0])
    if status not in SHOWN:
        raise HTTPException(404)
    found = await in_thread(request, verification.waiting, exchange_of(request), actor_of(request), status)
    now = exchange_of(request).clock()
    values = {
        "title": "Registrations",
        "rows": [(each, KINDS[each.kind].title, _is_late(each, now)) for each in found],
        "status": status,
        "told": request.query_params.get("done", ""),
    }
    return page(request, "staff_registrations.html", values)


async def one(request: Request) -> Response:
    """One registration, to be decided."""
    return await _one(request, {}, {})


async def decide(request: Request) -> Response:
    """Verify it, ask back or deny it; what stands in the way is told beside the form."""
    decision, fields = request.path_params["decision"], await fields_of(request)
    if decision not in _ACTS:
        raise HTTPException(404)
    words = fields.get(decision, "")
    if problem := _wordless(decision, words):
        return await _one(request, fields, {decision: problem})
    try:
        await in_thread(
            request, _ACTS[decision], exchange_of(request), actor_of(request), record_id_of(request), words
        )
    except _HINDERS as error:
        return await _one(request, fields, {"": _sentence(error)})
    return RedirectResponse(f"{_QUEUE}?done={decision}", 303)


async def clearance_list(request: Request) -> Response:
    """What OCSS has on record, and the form that adds to it."""
    return await _clearances(request, {}, ())


async def clearance_record(request: Request) -> Response:
    """Record a tribe's agreements or an agency's connectivity."""
    fields = await fields_of(request)
    kind = next((kind for kind in clearances.CLEARED_KINDS if kind.value == fields.get("kind")), None)
    if kind is None:
        return await _clearances(request, fields, (Problem("kind", "Choose what is on record"),))
    told = {**fields, KINDS[kind].key: fields.get("key", "")}
    problems = await in_thread(
        request, clearances.record, exchange_of(request), actor_of(request), kind, told
    )
    if problems:
        renamed = {KINDS[kind].key: "key"}
        shown = tuple(Problem(renamed.get(each.field, each.field), each.message) for each in problems)
        return await _clearances(request, fields, shown)
    return RedirectResponse(f"{_CLEARANCES}?done=recorded", 303)


async def clearance_withdraw(request: Request) -> Response:
    """End what is on record."""
    await in_thread(
        request, clearances.withdraw, exchange_of(request), actor_of(request), record_id_of(request)
    )
    return RedirectResponse(f"{_CLEARANCES}?done=withdrawn", 303)


async def joins(request: Request) -> Response:
    """Who asks to join one's own organization."""
    return await _joins(request, "")


async def decide_join(request: Request) -> Response:
    """Let somebody in, or not."""
    call, fields = _JOIN_ACTS.get(request.path_params["decision"]), await fields_of(request)
    if call is None:
        raise HTTPException(404)
    reason = fields.get("reason", "")[:_TOO_LONG] or "Your organization's administrator said no."
    given = (exchange_of(request), actor_of(request), record_id_of(request), reason)
    try:
        await in_thread(request, call, *given)
    except _HINDERS as error:
        return await _joins(request, _sentence(error))
    return RedirectResponse(f"{_JOINS}?done={request.path_params['decision']}", 303)


async def _one(request: Request, fields: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    exchange, actor = exchange_of(request), actor_of(request)
    looked = await in_thread(request, verification.look, exchange, actor, record_id_of(request))
    found = looked.application
    values: dict[str, Any] = {
        "title": f"Registration {found.reference}",
        "found": found,
        "kind": KINDS[found.kind],
        "late": _is_late(found, exchange.clock()),
        "cautions": looked.cautions,
        "rows": summary(found, "The applicant"),
    }
    return form_page(request, "staff_registration.html", values, fields, problems)


async def _clearances(request: Request, fields: Mapping[str, str], problems: tuple[Problem, ...]) -> Response:
    exchange, actor = exchange_of(request), actor_of(request)
    found = await in_thread(request, clearances.on_record, exchange, actor)
    values: dict[str, Any] = {
        "title": "On record",
        "rows": [(each, KINDS[each.kind]) for each in found],
        "kinds": [(kind.value, KINDS[kind].title) for kind in clearances.CLEARED_KINDS],
        "questions": [RECORDED_NAME.question, *(each.question for each in EVIDENCE)],
        "told": request.query_params.get("done", ""),
    }
    wrong = {each.field: each.message for each in problems}
    return form_page(request, "staff_clearances.html", values, fields, wrong)


async def _joins(request: Request, problem: str) -> Response:
    found = await in_thread(request, verification.joins_waiting, exchange_of(request), actor_of(request))
    values: dict[str, Any] = {
        "title": "Requests to join",
        "tabs": tabs(ORGANIZATION, actor_of(request), _JOINS),
        "rows": found,
        "errors": [{"field": "", "text": problem}] if problem else [],
        "told": request.query_params.get("done", ""),
    }
    return page(request, "organization_joins.html", values, 422 if problem else 200)


def _wordless(decision: str, words: str) -> str:
    """What is wrong with the words that go to the applicant."""
    if decision in _NEED_WORDS and not words:
        return _NEED_WORDS[decision]
    return f"Use {_TOO_LONG:,} characters or fewer" if len(words) > _TOO_LONG else ""


def _sentence(error: Exception) -> str:
    """What hinders a decision, and the way out."""
    ways: dict[type[Exception], str] = {
        ClearanceMissingError: "What was on record has been withdrawn. Record it again, or deny this.",
        RequestInvalidError: "Another kind of organization has this FEIN. Ask the applicant, or deny this.",
        UsernameTakenError: "The username was taken in the meantime. Ask the applicant to choose another.",
    }
    return ways.get(type(error), str(error))


def _is_late(application: Application, now: datetime) -> bool:
    due = application.due_at
    return application.status == SHOWN[0] and due is not None and due < now
