"""Employer search: agencies find an employer by name or FEIN and see what is disclosed; there is no list."""

from uuid import uuid4

import pytest
from sqlmodel import select

from exchange import errors
from exchange.accounts import console, details, employers, enrolment, organizations
from exchange.database import reading
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Permission, Role, holders
from tests.conftest import Clock
from tests.exchange.test_details import ELSEWHERE, SAME, SOMEBODY, SOMEWHERE
from tests.support.partners import Partner, make_partner


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE)


def names(found: list[employers.Found]) -> list[str]:
    return [one.name for one in found]


def test_an_employer_is_found_by_name_number_and_verified_subsidiary(each_exchange: Exchange) -> None:
    boss = make_partner(each_exchange, Role.EMPLOYER, administrator=True)
    staff, worker = (make_partner(each_exchange, role) for role in (Role.OCSS_STAFF, Role.STATE))
    organizations.add_subsidiary(each_exchange, boss.actor, "Linden Chairs", "00-1888777")

    def found(typed: str) -> list[str]:
        return names(employers.search(each_exchange, worker.actor, typed))

    own = [boss.organization.name]
    dashed = f"{boss.fein[:2]}-{boss.fein[2:]}"
    assert [found(typed) for typed in ("EMPLOYER 1", boss.fein, dashed)] == [own] * 3
    assert [found(typed) for typed in ("linden", "001888777", "sample_employer", "sam%ple")] == [[]] * 4
    further = organizations.own(each_exchange, boss.actor).numbers[1].id
    console.verify_subsidiary(each_exchange, staff.actor, further)
    assert [found(typed) for typed in ("linden", "001888777")] == [own] * 2
    (hit,) = employers.search(each_exchange, worker.actor, "linden")
    assert hit.subsidiaries == ("Linden Chairs",)
    head = make_partner(each_exchange, Role.OCSS_ADMINISTRATOR, 2)
    console.suspend(each_exchange, head.actor, hit.id)
    assert found(boss.fein) == []


@pytest.mark.parametrize("typed", ["", "ab", "-- a --", "%%%", "12345678", "00-10000"])
def test_who_asks_for_too_little_gets_advice(exchange: Exchange, worker: Partner, typed: str) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        employers.search(exchange, worker.actor, typed)
    assert "nine digits" in refusal.value.problems["q"]


def test_there_is_no_list_of_all(exchange: Exchange, worker: Partner) -> None:
    for number in range(employers.MOST + 1):
        kind, name = OrganizationKind.EMPLOYER, f"Common Works {number:02}"
        enrolment.create_organization(exchange, enrolment.NewOrganization(kind=kind, name=name))
    with pytest.raises(errors.FieldsRefusedError, match="Enter more of it"):
        employers.search(exchange, worker.actor, "Common Works")
    assert len(employers.search(exchange, worker.actor, "works 1")) == 10
    with reading(exchange.engine) as session:
        noted = select(JournalEvent.facts).where(JournalEvent.kind == "employer.searched")
        assert session.exec(noted).all() == ['{"by":"name","found":21}', '{"by":"name","found":10}']


def test_agencies_see_what_the_table_discloses(
    exchange: Exchange, boss: Partner, worker: Partner, clock: Clock
) -> None:
    details.save(exchange, boss.actor, "address", "withholding", SOMEWHERE)
    details.save(exchange, boss.actor, "address", "medical", SAME)
    details.save(exchange, boss.actor, "contact", "verification", SOMEBODY)
    details.save(exchange, boss.actor, "contact", "security", SOMEBODY | {"name": "Sam Secret"})
    details.save(exchange, boss.actor, "address", "withholding", ELSEWHERE)
    organizations.add_subsidiary(exchange, boss.actor, "Not Verified", "001888777")
    organizations.confirm(exchange, boss.actor)
    seen = employers.look(exchange, worker.actor, boss.organization.id)
    streets = [(about.title, one.street if one else None) for about, one in seen.addresses]
    assert streets == [
        ("Main office", None),
        ("Payroll and income withholding", "2 Sample Street"),
        ("Medical support notices", "2 Sample Street"),
        ("Verification of employment", None),
    ]
    assert [one.name for _, one in seen.contacts if one] == ["Pat Payroll"]
    assert [number.name for number in seen.numbers] == [""]
    assert seen == employers.as_seen(organizations.own(exchange, boss.actor))
    assert (seen.due, seen.confirmed_at is None) == (False, False)
    clock.forward(days=183)
    assert employers.look(exchange, worker.actor, boss.organization.id).due
    with reading(exchange.engine) as session:
        noted = select(JournalEvent).where(JournalEvent.kind == "employer.looked_at")
        assert {one.subject_id for one in session.exec(noted)} == {boss.organization.id}


def test_only_employers_are_found(exchange: Exchange, worker: Partner) -> None:
    bank = make_partner(exchange, Role.FINANCIAL_INSTITUTION)
    processor = make_partner(exchange, Role.EMPLOYER, kind=OrganizationKind.PROCESSOR)
    found = employers.search(exchange, worker.actor, "Sample")
    assert names(found) == [processor.organization.name]
    for nobody in (bank.organization.id, worker.organization.id, uuid4()):
        with pytest.raises(errors.RecordNotFoundError):
            employers.look(exchange, worker.actor, nobody)


def test_states_tribes_and_ocss_look_and_nobody_else(exchange: Exchange, boss: Partner) -> None:
    agencies = {Role.STATE, Role.TRIBE, Role.OCSS_STAFF, Role.OCSS_ADMINISTRATOR}
    assert set(holders(Permission.EMPLOYER_SEARCH)) == agencies
    insurer = make_partner(exchange, Role.INSURER)
    for stranger in (boss, insurer):
        with pytest.raises(errors.NotPermittedError):
            employers.search(exchange, stranger.actor, boss.fein)
        with pytest.raises(errors.NotPermittedError):
            employers.look(exchange, stranger.actor, boss.organization.id)
