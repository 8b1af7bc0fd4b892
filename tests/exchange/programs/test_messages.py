"""Messages by SFTP: one file, one message, whatever it waits for and whoever is killed meanwhile."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from exchange import folders
from exchange.messages.reading import opened
from exchange.models.transfers import Direction, Status
from exchange.runtime import Exchange
from exchange.transfers import delivery, pipeline
from exchange.transfers.views import TransferView
from roles.organizations import OrganizationKind
from roles.permissions import Role
from roles.policy import Actor, Channel
from tests.conftest import Clock
from tests.exchange.test_multistate import let_act
from tests.support.correspondence import BODY, SUBJECT, inbox, write
from tests.support.files import bytes_of, hand_in, listed
from tests.support.partners import Partner, make_partner

Put = Callable[..., UUID]


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


@pytest.fixture
def put(exchange: Exchange, employer: Partner) -> Put:
    """Hands a message over by SFTP; a file's content stands there as it is."""

    def put(message: object, name: str = "question.json", actor: Actor | None = None) -> UUID:
        content = message if isinstance(message, bytes) else json.dumps(message).encode()
        by = actor or employer.through(Channel.SFTP)
        return hand_in(exchange, by, content, name, "messages").transfer.id

    return put


def new(**more: object) -> dict[str, object]:
    filled = {"to": "KS", "topic": "general", "classification": "none", "subject": SUBJECT, "body": BODY}
    return filled | more


def work(exchange: Exchange) -> None:
    while pipeline.run_next(exchange, "test"):
        pass


def status(exchange: Exchange, employer: Partner, transfer_id: UUID) -> str:
    return delivery.transfer(exchange, employer.actor, transfer_id).status


def answers(exchange: Exchange, employer: Partner) -> dict[str, TransferView]:
    return {one.filename: one for one in listed(exchange, employer.actor, direction="outbound")}


def acknowledged(exchange: Exchange, employer: Partner, name: str = "question.json") -> dict[str, Any]:
    view = answers(exchange, employer)[f"{name}.ack.json"]
    said: dict[str, Any] = json.loads(bytes_of(exchange, employer.actor, view))
    return said


def found(exchange: Exchange, employer: Partner, transfer_id: UUID) -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in delivery.findings(exchange, employer.actor, transfer_id).items]


def test_a_file_is_a_message_and_its_answer_tells_which(
    exchange: Exchange, employer: Partner, state: Partner, put: Put
) -> None:
    put(new())
    work(exchange)
    (line,) = inbox(exchange, state.actor)
    said = acknowledged(exchange, employer)
    assert (said["thread"], said["status"]) == (str(line.id), "COMPLETE")
    (message,) = opened(exchange, state.actor, line.id).messages
    assert (str(message.id), message.document and message.document.body) == (said["message"], BODY)
    put({"thread": said["thread"], "body": "And since when?"}, "more.json")
    work(exchange)
    assert len(opened(exchange, state.actor, line.id).messages) == 2
    assert set(answers(exchange, employer)) == {"question.json.ack.json", "more.json.ack.json"}


def test_a_message_waits_for_its_files_which_are_not_answered(
    exchange: Exchange, employer: Partner, state: Partner, put: Put, clock: Clock
) -> None:
    transfer_id = put(new(attachments=["a.pdf", "b.json.txt"]))
    put(b"first", "a.pdf")
    work(exchange)
    assert (status(exchange, employer, transfer_id), inbox(exchange, state.actor)) == ("PROCESSING", [])
    put(b"second", "b.json.txt")
    clock.forward(minutes=2)
    work(exchange)
    (line,) = inbox(exchange, state.actor)
    (message,) = opened(exchange, state.actor, line.id).messages
    assert [one.name for one in message.attachments] == ["a.pdf", "b.json.txt"]
    assert set(answers(exchange, employer)) == {"question.json.ack.json"}


def test_each_file_goes_with_one_message_the_newest_that_came_before_it(
    exchange: Exchange, employer: Partner, state: Partner, put: Put, clock: Clock
) -> None:
    for number in range(2):
        for part in ("old", "new"):
            put(f"{part} {number}".encode(), "a.pdf")
            clock.forward(seconds=1)
        put(new(attachments=["a.pdf"], subject=f"Question {number}"), f"{number}.json")
        clock.forward(seconds=1)
    put(b"too late", "a.pdf")
    clock.forward(minutes=2)
    work(exchange)
    for line in inbox(exchange, state.actor):
        (message,) = opened(exchange, state.actor, line.id).messages
        (file,) = message.attachments
        transfer = delivery.transfer(exchange, employer.actor, file.transfer_id)
        assert bytes_of(exchange, employer.actor, transfer).decode() == f"new {line.subject[-1]}"


