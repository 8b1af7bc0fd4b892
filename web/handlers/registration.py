"""The registration wizard: a page a question group, the way back to it, and where a registration stands."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import registration, registration_wizard
from exchange.accounts.registration_rows import Application
from exchange.accounts.registration_steps import Step, next_step, steps_of
from exchange.accounts.registration_wizard import Page, asked_on
from exchange.errors import (
    ClearanceMissingError,
    ConfirmationRefusedError,
    RegistrationNotFoundError,
    RegistrationUnfinishedError,
    UsernameTakenError,
)
from roles.organizations import KINDS, OrganizationKind, kinds_of
from roles.permissions import ROLES, Role
from schemas.forms import Problem, Question
from web.door import exchange_of, in_thread, source_of
from web.forms import fields_of
from web.handlers.landing import role_of
from web.registering import HEADINGS, KIND_QUESTION, summary
from web.templating import page

COOKIE = "portal_registration"
_COOKIE_DAYS = 7
_STATUS = "/register/status"


async def register_page(request: Request) -> Response:
    """How an organization of this role gets in: where to begin, or who else lets its people in."""
    role = role_of(request)
    kinds = [KINDS[kind] for kind in kinds_of(role)]
    values = {
        "title": "Registration",
        "role": role,
        "about": ROLES[role],
        "kinds": kinds,
        "steps": _headings(steps_of(kinds_of(role)[0])) if kinds[0].registers else [],
        "first": steps_of(kinds_of(role)[0])[0] if kinds[0].registers else "",
        "draft": await _application(request),
    }
    return page(request, "register.html", values)


async def step_page(request: Request) -> Response:
    """One page of the wizard; one that is not yet open leads to the one that is."""
    role, step = _registering(request), _step_of(request)
    draft = await _draft(request, role)
    kind = draft.kind if draft else kinds_of(role)[0]
    furthest = next_step(draft) if draft else steps_of(kind)[0]
    order = steps_of(kind)
    if step not in order or order.index(step) > order.index(furthest):
        return RedirectResponse(f"/register/{role}/{furthest}", 303)
    return _shown(request, draft, Page(step, kind, None, "", _typed_before(draft, step)))


async def step_send(request: Request) -> Response:
    """A page handed in: what is wrong with it, or the next one."""
    role, step, fields = _registering(request), _step_of(request), await fields_of(request)
    draft = await _draft(request, role)
    kind = draft.kind if draft else kinds_of(role)[0]
    if draft is None and step is not steps_of(kind)[0]:
        return RedirectResponse(f"/register/{role}", 303)
    secret = request.cookies.get(COOKIE) if draft else None
    handed = Page(step, kind, secret, source_of(request), fields)
    try:
        taken = await in_thread(request, registration_wizard.take, exchange_of(request), handed)
    except ClearanceMissingError as error:
        values = {"title": "Not on record yet", "role": role, "why": str(error), "back": step}
        return page(request, "register_refused.html", values)
    except (RegistrationUnfinishedError, UsernameTakenError):
        return RedirectResponse(f"/register/{role}/{Step.USERNAME}", 303)
    if taken.problems:
        return _shown(request, draft, handed, taken.problems)
    assert taken.secret is not None
    return await _onwards(request, role, taken.secret)


async def status_page(request: Request) -> Response:
    """Where the applicant's registration stands, with its reference and what happens next."""
    found = await _application(request)
    if found is None:
        return RedirectResponse("/register/return", 303)
    role = KINDS[found.kind].role
    if found.status == "draft":
        return RedirectResponse(f"/register/{role}/{next_step(found)}", 303)
    values = {"title": "Your registration", "found": found, "role": role, "kind": KINDS[found.kind]}
    return page(request, "register_status.html", values)


async def return_page(request: Request) -> Response:
    """Asks for the code that brings an applicant back."""
    return page(request, "register_return.html", {"title": "Come back to your registration"})


async def return_send(request: Request) -> Response:
    """The code was typed: to the registration it belongs to."""
    code = (await fields_of(request)).get("code", "")
    exchange = exchange_of(request)
    try:
        await in_thread(request, registration.come_back, exchange, code, source_of(request))
    except ConfirmationRefusedError as error:
        values = {
            "title": "Come back to your registration",
            "errors": [{"field": "code", "text": str(error)}],
        }
        return page(request, "register_return.html", values, 422)
    answer = RedirectResponse(_STATUS, 303)
    _set_cookie(request, answer, code)
    return answer


