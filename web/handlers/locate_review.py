"""Managers review what colleagues asked and what was unusual; OCSS audits who saw what."""

from collections.abc import Mapping
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.errors import FieldsRefusedError, LocateBlockedError
from exchange.locate import alarms, audit, matches, review
from exchange.locate.audit import Audit, Wanted
from exchange.locate.review import Said
from roles.locate import ALARMS, PURPOSES, SAMPLED_ONE_IN, SOURCES
from web.door import Handler, actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.menus import LOCATE, LOCATE_REVIEW, STAFF, tabs
from web.sending import disposition


def or_home(handler: Handler) -> Handler:
    """Whoever may not locate people just now reads on the first page of locate what is in the way."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except LocateBlockedError:
            return RedirectResponse("/locate", 303)

    return guarded


@or_home
async def review_page(request: Request) -> Response:
    """What is to be reviewed, and how much colleagues used locate."""
    return await _review(request)


async def sign(request: Request) -> Response:
    """Sign a request off, or ask about it."""
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    signed_off, note = fields.get("verdict") == "ok", fields.get("note", "")
    if problems := await problems_of(request, review.sign, *given, signed_off=signed_off, note=note):
        return await _one(request, fields, problems)
    return RedirectResponse("/locate/review?done=locate-reviewed", 303)


async def one_page(request: Request) -> Response:
    """What is known of a request without what was found, what managers said of it, and a form."""
    return await _one(request, {})


@or_home
async def alarm_list(request: Request) -> Response:
    """What was unusual in one's agency."""
    return await _alarms(request, {})


async def staff_alarm_list(request: Request) -> Response:
    """What was unusual anywhere."""
    return await _alarms(request, {}, staff=True)


async def settle(request: Request) -> Response:
    """Say what it was."""
    return await _settle(request)


async def staff_settle(request: Request) -> Response:
    """As `settle`, by OCSS."""
    return await _settle(request, staff=True)


async def audit_page(request: Request) -> Response:
    """The form alone."""
    return _audit(request, {})


async def audit_search(request: Request) -> Response:
    """Who saw what, as a page or as a table. Sent by a form's body: addresses stand in logs."""
    fields = await fields_of(request)
    names = ("ssn", "worker", "agency", "reason", "after", "person", "since", "until")
    asked = exchange_of(request), actor_of(request), Wanted(*(fields.get(name, "") for name in names))
    try:
        if fields.get("as") == "table":
            content = await in_thread(request, audit.exported, *asked)
            headers = {"Content-Disposition": disposition("locate-audit.csv")}
            return Response(content, 200, headers, "text/csv; charset=utf-8")
        found = await in_thread(request, audit.audit, *asked)
    except FieldsRefusedError as refusal:
        return _audit(request, fields, refusal.problems)
    return _audit(request, fields, {}, found)


async def _review(request: Request) -> Response:
    everything = request.query_params.get("show") == "all"
    asked = (exchange_of(request), actor_of(request))
    values = {
        "title": "Review what was asked",
        "due": await in_thread(request, review.due, *asked, everything=everything),
        "colleagues": await in_thread(request, review.colleagues, *asked),
        "everything": everything,
        "one_in": SAMPLED_ONE_IN,
        "tabs": await locate_tabs(request),
        **_WORDS,
    }
    return form_page(request, "locate_review.html", values)


async def _one(
    request: Request, fields: Mapping[str, str], problems: Mapping[str, str] | None = None
) -> Response:
    asked, wanted = (exchange_of(request), actor_of(request)), record_id_of(request)
    said = await in_thread(request, review.reviews, *asked, wanted)
    found = await in_thread(request, review.one, *asked, wanted)
    values = {"title": f"Review {found.reference}", "found": found, "reviews": said, **_WORDS}
    values["tabs"] = await locate_tabs(request)
    return form_page(request, "locate_review_one.html", values, fields, problems)


async def _settle(request: Request, *, staff: bool = False) -> Response:
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), record_id_of(request), fields.get("note", ""))
    if problems := await problems_of(request, alarms.settle, *given):
        return await _alarms(request, problems, staff=staff)
    return RedirectResponse(f"{_home(staff=staff)}?done=locate-settled", 303)


async def _alarms(request: Request, problems: Mapping[str, str], *, staff: bool = False) -> Response:
    everything = request.query_params.get("show") == "all"
    asked = (exchange_of(request), actor_of(request))
    values = {
        "title": "Unusual activity",
        "found": await in_thread(request, alarms.raised, *asked, open_only=not everything),
        "everything": everything,
        "home": _home(staff=staff),
        "staff": staff,
        "tabs": tabs(STAFF, actor_of(request), "/staff/locate") if staff else await locate_tabs(request),
        **_WORDS,
    }
    return form_page(request, "locate_alarms.html", values, {}, problems)


def _audit(
    request: Request,
    fields: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
    found: Audit | None = None,
) -> Response:
    codes = {code.partition(" ")[0] for one in (found.items if found else ()) for code in one.saw}
    told = [one for one in SOURCES.values() if one.code in codes]
    values = {"title": "Locate audit", "found": found, "told": told, **_WORDS}
    return form_page(request, "locate_audit.html", values, fields, problems, entries=STAFF)


async def locate_tabs(request: Request, *, manager: bool = True) -> list[dict[str, Any]]:
    """The pages of locate, for a manager those of review as well, with how much waits on each."""
    actor, here = actor_of(request), request.scope["path"]
    waits = await in_thread(request, review.waiting, exchange_of(request), actor)
    matched = await in_thread(request, matches.waiting, exchange_of(request), actor)
    counts = {"/locate/review": waits.reviews, "/locate/alarms": waits.alarms, "/locate/matches": matched}
    shown = tabs(LOCATE_REVIEW if manager else LOCATE, actor, here)
    return [one | {"count": counts.get(one["href"], 0)} for one in shown]


def _home(*, staff: bool) -> str:
    return "/staff/locate/alarms" if staff else "/locate/alarms"


_SAID = {
    Said.ASKED: ("Asked, not answered yet", "plain"),
    Said.ANSWERED: ("Answered: read it", "wait"),
    Said.SIGNED_OFF: ("Signed off", "good"),
}
_WORDS: dict[str, Any] = {"alarms": ALARMS, "purposes": PURPOSES, "said": _SAID}
