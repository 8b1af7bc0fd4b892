"""Makes the locate requests of files, a few in a transaction: nobody waits long for a file of thousands.

They are planned in the transaction that acknowledges the file. Each is made in the one that takes its plan
away: a worker that is killed leaves the rest to the next one, and nothing is made twice.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from exchange import journal
from exchange.accounts import identity
from exchange.database import reading, transaction
from exchange.errors import (
    FieldsRefusedError,
    IdentityDamagedError,
    LocateBlockedError,
    NotNowError,
    SignInRefusedError,
)
from exchange.locate import requests, sealed
from exchange.locate.requests import NewRequest
from exchange.locate.standing import Standing, require
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.cases import LocateFiled, LocatePlanned
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.errors import NotPermittedError
from roles.locate import OPEN_DAYS
from roles.policy import Actor, Channel

FILED, PLANNED = "locate.filed", "locate.planned"
PROGRAM = "case-registry"
STEP = 10
"""Requests that one transaction makes (ours, P)."""
TURN = 0.5
"""Seconds after which a turn makes way for a worker's other duties."""
_REFUSALS = (LocateBlockedError, NotPermittedError, SignInRefusedError, IdentityDamagedError)


@dataclass(frozen=True)
class Worker:
    """Whose requests a file's are: the account that handed it over."""

    actor: Actor
    standing: Standing


@dataclass(frozen=True)
class Progress:
    """How many locate requests of a file are made and still to be made; `stopped`: its sender may not ask."""

    made: int
    to_make: int
    stopped: bool


def worker_of(session: Session, exchange: Exchange, row: Transfer) -> Worker | None:
    """The account that handed a file over; None where it may locate nobody just now."""
    try:
        assert row.account_id is not None
        actor = identity.actor_of(exchange, row.account_id, Channel(row.channel), None)
        return Worker(actor, require(session, exchange, actor))
    except _REFUSALS:
        return None


def plan(exchange: Exchange, asked: NewRequest, repeated: Mapping[str, str]) -> bytes:
    """A request to be made, sealed, with what its answers repeat of the record."""
    held = {
        "purpose": asked.purpose,
        "case_number": asked.case_number,
        "fields": asked.fields,
        "sources": asked.sources,
    }
    return sealed.seal(exchange, PLANNED, json.dumps({"asked": held, "repeated": dict(repeated)}))


def make_waiting(exchange: Exchange) -> int:
    """Make requests that files have planned, of each file a few by turns; how many. A worker's chore.

    Those of an account that may locate nobody just now wait until it may, as long as a request is open.
    """
    with reading(exchange.engine) as session:
        files = list(session.exec(select(LocatePlanned.transfer_id).distinct()))
    made, until = 0, time.monotonic() + TURN
    while files and time.monotonic() < until:
        for transfer_id in list(files):
            began = time.monotonic()
            if some := _step(exchange, transfer_id):
                made += some
                time.sleep(min(time.monotonic() - began, TURN))  # as long for all who wait to write
            else:
                files.remove(transfer_id)
    return made


def _step(exchange: Exchange, transfer_id: UUID) -> int:
    """Make the next requests of a file; how many plans are done with."""
    with transaction(exchange.engine) as session:
        file = session.get_one(Transfer, transfer_id)
        # the agency before its plans, in the order of `locating.write`
        session.get_one(Organization, file.organization_id, with_for_update=True)
        worker = worker_of(session, exchange, file)
        rows = _next(session, exchange, transfer_id, overdue=worker is None)
        for row in rows:
            session.delete(row)
            session.flush()
            if worker is None:
                _note_unasked(session, exchange, row)
            else:
                _make(session, exchange, worker, row)
    return len(rows)


def _next(session: Session, exchange: Exchange, transfer_id: UUID, *, overdue: bool) -> list[LocatePlanned]:
    """Plans that no other worker has in hand; `overdue`: only those that have waited too long."""
    theirs = select(LocatePlanned).where(LocatePlanned.transfer_id == transfer_id)
    if overdue:
        theirs = theirs.where(LocatePlanned.planned_at <= exchange.clock() - timedelta(days=OPEN_DAYS))
    in_order = theirs.order_by(col(LocatePlanned.line)).limit(STEP)
    return list(session.exec(in_order.with_for_update(skip_locked=True)))


def _make(session: Session, exchange: Exchange, worker: Worker, row: LocatePlanned) -> None:
    held: dict[str, Any] = json.loads(sealed.opened(exchange, PLANNED, row.sealed))
    given = {**held["asked"], "sources": tuple(held["asked"]["sources"])}
    asked = NewRequest(**given, authority=True, transfer_id=row.transfer_id)
    try:
        made = requests.ask_within(session, exchange, worker.actor, asked)
    except (FieldsRefusedError, NotNowError):
        _note_unasked(session, exchange, row)
        return
    repeated = sealed.seal(exchange, FILED, json.dumps(held["repeated"]))
    session.add(LocateFiled(request_id=made.id, transfer_id=row.transfer_id, line=row.line, sealed=repeated))
    session.flush()


def _note_unasked(session: Session, exchange: Exchange, row: LocatePlanned) -> None:
    """A request that became impossible since it was planned: the person is too old, or it waited too long."""
    planned_at = as_utc(row.planned_at).isoformat()
    journal.append(
        session, exchange, "locate.unasked", None, row.transfer_id, line=row.line, since=planned_at
    )


def progress(exchange: Exchange, actor: Actor, transfer_id: UUID) -> Progress | None:
    """How far the requests of one's own file are; None for a file that asked for nobody, or another's."""
    with reading(exchange.engine) as session:
        mine = Transfer.organization_id == actor.organization_id
        row = session.exec(select(Transfer).where(Transfer.id == transfer_id, mine)).first()
        if row is None or row.program != PROGRAM:
            return None
        of_file = col(LocatePlanned.transfer_id) == transfer_id
        to_make = session.exec(select(func.count()).where(of_file)).one()
        made = session.exec(select(func.count()).where(LocateFiled.transfer_id == transfer_id)).one()
        stopped = to_make > 0 and worker_of(session, exchange, row) is None
    return Progress(made, to_make, stopped) if made or to_make else None
