"""The mailbox of an organization: its threads by box and topic, and what is still being sent."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from exchange.messages import desk as assigning
from exchange.messages import drafts, inbox
from exchange.messages.desk import Choices
from exchange.messages.drafts import DraftCounts
from exchange.messages.fields import id_of
from exchange.messages.inbox import Box, InboxQuery, ThreadLine
from exchange.runtime import Exchange
from exchange.transfers.views import Page
from roles.correspondence import topics_of
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, can
from web import message_words
from web.door import actor_of, exchange_of, in_thread
from web.forms import form_page
from web.menus import MESSAGES
from web.message_panel import filters_of
from web.templating import page

FILTERS = ("box", "topic", "office", "person")


@dataclass(frozen=True)
class Desk:
    """All that the list shows: a page of threads, and how many drafts there are.

    `choices`: the offices and people by whom an agency's is shown.
    """

    found: Page[ThreadLine]
    drafts: DraftCounts
    choices: Choices | None


async def thread_list(request: Request) -> Response:
    """A box of the mailbox, newest first."""
    exchange, actor = exchange_of(request), actor_of(request)
    chosen = {name: request.query_params.get(name) or "" for name in FILTERS}
    cursor = request.query_params.get("cursor") or ""
    query = InboxQuery(
        box=chosen["box"] or Box.INBOX.value,
        topic=chosen["topic"],
        office_id=id_of(chosen["office"]) if chosen["office"] else None,
        assigned_to=id_of(chosen["person"]) if chosen["person"] else None,
        cursor=cursor,
    )
    desk = await in_thread(request, _desk, exchange, actor, query)
    box = Box(query.box)
    values = {
        "title": "Messages",
        "desk": desk,
        "said": message_words,
        "box": box,
        "chosen": chosen,
        "filtered": any(chosen[name] for name in FILTERS[1:]),
        "by": filters_of(desk.choices, chosen["office"], chosen["person"]) if desk.choices else None,
        "empty": message_words.BOXES[box][1],
        "boxes": _tabs(actor, box, request.state.unread),
        "topics": topic_choices(actor),
    }
    paging = _paging(chosen, desk.found.next, began=bool(cursor))
    return form_page(request, "messages.html", values | paging, entries=MESSAGES)


async def sending_progress(request: Request) -> Response:
    """How many messages wait for their files to be scanned, for the page's script."""
    counted = await in_thread(request, drafts.counts, exchange_of(request), actor_of(request))
    answer = page(request, "message_sending.html", {"sending": counted.sending})
    answer.headers["X-Under-Way"] = "yes" if counted.sending else "no"
    return answer


def _desk(exchange: Exchange, actor: Actor, query: InboxQuery) -> Desk:
    found = inbox.threads(exchange, actor, query)
    choices = assigning.choices(exchange, actor) if can(actor, Permission.MESSAGE_MANAGE) else None
    return Desk(found, drafts.counts(exchange, actor), choices)


def _tabs(actor: Actor, box: Box, unread: int) -> list[dict[str, object]]:
    """The boxes as pages that belong together; the unread ones are counted."""
    shown = message_words.boxes(agency=can(actor, Permission.MESSAGE_MANAGE))
    return [
        {
            "href": f"/messages?box={one}" if one is not Box.INBOX else "/messages",
            "text": message_words.BOXES[one][0],
            "current": one is box,
            "count": unread if one is Box.UNREAD else 0,
        }
        for one in shown
    ]


def topic_choices(actor: Actor) -> list[tuple[str, str]]:
    """The topics that the mailbox is about, to choose from."""
    return [(topic.slug, topic.title) for topic in topics_of(_kind(actor))]


def _kind(actor: Actor) -> OrganizationKind:
    """What the organization is whose mailbox is open."""
    return actor.client.kind if actor.client else actor.organization_kind


def _paging(chosen: dict[str, str], following: str | None, *, began: bool) -> dict[str, str]:
    """Addresses of the first and the next page."""
    kept = {name: value for name, value in chosen.items() if value}
    after = f"/messages?{urlencode(kept | {'cursor': following})}" if following else ""
    return {"first": f"/messages?{urlencode(kept)}" if began else "", "next": after}
