"""The files of an organization: the list, the page of one file, its content, findings and receipt."""

import json
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from exchange.cases import making
from exchange.cases.making import Progress
from exchange.errors import RequestInvalidError
from exchange.models.transfers import Status
from exchange.programs import correction
from exchange.programs.correction import Waiting
from exchange.runtime import Exchange
from exchange.transfers import corrections, delivery, history, intake
from exchange.transfers.corrections import Link
from exchange.transfers.history import Sought
from exchange.transfers.senders import senders
from exchange.transfers.views import FindingView, LedgerEntry, Page, TransferView
from roles.policy import Actor
from roles.programs import BESIDE_FILES, PROGRAMS, of_files, receivable
from web.door import actor_of, exchange_of, id_of, in_thread
from web.forms import Texts, listed
from web.sending import content_response, disposition, in_threads
from web.templating import moment, page, size
from web.wording import SCANS, UNDER_WAY

_DAYS = ("since", "until")
FILTERS = ("direction", "program", "status", "name", "reference", *_DAYS)
_ISO = len("2026-01-15")
_NO_DAY = "Enter a date of the calendar, as year, month and day, such as 2026-01-15"
_BACKWARDS = "Choose a last day that is not before the first"
_KILOBYTE = 1000
_SHOWN = 25


@dataclass(frozen=True)
class Everything:
    """All that the page of one file shows."""

    view: TransferView
    ledger: list[LedgerEntry]
    findings: Page[FindingView]
    answers: list[TransferView]
    sender: str
    waiting: Waiting
    chain: list[Link]
    locating: Progress | None


async def file_list(request: Request) -> Response:
    """The list, newest first, with what is not finished yet above it."""
    exchange, actor, cursor = exchange_of(request), actor_of(request), request.query_params.get("cursor")
    chosen, problems = _chosen(request)
    found = await in_thread(
        request, history.search, exchange, actor, _sought(chosen, problems), cursor, _SHOWN
    )
    drafts = await in_thread(request, intake.drafts, exchange, actor)
    named = await in_thread(request, senders, exchange, actor, found.items)
    values = {
        "space": await in_thread(request, delivery.space, exchange, actor),
        "found": found,
        "drafts": [] if any(chosen.values()) or cursor else without_messages(drafts),
        "chosen": chosen,
        "problems": Texts(problems),
        "errors": listed(problems),
        "export": f"/files/history.csv?{urlencode({name: text for name, text in chosen.items() if text})}",
        "programs": [(program.slug, program.title) for program in of_files(receivable(actor.role))],
        "titles": PROGRAMS,
        "senders": named,
    }
    paging = _paging(request, "cursor", found.next)
    return page(request, "files.html", {"title": "Files"} | values | paging, 422 if problems else 200)


async def history_export(request: Request) -> Response:
    """All that the list finds, as CSV."""
    chosen, problems = _chosen(request)
    if problems:
        raise RequestInvalidError(what="; ".join(problems.values()))
    sought = _sought(chosen, problems)
    lines = await in_thread(request, history.export, exchange_of(request), actor_of(request), sought)
    headers = {"Content-Disposition": disposition("history.csv")}
    return StreamingResponse(in_threads(request, lines), 200, headers, "text/csv; charset=utf-8")


def _chosen(request: Request) -> tuple[dict[str, str], dict[str, str]]:
    """What was filled in above the list, and what is wrong with it."""
    chosen = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    problems = {name: _NO_DAY for name in _DAYS if chosen[name] and _day(chosen[name]) is None}
    if not problems and "" not in (since_until := [chosen[name] for name in _DAYS]):
        since, until = since_until
        problems |= {"until": _BACKWARDS} if until < since else {}
    return chosen, problems


def _sought(chosen: dict[str, str], problems: dict[str, str]) -> Sought:
    texts = {name: text or None for name, text in chosen.items() if name not in _DAYS}
    days = {name: None if problems else _day(chosen[name]) for name in _DAYS}
    return Sought(**texts, since=days["since"], until=days["until"])


