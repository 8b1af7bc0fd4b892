"""The moment of the hand-over: one transaction for the row, its journal event, its receipt and its first job.

The sealed bytes are durable before it begins, so there is never a row without its blob.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from exchange import jobs, journal
from exchange.accounts import identity
from exchange.database import add_now, insert_now, transaction
from exchange.models.transfers import Receipt, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import corrections, draft_rows
from exchange.transfers.corrections import Corrects
from exchange.transfers.held import Held
from exchange.transfers.receipts import SignedReceipt
from exchange.transfers.views import TransferView, rfc3339, view_of
from exchange.vault import Sealed
from roles.policy import Actor
from roles.programs import PROGRAMS

FIRST_JOB = "scan"
_STILL_KNOWN = timedelta(seconds=0.5)
"""For so long it counts that the sender was looked up when the transfer began."""
_STATEMENT = "This file was handed over to the portal. Demonstration software; not a government system."


@dataclass(frozen=True)
class Handed:
    """A transfer that was handed over, with its receipt; `held` where its sender goes on with it at once."""

    transfer: TransferView
    receipt: SignedReceipt
    held: Held | None = None


@dataclass(frozen=True)
class Arrived:
    """A file whose sealed bytes are durable and finished. `row` is a new one, or that of a draft.

    `filename` is the name it is handed over under, None for the final form of the one its row has.
    `corrects`: rows of another file that it sends again. `at_once`: whoever hands it over does its steps.
    """

    row: Transfer
    sealed: Sealed
    is_draft: bool
    filename: str | None = None
    corrects: Corrects | None = None
    at_once: bool = False


def record(exchange: Exchange, actor: Actor, arrived: Arrived) -> Handed:
    """Write down that a file was handed over, by somebody who still may come in: uploads can take hours.

    Raises `SignInRefusedError` when account or organization were closed meanwhile, `TransferNotFoundError`
    when its draft was handed over or thrown away by somebody else.
    """
    now = exchange.clock()
    if arrived.is_draft or now - arrived.row.created_at > _STILL_KNOWN:
        identity.still(exchange, actor)
    with transaction(exchange.engine) as session:
        row = draft_rows.locked(session, arrived.row.id) if arrived.is_draft else arrived.row
        row.filename = arrived.filename or view_of(row).final_name
        row.status, row.channel, row.account_id = Status.RECEIVED.value, actor.channel.value, actor.account_id
        row.size, row.sha256 = arrived.sealed.size, arrived.sealed.sha256
        row.created_at = row.changed_at = now
        row.corrects = arrived.corrects.transfer_id if arrived.corrects else None
        row.expires_at = now + timedelta(days=PROGRAMS[row.program].retention_days)
        if arrived.is_draft:
            session.flush()
        else:
            add_now(session, row)
        if arrived.corrects is not None:
            corrections.link(session, row, arrived.corrects)
        held = _first_job(session, exchange, arrived, row)
        receipt = _receipt(session, exchange, actor, row)
        insert_now(session, Receipt, transfer_id=row.id, jws=json.dumps(receipt))
    return Handed(view_of(row), receipt, held)


def _first_job(session: Session, exchange: Exchange, arrived: Arrived, row: Transfer) -> Held | None:
    if arrived.at_once:
        return Held(jobs.enqueue_taken(session, exchange, FIRST_JOB, row.id, exchange.owner), row)
    jobs.enqueue(session, exchange, FIRST_JOB, row.id)
    return None


def _receipt(session: Session, exchange: Exchange, actor: Actor, row: Transfer) -> SignedReceipt:
    facts = {"program": row.program, "size": row.size, "sha256": row.sha256}
    facts |= {"corrects": str(row.corrects)} if row.corrects else {}
    event = journal.append(session, exchange, "transfer.received", actor, row.id, **facts)
    claims = {
        "statement": _STATEMENT,
        "transfer": {"id": str(row.id), "program": row.program, "filename": row.filename},
        "size": row.size,
        "sha256": row.sha256,
        "organization": {"id": str(actor.organization_id), "name": actor.organization_name},
        "account": {"id": str(actor.account_id), "username": actor.username},
        "channel": actor.channel.value,
        "received_at": rfc3339(row.created_at),
        "journal": {"digest": event.digest, "event": journal.canonical(event)},
    }
    return exchange.receipts.sign(json.dumps(claims).encode())
