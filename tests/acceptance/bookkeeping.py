"""Looks into rows, journal and store of a stopped installation: nothing lost, nothing left over."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from deploy.installation import Source, opened
from exchange.database import reading
from exchange.models.accounts import Organization
from exchange.models.jobs import Job
from exchange.models.journal import JournalEvent
from exchange.models.reports import Reported
from exchange.models.transfers import ControlNumber, Direction, Finding, Receipt, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import receipts, retention
from tests.acceptance.running import Portal

_DAY = 25 * 3600


@contextmanager
def books_of(portal: Portal) -> Iterator[Exchange]:
    """The exchange of an installation."""
    where = {"home": str(portal.home), "database_url": portal.database, "synthetic_people": True}
    with opened(Source(None, where)) as exchange:
        yield exchange


def check_rows(portal: Portal) -> None:
    """Every row has what belongs to it, exactly once, and belongs to something."""
    with books_of(portal) as exchange, reading(exchange.engine) as session:
        transfers = {one.id: one for one in session.exec(select(Transfer))}
        handed = {
            one.id
            for one in transfers.values()
            if one.direction == Direction.INBOUND and one.status != Status.DRAFT
        }
        signed = {one.transfer_id: json.loads(one.jws) for one in session.exec(select(Receipt))}
        assert set(signed) == handed, "a receipt for each file handed over, and for nothing else"
        key = receipts.public_key_path(exchange.settings.receipt_key).read_bytes()
        for transfer_id, receipt in signed.items():
            claims = json.loads(receipts.check(receipt, key))
            assert claims["sha256"] == transfers[transfer_id].sha256
        _check_events(session, transfers, handed)
        _check_jobs(session, handed)
        for table in (Finding, ControlNumber):
            assert set(session.exec(select(table.transfer_id).distinct())) <= handed
        owners = set(session.exec(select(Organization.id)))
        assert {one.organization_id for one in transfers.values()} <= owners


def check_store(portal: Portal) -> int:
    """Every row's blob is there; once a day has passed, no other is. The number of those that were swept."""
    with books_of(portal) as exchange:
        with reading(exchange.engine) as session:
            named = set(session.exec(select(Transfer.blob_id).where(col(Transfer.blob_id).is_not(None))))
            named |= set(session.exec(select(Reported.blob_id).where(col(Reported.blob_id).is_not(None))))
        there = set(exchange.vault.ids())
        assert named <= there, f"bytes are lost: {named - there}"
        for blob_id in named:
            with reading(exchange.engine) as session:
                row = session.exec(select(Transfer).where(Transfer.blob_id == blob_id)).first()
            if row is not None and row.status != Status.DRAFT:
                reader = exchange.vault.open(blob_id or "")
                assert reader.size == row.size
                reader.close()
        _age(exchange.settings.store)
        retention.sweep(exchange)
        assert set(exchange.vault.ids()) == named, "blobs that no row names are swept, all others stay"
        return len(there - named)


def _check_events(session: Session, transfers: dict[Any, Transfer], handed: set[Any]) -> None:
    kinds = ("transfer.received", "transfer.issued")
    events = session.exec(select(JournalEvent).where(col(JournalEvent.kind).in_(kinds))).all()
    counted = Counter((event.kind, event.subject_id) for event in events)
    assert set(counted.values()) <= {1}, "each file is received, each answer issued once"
    assert {subject for kind, subject in counted if kind == "transfer.received"} == handed
    outbound = {one.id for one in transfers.values() if one.direction == Direction.OUTBOUND}
    assert {subject for kind, subject in counted if kind == "transfer.issued"} == outbound


def _check_jobs(session: Session, handed: set[Any]) -> None:
    jobs = session.exec(select(Job)).all()
    assert {job.transfer_id for job in jobs} == handed
    assert {job.state for job in jobs} == {"done"}, "nothing waits, nothing was given up"
    assert max(Counter((job.transfer_id, job.kind) for job in jobs).values()) == 1


def _age(store: Path) -> None:
    """Make every blob older than what retention leaves alone."""
    before = time.time() - _DAY
    for file in store.rglob("*"):
        if file.is_file():
            os.utime(file, (before, before))
