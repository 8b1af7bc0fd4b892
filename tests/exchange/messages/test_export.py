"""A conversation as one archive: complete, the same bytes each time, and checkable without us."""

import hashlib
import io
import json
import zipfile
from uuid import UUID

import pytest

from exchange import errors
from exchange.messages import acts, drafts, export, sending
from exchange.messages.reading import opened
from exchange.runtime import Exchange
from exchange.transfers import receipts
from roles.permissions import Role
from roles.policy import Actor
from tests.conftest import Clock
from tests.support.correspondence import BODY, answer, attached, fields_to, inbox, settle, write
from tests.support.partners import Partner, make_partner

CONTENT = b"synthetic pay statement\n"


def archive(exchange: Exchange, actor: Actor, thread_id: UUID) -> bytes:
    return b"".join(export.export(exchange, actor, thread_id).pieces)


@pytest.fixture
def thread_id(exchange: Exchange, employer: Partner, state: Partner) -> UUID:
    draft_id = drafts.start(exchange, employer.actor, fields_to(state))
    attached(exchange, employer.actor, draft_id, CONTENT, "Überweisung.txt")
    sending.send(exchange, employer.actor, draft_id)
    settle(exchange)
    (line,) = inbox(exchange, state.actor)
    answer(exchange, state.actor, line.id, "#let x = 1; *not markup* 給料")
    return line.id


def test_it_holds_everything_and_its_manifest_says_so(
    exchange: Exchange, state: Partner, thread_id: UUID
) -> None:
    made = zipfile.ZipFile(io.BytesIO(archive(exchange, state.actor, thread_id)))
    assert made.testzip() is None
    assert made.namelist() == [
        "conversation.pdf",
        "messages/0001.json",
        "attachments/0001-01-Überweisung.txt",
        "messages/0002.json",
        "manifest.json",
        "manifest.signed.json",
    ]
    assert made.read("attachments/0001-01-Überweisung.txt") == CONTENT
    assert json.loads(made.read("messages/0001.json"))["body"] == BODY
    manifest = json.loads(made.read("manifest.json"))
    digests = {one["name"]: one["sha256"] for one in manifest["files"]}
    assert digests == {name: hashlib.sha256(made.read(name)).hexdigest() for name in made.namelist()[:-2]}
    assert [one["did"] for one in manifest["messages"][0]["receipts"]] == ["read", "downloaded"]
    key = receipts.public_key_path(exchange.settings.receipt_key).read_bytes()
    assert receipts.check(json.loads(made.read("manifest.signed.json")), key) == made.read("manifest.json")
    assert made.read("conversation.pdf").startswith(b"%PDF-")


def test_twice_is_the_same_bytes(exchange: Exchange, state: Partner, thread_id: UUID, clock: Clock) -> None:
    first = archive(exchange, state.actor, thread_id)
    clock.forward(days=1)
    assert archive(exchange, state.actor, thread_id) == first


def test_exporting_is_reading(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, message_id = write(exchange, employer.actor, state)
    archive(exchange, state.actor, thread_id)
    with pytest.raises(errors.RecallTooLateError):
        acts.recall(exchange, employer.actor, message_id)


def test_a_recalled_message_is_told_of_and_not_there(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    thread_id, message_id = write(exchange, employer.actor, state)
    acts.recall(exchange, employer.actor, message_id)
    made = zipfile.ZipFile(io.BytesIO(archive(exchange, state.actor, thread_id)))
    assert not any(name.startswith("messages/") for name in made.namelist())
    assert json.loads(made.read("manifest.json"))["messages"][0]["state"] == "RECALLED"


def test_a_stranger_exports_nothing(exchange: Exchange, thread_id: UUID) -> None:
    stranger = make_partner(exchange, Role.TRIBE)
    with pytest.raises(errors.ThreadNotFoundError):
        export.export(exchange, stranger.actor, thread_id)


def test_a_long_thread_is_exported_whole(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    for number in range(54):
        answer(exchange, employer.actor, thread_id, f"Number {number}.")
    assert opened(exchange, state.actor, thread_id).earlier
    made = zipfile.ZipFile(io.BytesIO(archive(exchange, state.actor, thread_id)))
    assert len([name for name in made.namelist() if name.startswith("messages/")]) == 55
