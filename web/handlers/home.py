"""The page that opens after signing in: what one can do, what has come, what is unfinished."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from exchange.accounts import organizations, resets
from exchange.accounts.decisions import Decision
from exchange.accounts.waiting import Waiting, waiting_for
from exchange.guide.own import Own, own
from exchange.guide.standing import tallies
from exchange.locate import desk as locate_desk
from exchange.locate.desk import Overview
from exchange.messages import inbox
from exchange.messages.inbox import Box, InboxQuery, ThreadLine
from exchange.orders import lists
from exchange.orders.lists import Counts
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.repository import TransferQuery
from exchange.transfers.senders import senders
from exchange.transfers.views import TransferView
from roles.home import Section, sections_of
from roles.permissions import ROLES, Permission
from roles.policy import Actor, can
from roles.programs import PROGRAMS, of_files, receivable, sendable
from web import guide_keeping_told, locate_words, message_words, order_words
from web.door import actor_of, exchange_of, in_thread
from web.handlers.files import without_messages
from web.templating import page

ICONS = {
    "case-registry": "people",
    "data-match": "account_balance",
    "debt-inquiry": "search",
    "files": "folder_open",
    "income-withholding": "send",
    "lump-sum": "work",
    "termination": "person",
}
_SHOWN = 5
_LOOKED_AT = 50
_BESIDE = frozenset({"acknowledgement", "findings"})
"""Kinds that stand on the page of the file they belong to; the desk would be full of them."""


@dataclass(frozen=True)
class Desk:
    """What lies on somebody's desk."""

    drafts: list[TransferView]
    arrived: list[TransferView]
    sent: list[TransferView]
    senders: dict[UUID, str]
    reset: Decision | None
    organization_due: bool
    waiting: Waiting
    space: delivery.Space
    orders: Counts | None
    guide: list[tuple[int, str]]
    own_part: Own | None
    threads: list[ThreadLine]
    locate: Overview | None


async def home(request: Request) -> Response:
    """The home page of an actor."""
    actor = actor_of(request)
    desk = await in_thread(request, _desk, exchange_of(request), actor)
    about, programs = ROLES[actor.role], of_files(receivable(actor.role))
    values = {
        "desk": desk,
        "sections": sections_of(actor.role),
        "said": message_words,
        "programs": programs,
        "icons": ICONS,
        "titles": PROGRAMS,
        "about": about,
        "sends": bool(of_files(sendable(actor.role))),
        "locating_words": locate_words,
        "late": order_words.late(desk.orders) if desk.orders else [],
    }
    return page(request, "home.html", {"title": "Home"} | values)


def _desk(exchange: Exchange, actor: Actor) -> Desk:
    def newest(direction: str) -> list[TransferView]:
        query = TransferQuery(direction=direction, limit=_LOOKED_AT, files_only=True)
        found = delivery.transfers(exchange, actor, query).items
        return [view for view in found if view.kind not in _BESIDE][:_SHOWN]

    arrived = newest("outbound")
    named = senders(exchange, actor, arrived)
    due = organizations.confirmation_due(exchange, actor)
    reset, sent = resets.about(exchange, actor), newest("inbound")
    waiting = waiting_for(exchange, actor)
    space = delivery.space(exchange, actor)
    orders = lists.counts(exchange, actor) if can(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE) else None
    locating = locate_desk.overview(exchange, actor)
    drafts = without_messages(intake.drafts(exchange, actor))
    guide = guide_keeping_told.in_all(tallies(exchange, actor)) if can(actor, Permission.GUIDE_KEEP) else []
    part = own(exchange, actor) if Section.GUIDE in sections_of(actor.role) else None
    threads = _threads(exchange, actor) if Section.MESSAGES in sections_of(actor.role) else []
    return Desk(
        drafts, arrived, sent, named, reset, due, waiting, space, orders, guide, part, threads, locating
    )


def _threads(exchange: Exchange, actor: Actor) -> list[ThreadLine]:
    return list(inbox.threads(exchange, actor, InboxQuery(box=Box.INBOX.value, limit=_SHOWN)).items)
