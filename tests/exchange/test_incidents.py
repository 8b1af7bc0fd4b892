"""A report of an incident reaches OCSS at once, is sealed, and is nobody else's."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from exchange import incidents
from exchange.database import reading
from exchange.errors import IncidentNotFoundError, NotPermittedError
from exchange.models.incidents import Incident
from exchange.models.jobs import Notice
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner

WORDS = "A laptop was left in a train. It is being searched for."
GOOD = {
    "kind": "device",
    "people": "few",
    "tax_information": "no",
    "description": WORDS,
    "phone": "785 555 0100",
}


@pytest.fixture
def ocss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.OCSS_STAFF)


@pytest.fixture
def fields(exchange: Exchange) -> dict[str, str]:
    now = exchange.clock()
    day = {"discovered_on-month": str(now.month), "discovered_on-day": str(now.day)}
    return GOOD | day | {"discovered_on-year": str(now.year), "discovered_at": f"{now:%H:%M}"}


def reported(exchange: Exchange, partner: Partner, fields: dict[str, str]) -> UUID:
    answers = incidents.check(exchange, fields)
    assert not answers.problems
    return incidents.report(exchange, partner.actor, answers.values)


def test_a_report_is_told_to_ocss_and_followed_by_both(
    exchange: Exchange, ocss: Partner, employer: Partner, fields: dict[str, str]
) -> None:
    identifier = reported(exchange, employer, fields)
    with reading(exchange.engine) as session:
        assert [one.organization_id for one in session.exec(select(Notice)).all()] == [ocss.organization.id]
    incidents.take(exchange, ocss.actor, identifier)
    seen = incidents.incident(exchange, employer.actor, identifier)
    assert (seen.status, seen.taken_by, seen.in_time) == ("taken", ocss.account.name, True)
    assert (seen.description, seen.phone) == (WORDS, "7855550100")
    incidents.close(exchange, ocss.actor, identifier)
    assert [one.status for one in incidents.incidents(exchange, ocss.actor)] == ["closed"]


def test_its_words_are_sealed(
    exchange: Exchange, ocss: Partner, employer: Partner, fields: dict[str, str]
) -> None:
    assert ocss
    reported(exchange, employer, fields)
    with reading(exchange.engine) as session:
        kept = repr(session.exec(select(Incident)).one().model_dump())
    assert "laptop" not in kept
    assert "5550100" not in kept


def test_another_organization_s_report_looks_like_none(
    exchange: Exchange, ocss: Partner, employer: Partner, other_employer: Partner, fields: dict[str, str]
) -> None:
    assert ocss
    identifier = reported(exchange, employer, fields)
    assert incidents.incidents(exchange, other_employer.actor) == []
    for nobody in (identifier, uuid4()):
        with pytest.raises(IncidentNotFoundError):
            incidents.incident(exchange, other_employer.actor, nobody)


@pytest.mark.parametrize("act", [incidents.take, incidents.close])
def test_only_ocss_takes_and_closes_and_each_only_once(
    exchange: Exchange,
    ocss: Partner,
    employer: Partner,
    fields: dict[str, str],
    act: Callable[..., None],
) -> None:
    identifier = reported(exchange, employer, fields)
    with pytest.raises(NotPermittedError):
        act(exchange, employer.actor, identifier)
    incidents.take(exchange, ocss.actor, identifier)
    if act is incidents.close:
        incidents.close(exchange, ocss.actor, identifier)
    with pytest.raises(IncidentNotFoundError):
        act(exchange, ocss.actor, identifier)


def test_the_hour_counts_from_the_discovery(
    exchange: Exchange, ocss: Partner, employer: Partner, fields: dict[str, str], clock: Clock
) -> None:
    clock.forward(minutes=62)
    identifier = reported(exchange, employer, fields)
    assert not incidents.incident(exchange, ocss.actor, identifier).in_time


WRONG = [
    ({"kind": "aliens"}, "kind"),
    ({"discovered_at": "25:00"}, "discovered_at"),
    ({"discovered_on-year": "2999"}, "discovered_at"),
    ({"discovered_on-year": "2001"}, "discovered_on"),
    ({"discovered_on-day": ""}, "discovered_on"),
    ({"description": ""}, "description"),
    ({"description": "x" * 4001}, "description"),
    ({"description": "a\x00b"}, "description"),
    ({"phone": "12"}, "phone"),
    ({"people": ""}, "people"),
]


@pytest.mark.parametrize(("changed", "field"), WRONG, ids=str)
def test_each_mistake_is_told_at_its_question(
    exchange: Exchange, fields: dict[str, str], changed: dict[str, str], field: str
) -> None:
    assert [one.field for one in incidents.check(exchange, fields | changed).problems] == [field]
