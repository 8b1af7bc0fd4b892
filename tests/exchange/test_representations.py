"""Who acts for whom counts as the portal wrote it: a row changed in the database gives no right."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from deploy import migrate
from exchange.accounts import clients, console, representations
from exchange.accounts.enrolment import represent
from exchange.database import reading, transaction
from exchange.models.accounts import Representation
from exchange.models.journal import JournalEvent
from exchange.programs.inquiry_file import issue_inquiry
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from exchange.transfers import partners
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.files import listed
from tests.support.partners import Partner, make_partner

CENTURIES = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def agent(each_exchange: Exchange) -> Partner:
    kind = OrganizationKind.PROCESSOR
    return make_partner(each_exchange, Role.EMPLOYER, 7, kind=kind, administrator=True)


@pytest.fixture
def client(each_exchange: Exchange) -> Partner:
    return make_partner(each_exchange, Role.EMPLOYER, administrator=True)


def change(exchange: Exchange, **values: object) -> None:
    """Do what only somebody with the database could."""
    with transaction(exchange.engine) as session:
        session.execute(update(Representation).values(**values))


def clients_now(exchange: Exchange, agent: Partner) -> list[str]:
    with reading(exchange.engine) as session:
        now = exchange.clock()
        return [one.name for one in partners.clients_of(session, exchange, agent.organization.id, now)]


def damages(exchange: Exchange) -> list[str]:
    with reading(exchange.engine) as session:
        told = select(JournalEvent.facts).where(JournalEvent.kind == "identity.damaged")
        return list(session.exec(told))


def test_what_the_portal_wrote_counts_and_no_change_by_hand_does(
    each_exchange: Exchange, agent: Partner, client: Partner, clock: Clock
) -> None:
    other = make_partner(each_exchange, Role.EMPLOYER, 2)
    row = represent(each_exchange, agent.organization.id, client.organization.id)
    clock.forward(seconds=1)
    assert clients_now(each_exchange, agent) == [client.organization.name]
    for forged in (
        {"client_id": other.organization.id},
        {"since": row.since - timedelta(days=400)},
        {"until": CENTURIES},
        {"authenticator": b""},
    ):
        change(each_exchange, **forged)
        assert clients_now(each_exchange, agent) == []
        kept = {name: getattr(row, name) for name in ("client_id", "since", "until", "authenticator")}
        change(each_exchange, **kept)
        assert clients_now(each_exchange, agent) == [client.organization.name]


def test_an_end_that_is_taken_out_of_the_database_stays_an_end_and_staff_see_that(
    each_exchange: Exchange, agent: Partner, client: Partner, clock: Clock
) -> None:
    represent(each_exchange, agent.organization.id, client.organization.id)
    clock.forward(seconds=1)
    (relation,) = clients.relations(each_exchange, client.actor).agents
    clients.withdraw(each_exchange, client.actor, relation.id)
    change(each_exchange, until=None)
    assert clients_now(each_exchange, agent) == []
    staff = make_partner(each_exchange, Role.OCSS_STAFF)
    (shown,) = console.organization(each_exchange, staff.actor, client.organization.id).relations
    assert (shown.until, shown.genuine) == (None, False)
    clients.withdraw(each_exchange, client.actor, relation.id)  # the client may end what it sees
    (ended,) = clients.relations(each_exchange, agent.actor).clients
    assert (ended.until is not None, ended.genuine) == (True, False)


def test_an_agent_that_was_put_into_the_database_gets_no_inquiry_file_and_the_journal_says_why(
    each_exchange: Exchange,
) -> None:
    seed(each_exchange, 50, 3)
    bank = make_partner(each_exchange, Role.FINANCIAL_INSTITUTION, 2)
    honest, planted = (make_partner(each_exchange, Role.TRANSMITTER, number) for number in (1, 2))
    represent(each_exchange, honest.organization.id, bank.organization.id)
    with transaction(each_exchange.engine) as session:
        forged = Representation(
            id=uuid4(),
            transmitter_id=planted.organization.id,
            client_id=bank.organization.id,
            since=each_exchange.clock(),
            authenticator=session.exec(select(Representation.authenticator)).one(),
        )
        session.add(forged)
    assert issue_inquiry(each_exchange, "202610") == 2
    assert listed(each_exchange, planted.actor) == []
    assert len(listed(each_exchange, honest.actor)) == 1
    assert damages(each_exchange) == ['{"table":"Representation"}']


def test_rows_from_before_the_marks_are_marked_once_and_count(
    each_exchange: Exchange, agent: Partner, client: Partner, clock: Clock
) -> None:
    represent(each_exchange, agent.organization.id, client.organization.id)
    clock.forward(seconds=1)
    (relation,) = clients.relations(each_exchange, client.actor).agents
    clients.withdraw(each_exchange, client.actor, relation.id)
    represent(each_exchange, agent.organization.id, client.organization.id)
    clock.forward(seconds=1)
    migrate.downgrade(each_exchange.engine, "0009")
    migrate.migrate(each_exchange.engine, cells=lambda: each_exchange.vault.cells)
    assert clients_now(each_exchange, agent) == [client.organization.name]
    with reading(each_exchange.engine) as session:
        everything = col(Representation.client_id) == client.organization.id
        assert len(representations.genuine(session, each_exchange, everything)) == 2
