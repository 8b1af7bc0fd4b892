"""The staff console: organizations, accounts, and what needs two people."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import clients, console, oversight
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.locate import sole, standing
from exchange.locate.sole import Sole
from exchange.runtime import Exchange
from roles.organizations import KINDS
from roles.oversight import ACTS, UNMASKING, TwoPersonAct
from roles.permissions import ROLES, Permission
from roles.policy import Actor, can
from schemas.forms.registration import EVIDENCE, FACTS
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.menus import ORGANIZATION, STAFF

_CHANGES = {"suspend": console.suspend, "reactivate": console.reactivate}
_ANSWERS = {"approve": oversight.approve, "refuse": oversight.refuse}
_MOST_PAGES = 10_000
_FACT_LABELS = {one.name: one.question.label for one in (*FACTS.values(), *EVIDENCE)}


async def organizations_page(request: Request) -> Response:
    """Organizations, by name or FEIN. The FEIN is sent by a form's body: addresses stand in logs."""
    fields = await fields_of(request) if request.method == "POST" else {}
    wanted, at = fields.get("q", request.query_params.get("q", ""))[:100], _at(request)
    found = await in_thread(
        request, console.organizations, exchange_of(request), actor_of(request), wanted, at
    )
    values = {"title": "Organizations", "found": found[: console.PAGE], "q": wanted}
    return _page(request, "staff_organizations.html", {**values, **_paging(request, wanted, at, len(found))})


async def accounts_page(request: Request) -> Response:
    """Accounts, by username or name."""
    wanted, at = request.query_params.get("q", "")[:100], _at(request)
    found = await in_thread(request, console.accounts, exchange_of(request), actor_of(request), wanted, at)
    values = {"title": "Accounts", "found": found[: console.PAGE], "q": wanted}
    return _page(request, "staff_accounts.html", {**values, **_paging(request, wanted, at, len(found))})


async def staff_organization(request: Request) -> Response:
    """One organization."""
    return await shown_organization(request, {})


async def change_organization(request: Request) -> Response:
    """Suspend it, or let it in again."""
    change, wanted = _CHANGES.get(request.path_params["act"]), record_id_of(request)
    if change is None:
        raise HTTPException(404)
    await in_thread(request, change, exchange_of(request), actor_of(request), wanted)
    return RedirectResponse(f"/staff/organizations/{wanted}?done=changed", 303)


async def unmask(request: Request) -> Response:
    """Show its number in full, this once."""
    reason = (await fields_of(request)).get("reason", "")
    given = (exchange_of(request), actor_of(request), record_id_of(request), reason)
    try:
        number = await in_thread(request, console.unmask, *given)
    except FieldsRefusedError as refusal:
        return await shown_organization(request, refusal.problems)
    return await shown_organization(request, {}, f"{number[:2]}-{number[2:]}")


async def verify_subsidiary(request: Request) -> Response:
    """A further number is the organization's own."""
    call = console.verify_subsidiary
    owner = await in_thread(request, call, exchange_of(request), actor_of(request), record_id_of(request))
    return RedirectResponse(f"/staff/organizations/{owner}?done=verified", 303)


async def decisions_page(request: Request) -> Response:
    """What one's side asked for, and the form to ask."""
    return await _decisions(request, {}, {})


async def ask_decision(request: Request) -> Response:
    """Ask for something that needs a second person, or the page again."""
    fields = await fields_of(request)
    why = (fields.get("reason", ""), fields.get("choice", ""))
    given = (exchange_of(request), actor_of(request), fields.get("act", ""), fields.get("username", ""), why)
    if problems := await problems_of(request, oversight.ask_about, *given):
        return await _decisions(request, fields, problems)
    return RedirectResponse(f"{request.scope['path']}?done=reset", 303)


async def answer_decision(request: Request) -> Response:
    """Approve or refuse."""
    call, back = _ANSWERS.get(request.path_params["answer"]), request.scope["path"].split("/")[1]
    if call is None:
        raise HTTPException(404)
    await in_thread(request, call, exchange_of(request), actor_of(request), record_id_of(request))
    return RedirectResponse(f"/{back}/decisions?done=decided", 303)


async def shown_organization(
    request: Request, problems: dict[str, str], number: str = "", typed: Mapping[str, str] | None = None
) -> Response:
    """The page of one organization: with what is wrong with a form on it, or with its number in full."""
    exchange, actor, wanted = exchange_of(request), actor_of(request), record_id_of(request)
    found = await in_thread(request, console.organization, exchange, actor, wanted)
    values = {"title": found.profile.name, "looked": found, "profile": found.profile, "number": number}
    values["relations_shown"] = clients.PAGE
    values["facts"] = [(_FACT_LABELS[name], text) for name, text in found.facts.items()]
    values["locates"] = found.profile.kind in standing.AGENCIES
    values["agreed_until"] = await in_thread(request, standing.agreement_of, exchange, actor, wanted)
    values["sole"] = await in_thread(request, _sole, exchange, actor, wanted)
    values["own_speed"] = "" if found.bandwidth is None else str(found.bandwidth // 1000)
    usual = exchange.settings.sftp_bandwidth
    values["usual_speed"] = f"{usual // 1000:,}" if usual else "no limit"
    return _page(request, "staff_organization.html", values, typed, problems)


def _sole(exchange: Exchange, actor: Actor, organization_id: UUID) -> Sole | None:
    """The only administrator of an agency, for whoever may clear them for locate."""
    if not can(actor, Permission.ACCOUNT_OVERSEE):
        return None
    try:
        return sole.of_agency(exchange, actor, organization_id)
    except RecordNotFoundError:
        return None


async def _decisions(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    actor = actor_of(request)
    found = await in_thread(request, oversight.requests, exchange_of(request), actor)
    overseer = can(actor, Permission.ACCOUNT_OVERSEE)
    acts = [act for act in TwoPersonAct if overseer or act is TwoPersonAct.RESET_SECOND_FACTOR]
    values = {
        "title": "Two-person decisions" if overseer else "Second-factor resets",
        "found": found,
        "acts": [(act.value, ACTS[act].title) for act in acts],
        "act_words": ACTS,
        "wait": exchange_of(request).settings.reset_wait_minutes,
        "choices": [(choice.value, words) for choice, (words, _) in UNMASKING.items()] if overseer else [],
    }
    return _page(request, "decisions.html", values, fields, problems)


def _at(request: Request) -> int:
    text = request.query_params.get("page", "0")
    return min(int(text), _MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _paging(request: Request, wanted: str, at: int, found: int) -> dict[str, str]:
    here = request.scope["path"]
    further = f"{here}?{urlencode({'q': wanted, 'page': at + 1})}" if found > console.PAGE else ""
    return {"first": f"{here}?{urlencode({'q': wanted})}" if at else "", "next": further}


def _page(
    request: Request,
    template: str,
    values: Mapping[str, object],
    fields: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    entries = STAFF if request.scope["path"].startswith("/staff/") else ORGANIZATION
    frame = {"kinds": KINDS, "roles_shown": ROLES}
    return form_page(request, template, {**frame, **values}, fields, problems, entries)
