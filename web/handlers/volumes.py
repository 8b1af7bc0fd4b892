"""Volumes: what OCSS sees of how much is exchanged, as figures and as CSV."""

from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from exchange.errors import ProgramNotFoundError, RecordNotFoundError
from exchange.volumes import overview
from exchange.volumes.figures import MONTHS, Wanted
from roles.programs import PROGRAMS
from web.door import actor_of, exchange_of, in_thread
from web.forms import form_page
from web.menus import STAFF
from web.sending import disposition
from web.volumes import details_as_csv, figures_of

_PATH = "/staff/volumes"
_DETAILS = "details"
_EVERY_PARTNER = 100_000


async def volumes_page(request: Request) -> Response:
    """The figures."""
    wanted = _wanted(request)
    found = await in_thread(request, overview.volumes, exchange_of(request), actor_of(request), wanted)
    anybody = {name: text for name, text in _query(wanted).items() if name != "partner"}
    values = {
        "title": "Volumes",
        "figures": figures_of(found, f"{_PATH}?{urlencode(anybody)}"),
        "found": found,
        "months": [(str(count), f"{count} months") for count in MONTHS],
        "programs": [(slug, program.title) for slug, program in PROGRAMS.items()],
        "wanted": wanted,
        "query": urlencode(_query(wanted)),
        "anybody": f"{_PATH}?{urlencode(anybody)}",
    }
    return form_page(request, "staff_volumes.html", values, entries=STAFF)


async def volumes_csv(request: Request) -> Response:
    """One figure's table, every row of it; or everything by month, program and partner."""
    wanted, key = _wanted(request), request.path_params["figure"]
    given = (exchange_of(request), actor_of(request), wanted)
    if key == _DETAILS:
        lines = details_as_csv(await in_thread(request, overview.details, *given))
    else:
        found = await in_thread(request, overview.volumes, *given, most=_EVERY_PARTNER)
        figure = next((one for one in figures_of(found) if one.key == key), None)
        if figure is None:
            raise HTTPException(404)
        lines = figure.as_csv()
    headers = {"Content-Disposition": disposition(f"volumes-{key}.csv")}
    return StreamingResponse(lines, 200, headers, "text/csv; charset=utf-8")


def _wanted(request: Request) -> Wanted:
    """What the address asks for. Raises `ProgramNotFoundError` or `RecordNotFoundError`."""
    months, program, partner = (
        request.query_params.get(name, "") for name in ("months", "program", "partner")
    )
    if program and program not in PROGRAMS:
        raise ProgramNotFoundError
    try:
        whose = UUID(partner) if partner else None
    except ValueError:
        raise RecordNotFoundError from None
    chosen = next((count for count in MONTHS if str(count) == months), Wanted.months)
    return Wanted(chosen, program, whose)


def _query(wanted: Wanted) -> dict[str, str]:
    """The same as an address says it."""
    given = {"months": wanted.months, "program": wanted.program, "partner": wanted.partner}
    return {name: str(value) for name, value in given.items() if value}
