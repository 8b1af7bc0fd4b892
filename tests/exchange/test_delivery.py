"""Giving files out: only one's own, in order, page by page, and every opening stands in the journal."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from exchange.accounts.addressees import addressees
from exchange.database import insert_now, transaction
from exchange.errors import (
    BlobMissingError,
    ContentNotAvailableError,
    NotPermittedError,
    ProgramNotFoundError,
    RequestInvalidError,
    TransferNotFoundError,
    VaultDamagedError,
)
from exchange.models import transfers as models
from exchange.models.transfers import Direction, Status, Transfer
from exchange.registry.bulk import insert_rows, table_of
from exchange.runtime import Exchange
from exchange.transfers import delivery, findings_at_rest, repository
from exchange.transfers.delivery import TransferQuery
from roles.permissions import Role
from roles.policy import Actor, Channel
from schemas.findings import Finding
from tests.support.files import CONTENT, hand_in, listed, suspended
from tests.support.partners import Partner, make_partner


def set_row(exchange: Exchange, transfer_id: UUID, **values: object) -> None:
    with transaction(exchange.engine) as session:
        row = session.get_one(Transfer, transfer_id)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def answer(exchange: Exchange, partner: Partner, answered: UUID, kind: str, filename: str) -> UUID:
    now, identifier = exchange.clock(), uuid4()
    with transaction(exchange.engine) as session:
        session.add(
            Transfer(
                id=identifier,
                organization_id=partner.organization.id,
                direction="outbound",
                channel="portal",
                program="files",
                filename=filename,
                kind=kind,
                status="COMPLETE",
                answers_to=answered,
                created_at=now,
                changed_at=now,
            )
        )
    return identifier


def all_pages(exchange: Exchange, actor: Actor, limit: int) -> list[UUID]:
    seen, cursor = [], None
    while True:
        page = delivery.transfers(exchange, actor, TransferQuery(cursor=cursor, limit=limit))
        seen += [view.id for view in page.items]
        cursor = page.next
        if cursor is None:
            return seen


def test_lists_are_newest_first_and_show_no_drafts(exchange: Exchange, employer: Partner) -> None:
    views = [hand_in(exchange, employer.actor, filename=f"{n}.txt").transfer for n in range(3)]
    suspended(exchange, employer.actor)
    assert listed(exchange, employer.actor) == views[::-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_show_each_transfer_once_even_at_equal_times(exchange: Exchange, limit: int) -> None:
    employer = make_partner(exchange, Role.EMPLOYER)
    same = exchange.clock()
    ids = [hand_in(exchange, employer.actor).transfer.id for _ in range(7)]
    for identifier in ids[:5]:
        set_row(exchange, identifier, created_at=same)
    seen = all_pages(exchange, employer.actor, limit)
    assert sorted(map(str, seen)) == sorted(map(str, ids))


def test_pages_are_stable_on_both_databases(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    first = each_exchange.clock()
    for number in range(6):
        view = hand_in(each_exchange, partner.actor).transfer
        set_row(each_exchange, view.id, created_at=first + timedelta(microseconds=number // 3))
    whole = [view.id for view in listed(each_exchange, partner.actor)]
    assert all_pages(each_exchange, partner.actor, 2) == whole
    assert len(set(whole)) == 6


def test_a_limit_is_kept_between_one_and_a_thousand(exchange: Exchange, employer: Partner) -> None:
    for _ in range(2):
        hand_in(exchange, employer.actor)
    assert [len(listed(exchange, employer.actor, limit=limit)) for limit in (-1, 0, 1, 10**9)] == [1, 1, 1, 2]


def test_lists_can_be_narrowed(exchange: Exchange, employer: Partner) -> None:
    sent = hand_in(exchange, employer.actor, program="lump-sum").transfer
    answered = answer(exchange, employer, sent.id, "result", "report.txt.res")
    for query, expected in (
        ({"direction": "inbound"}, [sent.id]),
        ({"direction": "outbound"}, [answered]),
        ({"program": "lump-sum"}, [sent.id]),
        ({"status": "RECEIVED"}, [sent.id]),
        ({"status": "PURGED"}, []),
    ):
        assert [view.id for view in listed(exchange, employer.actor, **query)] == expected


WRONG: list[dict[str, str]] = [
    {"status": "LOST"},
    {"status": "\0"},
    {"direction": "upwards"},
    {"cursor": "nonsense"},
    {"cursor": "20240101000000000000_x"},
    {"cursor": "99999999999999999999_" + "0" * 32},
    {"cursor": "\0"},
]


def test_what_can_never_be_found_is_refused(each_exchange: Exchange) -> None:
    actor = make_partner(each_exchange, Role.EMPLOYER).actor
    for query in WRONG:
        with pytest.raises(RequestInvalidError):
            listed(each_exchange, actor, **query)
    for program in ("nonsense", "\0"):
        with pytest.raises(ProgramNotFoundError):
            listed(each_exchange, actor, program=program)


ASKED: list[Callable[[Exchange, Actor, UUID], object]] = [
    delivery.transfer,
    delivery.content,
    delivery.findings,
    delivery.receipt,
    delivery.ledger,
]


def test_what_is_anothers_is_as_if_it_were_not_there(
    exchange: Exchange, employer: Partner, other_employer: Partner, ocss: Partner
) -> None:
    view = hand_in(exchange, employer.actor).transfer
    for asked in ASKED:
        for actor, identifier in (
            (other_employer.actor, view.id),
            (ocss.actor, view.id),
            (employer.actor, uuid4()),
        ):
            with pytest.raises(TransferNotFoundError):
                asked(exchange, actor, identifier)
    assert listed(exchange, other_employer.actor) == []


def test_any_range_of_the_content_is_given(exchange: Exchange, employer: Partner) -> None:
    whole = bytes(range(256)) * 5000
    view = hand_in(exchange, employer.actor, whole).transfer
    content = delivery.content(exchange, employer.actor, view.id)
    assert (content.size, content.view.id) == (len(whole), view.id)
    for start, stop in ((0, 1), (262_140, 262_150), (1_048_570, len(whole)), (len(whole), len(whole))):
        assert content.read(start, stop - start) == whole[start:stop]
        assert b"".join(content.pieces(start, stop)) == whole[start:stop]
    assert b"".join(content.pieces()) == whole
    content.close()


def test_opening_a_file_stands_in_its_ledger(exchange: Exchange, employer: Partner) -> None:
    view = hand_in(exchange, employer.through(Channel.SFTP)).transfer
    delivery.content(exchange, employer.through(Channel.API), view.id).close()
    entries = delivery.ledger(exchange, employer.actor, view.id)
    who = f"{employer.account.name}, {employer.organization.name}"
    assert [(entry.what, entry.who, entry.channel) for entry in entries] == [
        ("transfer.received", who, "sftp"),
        ("transfer.downloaded", who, "api"),
    ]
    assert entries[0].at <= entries[1].at


def test_the_ledger_names_the_portal_and_its_states(exchange: Exchange, employer: Partner) -> None:
    view = hand_in(exchange, employer.actor).transfer
    with transaction(exchange.engine) as session:
        delivery.journal.append(session, exchange, "transfer.status", None, view.id, status="SCANNING")
    last = delivery.ledger(exchange, employer.actor, view.id)[-1]
    assert (last.what, last.who, last.channel) == ("transfer.status: SCANNING", "The portal", "portal")


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (Status.DRAFT, "still being sent"),
        (Status.QUARANTINED, "malware"),
        (Status.EXPIRED, "has ended"),
        (Status.PURGED, "has ended"),
    ],
)
def test_withheld_content_says_why(exchange: Exchange, employer: Partner, status: Status, why: str) -> None:
    view = hand_in(exchange, employer.actor).transfer
    end = None if status is Status.DRAFT else exchange.clock()  # only a draft that was replaced has one
    set_row(exchange, view.id, status=status.value, expires_at=end)
    with pytest.raises(ContentNotAvailableError, match=why):
        delivery.content(exchange, employer.actor, view.id)


def test_a_file_without_bytes_or_with_lost_ones_is_not_given_out(
    exchange: Exchange, employer: Partner
) -> None:
    view = hand_in(exchange, employer.actor).transfer
    set_row(exchange, view.id, blob_id="0" * 32)
    with pytest.raises(BlobMissingError):
        delivery.content(exchange, employer.actor, view.id)
    set_row(exchange, view.id, blob_id=None)
    with pytest.raises(ContentNotAvailableError, match="it has none"):
        delivery.content(exchange, employer.actor, view.id)
    assert [entry.what for entry in delivery.ledger(exchange, employer.actor, view.id)] == [
        "transfer.received"
    ]


def test_a_container_put_in_the_place_of_another_is_not_given_out(
    exchange: Exchange, employer: Partner
) -> None:
    mine, other = hand_in(exchange, employer.actor).transfer, exchange.vault.create()
    other.write(b"as whole as the first, but not what was handed over")
    set_row(exchange, mine.id, blob_id=other.finish().blob_id)
    with pytest.raises(VaultDamagedError):
        delivery.content(exchange, employer.actor, mine.id)


def test_what_cannot_be_journalled_is_not_given_out(exchange: Exchange, employer: Partner) -> None:
    view = hand_in(exchange, employer.actor).transfer
    with transaction(exchange.engine) as session:
        session.connection().exec_driver_sql("DELETE FROM journal_head")
    with pytest.raises(Exception, match="No row was found"):
        delivery.content(exchange, employer.actor, view.id)


def test_findings_come_in_order_and_page_by_page(exchange: Exchange, employer: Partner) -> None:
    view = hand_in(exchange, employer.actor).transfer
    with transaction(exchange.engine) as session:
        found = [
            Finding(
                number, 0 if number == 1 else 10, 18, "ssn", "V004", "***-**-1234", "an SSN", "Not an SSN."
            )
            for number in range(1, 6)
        ]
        rows = findings_at_rest.sealed(exchange, view.id, found)
        insert_rows(session, table_of(models.Finding), findings_at_rest.COLUMNS, rows)
    page = delivery.findings(exchange, employer.actor, view.id, limit=2)
    assert [(one.line, one.columns) for one in page.items] == [(1, ""), (2, "10-18")]
    rest = delivery.findings(exchange, employer.actor, view.id, page.next, limit=3)
    assert ([one.line for one in rest.items], rest.next) == ([3, 4, 5], None)


@pytest.mark.parametrize("cursor", ["x", "-1", "1" * 30, "\0", "1.5"])
def test_a_cursor_of_findings_that_was_not_given_is_refused(
    exchange: Exchange, employer: Partner, cursor: str
) -> None:
    view = hand_in(exchange, employer.actor).transfer
    with pytest.raises(RequestInvalidError):
        delivery.findings(exchange, employer.actor, view.id, cursor)


def test_answers_are_found_by_what_they_answer(exchange: Exchange, employer: Partner) -> None:
    sent = hand_in(exchange, employer.actor).transfer
    for kind, name in (("result", "b.res"), ("findings", "a.findings.csv")):
        answer(exchange, employer, sent.id, kind, name)
    found = delivery.answers(exchange, employer.actor, sent.id)
    assert [(view.filename, view.answers_to) for view in found] == [
        ("a.findings.csv", sent.id),
        ("b.res", sent.id),
    ]


def test_a_match_of_anothers_file_does_not_tell_whose(
    exchange: Exchange, employer: Partner, bank: Partner
) -> None:
    sent = hand_in(exchange, bank.actor).transfer
    received = answer(exchange, employer, sent.id, "inquiry", "match.txt")
    assert delivery.transfer(exchange, employer.actor, received).answers_to is None
    with pytest.raises(TransferNotFoundError):
        delivery.receipt(exchange, employer.actor, received)


MEMBERS = {
    "id",
    "program",
    "filename",
    "size",
    "sha256",
    "status",
    "direction",
    "channel",
    "created_at",
    "records",
    "findings_count",
    "answers_to",
    "scan",
}


def test_a_transfer_as_json_has_the_members_of_the_contract(exchange: Exchange, employer: Partner) -> None:
    told = hand_in(exchange, employer.actor).transfer.as_json()
    assert set(told) == MEMBERS
    assert told["created_at"].endswith("Z")
    assert told["size"] == len(CONTENT)


def names(exchange: Exchange, partner: Partner, direction: Direction = Direction.INBOUND) -> list[str]:
    return [entry.name for entry in delivery.folder(exchange, partner.actor, direction, "files")]


def test_in_a_folder_the_newest_keeps_its_name_and_older_ones_are_told_apart(
    each_exchange: Exchange,
) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    old, middle, new = (hand_in(each_exchange, partner.actor).transfer.id for _ in range(3))
    assert names(each_exchange, partner) == [
        "report.txt",
        f"report.txt~{middle.hex[:8]}",
        f"report.txt~{old.hex[:8]}",
    ]
    for name, identifier in zip(names(each_exchange, partner), (new, middle, old), strict=True):
        entry = delivery.folder_entry(each_exchange, partner.actor, Direction.INBOUND, "files", name)
        assert (entry.name, entry.view.id) == (name, identifier)


def test_a_name_that_no_folder_shows_is_not_found(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    hand_in(each_exchange, partner.actor)
    for name in ("other.txt", "report.txt~00000000", "", "\0", "\ud800", "x" * 9_999, "report.txt\u202e"):
        with pytest.raises(TransferNotFoundError):
            delivery.folder_entry(each_exchange, partner.actor, Direction.INBOUND, "files", name)


def test_a_folder_shows_its_program_direction_and_drafts_and_nothing_that_is_gone(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    hand_in(exchange, employer.actor, program="lump-sum")
    hand_in(exchange, other_employer.actor)
    gone = hand_in(exchange, employer.actor, filename="gone.txt").transfer
    set_row(exchange, gone.id, status="PURGED")
    suspended(exchange, employer.actor)
    answer(exchange, employer, gone.id, "result", "gone.txt.res")
    assert names(exchange, employer) == ["report.txt.part"]
    assert names(exchange, employer, Direction.OUTBOUND) == ["gone.txt.res"]


def test_receipts_stay_when_their_files_are_gone(exchange: Exchange, employer: Partner) -> None:
    views = [hand_in(exchange, employer.actor).transfer for _ in range(2)]
    set_row(exchange, views[0].id, status="PURGED")
    suspended(exchange, employer.actor)
    entries = list(delivery.receipts(exchange, employer.actor))
    assert [entry.name for entry in entries] == ["report.txt", f"report.txt~{views[0].id.hex[:8]}"]
    signed = [delivery.receipt(exchange, employer.actor, view.id) for view in reversed(views)]
    assert [entry.signed for entry in entries] == signed
    assert [delivery.receipt_named(exchange, employer.actor, entry.name) for entry in entries] == entries


def test_receipts_of_all_programs_are_listed_newest_first_and_only_ones_own(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    programs = ("files", "lump-sum", "files", "lump-sum")
    own = [hand_in(exchange, employer.actor, program=program).transfer for program in programs]
    theirs = hand_in(exchange, other_employer.actor, filename="theirs.txt").transfer
    listed = list(delivery.receipts(exchange, employer.actor))
    assert [one.signed for one in listed] == [
        delivery.receipt(exchange, employer.actor, view.id) for view in reversed(own)
    ]
    newest, *older = (one.name for one in listed)
    assert (newest, older) == ("report.txt", [f"report.txt~{view.id.hex[:8]}" for view in own[-2::-1]])
    assert delivery.receipt_named(exchange, employer.actor, older[1]) == listed[2]
    for name in ("theirs.txt", f"theirs.txt~{theirs.id.hex[:8]}", "report.txt~00000000", "\0"):
        with pytest.raises(TransferNotFoundError):
            delivery.receipt_named(exchange, employer.actor, name)


def test_receipts_are_read_page_by_page(each_exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "RECEIPTS_AT_ONCE", 2)
    actor = make_partner(each_exchange, Role.EMPLOYER).actor
    handed = [hand_in(each_exchange, actor, filename=f"{number}.txt").transfer for number in range(5)]
    listed = list(delivery.receipts(each_exchange, actor))
    assert [one.name for one in listed] == [view.filename for view in reversed(handed)]
    assert delivery.receipt_named(each_exchange, actor, "0.txt") == listed[-1]


def test_an_organization_sees_its_space_with_drafts_counted(exchange: Exchange, employer: Partner) -> None:
    hand_in(exchange, employer.actor)
    suspended(exchange, employer.actor)
    assert delivery.space(exchange, employer.actor) == delivery.Space(
        exchange.settings.quota, 2 * len(CONTENT)
    )


def test_only_ocss_lists_whom_it_may_address_and_the_suspended_are_not_among_them(
    exchange: Exchange, employer: Partner, other_employer: Partner, ocss: Partner
) -> None:
    with transaction(exchange.engine) as session:
        session.merge(other_employer.organization).status = "suspended"
    assert [one.id for one in addressees(exchange, ocss.actor)] == [employer.organization.id]
    with pytest.raises(NotPermittedError):
        addressees(exchange, employer.actor)


FINDS: dict[str, Callable[[Exchange, Actor, str], object]] = {
    "file": lambda exchange, actor, name: delivery.folder_entry(
        exchange, actor, Direction.INBOUND, "files", name
    ),
    "receipt": delivery.receipt_named,
}


@pytest.mark.parametrize("find", FINDS.values(), ids=FINDS)
def test_to_find_one_name_takes_no_longer_in_a_folder_of_many(
    exchange: Exchange, employer: Partner, find: Callable[[Exchange, Actor, str], object]
) -> None:
    """Counted in steps of SQLite's machine: an SFTP client asks for the name of every file it sends."""
    view = hand_in(exchange, employer.actor, filename="mine.txt").transfer
    few = steps(exchange, lambda: find(exchange, employer.actor, "mine.txt"))
    with transaction(exchange.engine) as session:
        row = session.get_one(Transfer, view.id).model_dump()
        jws = session.get_one(models.Receipt, view.id).jws
        for number in range(300):
            other = row | {"id": uuid4(), "filename": f"other-{number}.txt"}
            insert_now(session, Transfer, **other)
            insert_now(session, models.Receipt, transfer_id=other["id"], jws=jws)
    assert steps(exchange, lambda: find(exchange, employer.actor, "mine.txt")) < 2 * few


def steps(exchange: Exchange, find: Callable[[], object]) -> int:
    taken = itertools.count()
    with exchange.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: next(taken) and None, 1)
    find()
    driver.set_progress_handler(None, 0)
    return next(taken)