def _day(text: str) -> date | None:
    """A day as browsers send it; None for no day, and for those at the edges of the calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if len(text) == _ISO and date.min < day < date.max else None


async def file_page(request: Request) -> Response:
    """One file: where it is on its way, what was found, its answers, and who touched it."""
    exchange, actor, identifier = exchange_of(request), actor_of(request), id_of(request)
    cursor = request.query_params.get("findings")
    shown = await in_thread(request, _everything, exchange, actor, (identifier, cursor))
    view = shown.view
    values = {
        "title": view.filename,
        "shown": shown,
        "view": view,
        "program": PROGRAMS[view.program],
        "facts": facts_of(view, shown.sender),
        "limit": exchange.settings.max_file_size,
        "cursor": cursor,
    }
    template = "draft.html" if view.status == Status.DRAFT else "file.html"
    return page(request, template, values | _paging(request, "findings", shown.findings.next))


async def file_progress(request: Request) -> Response:
    """Where a file is now, for the page's script: a fragment, and whether anything will still change."""
    view = await in_thread(
        request, delivery.transfer, exchange_of(request), actor_of(request), id_of(request)
    )
    answer = page(request, "file_progress.html", {"view": view})
    answer.headers["X-Under-Way"] = "yes" if view.status in UNDER_WAY else "no"
    return answer


async def file_content(request: Request) -> Response:
    """The bytes, or one range of them."""
    opened = await in_thread(
        request, delivery.content, exchange_of(request), actor_of(request), id_of(request)
    )
    return content_response(request, opened)


async def file_receipt(request: Request) -> Response:
    """The signed receipt, as a file that `portal verify` reads."""
    exchange, actor, identifier = exchange_of(request), actor_of(request), id_of(request)
    signed = await in_thread(request, delivery.receipt, exchange, actor, identifier)
    view = await in_thread(request, delivery.transfer, exchange, actor, identifier)
    headers = {"Content-Disposition": disposition(f"{view.filename}.receipt.json")}
    return Response(json.dumps(signed, indent=1), 200, headers, "application/json")


def without_messages(views: list[TransferView]) -> list[TransferView]:
    """Files that are exchanged as files; those of messages stand where one writes."""
    return [view for view in views if view.program not in BESIDE_FILES]


async def draft_list(request: Request) -> Response:
    """Unfinished uploads, for the page's script."""
    drafts = await in_thread(request, intake.drafts, exchange_of(request), actor_of(request))
    return JSONResponse({"items": [draft.as_json() for draft in drafts]})


def facts_of(view: TransferView, sender: str) -> list[tuple[str, str]]:
    """What is known about a file, in words, for the page's summary list."""
    known = {
        "From": sender if view.direction == "outbound" else "",
        "Size": f"{size(view.size)} ({view.size:,} bytes)" if view.size >= _KILOBYTE else size(view.size),
        "Records": f"{view.records:,}" if view.records is not None else "",
        "Scanned": SCANS[view.scan] if view.direction == "inbound" else "",
        "SHA-256": view.sha256 or "",
        "Kept until": moment(view.expires_at) if view.expires_at else "",
        "Number": str(view.id),
    }
    return [(name, text) for name, text in known.items() if text]


def _paging(request: Request, name: str, following: str | None) -> dict[str, str]:
    """Addresses of the first and the next page of the list that `name` is the cursor of."""
    kept = {key: value for key, value in request.query_params.items() if key != name and value}
    path, began = request.scope["path"], name in request.query_params
    after = f"{path}?{urlencode(kept | {name: following})}" if following else ""
    return {"first": (f"{path}?{urlencode(kept)}" if kept else path) if began else "", "next": after}


def _everything(exchange: Exchange, actor: Actor, which: tuple[UUID, str | None]) -> Everything:
    identifier, cursor = which
    view = delivery.transfer(exchange, actor, identifier)
    return Everything(
        view,
        delivery.ledger(exchange, actor, identifier),
        delivery.findings(exchange, actor, identifier, cursor, _SHOWN),
        delivery.answers(exchange, actor, identifier),
        senders(exchange, actor, [view]).get(identifier, "the portal"),
        correction.waiting(exchange, actor, view),
        corrections.chain(exchange, actor, identifier),
        making.progress(exchange, actor, identifier),
    )
