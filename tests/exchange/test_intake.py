"""Taking files in: nothing is seen before the end, a refused write ends it, space and names are minded."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from uuid import uuid4

import pytest
from sqlmodel import select

from exchange.database import reading, transaction
from exchange.errors import (
    DigestMismatchError,
    FileNameRefusedError,
    FileTooLargeError,
    NotPermittedError,
    PortalError,
    ProgramNotFoundError,
    QuotaExceededError,
    RecipientNotFoundError,
    SizeMismatchError,
    StoreUnavailableError,
    TransferAbortedError,
)
from exchange.models.jobs import Job
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers import intake
from exchange.transfers.intake import DRAFT_AFTER, Expected
from roles.permissions import Role
from roles.policy import Channel
from tests.support.files import CONTENT, bytes_of, hand_in, listed
from tests.support.partners import Partner, make_partner

LARGE = bytes(range(256)) * 5 * 1024  # 1.25 MiB: enough to become a draft


def limited(exchange: Exchange, **settings: int) -> Exchange:
    return replace(exchange, settings=exchange.settings.model_copy(update=settings))


def stored(exchange: Exchange) -> list[Path]:
    return [path for path in exchange.settings.store.rglob("*") if path.is_file()]


def nothing_is_left(exchange: Exchange, partner: Partner) -> bool:
    with reading(exchange.engine) as session:
        rows = session.exec(select(Transfer)).all()
    return not rows and not stored(exchange) and not intake.drafts(exchange, partner.actor)


@pytest.mark.parametrize("content", [b"", CONTENT, LARGE], ids=["empty", "small", "large"])
def test_a_file_handed_over_is_there_byte_for_byte(each_exchange: Exchange, content: bytes) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    handed = hand_in(each_exchange, partner.actor, content, program="lump-sum")
    view = handed.transfer
    assert (view.size, view.sha256, view.status) == (
        len(content),
        hashlib.sha256(content).hexdigest(),
        "RECEIVED",
    )
    assert (view.program, view.filename, view.direction) == ("lump-sum", "report.txt", "inbound")
    assert listed(each_exchange, partner.actor) == [view]
    assert bytes_of(each_exchange, partner.actor, view) == content


def test_a_hand_over_is_one_fact_with_its_event_and_its_first_job(
    exchange: Exchange, employer: Partner
) -> None:
    view = hand_in(exchange, employer.through(Channel.API)).transfer
    with reading(exchange.engine) as session:
        event = session.exec(select(JournalEvent).where(JournalEvent.subject_id == view.id)).one()
        job = session.exec(select(Job)).one()
    assert (event.kind, event.channel, event.account_id) == (
        "transfer.received",
        "api",
        employer.account.id,
    )
    assert json.loads(event.facts) == {"program": "files", "size": view.size, "sha256": view.sha256}
    assert (job.kind, job.transfer_id) == ("scan", view.id)


def test_nothing_is_seen_before_the_end(exchange: Exchange, employer: Partner) -> None:
    with intake.begin(exchange, employer.actor, "files", "report.txt") as arriving:
        arriving.write(LARGE)
        assert listed(exchange, employer.actor) == []
        view = arriving.finish().transfer
    assert listed(exchange, employer.actor) == [view]
    assert intake.drafts(exchange, employer.actor) == []


def test_pieces_of_any_kind_and_size_make_one_file(exchange: Exchange, employer: Partner) -> None:
    arriving = intake.begin(exchange, employer.actor, "files", "report.txt")
    for piece in (b"", bytearray(b"one,"), memoryview(b"two,"), b"three"):
        arriving.write(piece)
    assert arriving.size == 13
    assert (arriving.filename, arriving.program) == ("report.txt", "files")
    view = arriving.finish().transfer
    assert (view.id, bytes_of(exchange, employer.actor, view)) == (arriving.id, b"one,two,three")


@pytest.mark.parametrize("content", [b"", CONTENT, LARGE], ids=["empty", "small", "large"])
def test_an_abort_leaves_nothing(each_exchange: Exchange, content: bytes) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    with intake.begin(each_exchange, partner.actor, "files", "report.txt") as arriving:
        arriving.write(content)
    arriving.abort()
    assert nothing_is_left(each_exchange, partner)


def test_an_error_in_the_middle_leaves_nothing(exchange: Exchange, employer: Partner) -> None:
    def break_down() -> None:
        with intake.begin(exchange, employer.actor, "files", "report.txt") as arriving:
            arriving.write(LARGE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_down()
    assert nothing_is_left(exchange, employer)


def test_after_its_end_a_transfer_takes_and_gives_nothing_more(exchange: Exchange, employer: Partner) -> None:
    arriving = intake.begin(exchange, employer.actor, "files", "report.txt")
    arriving.finish()
    for more in (lambda: arriving.write(b"x"), arriving.finish, arriving.suspend):
        with pytest.raises(TransferAbortedError):
            more()
    arriving.abort()
    assert len(listed(exchange, employer.actor)) == 1


@pytest.mark.parametrize(
    ("limits", "error"),
    [({"max_file_size": len(LARGE)}, FileTooLargeError), ({"quota": len(LARGE)}, QuotaExceededError)],
)
def test_a_refused_write_ends_the_transfer_whatever_the_client_does_next(
    exchange: Exchange, employer: Partner, limits: dict[str, int], error: type[PortalError]
) -> None:
    arriving = intake.begin(limited(exchange, **limits), employer.actor, "files", "report.txt")
    arriving.write(LARGE)
    with pytest.raises(error):
        arriving.write(b"x")
    for more in (lambda: arriving.write(b"x"), arriving.finish):
        with pytest.raises(TransferAbortedError):
            more()
    assert nothing_is_left(exchange, employer)


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)


def test_a_small_upload_that_the_store_does_not_take_leaves_nothing(
    exchange: Exchange, employer: Partner
) -> None:
    arriving = intake.begin(exchange, employer.actor, "files", "report.txt")
    arriving.write(CONTENT)
    with full_disk(1024), pytest.raises(StoreUnavailableError):
        arriving.finish()
    with pytest.raises(TransferAbortedError):
        arriving.finish()
    assert nothing_is_left(exchange, employer)


def test_a_large_upload_that_the_store_does_not_take_stays_a_draft(
    exchange: Exchange, employer: Partner
) -> None:
    arriving = intake.begin(exchange, employer.actor, "files", "report.txt")
    arriving.write(LARGE[:DRAFT_AFTER])
    with full_disk(2 * DRAFT_AFTER), pytest.raises(StoreUnavailableError):
        arriving.write(LARGE * 3)
    with pytest.raises(TransferAbortedError):
        arriving.finish()
    held = intake.drafts(exchange, employer.actor)[0].size
    again = intake.resume(exchange, employer.actor, arriving.id)
    assert again.size == held >= DRAFT_AFTER
    whole = LARGE[:DRAFT_AFTER] + LARGE * 3
    again.write(whole[held:])
    assert bytes_of(exchange, employer.actor, again.finish().transfer) == whole


def test_a_draft_has_its_final_name_only_when_it_is_durable_and_a_small_file_when_it_is_acknowledged(
    exchange: Exchange, employer: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    for content, folder in ((LARGE, "drafts"), (CONTENT, "blobs")):
        synced.clear()
        assert hand_in(exchange, employer.actor, content)
        [file] = [one for one in synced if one.name in set(exchange.vault.ids())]
        assert file.relative_to(exchange.settings.store).parts[0] == folder
        assert exchange.settings.store / "blobs" / file.name[:2] in synced[synced.index(file) :]


def test_a_large_upload_that_cannot_be_finished_now_can_be_later(
    exchange: Exchange, employer: Partner
) -> None:
    arriving = intake.begin(exchange, employer.actor, "files", "report.txt")
    arriving.write(LARGE)
    with full_disk(1024), pytest.raises(StoreUnavailableError):
        arriving.finish()
    again = intake.resume(exchange, employer.actor, arriving.id)
    again.write(LARGE[again.size :])
    assert bytes_of(exchange, employer.actor, again.finish().transfer) == LARGE


def test_space_is_the_organizations_and_purged_files_give_it_back(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    small = limited(exchange, quota=100)
    view = hand_in(small, employer.actor, b"x" * 100).transfer
    with pytest.raises(QuotaExceededError):
        intake.begin(small, employer.actor, "files", "more.txt")
    assert hand_in(small, other_employer.actor, b"x" * 100)
    with transaction(exchange.engine) as session:
        session.get_one(Transfer, view.id).status = "PURGED"
    assert hand_in(small, employer.actor, b"x" * 100)


@pytest.mark.parametrize(
    ("size", "error"), [(101, QuotaExceededError), (201, FileTooLargeError), (2**70, FileTooLargeError)]
)
def test_what_is_announced_too_large_is_refused_before_its_first_byte(
    exchange: Exchange, employer: Partner, size: int, error: type[PortalError]
) -> None:
    small = limited(exchange, quota=100, max_file_size=200)
    with pytest.raises(error):
        intake.begin(small, employer.actor, "files", "report.txt", Expected(size=size))
    assert nothing_is_left(exchange, employer)


def test_a_file_as_announced_is_taken(exchange: Exchange, employer: Partner) -> None:
    expected = Expected(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    arriving = intake.begin(exchange, employer.actor, "files", "report.txt", expected)
    arriving.write(CONTENT)
    assert arriving.finish().transfer.size == len(CONTENT)


@pytest.mark.parametrize(
    ("expected", "error"),
    [
        (Expected(size=len(CONTENT) + 1), SizeMismatchError),
        (Expected(size=0), SizeMismatchError),
        (Expected(sha256=hashlib.sha256(b"other").hexdigest()), DigestMismatchError),
    ],
)
def test_a_file_that_is_not_the_one_announced_is_refused_at_its_end(
    exchange: Exchange, employer: Partner, expected: Expected, error: type[PortalError]
) -> None:
    arriving = intake.begin(exchange, employer.actor, "files", "report.txt", expected)
    arriving.write(CONTENT)
    with pytest.raises(error):
        arriving.finish()
    assert nothing_is_left(exchange, employer)


@pytest.mark.parametrize("program", ["", "../files", "LUMP-SUM", "\0"])
def test_an_unknown_program_is_not_there(exchange: Exchange, employer: Partner, program: str) -> None:
    with pytest.raises(ProgramNotFoundError):
        intake.begin(exchange, employer.actor, program, "report.txt")


def test_a_program_of_others_is_refused(exchange: Exchange, employer: Partner) -> None:
    with pytest.raises(NotPermittedError):
        intake.begin(exchange, employer.actor, "data-match", "report.txt")


def test_a_name_that_misleads_is_refused_at_the_beginning_and_at_the_end(
    exchange: Exchange, employer: Partner
) -> None:
    with pytest.raises(FileNameRefusedError):
        intake.begin(exchange, employer.actor, "files", "../report.txt")
    assert nothing_is_left(exchange, employer)


def test_ocss_addresses_a_file_to_an_organization(
    exchange: Exchange, employer: Partner, ocss: Partner
) -> None:
    with intake.begin(
        exchange, ocss.actor, "files", "letter.txt", recipient_id=employer.organization.id
    ) as arriving:
        view = arriving.finish().transfer
    with reading(exchange.engine) as session:
        assert session.get_one(Transfer, view.id).recipient_id == employer.organization.id


def test_a_recipient_that_cannot_be_written_to_is_not_found(
    exchange: Exchange, employer: Partner, ocss: Partner
) -> None:
    with pytest.raises(RecipientNotFoundError):
        intake.begin(exchange, ocss.actor, "files", "letter.txt", recipient_id=uuid4())
    with transaction(exchange.engine) as session:
        session.merge(employer.organization).status = "suspended"
    with pytest.raises(RecipientNotFoundError):
        intake.begin(exchange, ocss.actor, "files", "letter.txt", recipient_id=employer.organization.id)


def test_a_partner_cannot_address_a_file_to_another(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    to = other_employer.organization.id
    with pytest.raises(NotPermittedError):
        intake.begin(exchange, employer.actor, "files", "letter.txt", recipient_id=to)


@pytest.mark.parametrize(("seconds", "year"), [(0, 1970), (-1, 1970), (1_600_000_000, 2020), (2.0**70, 2100)])
def test_the_time_a_client_gives_its_file_is_kept(
    exchange: Exchange, employer: Partner, seconds: float, year: int
) -> None:
    view = hand_in(exchange, employer.actor).transfer
    intake.set_modified(exchange, employer.actor, view.id, seconds)
    assert listed(exchange, employer.actor)[0].modified_at.year == year
