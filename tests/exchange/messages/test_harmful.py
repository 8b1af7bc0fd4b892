"""Files that a real scanner finds something in never go, and their message comes back to its writer."""

import io
import zipfile
from dataclasses import replace

import pytest

from exchange.messages import attachments, drafts, sending
from exchange.runtime import Exchange
from tests.support import clamav
from tests.support.correspondence import BODY, attached, delivered, fields_to, inbox, settle
from tests.support.partners import Partner

_ENCRYPTED, _FLAGS = 0x01, {b"PK\x03\x04": 6, b"PK\x01\x02": 8}
"""Bit 0 of the general purpose flags (APPNOTE.TXT, 4.4.4), and where they stand behind each signature."""


@pytest.fixture
def scanned(exchange: Exchange, clamd: str) -> Exchange:
    return replace(exchange, settings=exchange.settings.model_copy(update={"clamav": clamd}))


def locked_archive() -> bytes:
    """A ZIP whose only file says that it is encrypted."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("secret.txt", b"synthetic" * 20)
    content = bytearray(made.getvalue())
    for signature, place in _FLAGS.items():
        content[content.index(signature) + place] |= _ENCRYPTED
    return bytes(content)


@pytest.mark.parametrize("harmful", [clamav.EICAR, locked_archive()], ids=["malware", "encrypted"])
def test_it_is_named_and_taken_out_and_the_rest_goes(
    scanned: Exchange, employer: Partner, state: Partner, harmful: bytes
) -> None:
    draft_id = drafts.start(scanned, employer.actor, fields_to(state))
    attached(scanned, employer.actor, draft_id, b"harmless", "good.txt")
    bad = attached(scanned, employer.actor, draft_id, harmful, "bad.bin")
    sending.send(scanned, employer.actor, draft_id)
    assert settle(scanned) == 0
    back = drafts.draft(scanned, employer.actor, draft_id)
    assert "bad.bin" in back.refusal
    assert "good.txt" not in back.refusal
    assert (back.fields["body"], inbox(scanned, state.actor)) == (BODY, [])
    attachments.detach(scanned, employer.actor, draft_id, bad)
    delivered(sending.send(scanned, employer.actor, draft_id))
    assert [line.unread for line in inbox(scanned, state.actor)] == [1]
