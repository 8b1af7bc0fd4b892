"""A worker's first move, in a transaction of its own."""

from uuid import UUID

from exchange import jobs
from exchange.database import transaction
from exchange.jobs import Claimed
from exchange.runtime import Exchange


def claim(exchange: Exchange, owner: str, transfer_id: UUID | None = None) -> Claimed | None:
    """What a worker of this name has in its hands afterwards, if anything."""
    if not jobs.is_due(exchange, transfer_id):
        return None
    with transaction(exchange.engine) as session:
        return jobs.claim(session, exchange, owner, transfer_id)
