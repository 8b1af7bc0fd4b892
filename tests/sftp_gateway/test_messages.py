"""The communication center over SFTP with the programs partners use: written, answered, mirrored."""

import json
import re
from pathlib import Path

import pytest

from exchange.messages.reading import opened, opened_message
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from roles.permissions import Role
from tests.acceptance.sizes import sized
from tests.sftp_gateway.conftest import NUMBERS, Gateway, User
from tests.sftp_gateway.tools import TOOLS
from tests.support.correspondence import BODY, SUBJECT, answer, inbox
from tests.support.partners import Partner, make_partner

pytestmark = pytest.mark.clients

TRIED = [name for name in TOOLS if name != "OpenSSH scp"][: sized(1, len(TOOLS))]
"""The long run takes every program that can list a folder."""
MESSAGE = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}\.json")


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, next(NUMBERS))


def work(exchange: Exchange) -> None:
    while pipeline.run_next(exchange, "test"):
        pass


@pytest.mark.parametrize("name", TRIED)
def test_messages_are_written_answered_and_mirrored(  # a journey
    gateway: Gateway, exchange: Exchange, user: User, state: Partner, tmp_path: Path, name: str
) -> None:
    tool = TOOLS[name](gateway, user, tmp_path)
    (tmp_path / "table 1.pdf").write_bytes(b"synthetic")
    said = {"to": str(state.organization.id), "topic": "general", "classification": "none"}
    said |= {"subject": SUBJECT, "body": BODY, "attachments": ["table 1.pdf"]}  # type: ignore[dict-item]  # a list
    (tmp_path / "question.json").write_text(json.dumps(said))
    for local in ("table 1.pdf", "question.json"):
        tool.put(tmp_path / local, f"/inbox/messages/{local}")
    work(exchange)
    (line,) = inbox(exchange, state.actor)
    (message,) = opened(exchange, state.actor, line.id).messages
    assert [one.name for one in message.attachments] == ["table 1.pdf"]
    tool.get("/outbox/messages/question.json.ack.json", tmp_path / "ack.json")
    assert json.loads((tmp_path / "ack.json").read_text())["thread"] == str(line.id)

    _, answered = answer(exchange, state.actor, line.id)
    (shown,) = [one for one in tool.names("/outbox/messages") if MESSAGE.fullmatch(one)]
    assert opened(exchange, state.actor, line.id).messages[1].receipts == []
    tool.get(f"/outbox/messages/{shown}", tmp_path / shown)
    (receipt,) = opened(exchange, state.actor, line.id).messages[1].receipts
    assert (receipt.kind, receipt.channel) == ("read", "sftp")
    assert (tmp_path / shown).read_bytes() == opened_message(exchange, user.actor, answered)
