"""Matches of the case registry by the API: listed, taken up, read and set aside, as on the pages."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exchange.locate import matches
from exchange.locate.matches import Match, Opened
from exchange.models.locate import Use
from roles.permissions import Permission
from web import api_models_locate as models
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.listing import PARAMETERS, limit_of
from web.openapi import Operation, Parameter

_LISTED = "/api/v1/locate-matches"
_ONE = f"{_LISTED}/{{id}}"
_TAKEN = "taken"
_STATUS = {Use.UNREAD: "waiting", Use.USED: _TAKEN, Use.DISCARDED: "set_aside"}


async def list_matches(request: Request) -> Response:
    """What waits for the agency, or what was taken up."""
    asked, given = request.query_params, (exchange_of(request), actor_of(request))
    taken, after = asked.get("which") == _TAKEN, asked.get("cursor", "")
    limit = limit_of(request)
    found = await in_thread(request, matches.matches, *given, taken=taken, after=after, limit=limit)
    return JSONResponse({"items": [_line(one) for one in found.items], "next": found.next})


async def read_match(request: Request) -> Response:
    """What a match says. Each call stands in the journal as a look."""
    return JSONResponse(_whole(await _opened(request)))


async def take_match(request: Request) -> Response:
    """Make a match one's own, and read it."""
    given = exchange_of(request), actor_of(request), record_id_of(request)
    await in_thread(request, matches.take_up, *given)
    return JSONResponse(_whole(await _opened(request)))


async def set_match_aside(request: Request) -> Response:
    """Nothing is to be done about it."""
    given = exchange_of(request), actor_of(request), record_id_of(request)
    return JSONResponse(_line(await in_thread(request, matches.set_aside, *given)))


async def _opened(request: Request) -> Opened:
    given = exchange_of(request), actor_of(request), record_id_of(request)
    return await in_thread(request, matches.opened, *given)


def _line(one: Match) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "case_number": one.case_number,
        "participant": one.part,
        "found_at": one.found_at.isoformat(timespec="seconds"),
        "status": _STATUS[one.use],
        "worker": one.worker,
    }


def _whole(found: Opened) -> dict[str, Any]:
    facts = [{"field": one.field.value, "value": one.value, "label": one.label} for one in found.shown]
    return _line(found.match) | {"facts": facts}


_ID = Parameter("id", "path", "The match.", required=True)
_WHICH = Parameter(
    "which",
    "query",
    "taken: those taken up by you, for managers by anybody; without it, those that wait.",
    schema={"type": "string", "enum": [_TAKEN]},
)
OPERATIONS = (
    Operation(
        "GET",
        _LISTED,
        list_matches,
        Permission.LOCATE_QUERY,
        "List people of your agency's cases who stand in cases of other states, newest first.",
        {200: models.LocateMatches},
        (*PARAMETERS, _WHICH),
        None,
        (400,),
    ),
    Operation(
        "GET",
        _ONE,
        read_match,
        Permission.LOCATE_QUERY,
        "A match that was taken up, with what the case registry says. Each call is noted as a look.",
        {200: models.OpenedLocateMatch},
        (_ID,),
        None,
        (404,),
    ),
    Operation(
        "POST",
        f"{_ONE}/take",
        take_match,
        Permission.LOCATE_QUERY,
        "Take a match up: from then on it is for you and the managers of your agency.",
        {200: models.OpenedLocateMatch},
        (_ID,),
        None,
        (404,),
    ),
    Operation(
        "POST",
        f"{_ONE}/aside",
        set_match_aside,
        Permission.LOCATE_QUERY,
        "Set a match aside.",
        {200: models.LocateMatch},
        (_ID,),
        None,
        (404,),
    ),
)
