"""A processor acts for a client only while the client agrees, and asking tells nothing about anybody."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import select

from exchange import errors
from exchange.accounts import acting, clients
from exchange.database import reading, transaction
from exchange.models.accounts import Representation
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Finding
from exchange.programs import on_screen
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.pipeline import drive
from exchange.transfers.views import TransferView
from roles.organizations import OrganizationKind
from roles.permissions import Role
from schemas.forms import Answers
from tests.conftest import Clock
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.record_files import people_file


@pytest.fixture
def processor(exchange: Exchange) -> Partner:
    kind = OrganizationKind.PROCESSOR
    return make_partner(exchange, Role.EMPLOYER, 7, kind=kind, administrator=True)


@pytest.fixture
def client(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def agreed(exchange: Exchange, processor: Partner, client: Partner, clock: Clock) -> clients.Relation:
    clients.ask(exchange, processor.actor, client.fein)
    (asked,) = clients.relations(exchange, client.actor).asked_of_us
    clients.agree(exchange, client.actor, asked.id)
    clock.forward(minutes=1)
    return clients.relations(exchange, client.actor).agents[0]


def report(exchange: Exchange, processor: Partner, client: Partner, number: str) -> TransferView:
    somebody = {"ssn": "900001234", "last_name": "SAMPLESON", "first_name": "ALEX"}
    content = people_file("lump-sum", processor, [somebody], number, client_fein=client.fein)
    with intake.begin(exchange, processor.actor, "lump-sum", f"{number}.txt") as arriving:
        arriving.write(content)
        handed = arriving.finish()
    drive(exchange, handed.transfer.id)
    return delivery.transfer(exchange, processor.actor, handed.transfer.id)


def codes(exchange: Exchange, view: TransferView) -> set[str]:
    with reading(exchange.engine) as session:
        return set(session.exec(select(Finding.code).where(Finding.transfer_id == view.id)))


def test_it_acts_from_the_consent_to_the_withdrawal_and_is_told_why_not_after(
    exchange: Exchange, processor: Partner, client: Partner, clock: Clock
) -> None:
    assert codes(exchange, report(exchange, processor, client, "A1")) == {"H009"}
    clients.ask(exchange, processor.actor, client.fein)
    (asked,) = clients.relations(exchange, client.actor).asked_of_us
    assert codes(exchange, report(exchange, processor, client, "A2")) == {"H009"}
    clients.agree(exchange, client.actor, asked.id)
    clock.forward(seconds=1)
    assert report(exchange, processor, client, "A3").status == "COMPLETE"
    (relation,) = clients.relations(exchange, client.actor).agents
    clients.withdraw(exchange, client.actor, relation.id)
    refused = report(exchange, processor, client, "A4")
    assert (refused.status, codes(exchange, refused)) == ("REJECTED", {"H017"})
    (finding, *_) = delivery.findings(exchange, processor.actor, refused.id).items
    assert "Ask it to agree again" in finding.message


def test_a_consent_that_was_changed_in_the_database_lets_nothing_in_and_is_noticed(
    exchange: Exchange, processor: Partner, client: Partner, agreed: clients.Relation
) -> None:
    with transaction(exchange.engine) as session:
        session.execute(update(Representation).values(since=agreed.since - timedelta(days=1)))
    refused = report(exchange, processor, client, "A1")
    assert (refused.status, codes(exchange, refused)) == ("REJECTED", {"H009"})
    with reading(exchange.engine) as session:
        damaged = select(JournalEvent.subject_id).where(JournalEvent.kind == "identity.damaged")
        assert set(session.exec(damaged)) == {agreed.id}


def test_the_form_on_the_screen_is_held_to_the_same(
    exchange: Exchange, processor: Partner, client: Partner, agreed: clients.Relation
) -> None:
    acts = replace(processor.actor, client=acting.chosen(exchange, processor.actor, client.organization.id))
    assert on_screen.employers(exchange, acts) == [(client.fein, client.organization.name)]
    clients.withdraw(exchange, processor.actor, agreed.id)
    with pytest.raises(errors.RepresentationEndedError):
        on_screen.employers(exchange, acts)
    assert on_screen.employers(exchange, processor.actor) == [(processor.fein, processor.organization.name)]
    typed = {"client_fein": client.fein, "ssn": "900-00-1234", "last_name": "Sample", "first_name": "Robin"}
    outcome = on_screen.report(exchange, processor.actor, "debt-inquiry", typed)
    assert isinstance(outcome, Answers)
    assert outcome.problems


def test_either_side_ends_it_once_and_both_are_told(
    exchange: Exchange, processor: Partner, client: Partner, agreed: clients.Relation
) -> None:
    clients.withdraw(exchange, processor.actor, agreed.id)
    for actor in (processor.actor, client.actor):
        with pytest.raises(errors.RecordNotFoundError):
            clients.withdraw(exchange, actor, agreed.id)
    assert clients.relations(exchange, client.actor).agents[0].until
    with reading(exchange.engine) as session:
        told = sorted(session.exec(select(Letter.event)))
    assert told == ["mandate-asked", "representation-changed", "representation-changed"]


def test_asking_for_a_number_that_nobody_has_looks_like_asking_for_one_that_somebody_has(
    exchange: Exchange, processor: Partner, client: Partner
) -> None:
    for fein in (client.fein, "001999999"):
        clients.ask(exchange, processor.actor, f"{fein[:2]}-{fein[2:]}")
    known, unknown = clients.relations(exchange, processor.actor).asked
    assert (known.state, known.agent) == (unknown.state, unknown.agent)
    assert client.fein not in f"{known}{unknown}"


def test_nobody_else_answers_or_ends_it(
    exchange: Exchange, processor: Partner, client: Partner, other_employer: Partner
) -> None:
    clients.ask(exchange, processor.actor, client.fein)
    (asked,) = clients.relations(exchange, client.actor).asked_of_us
    stranger = make_colleague(other_employer, "boss-9", administrator=True)
    assert clients.relations(exchange, stranger.actor).asked_of_us == []
    for actor in (stranger.actor, processor.actor):
        for answer in (clients.agree, clients.decline):
            for wanted in (asked.id, uuid4()):
                with pytest.raises(errors.RecordNotFoundError):
                    answer(exchange, actor, wanted)
    with pytest.raises(errors.RecordNotFoundError):
        clients.take_back(exchange, client.actor, asked.id)
    plain = make_colleague(client, "worker-1")
    with pytest.raises(errors.NotPermittedError):
        clients.agree(exchange, plain.actor, asked.id)


def test_a_request_is_declined_or_taken_back_once(
    exchange: Exchange, processor: Partner, client: Partner
) -> None:
    clients.ask(exchange, processor.actor, client.fein)
    with pytest.raises(errors.FieldsRefusedError, match="already"):
        clients.ask(exchange, processor.actor, client.fein)
    (asked,) = clients.relations(exchange, client.actor).asked_of_us
    clients.decline(exchange, client.actor, asked.id)
    with pytest.raises(errors.RecordNotFoundError):
        clients.agree(exchange, client.actor, asked.id)
    clients.ask(exchange, processor.actor, client.fein)
    (again,) = clients.relations(exchange, client.actor).asked_of_us
    clients.take_back(exchange, processor.actor, again.id)
    states = [one.state for one in clients.relations(exchange, processor.actor).asked]
    assert sorted(states) == ["declined", "withdrawn"]


def test_only_those_ask_who_act_for_others_and_only_of_those_they_may_act_for(
    exchange: Exchange, processor: Partner, client: Partner
) -> None:
    with pytest.raises(errors.NotPermittedError):
        clients.ask(exchange, client.actor, processor.fein)
    bank = make_partner(exchange, Role.FINANCIAL_INSTITUTION, administrator=True)
    clients.ask(exchange, processor.actor, bank.fein)
    assert clients.relations(exchange, bank.actor).asked_of_us == []
    for typed in ("", "12345678", "1234567890", "12345678x", "१२३४५६७८९"):
        with pytest.raises(errors.FieldsRefusedError):
            clients.ask(exchange, processor.actor, typed)
