"""Notices and answers read on pages: what a page shows, and who may open it."""

from dataclasses import dataclass
from uuid import UUID

from exchange.database import reading
from exchange.errors import TransferNotFoundError
from exchange.models.transfers import Transfer
from exchange.notices.lists import notice_row
from exchange.runtime import Exchange
from exchange.transfers import delivery
from exchange.transfers.answers import RESULT
from exchange.transfers.record_pages import RecordPage, record_page
from exchange.transfers.views import TransferView
from roles.notices import NOTICE_KINDS
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization, authorize
from schemas.catalog import LAYOUTS


@dataclass(frozen=True)
class OpenedFile:
    """One page of a file's records; `kind`: what the file is, in words."""

    view: TransferView
    kind: str
    page: RecordPage


def opened_notice(exchange: Exchange, actor: Actor, transfer_id: UUID, number: int) -> OpenedFile:
    """The records on a page of a notice; it is journalled as a download, and the notice is read then.

    Raises `TransferNotFoundError` for what is no notice of the actor's organization, and what
    `delivery.content` raises.
    """
    visible = authorize(actor, Permission.NOTICE_READ)
    with reading(exchange.engine) as session:
        row = notice_row(session, visible, transfer_id)
    if row is None:
        raise TransferNotFoundError
    return _opened(exchange, actor, row, NOTICE_KINDS[row.layout or ""], number)


def opened_answer(exchange: Exchange, actor: Actor, transfer_id: UUID, number: int) -> OpenedFile:
    """The records on a page of the result file of something the actor's organization sent; as a notice is."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    with reading(exchange.engine) as session:
        row = session.get(Transfer, transfer_id)
    if row is None or row.layout not in LAYOUTS or not _is_answer_for(row, visible):
        raise TransferNotFoundError
    return _opened(exchange, actor, row, LAYOUTS[str(row.layout)].title, number)


def _is_answer_for(row: Transfer, visible: VisibleOrganization) -> bool:
    return (row.organization_id, row.kind) == (visible, RESULT)


def _opened(exchange: Exchange, actor: Actor, row: Transfer, kind: str, number: int) -> OpenedFile:
    content = delivery.content(exchange, actor, row.id)
    try:
        page = record_page(content, LAYOUTS[str(row.layout)], number)
    finally:
        content.close()
    return OpenedFile(content.view, kind, page)
