"""Organizations are asked by letter, every six months and once each time, whether their page is right."""

import threading
from uuid import UUID

import pytest
from sqlmodel import select

from exchange.accounts import confirmation, console, organizations, oversight
from exchange.database import reading
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.models.oversight import DualControl
from exchange.runtime import Exchange, open_exchange
from exchange.transfers import pipeline
from roles.oversight import TwoPersonAct
from roles.permissions import Role
from tests.conftest import Clock
from tests.sftp_gateway.tools import wait_until
from tests.support.letters import mailed
from tests.support.partners import Partner, make_colleague, make_partner

SUBJECT = "Look through your organization's page"


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


def asked(exchange: Exchange) -> list[str]:
    """Who was asked so far."""
    letters = [one for one in mailed(exchange) if SUBJECT in one]
    return sorted(line[4:] for one in letters for line in one.splitlines() if line.startswith("To: "))


def test_every_administrator_is_asked_once_for_each_time_it_comes_due(
    each_exchange: Exchange, clock: Clock
) -> None:
    boss = make_partner(each_exchange, Role.EMPLOYER, administrator=True)
    make_colleague(boss, "boss-2", administrator=True)
    make_colleague(boss, "worker-3")
    both = ["boss-2@example.org", "employer-1@example.org"]
    clock.forward(days=181)
    assert (confirmation.sweep(each_exchange), asked(each_exchange)) == (0, [])
    clock.forward(days=2)
    assert [confirmation.sweep(each_exchange) for _ in range(2)] == [1, 0]
    assert asked(each_exchange) == both
    clock.forward(days=40)
    assert confirmation.sweep(each_exchange) == 0
    organizations.confirm(each_exchange, boss.actor)
    assert confirmation.sweep(each_exchange) == 0
    clock.forward(days=183)
    assert confirmation.sweep(each_exchange) == 1
    assert asked(each_exchange) == sorted(2 * both)
    with reading(each_exchange.engine) as session:
        noted = select(JournalEvent).where(JournalEvent.kind == "organization.confirmation_asked")
        assert [one.subject_id for one in session.exec(noted)] == [boss.organization.id] * 2


def test_a_worker_that_is_started_anew_does_not_ask_again(
    exchange: Exchange, boss: Partner, clock: Clock
) -> None:
    clock.forward(days=183)
    assert confirmation.sweep(exchange) == 1
    again = open_exchange(exchange.settings, clock)
    assert confirmation.sweep(again) == 0
    again.dispose()
    assert asked(exchange) == [boss.account.email]


def test_who_has_nobody_to_write_to_is_asked_as_soon_as_there_is_somebody(
    exchange: Exchange, employer: Partner, clock: Clock
) -> None:
    clock.forward(days=183)
    assert confirmation.sweep(exchange) == 0
    make_colleague(employer, "boss-2", administrator=True)
    assert confirmation.sweep(exchange) == 1
    assert asked(exchange) == ["boss-2@example.org"]


def test_an_organization_that_is_suspended_is_not_asked(
    exchange: Exchange, boss: Partner, clock: Clock
) -> None:
    head = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    console.suspend(exchange, head.actor, boss.organization.id)
    clock.forward(days=183)
    assert confirmation.sweep(exchange) == 0


def ended(exchange: Exchange, reset: UUID) -> bool:
    with reading(exchange.engine) as session:
        written = session.exec(select(Letter).where(Letter.event == "confirm-organization")).all()
        return len(written) == 2 and session.get_one(DualControl, reset).state == "lapsed"


def test_the_worker_asks_and_lets_requests_lapse(exchange: Exchange, boss: Partner, clock: Clock) -> None:
    other, stop = make_colleague(boss, "boss-2", administrator=True), threading.Event()
    reset = oversight.ask(exchange, boss.actor, TwoPersonAct.RESET_SECOND_FACTOR, other.account.id, "Lost")
    clock.forward(days=183)
    worker = threading.Thread(target=pipeline.work, args=(exchange, stop))
    worker.start()
    try:
        wait_until(lambda: ended(exchange, reset))
    finally:
        stop.set()
        worker.join(20)
