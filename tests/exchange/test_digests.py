"""Digests: once a business day how much of what waits, and never what it is; a kill loses none."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from exchange import digests, mail
from exchange.accounts import details
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.errors import NotPermittedError
from roles.permissions import Role
from roles.purposes import Rhythm
from tests.conftest import Clock
from tests.exchange.test_details import SOMEBODY
from tests.exchange.test_mail import in_folder, waiting
from tests.support.files import hand_in
from tests.support.partners import Partner, make_colleague, make_partner


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


def to_hour(clock: Clock, hour: int, weekday: int) -> None:
    """Go on to that hour of the next such day of a week without a holiday (0 is Monday, UTC)."""
    wanted = datetime(2027, 3, 1, hour, tzinfo=UTC) + timedelta(days=weekday)
    clock.offset += wanted - clock()


def something(partner: Partner, times: int = 1, event: str = "transfer.waiting") -> None:
    about = hand_in(partner.exchange, partner.actor, filename="secret-name.txt").transfer
    with transaction(partner.exchange.engine) as session:
        for _ in range(times):
            mail.notify(session, partner.exchange, partner.organization.id, event, about.id)


def test_a_digest_goes_once_a_business_day_and_says_how_many_of_which_program(
    exchange: Exchange, boss: Partner, other_employer: Partner, clock: Clock
) -> None:
    digests.choose(exchange, boss.actor, "daily")
    to_hour(clock, 11, weekday=0)
    something(boss, 3)
    something(other_employer)
    assert (mail.send_waiting(exchange), digests.send(exchange), waiting(exchange)) == (1, 0, 3)
    clock.forward(hours=1)
    assert (digests.send(exchange), digests.send(exchange), waiting(exchange)) == (1, 0, 0)
    sent = in_folder(exchange)[-1]
    assert "File exchange with OCSS: 3\n" in sent.get_content()
    assert "/sign-in" in sent.get_content()
    for secret in ("secret-name", boss.organization.name, boss.account.name, boss.fein):
        assert secret not in sent.as_string()
    something(boss)
    assert (digests.send(exchange), waiting(exchange)) == (0, 1)
    clock.forward(days=1)
    assert (digests.send(exchange), waiting(exchange)) == (1, 0)
    clock.forward(days=1)
    assert digests.send(exchange) == 0


def test_no_digest_goes_on_a_weekend(exchange: Exchange, boss: Partner, clock: Clock) -> None:
    digests.choose(exchange, boss.actor, "daily")
    to_hour(clock, 15, weekday=5)
    something(boss)
    assert digests.send(exchange) == 0
    clock.forward(days=2)
    assert digests.send(exchange) == 1


def test_each_contact_has_a_digest_of_its_own(exchange: Exchange, boss: Partner, clock: Clock) -> None:
    digests.choose(exchange, boss.actor, "daily")
    details.save(exchange, boss.actor, "contact", "files", SOMEBODY)
    to_hour(clock, 12, weekday=2)
    something(boss)
    assert digests.send(exchange) == 1
    assert in_folder(exchange)[-1]["To"] == SOMEBODY["email"]


def test_a_kill_between_sending_and_noting_loses_no_digest(
    exchange: Exchange, boss: Partner, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests.choose(exchange, boss.actor, "daily")
    to_hour(clock, 12, weekday=3)
    something(boss, 2)

    class KilledError(Exception):
        """As a kill: nothing after it is done."""

    def die(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as killed:
        killed.setattr(mail, "note_told", die)
        with pytest.raises(KilledError):
            digests.send(exchange)
    assert (len(in_folder(exchange)), waiting(exchange)) == (1, 2)
    assert (digests.send(exchange), len(in_folder(exchange)), waiting(exchange)) == (1, 2, 0)


def test_a_digest_that_cannot_be_sent_is_tried_again(exchange: Exchange, boss: Partner, clock: Clock) -> None:
    digests.choose(exchange, boss.actor, "daily")
    to_hour(clock, 12, weekday=3)
    with transaction(exchange.engine) as session:
        session.merge(boss.organization).notices_to = "a@example.org\r\nBcc: b@example.org"
    something(boss)
    assert (digests.send(exchange), waiting(exchange)) == (0, 1)
    with transaction(exchange.engine) as session:
        session.merge(boss.organization).notices_to = "a@example.org"
    assert (digests.send(exchange), waiting(exchange)) == (1, 0)


def test_who_wants_no_mail_gets_none_but_of_incidents(exchange: Exchange, boss: Partner) -> None:
    digests.choose(exchange, boss.actor, "none")
    something(boss, 2)
    assert (mail.send_waiting(exchange), waiting(exchange)) == (0, 0)
    for rhythm in Rhythm:
        digests.choose(exchange, boss.actor, rhythm.value)
        something(boss, event="incident.taken")
        assert (mail.send_waiting(exchange), waiting(exchange)) == (1, 0)


def test_administrators_choose_how_often_mail_comes(exchange: Exchange, boss: Partner) -> None:
    assert digests.rhythm(exchange, boss.actor) is Rhythm.AT_ONCE
    digests.choose(exchange, boss.actor, "daily")
    assert digests.rhythm(exchange, boss.actor) is Rhythm.DAILY
    with pytest.raises(FieldsRefusedError):
        digests.choose(exchange, boss.actor, "hourly")
    with pytest.raises(NotPermittedError):
        digests.choose(exchange, make_colleague(boss, "somebody-else").actor, "none")
    with reading(exchange.engine) as session:
        told = session.exec(
            select(JournalEvent.facts).where(JournalEvent.kind == "organization.mail_chosen")
        ).all()
    assert told == ['{"rhythm":"daily"}']
