"""Terminations: what each state that is owed learns of them, and what their files may not say."""

from datetime import date

import pytest

from exchange.accounts import details
from exchange.accounts.enrolment import represent
from exchange.models.transfers import Status
from exchange.registry.population import Person, Population
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.support.partners import Partner, make_partner
from tests.support.record_files import Values, outbox, people_file, records, send

NEVER: Values = {
    "termination_code": "N",
    "termination_date": None,
    "final_payment_date": None,
    "final_payment_amount": None,
}
FOUND: Values = {
    "address1": "1 SAMPLE STREET",
    "city": "TOPEKA",
    "state": "KS",
    "zip": "66603",
    "phone": "7855550142",
    "new_employer_name": "BELLWEATHER FOODS",
    "new_employer_address": "2 SAMPLE ROAD",
    "new_employer_city": "OMAHA",
    "new_employer_state": "NE",
    "new_employer_zip": "681020001",
}


def entry(person: Person, **more: object) -> Values:
    return {"ssn": person.ssn, "last_name": person.last_name, "first_name": person.first_name, **more}


@pytest.fixture
def people(each_exchange: Exchange) -> Population:
    make_partner(each_exchange, Role.OCSS_STAFF)
    return seed(each_exchange, 200, 7)


@pytest.fixture
def sender(each_exchange: Exchange) -> Partner:
    return make_partner(each_exchange, Role.EMPLOYER, administrator=True)


def told(exchange: Exchange, sender: Partner, people: Population, entries: list[Values]) -> list[Values]:
    """What the first state that the first person owes reads of a file."""
    state = make_partner(exchange, Role.STATE, jurisdiction=people.person(3).states[0])
    assert send(
        exchange, sender.actor, "termination", people_file("termination", sender, entries)
    ).status is (Status.COMPLETE)
    [notice] = outbox(exchange, state.actor, "termination").values()
    return records("termination-notice", notice)


def test_a_state_learns_when_who_left_and_where_the_person_may_be_found(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    owing = people.person(3)
    contact = {"name": "Kim Payroll", "email": "kim@example.org", "telephone": "7855550143"}
    details.save(each_exchange, sender.actor, "contact", "withholding", contact)
    entries = [entry(people.stranger(1)), entry(owing, case_id="OURS", **FOUND)]
    [one] = told(each_exchange, sender, people, entries)
    assert one.items() >= (FOUND | {"ssn": owing.ssn, "last_name": owing.last_name}).items()
    assert (one["case_id"], one["issuing_state"]) == (owing.cases[0].number, owing.cases[0].state)
    assert (one["termination_code"], one["termination_date"]) == ("T", date(2026, 12, 18))
    assert (one["final_payment_date"], one["final_payment_amount"]) == (date(2026, 12, 24), 10_000)
    assert (one["sender_fein"], one["client_fein"]) == (sender.fein, sender.fein)
    assert one["employer_name"] == sender.organization.name.upper()
    assert (one["contact_name"], one["contact_phone"]) == ("KIM PAYROLL", "7855550143")


def test_who_never_worked_there_is_told_without_a_day(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    [one] = told(each_exchange, sender, people, [entry(people.person(3), **NEVER)])
    assert {name: one[name] for name in NEVER} == NEVER
    assert one["contact_name"] is None


def test_a_third_party_reports_for_its_client_and_the_state_sees_both_numbers(
    each_exchange: Exchange, people: Population
) -> None:
    processor, client, stranger = (
        make_partner(each_exchange, Role.EMPLOYER, 1, kind=OrganizationKind.PROCESSOR),
        make_partner(each_exchange, Role.EMPLOYER, 2),
        make_partner(each_exchange, Role.EMPLOYER, 3),
    )
    represent(each_exchange, processor.organization.id, client.organization.id)
    owing = people.person(3)
    state = make_partner(each_exchange, Role.STATE, jurisdiction=owing.states[0])

    def report(number: str, fein: str) -> Status:
        content = people_file("termination", processor, [entry(owing)], number, client_fein=fein)
        return send(each_exchange, processor.actor, "termination", content).status

    assert report("C1", client.fein) is Status.COMPLETE
    assert report("C2", stranger.fein) is Status.REJECTED
    [notice] = outbox(each_exchange, state.actor, "termination").values()
    [one] = records("termination-notice", notice)
    assert (one["sender_fein"], one["client_fein"]) == (processor.fein, client.fein)


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"termination_date": None}, "termination_date", "X001"),
        ({"termination_date": date(2062, 12, 18)}, "termination_date", "V021"),
        ({"final_payment_date": date(2062, 12, 18)}, "final_payment_date", "V021"),
        ({"final_payment_date": None}, "final_payment_date", "X001"),
        ({**NEVER, "termination_date": date(2026, 12, 18)}, "termination_date", "X006"),
        ({**NEVER, "final_payment_date": date(2026, 12, 18)}, "final_payment_date", "X006"),
        ({**NEVER, "final_payment_amount": 5}, "final_payment_amount", "X002"),
    ],
    ids=["no day", "far", "paid far", "amount alone", "never, day", "never, paid", "never, amount"],
)
def test_a_day_belongs_to_who_worked_there_and_to_nobody_else(
    exchange: Exchange, employer: Partner, more: Values, field: str, code: str
) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    people = Population(10, 7)
    content = people_file("termination", employer, [entry(people.person(4)), entry(people.person(3), **more)])
    back = send(exchange, employer.actor, "termination", content)
    assert (back.status, back.codes) == (Status.COMPLETE, [(3, field, code)])
    results = records("termination-result", back.answers[".res"])
    assert [(one["result_code"], one["error1"]) for one in results] == [("N", None), ("E", code)]


def test_the_same_file_and_the_same_control_number_are_taken_once(
    exchange: Exchange, employer: Partner
) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    first = people_file("termination", employer, [entry(Population(10, 7).person(4))])
    other = people_file("termination", employer, [entry(Population(10, 7).person(5))])
    assert send(exchange, employer.actor, "termination", first).codes == []
    assert {code for _, _, code in send(exchange, employer.actor, "termination", first).codes} == {
        "F093",
        "H013",
    }
    assert [code for _, _, code in send(exchange, employer.actor, "termination", other).codes] == ["H013"]
