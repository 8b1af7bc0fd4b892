"""The page of one program: what it is for, how to send to it, and its empty tables."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import ProgramNotFoundError
from exchange.transfers import delivery
from exchange.transfers.repository import TransferQuery
from exchange.transfers.senders import senders
from roles.policy import sends, sent_layouts
from roles.programs import PROGRAMS, Program, of_files, receivable
from schemas.catalog import LAYOUTS
from schemas.forms import FORMS
from schemas.record import Form, Layout
from schemas.tabular import template
from web.door import actor_of, exchange_of, in_thread
from web.handlers.layouts import layouts_of
from web.handlers.upload import addressees_of
from web.sending import disposition
from web.templating import page

_TYPES = {
    "csv": (Form.CSV, "text/csv; charset=utf-8"),
    "xlsx": (Form.XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


async def program_page(request: Request) -> Response:
    """One program, for those who send to it or receive from it."""
    program, actor, exchange = program_of(request), actor_of(request), exchange_of(request)
    query = TransferQuery(program=program.slug, limit=10)
    found = await in_thread(request, delivery.transfers, exchange, actor, query)
    values = {
        "title": program.title,
        "program": program,
        "sends": sends(actor, program),
        "form": FORMS.get(program.slug) if sends(actor, program) else None,
        "layouts": layouts_of(program),
        "table": _table_layout(request, program),
        "recent": found.items,
        "senders": await in_thread(request, senders, exchange, actor, found.items),
        "titles": PROGRAMS,
        "addressees": await addressees_of(request) if program.slug == "files" else [],
        "limit": exchange.settings.max_file_size,
    }
    return page(request, "program.html", values)


async def program_template(request: Request) -> Response:
    """An empty table with the headings of the program's records."""
    program, ending = program_of(request), request.path_params["ending"]
    layout = _table_layout(request, program)
    if layout is None or ending not in _TYPES:
        raise HTTPException(404)
    form, kind = _TYPES[ending]
    made = await in_thread(request, template, layout, form)
    return Response(made, 200, {"Content-Disposition": disposition(f"{layout.slug}.{ending}")}, kind)


def program_of(request: Request) -> Program:
    """The program in the path, when the actor's role takes part in it."""
    slug = request.path_params["program"]
    for program in of_files(receivable(actor_of(request).role)):
        if program.slug == slug:
            return program
    raise ProgramNotFoundError


def _table_layout(request: Request, program: Program) -> Layout | None:
    """The first layout that may come as a table: of those the actor sends, where it sends any."""
    sent = sent_layouts(actor_of(request), program) or program.layouts
    return next((LAYOUTS[slug] for slug in sent if LAYOUTS[slug].twin), None)
