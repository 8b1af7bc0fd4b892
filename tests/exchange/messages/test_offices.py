"""Offices of an agency, and who of an organization receives which topic."""

from uuid import UUID, uuid4

import pytest

from exchange import errors
from exchange.accounts import people
from exchange.database import reading
from exchange.messages import access, desk, offices, receivers
from exchange.messages.offices import OfficeView
from exchange.messages.reading import opened
from exchange.messages.receivers import Receivers
from exchange.models.messages import ThreadSide, TopicReader
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.correspondence import inbox, write
from tests.support.partners import Partner, make_colleague, make_partner


def named(exchange: Exchange, partner: Partner) -> list[tuple[str, list[str], bool]]:
    """The offices: name, topics, whether closed."""
    views: list[OfficeView] = offices.offices(exchange, partner.actor).offices
    return [(one.name, [topic.slug for topic in one.topics], one.closed) for one in views]


def of_topic(exchange: Exchange, head: Partner, slug: str) -> Receivers:
    (found,) = (one for one in receivers.receivers(exchange, head.actor) if one.topic.slug == slug)
    return found


def test_a_topic_goes_to_its_office_unless_its_writer_names_one(each_exchange: Exchange) -> None:
    employer = make_partner(each_exchange, Role.EMPLOYER)
    state = make_partner(each_exchange, Role.STATE, administrator=True)
    north = offices.make(each_exchange, state.actor, " North  side ")
    south = offices.make(each_exchange, state.actor, "South")
    offices.route(each_exchange, state.actor, {"general": str(north), "payment": str(south)})
    for _ in range(2):
        offices.route(each_exchange, state.actor, {"general": str(south), "payment": ""})
    assert named(each_exchange, state) == [("North side", [], False), ("South", ["general"], False)]
    write(each_exchange, employer.actor, state)
    write(each_exchange, employer.actor, state, office=str(north))
    write(each_exchange, employer.actor, state, topic="payment")
    assert [line.office for line in inbox(each_exchange, state.actor)] == ["", "North side", "South"]


def test_an_office_is_renamed_closed_and_opened_again(
    exchange: Exchange, employer: Partner, state: Partner, head: Partner
) -> None:
    north = offices.make(exchange, head.actor, "North")
    offices.route(exchange, head.actor, {"general": str(north)})
    write(exchange, employer.actor, state)
    offices.rename(exchange, head.actor, north, "Northern office")
    offices.close(exchange, head.actor, north)
    assert named(exchange, state) == [("Northern office", [], True)]
    write(exchange, employer.actor, state, office=str(north))
    assert [line.office for line in inbox(exchange, state.actor)] == ["", "Northern office"]
    assert offices.make(exchange, head.actor, "Northern office") == north
    assert named(exchange, state) == [("Northern office", [], False)]


def test_names_and_routes_that_cannot_be_are_refused(
    exchange: Exchange, state: Partner, head: Partner, tribe: Partner
) -> None:
    north = offices.make(exchange, head.actor, "North")
    south = offices.make(exchange, head.actor, "South")
    for wrong in (" ", "x" * 81, "North"):
        with pytest.raises(errors.FieldsRefusedError):
            offices.make(exchange, head.actor, wrong)
    with pytest.raises(errors.FieldsRefusedError):
        offices.rename(exchange, head.actor, south, "North")
    offices.close(exchange, head.actor, south)
    for gone in (south, uuid4()):
        with pytest.raises(errors.FieldsRefusedError) as refused:
            offices.route(
                exchange, head.actor, {"general": str(gone), "payment": str(north), "technical": "x"}
            )
        assert list(refused.value.problems) == ["general"]
        with pytest.raises(errors.RecordNotFoundError):
            offices.close(exchange, head.actor, gone)
    chief = make_colleague(tribe, "chief", administrator=True)
    with pytest.raises(errors.RecordNotFoundError):
        offices.rename(exchange, chief.actor, north, "Ours")
    assert named(exchange, state) == [("North", [], False), ("South", [], True)]


def test_there_are_only_so_many_offices(
    exchange: Exchange, head: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offices, "MOST", 1)
    offices.make(exchange, head.actor, "North")
    with pytest.raises(errors.NotNowError):
        offices.make(exchange, head.actor, "South")


