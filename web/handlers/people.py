"""The people of one's organization: the list, the page of one of them, inviting, and what can be done."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import keys, people
from exchange.accounts.people_form import Asked
from exchange.locate import standing
from exchange.runtime import Exchange
from roles.permissions import ROLES
from roles.policy import Actor
from roles.scopes import SCOPES
from schemas.forms.registration import FIRST_PERSON
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.menus import ORGANIZATION


@dataclass(frozen=True)
class Act:
    """What an administrator can do with somebody, and from which state; `done` is a word of the pages."""

    call: Callable[[Exchange, Actor, UUID], None]
    title: str
    effect: str
    states: frozenset[str]
    done: str = "changed"
    grave: bool = False
    administrator: bool | None = None


_ACTIVE, _SUSPENDED = frozenset({"active"}), frozenset({"suspended"})
ACTS: dict[str, Act] = {
    "send-code": Act(
        people.send_code_again,
        "Send the code again",
        "A new activation code goes to the email address; the earlier one is void.",
        frozenset({"invited"}),
        "sent",
    ),
    "invite-again": Act(
        people.invite_again,
        "Invite again",
        "The account begins anew: an activation code goes to the email address, then the person sets a new "
        "password and second factor. Earlier SFTP keys and API tokens stay ended; an administrator comes "
        "back as none.",
        frozenset({"inactive"}),
        "sent",
    ),
    "make-administrator": Act(
        people.make_administrator,
        "Make administrator",
        "The person may invite, suspend and remove people, and look after keys, networks and this page.",
        _ACTIVE,
        administrator=False,
    ),
    "unmake-administrator": Act(
        people.unmake_administrator,
        "End being an administrator",
        "The person keeps everything else that the role includes.",
        _ACTIVE,
        administrator=True,
    ),
    "suspend": Act(
        people.suspend,
        "Suspend",
        "Every session ends now; keys and tokens let nobody in until you give access back.",
        _ACTIVE,
        grave=True,
    ),
    "reactivate": Act(
        people.reactivate,
        "Give access back",
        "The person signs in as before; keys and tokens work.",
        _SUSPENDED,
    ),
    "remove": Act(
        people.remove,
        "Remove",
        "Sessions, password, second factors, keys and tokens end now and for good.",
        frozenset({"active", "inactive", "invited", "suspended"}),
        "ended",
        grave=True,
    ),
}


async def people_page(request: Request) -> Response:
    """Everybody of the organization."""
    found = await in_thread(request, people.people, exchange_of(request), actor_of(request))
    return _page(request, "people.html", {"title": "People", "people": found})


async def invite_page(request: Request) -> Response:
    """The empty form."""
    return _invite(request, {}, {})


async def invite(request: Request) -> Response:
    """Invite somebody, or the form again with what is wrong."""
    fields = await fields_of(request)
    texts = {name: fields.get(name, "") for name in ("username", "name", "email", "role")}
    asked = Asked(**texts, administrator=fields.get("administrator") == "yes")
    exchange, actor = exchange_of(request), actor_of(request)
    if problems := await problems_of(request, people.invite, exchange, actor, asked):
        return _invite(request, fields, problems)
    return RedirectResponse("/organization/people?done=invited", 303)


async def person_page(request: Request) -> Response:
    """One of them, with keys and tokens and what can be done."""
    exchange, actor, wanted = exchange_of(request), actor_of(request), record_id_of(request)
    found = await in_thread(request, people.person, exchange, actor, wanted)
    values = {
        "title": found.name,
        "person": found,
        "acts": [] if found.id == actor.account_id else acts_for(found),
        "keys": await in_thread(request, keys.keys, exchange, actor, wanted),
        "clearance": await in_thread(request, standing.clearance_of, exchange, actor, wanted),
        "trained_until": standing.counts_until,
        "tokens": await in_thread(request, keys.tokens, exchange, actor, wanted),
    }
    return _page(request, "person.html", values)


async def correct_page(request: Request) -> Response:
    """The form to correct a name, and the address of somebody who never came."""
    return await _correct(request, {}, {})


async def correct(request: Request) -> Response:
    """Correct it, or the form again."""
    wanted, fields = record_id_of(request), await fields_of(request)
    given = (exchange_of(request), actor_of(request), wanted, fields.get("name", ""), fields.get("email", ""))
    if problems := await problems_of(request, people.correct, *given):
        return await _correct(request, fields, problems)
    return RedirectResponse(f"/organization/people/{wanted}?done=changed", 303)


async def act_page(request: Request) -> Response:
    """Ask once more before something is done to somebody."""
    act = _act(request)
    found = await in_thread(
        request, people.person, exchange_of(request), actor_of(request), record_id_of(request)
    )
    return _page(request, "person_act.html", {"title": act.title, "person": found, "act": act})


async def act_on_person(request: Request) -> Response:
    """Do it."""
    act, wanted = _act(request), record_id_of(request)
    await in_thread(request, act.call, exchange_of(request), actor_of(request), wanted)
    back = "" if act.call is people.remove else f"/{wanted}"
    return RedirectResponse(f"/organization/people{back}?done={act.done}", 303)


def acts_for(person: people.Person) -> list[tuple[str, Act]]:
    """What can be done with somebody in this state."""
    return [
        (name, act)
        for name, act in ACTS.items()
        if person.status in act.states and act.administrator in {None, person.administrator}
    ]


def _act(request: Request) -> Act:
    if request.path_params["act"] not in ACTS:
        raise HTTPException(404)
    return ACTS[request.path_params["act"]]


async def _correct(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    exchange, actor, wanted = exchange_of(request), actor_of(request), record_id_of(request)
    found = await in_thread(request, people.person, exchange, actor, wanted)
    values = {"title": f"Correct {found.name}", "person": found}
    return _page(
        request,
        "person_correct.html",
        values,
        {"name": found.name, "email": found.email or ""} | fields,
        problems,
    )


def _invite(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    roles = [(role.value, ROLES[role].title) for role in people.roles_to_give(actor_of(request))]
    questions = [one.question for one in FIRST_PERSON]
    values: dict[str, object] = {"title": "Invite somebody", "roles": roles, "questions": questions}
    return _page(request, "invite.html", values, fields, problems)


def _page(
    request: Request,
    template: str,
    values: dict[str, object],
    fields: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    frame = {"roles_shown": ROLES, "scope_words": SCOPES}
    return form_page(request, template, frame | values, fields, problems, ORGANIZATION)
