"""Files of messages: for who may read the message, never of one that was recalled, and always noted."""

from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from exchange import errors
from exchange.database import reading, transaction
from exchange.messages import acts, drafts, files, sending
from exchange.messages.inbox import InboxQuery, threads
from exchange.messages.reading import MessageView, opened
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from roles.policy import Actor, Channel
from tests.support.correspondence import attached, fields_to, settle
from tests.support.partners import Partner

CONTENT, NAME = b"synthetic figures", "Gehälter.txt"


class SentFile(NamedTuple):
    """A delivered message with a file."""

    thread_id: UUID
    message_id: UUID
    attachment_id: UUID
    transfer_id: UUID


@pytest.fixture
def sent(exchange: Exchange, employer: Partner, state: Partner) -> SentFile:
    """What the employer sent to the state."""
    draft_id = drafts.start(exchange, employer.actor, fields_to(state))
    attached(exchange, employer.actor, draft_id, CONTENT, NAME)
    sending.send(exchange, employer.actor, draft_id)
    assert settle(exchange) == 1
    (line,) = threads(exchange, employer.actor, InboxQuery()).items
    message = shown(exchange, employer.actor, line.id)
    (file,) = message.attachments
    return SentFile(line.id, message.id, file.id, file.transfer_id)


def shown(exchange: Exchange, actor: Actor, thread_id: UUID) -> MessageView:
    (message,) = opened(exchange, actor, thread_id).messages
    return message


def fetched(exchange: Exchange, actor: Actor, sent: SentFile) -> tuple[str, bytes]:
    content = files.content(exchange, actor, sent.message_id, sent.attachment_id)
    try:
        return content.view.filename, content.read(0, content.size)
    finally:
        content.close()


def receipts(exchange: Exchange, writer: Partner, sent: SentFile) -> list[tuple[str, str, bool]]:
    found = shown(exchange, writer.actor, sent.thread_id).receipts
    return [(one.kind, one.channel, one.attachment_id == sent.attachment_id) for one in found]


def test_the_reader_gets_the_file_and_the_writer_a_receipt(
    exchange: Exchange, employer: Partner, state: Partner, sent: SentFile
) -> None:
    for _ in range(2):
        assert fetched(exchange, state.through(Channel.API), sent) == (NAME, CONTENT)
    assert fetched(exchange, employer.actor, sent) == (NAME, CONTENT)
    assert receipts(exchange, employer, sent) == [("read", "api", False), ("downloaded", "api", True)]
    with reading(exchange.engine) as session:
        events = session.exec(select(JournalEvent).where(JournalEvent.kind == files.OPENED)).all()
    assert [event.subject_id for event in events] == [sent.message_id] * 3


def test_nobody_else_gets_it_and_after_a_recall_nobody_at_all(
    exchange: Exchange,
    employer: Partner,
    other_employer: Partner,
    tribe: Partner,
    state: Partner,
    sent: SentFile,
) -> None:
    with pytest.raises(errors.ThreadNotFoundError):
        fetched(exchange, employer.actor, sent._replace(attachment_id=uuid4()))
    for stranger in (other_employer, tribe):
        with pytest.raises(errors.ThreadNotFoundError):
            fetched(exchange, stranger.actor, sent)
    acts.recall(exchange, employer.actor, sent.message_id)
    for actor in (state.actor, employer.actor):
        with pytest.raises(errors.ThreadNotFoundError):
            fetched(exchange, actor, sent)


def test_a_recall_between_looking_and_opening_comes_first(
    exchange: Exchange, employer: Partner, state: Partner, sent: SentFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = files.compare

    def recalled_meanwhile(reader: object, row: Transfer) -> None:
        acts.recall(exchange, employer.actor, sent.message_id)
        compare(reader, row)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(files, "compare", recalled_meanwhile)
    with pytest.raises(errors.ThreadNotFoundError):
        fetched(exchange, state.actor, sent)


def test_what_is_gone_or_is_not_what_was_sent_is_not_given_out(
    exchange: Exchange, employer: Partner, state: Partner, sent: SentFile
) -> None:
    changes: list[tuple[dict[str, object], type[Exception]]] = [
        ({"sha256": "0" * 64}, errors.VaultDamagedError),
        ({"status": Status.PURGED.value}, errors.ContentNotAvailableError),
        ({"status": Status.COMPLETE.value, "blob_id": None}, errors.ContentNotAvailableError),
    ]
    for change, error in changes:
        with transaction(exchange.engine) as session:
            row = session.get_one(Transfer, sent.transfer_id)
            for name, value in change.items():
                setattr(row, name, value)
        with pytest.raises(error):
            fetched(exchange, state.actor, sent)
    assert receipts(exchange, employer, sent) == []
