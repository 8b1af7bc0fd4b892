"""What is due goes for good, with its bytes; what anybody still names stays."""

import os
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from exchange import journal
from exchange.accounts.sessions import open_session
from exchange.database import reading, transaction
from exchange.errors import ContentNotAvailableError
from exchange.models.accounts import WebSession
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers import delivery, draft_rows, intake, retention
from roles.permissions import Role
from roles.programs import PROGRAMS
from tests.conftest import Clock
from tests.support.files import bytes_of, hand_in, suspended
from tests.support.partners import Partner, make_partner


def files(exchange: Exchange) -> list[Path]:
    return [path for path in exchange.settings.store.rglob("*") if path.is_file()]


def age(exchange: Exchange, hours: float) -> None:
    """Let every blob be that old."""
    then = time.time() - hours * 3600
    for path in files(exchange):
        os.utime(path, (then, then))


def status(exchange: Exchange, transfer_id: UUID) -> str:
    with reading(exchange.engine) as session:
        return session.get_one(Transfer, transfer_id).status


def copy_to(exchange: Exchange, partner: Partner, transfer_id: UUID) -> UUID:
    """An outbound file that shares its bytes with an inbound one."""
    with transaction(exchange.engine) as session:
        fields = session.get_one(Transfer, transfer_id).model_dump()
        fields |= {"id": uuid4(), "direction": "outbound", "organization_id": partner.organization.id}
        session.add(Transfer(**(fields | {"kind": "copy", "status": "COMPLETE", "expires_at": None})))
    identifier = fields["id"]
    assert isinstance(identifier, UUID)
    return identifier


def test_a_file_whose_time_has_ended_is_purged_and_its_bytes_are_gone(
    each_exchange: Exchange, clock: Clock
) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    view = hand_in(each_exchange, partner.actor).transfer
    clock.forward(days=PROGRAMS["files"].retention_days - 1)
    assert (retention.sweep(each_exchange), status(each_exchange, view.id)) == (0, "RECEIVED")
    clock.forward(days=2)
    assert (retention.sweep(each_exchange), status(each_exchange, view.id)) == (1, "PURGED")
    assert files(each_exchange) == []
    with pytest.raises(ContentNotAvailableError, match="time of keeping"):
        delivery.content(each_exchange, partner.actor, view.id)
    assert delivery.ledger(each_exchange, partner.actor, view.id)[-1].what == "transfer.status: PURGED"
    assert (retention.sweep(each_exchange), journal.verify(each_exchange)) == (0, None)


def test_bytes_that_another_file_shares_stay(
    exchange: Exchange, employer: Partner, other_employer: Partner, clock: Clock
) -> None:
    view = hand_in(exchange, employer.actor, b"shared").transfer
    copy = delivery.transfer(exchange, other_employer.actor, copy_to(exchange, other_employer, view.id))
    clock.forward(days=61)
    assert retention.sweep(exchange) == 1
    assert bytes_of(exchange, other_employer.actor, copy) == b"shared"
    with transaction(exchange.engine) as session:
        session.get_one(Transfer, copy.id).expires_at = exchange.clock()
    assert (retention.sweep(exchange), files(exchange)) == (1, [])


def test_a_draft_that_nobody_resumed_for_a_week_is_dropped(each_exchange: Exchange, clock: Clock) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    suspended(each_exchange, partner.actor)
    clock.forward(days=each_exchange.settings.draft_days - 1)
    assert retention.sweep(each_exchange) == 0
    clock.forward(days=2)
    assert retention.sweep(each_exchange) == 1
    assert (intake.drafts(each_exchange, partner.actor), files(each_exchange)) == ([], [])


def test_an_old_draft_that_is_just_being_resumed_stays(
    exchange: Exchange, employer: Partner, clock: Clock
) -> None:
    draft = suspended(exchange, employer.actor)
    clock.forward(days=30)
    arriving = intake.resume(exchange, employer.actor, draft.id)
    assert retention.sweep(exchange) == 0
    assert arriving.finish().transfer.id == draft.id


def test_a_draft_that_was_handed_over_meanwhile_stays(exchange: Exchange, employer: Partner) -> None:
    view = hand_in(exchange, employer.actor).transfer
    with reading(exchange.engine) as session:
        blob_id = session.exec(select(Transfer.blob_id)).one()
    assert not draft_rows.drop(exchange, view.id, blob_id or "")
    assert bytes_of(exchange, employer.actor, view)


def test_a_draft_sent_anew_that_a_killed_process_left_is_dropped_without_a_trace(
    each_exchange: Exchange,
) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    draft = suspended(each_exchange, partner.actor)
    held = intake.resume(each_exchange, partner.actor, draft.id)
    intake.replace(each_exchange, partner.actor, draft.id)
    assert retention.sweep(each_exchange) == 0
    held._writer.release()  # as the kernel does for a killed process
    assert (retention.sweep(each_exchange), files(each_exchange)) == (1, [])
    with reading(each_exchange.engine) as session:
        assert session.get(Transfer, draft.id) is None
        told = session.exec(select(JournalEvent).where(JournalEvent.subject_id == draft.id)).all()
    assert told == [], "it never was a file"


def test_bytes_that_no_row_names_go_after_a_day(exchange: Exchange, employer: Partner) -> None:
    writer = exchange.vault.create()
    writer.write(b"nobody was told of this")
    writer.finish()
    kept = hand_in(exchange, employer.actor).transfer
    age(exchange, 23.5)
    assert (retention.sweep(exchange), len(files(exchange))) == (0, 2)
    age(exchange, 24.5)
    assert (retention.sweep(exchange), len(files(exchange))) == (1, 1)
    assert bytes_of(exchange, employer.actor, kept)


def test_a_small_upload_that_takes_longer_than_a_day_is_left_alone(
    exchange: Exchange, employer: Partner
) -> None:
    arriving = intake.begin(exchange, employer.actor, "files", "slow.txt")
    arriving.write(b"slow")
    age(exchange, 30)
    assert retention.sweep(exchange) == 0
    assert arriving.finish().transfer.size == 4


def test_sessions_that_ended_are_forgotten(exchange: Exchange, employer: Partner, clock: Clock) -> None:
    open_session(exchange, employer.actor, "test")
    retention.sweep(exchange)
    with reading(exchange.engine) as session:
        assert len(session.exec(select(WebSession)).all()) == 1
    clock.forward(hours=exchange.settings.absolute_hours)
    retention.sweep(exchange)
    with reading(exchange.engine) as session:
        assert session.exec(select(WebSession)).all() == []
