"""Who sent the files that lie in an organization's outbox."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, select

from exchange.database import reading
from exchange.models.accounts import Organization
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers.views import TransferView
from roles.permissions import Permission
from roles.policy import Actor, authorize


def senders(exchange: Exchange, actor: Actor, views: Iterable[TransferView]) -> dict[UUID, str]:
    """The organization behind each file that another one sent, by the file's id; the rest is the portal's."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    wanted = [view.id for view in views]
    named = select(Transfer.id, Organization.name).join(
        Organization, col(Organization.id) == col(Transfer.sender_id)
    )
    mine = named.where(col(Transfer.id).in_(wanted), Transfer.organization_id == visible)
    with reading(exchange.engine) as session:
        return dict(session.exec(mine).all())
