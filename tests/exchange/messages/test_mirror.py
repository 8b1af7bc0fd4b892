"""Messages as files: what came stands in one folder, byte by byte, and opening it is a receipt."""

from uuid import UUID

import pytest
from sqlalchemy import text

from exchange import errors, folders
from exchange.messages import acts, drafts, mirror, sending
from exchange.messages.reading import opened, opened_message
from exchange.models.transfers import Direction
from exchange.runtime import Exchange
from exchange.transfers import delivery
from exchange.transfers.delivery import Content
from exchange.transfers.views import FolderEntry
from roles.permissions import Role
from roles.policy import Actor
from tests.support.correspondence import answer, attached, fields_to, settle, write
from tests.support.files import hand_in, listed
from tests.support.partners import Partner, make_colleague, make_partner


def outbox(exchange: Exchange, actor: Actor) -> list[FolderEntry]:
    return list(folders.folder(exchange, actor, Direction.OUTBOUND, "messages"))


def bytes_of(exchange: Exchange, actor: Actor, name: str) -> bytes:
    found = folders.entry(exchange, actor, Direction.OUTBOUND, "messages", name)
    got = folders.opened(exchange, actor, found)
    if isinstance(got, bytes):
        assert len(got) == found.view.size
        return got
    assert isinstance(got, Content)
    try:
        return got.read(0, got.size)
    finally:
        got.close()


def with_files(exchange: Exchange, writer: Partner, reader: Partner, *files: tuple[str, bytes]) -> UUID:
    draft_id = drafts.start(exchange, writer.actor, fields_to(reader))
    for name, content in files:
        attached(exchange, writer.actor, draft_id, content, name)
    sending.send(exchange, writer.actor, draft_id)
    assert settle(exchange) == 1
    return draft_id


def test_what_came_stands_in_the_folder_by_time_and_reads_as_it_does_everywhere(
    each_exchange: Exchange,
) -> None:
    employer, state = make_partner(each_exchange, Role.EMPLOYER), make_partner(each_exchange, Role.STATE)
    thread_id, first = write(each_exchange, employer.actor, state)
    _, reply = answer(each_exchange, state.actor, thread_id)
    second = with_files(
        each_exchange, employer, state, ("a b.pdf", b"one"), ("給料.pdf", b"two"), ("a b.pdf", b"3")
    )
    names = [one.name for one in outbox(each_exchange, state.actor)]
    assert len(names) == 5
    newest = names[0].removesuffix(".json")
    assert newest.endswith(second.hex[:8])
    assert [name.removeprefix(newest) for name in names[:3]] == [".json", "-a b.pdf", "-給料.pdf"]
    assert names[3].startswith(f"{newest}-a b.pdf~")
    assert names[0][:16] >= names[4][:16]
    assert opened(each_exchange, employer.actor, thread_id).messages[0].receipts == []
    assert [bytes_of(each_exchange, state.actor, name) for name in names[1:4]] == [b"one", b"two", b"3"]
    assert bytes_of(each_exchange, state.actor, names[4]) == opened_message(each_exchange, state.actor, first)
    assert [one.name[-13:-5] for one in outbox(each_exchange, employer.actor)] == [reply.hex[:8]]
    (receipt,) = opened(each_exchange, employer.actor, thread_id).messages[0].receipts
    assert (receipt.kind, receipt.person) == ("read", state.account.name)


def test_nobody_else_sees_them_and_what_was_recalled_is_gone(
    exchange: Exchange, employer: Partner, state: Partner, tribe: Partner
) -> None:
    _, message_id = write(exchange, employer.actor, state)
    (one,) = outbox(exchange, state.actor)
    assert outbox(exchange, employer.actor) == outbox(exchange, tribe.actor) == []
    strange = [
        one.name[:-13] + "ffffffff.json",
        one.name.replace("Z", "Y"),
        "19990101T000000Z" + one.name[16:],
        "\0",
    ]
    for actor, name in [(tribe.actor, one.name), *((state.actor, name) for name in strange)]:
        with pytest.raises(errors.TransferNotFoundError):
            bytes_of(exchange, actor, name)
    acts.recall(exchange, employer.actor, message_id)
    assert outbox(exchange, state.actor) == []
    with pytest.raises(errors.TransferNotFoundError):
        folders.opened(exchange, state.actor, one)


def test_a_topic_that_others_receive_is_not_in_the_folder(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    colleague = make_colleague(state, "kim-2")
    write(exchange, employer.actor, state)
    with exchange.engine.begin() as connection:
        row = "INSERT INTO topic_reader (organization_id, topic, account_id) VALUES (:o, 'general', :a)"
        connection.execute(text(row), {"o": state.organization.id.hex, "a": state.account.id.hex})
    assert len(outbox(exchange, state.actor)) == 1
    assert outbox(exchange, colleague.actor) == []


def test_many_are_listed_in_pages(
    exchange: Exchange, employer: Partner, state: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "AT_ONCE", 3)
    ids = [write(exchange, employer.actor, state).message_id for _ in range(7)]
    listed = iter(folders.folder(exchange, state.actor, Direction.OUTBOUND, "messages"))
    first = next(listed)
    acts.recall(exchange, employer.actor, ids[0])
    rest = [one.message_id for one in listed]
    assert [first.message_id, *rest] == ids[:0:-1]


def test_what_is_handed_over_for_a_message_is_its_senders_alone(
    exchange: Exchange, employer: Partner
) -> None:
    colleague = make_colleague(employer, "kim-2")
    hand_in(exchange, employer.actor, b"x", "notes.txt", "messages")

    def inside(actor: Actor) -> list[str]:
        return [one.name for one in folders.folder(exchange, actor, Direction.INBOUND, "messages")]

    assert inside(employer.actor) == ["notes.txt"]
    assert inside(colleague.actor) == []
    with pytest.raises(errors.TransferNotFoundError):
        folders.entry(exchange, colleague.actor, Direction.INBOUND, "messages", "notes.txt")
    (view,) = listed(exchange, employer.actor)
    assert listed(exchange, colleague.actor) == []
    with pytest.raises(errors.TransferNotFoundError):
        delivery.content(exchange, colleague.actor, view.id)
    delivery.content(exchange, employer.actor, view.id).close()


def test_what_files_are_called_is_remembered_and_who_may_have_them_is_asked_each_time(
    exchange: Exchange, employer: Partner, state: Partner, tribe: Partner
) -> None:
    with_files(exchange, employer, state, ("a.pdf", b"one"), ("b.pdf", b"two"))
    message_id = with_files(exchange, employer, state, ("c.pdf", b"three"), ("d.pdf", b"four"))
    newest, other, *_ = [one.name for one in outbox(exchange, state.actor) if ".json" not in one.name]
    found = folders.entry(exchange, state.actor, Direction.OUTBOUND, "messages", newest)
    assert (found.name, found.view.filename) == (newest, "c.pdf")
    with pytest.raises(errors.TransferNotFoundError):
        bytes_of(exchange, tribe.actor, other)
    acts.recall(exchange, employer.actor, message_id)
    with pytest.raises(errors.TransferNotFoundError):
        bytes_of(exchange, state.actor, other)
