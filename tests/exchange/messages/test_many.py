"""Ten thousand small files with one message: each goes, under its own name, once."""

import io
import zipfile

from exchange.messages import drafts, export, mirror, sending
from exchange.messages.reading import opened
from exchange.runtime import Exchange
from roles.policy import Channel
from tests.acceptance.sizes import sized
from tests.support.correspondence import attached, fields_to, inbox, settle
from tests.support.partners import Partner

MANY = sized(30, 10_000)


def test_every_file_of_a_message_arrives(exchange: Exchange, employer: Partner, state: Partner) -> None:
    draft_id = drafts.start(exchange, employer.actor, fields_to(state))
    for number in range(MANY):
        attached(exchange, employer.actor, draft_id, str(number).encode(), f"ملف {number % (MANY // 2)}.txt")
    assert sending.send(exchange, employer.actor, draft_id).message_id is None
    assert settle(exchange) == 1
    (line,) = inbox(exchange, state.actor)
    (message,) = opened(exchange, state.actor, line.id).messages
    assert message.document is not None
    assert len({one.sha256 for one in message.document.attachments}) == MANY
    shown = [one.name for one in mirror.folder(exchange, state.through(Channel.SFTP))]
    assert len(set(shown)) == MANY + 1
    archive = b"".join(export.export(exchange, state.actor, line.id).pieces)
    held = [name for name in zipfile.ZipFile(io.BytesIO(archive)).namelist() if name.startswith("attach")]
    assert len(set(held)) == MANY
