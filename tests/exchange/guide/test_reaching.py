"""Writing to whoever keeps a jurisdiction's part, how to reach it otherwise, and one's own part in short."""

import pytest

from exchange.accounts.registration_rows import note_facts
from exchange.database import transaction
from exchange.guide import editions, loading, reaching
from exchange.guide.own import own
from exchange.guide.reaching import Reach, Way
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Role
from tests.support.guide import contact, small_guide
from tests.support.partners import Partner, make_partner


@pytest.fixture(autouse=True)
def loaded(exchange: Exchange) -> None:
    loading.load(exchange, small_guide())


def known_as(partner: Partner, **facts: str) -> Partner:
    with transaction(partner.exchange.engine) as session:
        note_facts(session, partner.exchange, partner.organization.id, facts)
    return partner


@pytest.fixture
def people(exchange: Exchange) -> dict[str, Partner]:
    """Somebody of everybody that the small guide tells of, but of Nebraska; and an employer."""
    return {
        "80DE": known_as(make_partner(exchange, Role.INTERNATIONAL), country="DE"),
        "20000": make_partner(exchange, Role.STATE, jurisdiction="KS"),
        "90830": known_as(make_partner(exchange, Role.TRIBE), locator_code="90830"),
        "00000": make_partner(exchange, Role.OCSS_STAFF),
        "employer": make_partner(exchange, Role.EMPLOYER),
    }


def reach(exchange: Exchange, who: Partner | None, code: str) -> Reach:
    part = editions.published(exchange).parts[code]
    return reaching.reach(exchange, who.actor if who else None, part, exchange.clock().date())


TOPICS = {
    ("80DE", "20000"): "case",
    ("80DE", "90830"): "case",
    ("80DE", "00000"): "general",
    ("20000", "80DE"): "case",
    ("90830", "20000"): "case",
    ("00000", "80DE"): "general",
    ("employer", "20000"): "general",
}


def test_one_writes_to_who_keeps_it_about_what_both_may(
    exchange: Exchange, people: dict[str, Partner]
) -> None:
    for (who, code), topic in TOPICS.items():
        found = reach(exchange, people[who], code)
        assert found.topic
        assert (found.way, found.to) == (Way.HERE, people[code].organization.id)
        assert found.topic.slug == topic


def test_who_cannot_be_written_to_is_reached_otherwise(
    exchange: Exchange, people: dict[str, Partner]
) -> None:
    nobody = reach(exchange, people["80DE"], "31000")
    assert nobody.contact
    assert (nobody.way, nobody.to, nobody.contact.phone) == (Way.NOBODY, None, "201-555-0101")
    assert reach(exchange, people["80DE"], "80DE").way is Way.OWN
    assert reach(exchange, people["employer"], "80DE").way is Way.NOBODY
    assert reach(exchange, None, "20000").way is Way.STRANGER
    assert reach(exchange, None, "80DE").contact is None


def test_the_contact_that_is_meant_for_it_comes_first(exchange: Exchange) -> None:
    part = editions.published(exchange).parts["20000"]
    office, silent = contact("2000003", "an-office", "office"), contact("20000", "a", "uifsa")
    shown = (office, silent.model_copy(update={"phone": ""}), *part.contacts)
    first = reaching.main_contact(part.model_copy(update={"contacts": shown}), exchange.clock().date())
    assert first
    assert first.type == "central-registry"


def test_ones_own_part_in_short(exchange: Exchange, people: dict[str, Partner]) -> None:
    kansas = own(exchange, people["20000"].actor)
    assert kansas
    assert (kansas.facts.name, kansas.answers, kansas.contacts) == ("Kansas", 2, 1)
    assert kansas.kept == {EntrySort.ANSWER, EntrySort.CONTACT}
    abroad = own(exchange, people["80DE"].actor)
    assert abroad
    assert (abroad.facts.name, abroad.kept) == ("Germany", {EntrySort.CONTACT})
    assert own(exchange, people["employer"].actor) is None
    assert own(exchange, people["00000"].actor) is None
