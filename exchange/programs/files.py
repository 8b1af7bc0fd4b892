"""Free file exchange with OCSS: what a partner sends stands in OCSS's outbox, and the other way round."""

from exchange.database import reading
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers.answers import Document, ocss
from exchange.transfers.first_pass import FirstPass
from exchange.vault import Sealed


def process(exchange: Exchange, row: Transfer, _first: FirstPass | None) -> tuple[Document, ...]:
    """Deliver the very blob that was handed over; nothing is copied."""
    with reading(exchange.engine) as session:
        recipient = row.recipient_id or ocss(session)
    blob = Sealed(row.blob_id or "", row.size, row.sha256 or "")
    return (Document(recipient, "file", row.filename, blob),)