async def leave(request: Request) -> Response:
    """Forget the registration on this computer; it is kept, and the mailed code brings it back."""
    found = await _application(request)
    answer = page(request, "register_left.html", {"title": "Your answers are kept", "found": found})
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return answer


async def _onwards(request: Request, role: Role, secret: str) -> Response:
    found = await in_thread(request, registration.application, exchange_of(request), secret)
    there = f"/register/{role}/{next_step(found)}" if found.editable else _STATUS
    answer = RedirectResponse(there, 303)
    _set_cookie(request, answer, secret)
    return answer


async def _application(request: Request) -> Application | None:
    """The registration this browser holds the code of."""
    if not (secret := request.cookies.get(COOKIE)):
        return None
    try:
        return await in_thread(request, registration.application, exchange_of(request), secret)
    except RegistrationNotFoundError:
        return None


async def _draft(request: Request, role: Role) -> Application | None:
    """The same, when it may still be changed and is of this role."""
    found = await _application(request)
    return found if found and found.editable and KINDS[found.kind].role == role else None


def _registering(request: Request) -> Role:
    """The role in the path, when its organizations register themselves."""
    role = role_of(request)
    if not KINDS[kinds_of(role)[0]].registers:
        raise HTTPException(404)
    return role


def _step_of(request: Request) -> Step:
    try:
        return Step(request.path_params["step"])
    except ValueError:
        raise HTTPException(404) from None


def _typed_before(draft: Application | None, step: Step) -> Mapping[str, str]:
    """What stands in the fields when a page is opened: the answers so far, but no SSN."""
    if draft is None:
        return {}
    fields = {name: text for name, text in draft.answers.items() if name != "ssn"}
    if step is Step.KIND:
        fields["kind"] = draft.kind.value
    if day := fields.get("birth_date"):
        fields |= {"birth_date-month": day[4:6], "birth_date-day": day[6:], "birth_date-year": day[:4]}
    return fields


def _shown(
    request: Request, draft: Application | None, shown: Page, problems: Iterable[Problem] = ()
) -> Response:
    role, wrong = KINDS[shown.kind].role, {problem.field: problem.message for problem in problems}
    order, heading = steps_of(shown.kind), HEADINGS[shown.step]
    values: dict[str, Any] = {
        "title": heading.title,
        "heading": heading,
        "role": role,
        "step": shown.step,
        "kind": KINDS[shown.kind],
        "number": order.index(shown.step) + 1,
        "steps": _headings(order),
        "back": f"/register/{role}" + (f"/{order[at - 1]}" if (at := order.index(shown.step)) else ""),
        "questions": _questions(shown.step, shown.kind),
        "fields": shown.fields,
        "problems": wrong,
        "errors": [{"field": name, "text": text} for name, text in wrong.items()],
        "draft": draft,
        "rows": summary(draft) if draft and shown.step is Step.CHECK else [],
        "waits": shown.step is Step.EMAIL and "email" not in wrong and _waits_for_code(request, draft),
    }
    return page(request, "register_step.html", values, 422 if wrong else 200)


def _waits_for_code(request: Request, draft: Application | None) -> bool:
    mailed = draft is not None and "email" in draft.answers and not draft.confirmed
    return mailed and "change" not in request.query_params


def _questions(step: Step, kind: OrganizationKind) -> list[Question]:
    if step is Step.KIND:
        return [KIND_QUESTION(KINDS[kind].role)]
    return [asked.question for asked in asked_on(step, kind)]


def _headings(steps: Iterable[Step]) -> list[str]:
    return [HEADINGS[step].short for step in steps]


def _set_cookie(request: Request, answer: Response, secret: str) -> None:
    secure = exchange_of(request).settings.public_url.startswith("https:")
    lasts = _COOKIE_DAYS * 86_400
    answer.set_cookie(COOKIE, secret, lasts, path="/", secure=secure, httponly=True, samesite="lax")
