"""A second-factor reset waits before it happens; whom it concerns is told of every step and can stop it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from exchange import errors
from exchange.accounts import oversight, people, resets
from exchange.accounts.sessions import open_session, visit
from exchange.database import reading, transaction
from exchange.models.accounts import Account
from exchange.models.journal import JournalEvent
from exchange.models.oversight import DualControl
from exchange.runtime import Exchange
from roles.oversight import TwoPersonAct
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.letters import code_in, mailed
from tests.support.partners import Partner, make_colleague, make_partner

RESET = TwoPersonAct.RESET_SECOND_FACTOR
STAYS = "Your second factor stays as it is"


@dataclass(frozen=True)
class Office:
    """An organization with three administrators and the person whom a reset concerns."""

    exchange: Exchange
    asker: Partner
    approver: Partner
    third: Partner
    person: Partner

    def ask(self) -> UUID:
        return oversight.ask(self.exchange, self.asker.actor, RESET, self.person.account.id, "Lost telephone")

    def agree(self) -> UUID:
        asked = self.ask()
        oversight.approve(self.exchange, self.approver.actor, asked)
        return asked

    def state(self, asked: UUID) -> tuple[str, str]:
        """The state of the request, and of the person's account."""
        with reading(self.exchange.engine) as session:
            account = session.get_one(Account, self.person.account.id)
            return session.get_one(DualControl, asked).state, account.status


def opened(exchange: Exchange) -> Office:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    others = (make_colleague(boss, name, administrator=True) for name in ("boss-2", "boss-3"))
    return Office(exchange, boss, *others, make_colleague(boss, "worker-4"))


@pytest.fixture
def office(exchange: Exchange) -> Office:
    return opened(exchange)


def letters_to(exchange: Exchange, partner: Partner) -> list[str]:
    return [one for one in mailed(exchange) if f"To: {partner.account.email}" in one]


