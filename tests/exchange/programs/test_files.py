"""Free exchange: the same sealed bytes, both ways, between a partner and OCSS."""

import json

import pytest
from sqlmodel import select

from exchange.database import reading
from exchange.errors import NotPermittedError
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import Partner, make_partner
from tests.support.record_files import hand_over, outbox, send

ANYTHING = b"%PDF-1.7 anything at all \x00\xff"


@pytest.fixture
def ocss(each_exchange: Exchange) -> Partner:
    return make_partner(each_exchange, Role.OCSS_STAFF)


@pytest.fixture
def tribe(each_exchange: Exchange) -> Partner:
    return make_partner(each_exchange, Role.TRIBE)


def test_what_a_partner_sends_stands_in_the_outbox_of_ocss(
    each_exchange: Exchange, ocss: Partner, tribe: Partner
) -> None:
    back = send(each_exchange, tribe.actor, "files", ANYTHING, "Agreement, 2026.pdf")
    assert back.status is Status.COMPLETE
    assert outbox(each_exchange, ocss.actor, "files") == {"Agreement, 2026.pdf": ANYTHING}
    assert set(back.answers) == {".ack.json"}
    acknowledged = json.loads(back.answers[".ack.json"])
    assert (acknowledged["status"], acknowledged["sha256"]) == ("COMPLETE", back.view.sha256)
    assert set(acknowledged["receipt"]) >= {"payload", "signature"}


def test_ocss_sends_to_the_organization_it_names(
    each_exchange: Exchange, ocss: Partner, tribe: Partner
) -> None:
    other = make_partner(each_exchange, Role.TRIBE, 2)
    send(each_exchange, ocss.actor, "files", ANYTHING, "letter.pdf", recipient_id=tribe.organization.id)
    assert outbox(each_exchange, tribe.actor, "files") == {"letter.pdf": ANYTHING}
    assert outbox(each_exchange, other.actor, "files") == {}


def test_the_sealed_bytes_are_not_copied(each_exchange: Exchange, ocss: Partner, tribe: Partner) -> None:
    view = send(each_exchange, tribe.actor, "files", ANYTHING).view
    with reading(each_exchange.engine) as session:
        sent = session.get_one(Transfer, view.id)
        theirs = select(Transfer).where(Transfer.organization_id == ocss.organization.id)
        delivered = session.exec(theirs).all()
    assert [row.blob_id for row in delivered] == [sent.blob_id]
    assert delivered[0].sender_id == tribe.organization.id


def test_the_same_file_may_be_sent_twice(each_exchange: Exchange, ocss: Partner, tribe: Partner) -> None:
    for _ in range(2):
        assert send(each_exchange, tribe.actor, "files", ANYTHING, "same.pdf").status is Status.COMPLETE
    assert len(outbox(each_exchange, ocss.actor, "files")) == 2


def test_a_partner_can_not_address_another_partner(
    each_exchange: Exchange, ocss: Partner, tribe: Partner
) -> None:
    with pytest.raises(NotPermittedError):
        hand_over(each_exchange, tribe.actor, "files", ANYTHING, recipient_id=ocss.organization.id)