def test_only_who_looks_after_an_agency_changes_its_offices(exchange: Exchange, state: Partner) -> None:
    employer = make_partner(exchange, Role.EMPLOYER, administrator=True)
    for somebody in (state, employer):
        with pytest.raises(errors.NotPermittedError):
            offices.make(exchange, somebody.actor, "North")
    with pytest.raises(errors.NotPermittedError):
        offices.offices(exchange, employer.actor)


def test_a_topic_is_seen_by_those_who_receive_it(each_exchange: Exchange) -> None:
    employer = make_partner(each_exchange, Role.EMPLOYER)
    state = make_partner(each_exchange, Role.STATE, administrator=True)
    one, other = (make_colleague(state, name) for name in ("one", "other"))
    thread_id, _ = write(each_exchange, employer.actor, state)
    receivers.choose(each_exchange, state.actor, "general", [one.account.id])
    assert [len(inbox(each_exchange, who.actor)) for who in (state, one, other)] == [1, 1, 0]
    with pytest.raises(errors.ThreadNotFoundError):
        opened(each_exchange, other.actor, thread_id)
    receivers.choose(each_exchange, state.actor, "general", [])
    assert len(inbox(each_exchange, other.actor)) == 1


def test_a_topic_whose_receivers_are_gone_is_received_by_all(
    exchange: Exchange, employer: Partner, state: Partner, head: Partner
) -> None:
    one, other = (make_colleague(state, name) for name in ("one", "other"))
    write(exchange, employer.actor, state)
    chosen = [one.account.id, other.account.id]
    receivers.choose(exchange, head.actor, "general", chosen)
    assert inbox(exchange, state.actor) == []
    people.suspend(exchange, head.actor, one.account.id)
    assert inbox(exchange, state.actor) == []
    assert [name for _, name in of_topic(exchange, head, "general").gone] == [one.account.name]
    people.remove(exchange, head.actor, other.account.id)
    assert len(inbox(exchange, state.actor)) == 1
    found = of_topic(exchange, head, "general")
    assert (found.everybody, len(found.gone)) == (True, 2)
    people.reactivate(exchange, head.actor, one.account.id)
    assert inbox(exchange, state.actor) == []


def test_whoever_has_gone_is_not_the_one_who_is_told(
    exchange: Exchange, employer: Partner, state: Partner, head: Partner
) -> None:
    one, other = (make_colleague(state, name) for name in ("one", "other"))
    thread_id, _ = write(exchange, employer.actor, state, person=str(one.account.id))
    receivers.choose(exchange, head.actor, "general", [other.account.id])
    desk.assign(exchange, head.actor, thread_id, other.account.id)
    told = [_told(exchange, state, thread_id)]
    for gone in (other, one):
        people.suspend(exchange, head.actor, gone.account.id)
        told.append(_told(exchange, state, thread_id))
    assert told == [[other.account.id], [one.account.id], []]


def _told(exchange: Exchange, partner: Partner, thread_id: UUID) -> list[UUID]:
    with reading(exchange.engine) as session:
        side = session.get_one(ThreadSide, (thread_id, partner.organization.id))
        return access.receivers(session, side)


def test_only_people_and_topics_of_ones_own_are_chosen(
    exchange: Exchange, employer: Partner, state: Partner, head: Partner
) -> None:
    with pytest.raises(errors.FieldsRefusedError):
        receivers.choose(exchange, head.actor, "general", [employer.account.id])
    for topic in ("weather", "data-matching"):
        with pytest.raises(errors.RecordNotFoundError):
            receivers.choose(exchange, head.actor, topic, [state.account.id])
    with pytest.raises(errors.NotPermittedError):
        receivers.choose(exchange, state.actor, "general", [state.account.id])
    with pytest.raises(errors.NotPermittedError):
        receivers.receivers(exchange, employer.actor)
    assert (head.account.id, head.account.name) in receivers.people(exchange, head.actor)
    with exchange.engine.connect() as connection:
        assert connection.execute(TopicReader.__table__.select()).all() == []