def test_after_an_hour_what_is_missing_is_told_and_nothing_goes(
    exchange: Exchange, employer: Partner, state: Partner, put: Put, clock: Clock
) -> None:
    put(b"of somebody else", "a.pdf", make_partner(exchange, Role.EMPLOYER, 9).through(Channel.SFTP))
    transfer_id = put(new(attachments=["a.pdf"]))
    for _ in range(3):
        work(exchange)
        clock.forward(minutes=21)
    work(exchange)
    assert status(exchange, employer, transfer_id) == "REJECTED"
    assert found(exchange, employer, transfer_id) == [("F096", "attachments")]
    assert inbox(exchange, state.actor) == []
    assert set(answers(exchange, employer)) == {"question.json.ack.json", "question.json.findings.csv"}


def test_a_file_that_was_refused_refuses_its_message(exchange: Exchange, employer: Partner, put: Put) -> None:
    put(b"malware", "a.pdf")
    work(exchange)
    with exchange.engine.begin() as connection:  # no scanner runs here
        connection.execute(text("UPDATE transfer SET status = 'QUARANTINED'"))
    transfer_id = put(new(attachments=["a.pdf"]))
    work(exchange)
    assert found(exchange, employer, transfer_id) == [("F096", "attachments")]


def test_what_is_no_message_is_told_by_member_without_its_value(
    exchange: Exchange, employer: Partner, state: Partner, put: Put
) -> None:
    cases: list[tuple[object, list[tuple[str, str]]]] = [
        (b"{", [("F094", "")]),
        (b"\xff\xfe", [("F094", "")]),
        (b"[]", [("F094", "")]),
        (b"[" * 200_000, [("F094", "")]),
        (b'{"body": "a", "body": "b"}', [("F094", "")]),
        (b"x" * (2 * 1024 * 1024 + 1), [("F094", "")]),
        (new(secret="zanzibar"), [("F094", "")]),
        (new(body=["zanzibar"]), [("F094", "body")]),
        (b'{"body": "\\ud800"}', [("F094", "body")]),
        (new(attachments="zanzibar"), [("F094", "attachments")]),
        (new(attachments=["zanzibar", "zanzibar"]), [("F094", "attachments")]),
        (new(thread="zanzibar"), [("F094", "to")]),
        ({"thread": "zanzibar", "body": "x"}, [("F094", "thread")]),
        ({"thread": "6f0e0d6e-0000-4000-8000-000000000000", "body": "x"}, [("F095", "")]),
        (new(to="zanzibar", body=" "), [("F095", "body"), ("F095", "to")]),
        (new(client="zanzibar"), [("F095", "")]),
    ]
    for message, wrong in cases:
        transfer_id = put(message)
        work(exchange)
        assert found(exchange, employer, transfer_id) == wrong, message
        assert status(exchange, employer, transfer_id) == Status.REJECTED
        told = delivery.findings(exchange, employer.actor, transfer_id).items
        assert "zanzibar" not in str(told)
    assert inbox(exchange, state.actor) == []


def test_only_what_came_by_sftp_and_is_called_so_is_a_message(
    exchange: Exchange, employer: Partner, state: Partner, put: Put
) -> None:
    put(new(), "question.json", employer.through(Channel.API))
    put(new(), "question.txt")
    work(exchange)
    assert inbox(exchange, state.actor) == []
    assert answers(exchange, employer) == {}


def test_somebody_who_may_no_longer_come_in_sends_nothing(
    exchange: Exchange, employer: Partner, state: Partner, put: Put
) -> None:
    transfer_id = put(new())
    with exchange.engine.begin() as connection:
        connection.execute(
            text("UPDATE account SET status = 'suspended' WHERE id = :id"), {"id": employer.account.id.hex}
        )
    work(exchange)
    assert inbox(exchange, state.actor) == []
    with exchange.engine.connect() as connection:
        row = connection.execute(text("SELECT status FROM transfer WHERE id = :id"), {"id": transfer_id.hex})
        assert row.scalar_one() == "REJECTED"


def test_a_processor_writes_for_its_client_and_finds_its_own_mail_only(
    exchange: Exchange, state: Partner, put: Put
) -> None:
    client = make_partner(exchange, Role.EMPLOYER, 3, administrator=True)
    processor = make_partner(exchange, Role.EMPLOYER, 7, kind=OrganizationKind.PROCESSOR, administrator=True)
    let_act(exchange, processor, client)
    put(new(client=client.fein, topic="withholding"), actor=processor.through(Channel.SFTP))
    work(exchange)
    (line,) = inbox(exchange, state.actor)
    assert line.other == client.organization.name
    write(exchange, state.actor, client, topic="withholding")
    shown = folders.folder(exchange, processor.through(Channel.SFTP), Direction.OUTBOUND, "messages")
    assert [one.name for one in shown] == ["question.json.ack.json"]