def subjects(letters: list[str]) -> list[str]:
    lines = [line for letter in letters for line in letter.splitlines()]
    return [line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: ")]


def decided(exchange: Exchange) -> list[tuple[str, UUID | None]]:
    wanted = select(JournalEvent).where(col(JournalEvent.kind).startswith("decision."))
    with reading(exchange.engine) as session:
        rows = session.exec(wanted.order_by(col(JournalEvent.position))).all()
    return [(row.kind.removeprefix("decision."), row.account_id) for row in rows]


def test_a_reset_happens_only_after_the_waiting_time_and_once(each_exchange: Exchange, clock: Clock) -> None:
    office = opened(each_exchange)
    token = open_session(each_exchange, office.person.actor, "test")
    asked = office.agree()
    seen = resets.about(each_exchange, office.person.actor)
    assert seen is not None
    assert seen.due_at is not None
    clock.forward(hours=23, minutes=59)
    assert resets.settle(each_exchange) == 0
    assert office.state(asked) == ("agreed", "active")
    told = letters_to(each_exchange, office.person)[-1]
    assert f"{seen.due_at:%B %d, %Y, %H:%M} UTC" in told
    assert "Stop the reset" in told
    clock.forward(minutes=2)
    assert [resets.settle(each_exchange) for _ in range(2)] == [1, 0]
    assert office.state(asked) == ("approved", "invited")
    with pytest.raises(errors.NotSignedInError):
        visit(each_exchange, token, "127.0.0.1")
    assert code_in(letters_to(each_exchange, office.person)[-1])
    both = (office.asker.account.id, office.approver.account.id)
    assert decided(each_exchange) == [("asked", both[0]), ("agreed", both[1]), ("approved", None)]


def test_the_person_stops_it_while_it_waits_and_both_who_agreed_are_told(
    office: Office, exchange: Exchange, clock: Clock
) -> None:
    asked = office.agree()
    seen = resets.about(exchange, office.person.actor)
    assert seen is not None
    assert (seen.id, seen.reason, seen.approvable) == (asked, "Lost telephone", False)
    assert resets.about(exchange, office.third.actor) is None
    resets.stop(exchange, office.person.actor, asked)
    clock.forward(hours=25)
    assert resets.settle(exchange) == 0
    assert office.state(asked) == ("stopped", "active")
    assert resets.about(exchange, office.person.actor) is None
    assert decided(exchange)[-1] == ("stopped", office.person.account.id)
    assert subjects(letters_to(exchange, office.person))[-1] == STAYS
    for one in (office.asker, office.approver):
        assert subjects(letters_to(exchange, one)) == ["A second-factor reset was stopped"]
    with pytest.raises(errors.NotNowError):
        resets.stop(exchange, office.person.actor, asked)


def test_also_a_request_that_nobody_has_approved_yet_can_be_stopped(
    office: Office, exchange: Exchange
) -> None:
    asked = office.ask()
    resets.stop(exchange, office.person.actor, asked)
    with pytest.raises(errors.NotNowError):
        oversight.approve(exchange, office.approver.actor, asked)
    assert office.state(asked) == ("stopped", "active")


def test_nobody_else_stops_it_and_nobody_asks_twice(
    office: Office, exchange: Exchange, other_employer: Partner
) -> None:
    asked = office.agree()
    for stranger in (office.third, other_employer):
        with pytest.raises(errors.RecordNotFoundError):
            resets.stop(exchange, stranger.actor, asked)
    with pytest.raises(errors.RecordNotFoundError):
        resets.stop(exchange, office.person.actor, office.person.account.id)
    with pytest.raises(errors.NotNowError, match="asked for already"):
        office.ask()
    with pytest.raises(errors.NotNowError, match="agreed to it already"):
        oversight.approve(exchange, office.third.actor, asked)
    assert office.state(asked) == ("agreed", "active")


def test_administrators_of_another_organization_neither_see_nor_end_it(
    office: Office, exchange: Exchange
) -> None:
    stranger, asked = make_partner(exchange, Role.EMPLOYER, 2, administrator=True), office.agree()
    assert oversight.requests(exchange, stranger.actor) == []
    for act in (oversight.approve, oversight.refuse):
        for decision in (asked, office.person.account.id):
            with pytest.raises(errors.RecordNotFoundError):
                act(exchange, stranger.actor, decision)
    assert office.state(asked) == ("agreed", "active")


def ocss(office: Office) -> Partner:
    return make_partner(office.exchange, Role.OCSS_ADMINISTRATOR, administrator=True)


@pytest.mark.parametrize(
    ("who", "waits", "state"),
    [
        (lambda office: office.approver, True, "withdrawn"),
        (lambda office: office.asker, True, "withdrawn"),
        (lambda office: office.third, True, "withdrawn"),
        (ocss, True, "withdrawn"),
        (lambda office: office.asker, False, "withdrawn"),
        (lambda office: office.third, False, "refused"),
    ],
    ids=["approver", "asker", "third", "ocss", "asker at once", "third at once"],
)
def test_whoever_looks_after_the_person_ends_it_and_the_person_is_told(
    office: Office, clock: Clock, who: Callable[[Office], Partner], waits: bool, state: str
) -> None:
    exchange, asked = office.exchange, office.agree() if waits else office.ask()
    ender = who(office)
    assert [one.id for one in oversight.requests(exchange, ender.actor)] == [asked]
    oversight.refuse(exchange, ender.actor, asked)
    clock.forward(hours=25)
    assert resets.settle(exchange) == 0
    assert office.state(asked) == (state, "active")
    assert subjects(letters_to(exchange, office.person))[-1] == STAYS
    assert decided(exchange)[-1] == (state, ender.account.id)


def test_administrators_end_what_ocss_asked_about_their_people_and_do_not_approve_it(
    exchange: Exchange, office: Office
) -> None:
    head = ocss(office)
    asked = oversight.ask(exchange, head.actor, RESET, office.person.account.id, "A call")
    with pytest.raises(errors.RecordNotFoundError):
        oversight.approve(exchange, office.asker.actor, asked)
    (seen,) = oversight.requests(exchange, office.asker.actor)
    assert (seen.approvable, seen.organization) == (False, "")
    (seen,) = oversight.requests(exchange, head.actor)
    assert seen.organization == office.person.organization.name
    oversight.refuse(exchange, office.asker.actor, asked)
    assert office.state(asked) == ("refused", "active")


def test_an_administrator_stops_ones_own_among_the_decisions(exchange: Exchange, office: Office) -> None:
    asked = oversight.ask(exchange, office.asker.actor, RESET, office.third.account.id, "Lost")
    oversight.refuse(exchange, office.third.actor, asked)
    assert decided(exchange)[-1] == ("stopped", office.third.account.id)


def test_a_request_that_nobody_answers_lapses_once_and_the_person_is_told(
    office: Office, exchange: Exchange, clock: Clock
) -> None:
    asked = office.ask()
    clock.forward(hours=73)
    assert [resets.settle(exchange) for _ in range(2)] == [1, 0]
    assert office.state(asked) == ("lapsed", "active")
    assert subjects(letters_to(exchange, office.person)).count(STAYS) == 1
    assert decided(exchange)[-1] == ("lapsed", None)
    assert office.ask() != asked


@pytest.mark.parametrize(
    ("act", "whom"),
    [
        (people.remove, "person"),
        (people.suspend, "person"),
        (people.remove, "asker"),
        (people.suspend, "approver"),
        (people.unmake_administrator, "approver"),
    ],
)
def test_what_ends_one_of_them_ends_the_reset(
    office: Office, exchange: Exchange, clock: Clock, act: Callable[..., None], whom: str
) -> None:
    asked, ended = office.agree(), getattr(office, whom)
    act(exchange, office.third.actor, ended.account.id)
    before = office.state(asked)[1]
    clock.forward(hours=25)
    assert resets.settle(exchange) == 1
    assert office.state(asked) == ("withdrawn", before)


def test_a_waiting_time_cut_short_in_the_database_lets_nothing_happen(
    office: Office, exchange: Exchange
) -> None:
    asked = office.agree()
    with transaction(exchange.engine) as session:
        session.get_one(DualControl, asked).due_at = exchange.clock() - timedelta(hours=1)
    assert [resets.settle(exchange) for _ in range(2)] == [1, 0]
    assert office.state(asked) == ("withdrawn", "active")
    with reading(exchange.engine) as session:
        damaged = select(JournalEvent).where(JournalEvent.kind == "identity.damaged")
        assert session.exec(damaged).one().subject_id == asked


@pytest.mark.parametrize("without", ["active", "email"])
def test_whom_no_letter_reaches_or_who_is_shut_out_gets_no_reset(
    office: Office, exchange: Exchange, without: str
) -> None:
    if without == "active":
        people.suspend(exchange, office.third.actor, office.person.account.id)
    else:
        without_address(exchange, office.person)
    with pytest.raises(errors.NotNowError, match="not active"):
        office.ask()


def test_who_has_no_address_is_told_nothing_and_the_others_are(office: Office, exchange: Exchange) -> None:
    without_address(exchange, office.asker)
    resets.stop(exchange, office.person.actor, office.agree())
    told = [one for one in mailed(exchange) if "A second-factor reset was stopped" in one]
    assert [f"To: {office.approver.account.email}" in one for one in told] == [True]


def test_a_worker_that_comes_second_changes_nothing(office: Office, exchange: Exchange, clock: Clock) -> None:
    asked = office.agree()
    clock.forward(hours=25)
    assert [resets._settle(exchange, asked) for _ in range(2)] == [True, False]
    assert decided(exchange)[-1] == ("approved", None)


def without_address(exchange: Exchange, partner: Partner) -> None:
    with transaction(exchange.engine) as session:
        session.get_one(Account, partner.account.id).email = None
