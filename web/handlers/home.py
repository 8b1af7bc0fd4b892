"""The page that opens after signing in: what one can do, what has come, what is unfinished."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from exchange.accounts import organizations, resets
from exchange.accounts.decisions import Decision
from exchange.accounts.waiting import Waiting, waiting_for
from exchange.orders import lists
from exchange.orders.lists import Counts
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.repository import TransferQuery
from exchange.transfers.senders import senders
from exchange.transfers.views import TransferView
from roles.permissions import ROLES, Permission
from roles.policy import Actor, can
from roles.programs import PROGRAMS, receivable, sendable
from web import order_words
from web.door import actor_of, exchange_of, in_thread
from web.templating import page

ICONS = {
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


async def home(request: Request) -> Response:
    """The home page of an actor."""
    actor = actor_of(request)
    desk = await in_thread(request, _desk, exchange_of(request), actor)
    about, programs = ROLES[actor.role], receivable(actor.role)
    values = {
        "desk": desk,
        "programs": programs,
        "icons": ICONS,
        "titles": PROGRAMS,
        "about": about,
        "sends": bool(sendable(actor.role)),
        "late": order_words.late(desk.orders) if desk.orders else [],
    }
    return page(request, "home.html", {"title": "Home"} | values)


def _desk(exchange: Exchange, actor: Actor) -> Desk:
    def newest(direction: str) -> list[TransferView]:
        query = TransferQuery(direction=direction, limit=_LOOKED_AT)
        found = delivery.transfers(exchange, actor, query).items
        return [view for view in found if view.kind not in _BESIDE][:_SHOWN]

    arrived = newest("outbound")
    named = senders(exchange, actor, arrived)
    due = organizations.confirmation_due(exchange, actor)
    reset, sent = resets.about(exchange, actor), newest("inbound")
    waiting = waiting_for(exchange, actor)
    space = delivery.space(exchange, actor)
    orders = lists.counts(exchange, actor) if can(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE) else None
    return Desk(intake.drafts(exchange, actor), arrived, sent, named, reset, due, waiting, space, orders)
