"""Drafts: resumed through any door of the organization, with the very bytes that are held."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from exchange.database import reading
from exchange.errors import (
    DigestMismatchError,
    DraftUnfinishedError,
    FileNameRefusedError,
    FileTooLargeError,
    PortalError,
    QuotaExceededError,
    SizeMismatchError,
    TransferBusyError,
    TransferNotFoundError,
)
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange, open_exchange
from exchange.transfers import delivery, intake
from exchange.transfers.intake import DRAFT_AFTER, Expected
from exchange.transfers.repository import TransferQuery
from roles.permissions import Role
from roles.policy import Channel
from tests.conftest import Clock
from tests.support.files import CONTENT, bytes_of, hand_in, listed, suspended
from tests.support.partners import Partner, make_partner

LARGE = bytes(range(256)) * 5 * 1024


def limited(exchange: Exchange, **settings: int) -> Exchange:
    return replace(exchange, settings=exchange.settings.model_copy(update=settings))


def drafts(exchange: Exchange, partner: Partner) -> list[tuple[str, int]]:
    return [(view.filename, view.size) for view in intake.drafts(exchange, partner.actor)]


def files(exchange: Exchange) -> list[Path]:
    return [path for path in exchange.settings.store.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", CONTENT, LARGE], ids=["empty", "small", "large"])
def test_a_draft_begun_at_one_door_is_finished_at_another(each_exchange: Exchange, content: bytes) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    draft = suspended(each_exchange, partner.through(Channel.SFTP), content)
    assert drafts(each_exchange, partner) == [("report.txt.part", len(content))]
    arriving = intake.resume(each_exchange, partner.through(Channel.API), draft.id)
    assert arriving.size == len(content)
    arriving.write(b"the rest")
    view = arriving.finish().transfer
    assert (view.id, view.channel) == (draft.id, "api")
    assert bytes_of(each_exchange, partner.actor, view) == content + b"the rest"
    assert drafts(each_exchange, partner) == []


def test_a_draft_may_be_suspended_many_times(exchange: Exchange, employer: Partner) -> None:
    draft = suspended(exchange, employer.actor, b"0")
    for number in range(1, 5):
        arriving = intake.resume(exchange, employer.actor, draft.id)
        arriving.write(str(number).encode() * 300_000)
        assert arriving.suspend().size == 1 + number * 300_000
    view = intake.hand_over(exchange, employer.actor, draft.id, "report.txt").transfer
    whole = b"0" + b"".join(str(number).encode() * 300_000 for number in range(1, 5))
    assert bytes_of(exchange, employer.actor, view) == whole
    assert view.sha256 == hashlib.sha256(whole).hexdigest()


@pytest.mark.parametrize("content", [b"", CONTENT, LARGE], ids=["empty", "small", "large"])
def test_renaming_a_whole_draft_hands_it_over(each_exchange: Exchange, content: bytes) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    draft = suspended(each_exchange, partner.actor, content)
    handed = intake.hand_over(each_exchange, partner.actor, draft.id, "report.txt")
    assert (handed.transfer.id, handed.transfer.filename) == (draft.id, "report.txt")
    assert handed.transfer.sha256 == hashlib.sha256(content).hexdigest()
    assert bytes_of(each_exchange, partner.actor, handed.transfer) == content
    with pytest.raises(TransferNotFoundError):
        intake.hand_over(each_exchange, partner.actor, draft.id, "report.txt")


def test_a_draft_can_be_renamed_and_thrown_away(exchange: Exchange, employer: Partner) -> None:
    draft = suspended(exchange, employer.actor)
    renamed = intake.rename_draft(exchange, employer.actor, draft.id, "other.part")
    assert (renamed.filename, renamed.size) == ("other.part", len(CONTENT))
    for refused in ("a/b.part", "x~12345678"):
        with pytest.raises(FileNameRefusedError):
            intake.rename_draft(exchange, employer.actor, draft.id, refused)
    with pytest.raises(FileNameRefusedError):
        intake.hand_over(exchange, employer.actor, draft.id, "..")
    intake.discard(exchange, employer.actor, draft.id)
    assert (drafts(exchange, employer), files(exchange)) == ([], [])


def test_a_draft_keeps_its_new_name_when_it_was_renamed_while_it_grew(
    exchange: Exchange, employer: Partner
) -> None:
    draft = suspended(exchange, employer.actor)
    arriving = intake.resume(exchange, employer.actor, draft.id)
    intake.rename_draft(exchange, employer.actor, draft.id, "renamed.part")
    arriving.write(LARGE)
    assert arriving.suspend().filename == "renamed.part"


ACTS: list[Callable[[Exchange, Partner, UUID], object]] = [
    lambda exchange, who, draft: intake.resume(exchange, who.actor, draft),
    lambda exchange, who, draft: intake.discard(exchange, who.actor, draft),
    lambda exchange, who, draft: intake.rename_draft(exchange, who.actor, draft, "x.part"),
    lambda exchange, who, draft: intake.hand_over(exchange, who.actor, draft, "x"),
]


@pytest.mark.parametrize(
    ("channel", "begun", "handed"),
    [
        (Channel.SFTP, "report.txt.part", "report.txt"),
        (Channel.SFTP, "report.FILEPART", "report"),
        (Channel.SFTP, ".part", ".part"),
        (Channel.SFTP, "report.txt", "report.txt"),
        (Channel.API, "report.tmp", "report.tmp"),
    ],
)
def test_a_draft_of_sftp_gets_its_final_name_from_whichever_door_finishes_it(
    exchange: Exchange, employer: Partner, channel: Channel, begun: str, handed: str
) -> None:
    draft = suspended(exchange, employer.through(channel), CONTENT, begun)
    assert (draft.filename, draft.final_name) == (begun, handed)
    view = intake.resume(exchange, employer.through(Channel.API), draft.id).finish().transfer
    assert (view.filename, view.final_name) == (handed, handed)


def test_a_draft_of_another_organization_is_not_there(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    draft = suspended(exchange, employer.actor)
    for act in ACTS:
        for identifier in (draft.id, uuid4()):
            with pytest.raises(TransferNotFoundError):
                act(exchange, other_employer, identifier)
    with pytest.raises(TransferNotFoundError):
        intake.set_modified(exchange, other_employer.actor, draft.id, 0)
    assert drafts(exchange, other_employer) == []
    assert drafts(exchange, employer) == [("report.txt.part", len(CONTENT))]


def test_what_was_handed_over_is_no_draft_any_more(exchange: Exchange, employer: Partner) -> None:
    view = hand_in(exchange, employer.actor).transfer
    for act in ACTS:
        with pytest.raises(TransferNotFoundError):
            act(exchange, employer, view.id)
    assert bytes_of(exchange, employer.actor, view) == CONTENT


def test_drafts_are_listed_by_program(exchange: Exchange, employer: Partner) -> None:
    suspended(exchange, employer.actor)
    assert len(intake.drafts(exchange, employer.actor, "files")) == 1
    assert intake.drafts(exchange, employer.actor, "lump-sum") == []
    assert [view.size for view in listed(exchange, employer.actor, status="DRAFT")] == [len(CONTENT)]


def test_a_draft_that_is_being_written_is_busy(exchange: Exchange, employer: Partner) -> None:
    draft = suspended(exchange, employer.actor)
    arriving = intake.resume(exchange, employer.actor, draft.id)
    for act in (ACTS[0], ACTS[1], ACTS[3]):
        with pytest.raises(TransferBusyError):
            act(exchange, employer, draft.id)
    assert arriving.finish().transfer.size == len(CONTENT)


def test_bytes_that_come_in_now_are_counted_for_everybody(exchange: Exchange, employer: Partner) -> None:
    with intake.begin(exchange, employer.actor, "files", "report.txt") as arriving:
        arriving.write(LARGE)
        arriving.write(LARGE)
        assert DRAFT_AFTER <= drafts(exchange, employer)[0][1] <= 2 * len(LARGE)
        arriving.suspend()
    assert drafts(exchange, employer) == [("report.txt", 2 * len(LARGE))]


@pytest.mark.parametrize(
    ("expected", "error"),
    [
        (Expected(size=10_001), FileTooLargeError),
        (Expected(size=9_001), QuotaExceededError),
    ],
)
def test_a_refused_announcement_leaves_the_draft_as_it_is(
    exchange: Exchange, employer: Partner, expected: Expected, error: type[PortalError]
) -> None:
    small = limited(exchange, max_file_size=10_000, quota=9_000)
    draft = suspended(small, employer.actor)
    with pytest.raises(error):
        intake.resume(small, employer.actor, draft.id, expected)
    assert drafts(exchange, employer) == [("report.txt.part", len(CONTENT))]


def test_a_draft_that_fills_the_space_can_still_be_handed_over(exchange: Exchange, employer: Partner) -> None:
    small = limited(exchange, quota=len(CONTENT))
    draft = suspended(small, employer.actor)
    with pytest.raises(QuotaExceededError):
        intake.begin(small, employer.actor, "files", "more.txt")
    arriving = intake.resume(small, employer.actor, draft.id, Expected(size=len(CONTENT)))
    assert arriving.finish().transfer.size == len(CONTENT)


@pytest.mark.parametrize(
    ("expected", "error"),
    [(Expected(size=3), SizeMismatchError), (Expected(sha256="0" * 64), DigestMismatchError)],
)
def test_a_resumed_file_that_is_not_the_one_announced_is_thrown_away(
    exchange: Exchange, employer: Partner, expected: Expected, error: type[PortalError]
) -> None:
    draft = suspended(exchange, employer.actor)
    with pytest.raises(error):
        intake.resume(exchange, employer.actor, draft.id, expected).finish()
    assert (drafts(exchange, employer), files(exchange)) == ([], [])


def test_a_draft_whose_container_is_lost_begins_again(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    draft = suspended(each_exchange, partner.actor, LARGE)
    [path.unlink() for path in files(each_exchange)]
    assert drafts(each_exchange, partner) == [("report.txt.part", 0)]
    with pytest.raises(TransferNotFoundError):
        intake.hand_over(each_exchange, partner.actor, draft.id, "report.txt")
    arriving = intake.resume(each_exchange, partner.actor, draft.id)
    assert arriving.size == 0
    arriving.write(CONTENT)
    assert bytes_of(each_exchange, partner.actor, arriving.finish().transfer) == CONTENT


def test_of_two_who_begin_a_lost_draft_again_one_does(exchange: Exchange, employer: Partner) -> None:
    draft = suspended(exchange, employer.actor)
    [path.unlink() for path in files(exchange)]
    with reading(exchange.engine) as session:
        seen_by_both = session.get_one(Transfer, draft.id)
    first = intake.resume(exchange, employer.actor, draft.id)
    with pytest.raises(TransferNotFoundError):
        intake._reopened(exchange, seen_by_both)
    assert len(files(exchange)) == 1
    first.abort()
    assert (drafts(exchange, employer), files(exchange)) == ([], [])


def published(exchange: Exchange, partner: Partner, content: bytes = LARGE) -> UUID:
    """A draft whose process died between its durable bytes and its row."""
    draft = suspended(exchange, partner.actor, content)
    with reading(exchange.engine) as session:
        blob_id = session.exec(select(Transfer.blob_id).where(Transfer.id == draft.id)).one()
    exchange.vault.finish_suspended(blob_id or "")
    return draft.id


def test_a_draft_whose_bytes_are_whole_already_can_be_finished(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    draft = published(each_exchange, partner)
    assert drafts(each_exchange, partner) == [("report.txt.part", len(LARGE))]
    expected = Expected(len(LARGE), hashlib.sha256(LARGE).hexdigest())
    arriving = intake.resume(each_exchange, partner.actor, draft, expected)
    arriving.write(b"")
    assert arriving.size == len(LARGE)
    assert bytes_of(each_exchange, partner.actor, arriving.finish().transfer) == LARGE


def test_a_draft_whose_bytes_are_whole_already_can_be_renamed_into_place(
    exchange: Exchange, employer: Partner
) -> None:
    draft = published(exchange, employer)
    view = intake.hand_over(exchange, employer.actor, draft, "report.txt").transfer
    assert bytes_of(exchange, employer.actor, view) == LARGE


def test_a_draft_whose_bytes_are_whole_already_takes_no_more_of_them(
    exchange: Exchange, employer: Partner
) -> None:
    draft = published(exchange, employer)
    with pytest.raises(PortalError, match="nothing of it was handed over"):
        intake.resume(exchange, employer.actor, draft).write(b"more")
    assert intake.resume(exchange, employer.actor, draft).suspend().size == len(LARGE)
    assert intake.resume(exchange, employer.actor, draft).finish().transfer.size == len(LARGE)


def test_a_draft_sent_anew_is_seen_by_nobody_and_ends_with_its_holder(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    draft = suspended(each_exchange, partner.actor).id
    held = intake.resume(each_exchange, partner.actor, draft)
    intake.replace(each_exchange, partner.actor, draft)
    assert drafts(each_exchange, partner) == []
    assert delivery.transfers(each_exchange, partner.actor, TransferQuery(status="DRAFT")).items == []
    for look in (delivery.transfer, intake.resume, intake.discard):
        with pytest.raises(TransferNotFoundError):
            look(each_exchange, partner.actor, draft)
    with pytest.raises(TransferNotFoundError):
        held.suspend()
    assert files(each_exchange) == []


def test_a_draft_sent_anew_counts_when_its_holder_finishes_it(exchange: Exchange, employer: Partner) -> None:
    draft = suspended(exchange, employer.actor, LARGE).id
    held = intake.resume(exchange, employer.actor, draft)
    intake.replace(exchange, employer.actor, draft)
    view = held.finish().transfer
    assert bytes_of(exchange, employer.actor, view) == LARGE
    with pytest.raises(TransferNotFoundError):
        intake.replace(exchange, employer.actor, draft)


def test_a_draft_sent_anew_that_nobody_holds_goes_at_once(exchange: Exchange, employer: Partner) -> None:
    intake.replace(exchange, employer.actor, suspended(exchange, employer.actor).id)
    assert (drafts(exchange, employer), files(exchange)) == ([], [])


@pytest.mark.parametrize("away", ["abort", "discard"])
def test_a_draft_whose_bytes_are_whole_already_can_be_thrown_away(
    exchange: Exchange, employer: Partner, away: str
) -> None:
    draft = published(exchange, employer)
    if away == "abort":
        intake.resume(exchange, employer.actor, draft).abort()
    else:
        intake.discard(exchange, employer.actor, draft)
    assert (drafts(exchange, employer), files(exchange)) == ([], [])


def test_of_two_who_finish_the_same_whole_draft_one_does(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    draft = published(each_exchange, partner)
    one, two, three = (intake.resume(each_exchange, partner.actor, draft) for _ in range(3))
    view = one.finish().transfer
    with pytest.raises(TransferNotFoundError):
        two.finish()
    with pytest.raises(TransferNotFoundError):
        three.abort()
    assert bytes_of(each_exchange, partner.actor, view) == LARGE


def test_a_draft_that_was_never_suspended_in_order_is_not_handed_over_unseen(
    exchange: Exchange, employer: Partner
) -> None:
    arriving = intake.begin(exchange, employer.actor, "files", "report.txt.part")
    arriving.write(LARGE)
    arriving._writer.release()  # as when its process is killed
    with pytest.raises(DraftUnfinishedError):
        intake.hand_over(exchange, employer.actor, arriving.id, "report.txt")
    assert drafts(exchange, employer)[0][1] >= DRAFT_AFTER


def test_drafts_are_there_for_a_process_that_starts_anew(
    exchange: Exchange, employer: Partner, clock: Clock
) -> None:
    draft = suspended(exchange, employer.actor, LARGE)
    another = open_exchange(exchange.settings, clock)
    arriving = intake.resume(another, employer.actor, draft.id)
    assert arriving.size == len(LARGE)
    arriving.suspend()
    another.dispose()
    assert intake.drafts(exchange, employer.actor)[0].changed_at - draft.changed_at < timedelta(minutes=5)
