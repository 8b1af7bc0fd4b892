"""People of an agency's cases whom the case registry has matched: what waits, and what was taken up."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.locate import matches, standing
from schemas.tables import PARTICIPANT_TYPES
from web import locate_words
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import form_page
from web.handlers.locate_review import locate_tabs, or_home

HOME = "/locate/matches"


@or_home
async def match_list(request: Request) -> Response:
    """What waits for the agency, or what was taken up."""
    asked, given = request.query_params, (exchange_of(request), actor_of(request))
    taken, after = asked.get("which") == "taken", asked.get("after", "")
    found = await in_thread(request, matches.matches, *given, taken=taken, after=after)
    manager = (await in_thread(request, standing.standing, *given)).manager
    kept = f"{HOME}?which=taken" if taken else HOME
    values = {
        "title": "Case matches",
        "found": found.items,
        "taken": taken,
        "manager": manager,
        "first": kept if after else "",
        "next": f"{HOME}?{'which=taken&' if taken else ''}after={found.next}" if found.next else "",
        "tabs": await locate_tabs(request, manager=manager),
        "participants": PARTICIPANT_TYPES,
    }
    return form_page(request, "locate_matches.html", values)


async def match_page(request: Request) -> Response:
    """One that was taken up, with what it says; a look like any other."""
    given = exchange_of(request), actor_of(request), record_id_of(request)
    found = await in_thread(request, matches.opened, *given)
    values = {
        "title": f"Match of case {found.match.case_number}",
        "found": found,
        "locating_words": locate_words,
        "participants": PARTICIPANT_TYPES,
    }
    return form_page(request, "locate_match.html", values)


async def take_up(request: Request) -> Response:
    """Make it one's own."""
    wanted = record_id_of(request)
    await in_thread(request, matches.take_up, exchange_of(request), actor_of(request), wanted)
    return RedirectResponse(f"{HOME}/{wanted}?done=locate-match-taken", 303)


async def set_aside(request: Request) -> Response:
    """Nothing is to be done about it."""
    wanted = record_id_of(request)
    await in_thread(request, matches.set_aside, exchange_of(request), actor_of(request), wanted)
    return RedirectResponse(f"{HOME}?done=locate-match-aside", 303)
