"""The synthetic population is a pure function of number and seed."""

import re

import pytest

from exchange.registry.agencies import AGENCIES, STATES
from exchange.registry.population import MOST_PEOPLE, NUMBERS, Population, is_custodial

PEOPLE = Population(20_000, 7)


def test_a_person_alone_is_the_person_in_the_block() -> None:
    block = list(PEOPLE.block(4_990, 20))
    assert [PEOPLE.person(number) for number in range(4_990, 5_010)] == block


def test_no_two_people_and_no_stranger_share_an_ssn() -> None:
    everybody = PEOPLE.block(0, 40_000).ssn
    assert len(set(everybody)) == 40_000
    assert PEOPLE.stranger(3).ssn == everybody[20_003]


@pytest.mark.parametrize("seed", [0, 1, 41, 2**31 - 1])
def test_every_ssn_is_from_a_range_never_issued(seed: int) -> None:
    last = Population(MOST_PEOPLE, seed).block(MOST_PEOPLE - 5_000, 10_000).ssn
    assert len(set(last)) == 10_000
    assert all(re.fullmatch(r"9[0-7]\d(0[1-9]|[1-4]\d)\d{4}", ssn) and ssn[5:] != "0000" for ssn in last)


def test_ssns_fill_the_whole_range_before_one_comes_again() -> None:
    assert NUMBERS == 39_196_080
    population = Population(1, 5)
    assert population.block(NUMBERS, 1).ssn == population.block(0, 1).ssn


def test_another_seed_gives_other_people() -> None:
    assert set(Population(500, 1).block(0, 500).ssn).isdisjoint(Population(500, 2).block(0, 500).ssn)


def test_who_owes_owes_one_to_three_different_states() -> None:
    for person in PEOPLE.block(0, 3_000):
        assert len(set(person.states)) == len(person.cases)
        assert (len(person.cases) == 0) == is_custodial(person.number)
        assert len(person.cases) <= 3
        assert all(case.cents > 0 and case.number.startswith(case.state) for case in person.cases)
        assert list(person.states) == sorted(person.states)


def test_names_and_dates_fit_the_columns_of_the_layouts() -> None:
    for person in PEOPLE.block(0, 3_000):
        assert 1 < len(person.last_name) <= 20
        assert 1 < len(person.first_name) <= 15
        assert re.fullmatch(r"(19|20)\d{6}", person.birth_date)


@pytest.mark.parametrize("people", [-1, MOST_PEOPLE + 1])
def test_a_size_nobody_measured_is_refused(people: int) -> None:
    with pytest.raises(ValueError, match="10000000"):
        Population(people, 1)


def test_every_state_has_one_agency_with_contacts_that_reach_nobody() -> None:
    assert len(STATES) == 54
    assert {"KS", "DC", "PR", "GU", "VI"} <= set(STATES)
    for agency in AGENCIES.values():
        assert re.fullmatch(r"\d{3}55501\d\d", agency.phone)
        assert re.fullmatch(r"\d{3}55501\d\d", agency.fax)
        assert agency.email.endswith("@example.org")
        assert len(agency.name) <= 57
        assert len(agency.email) <= 48
        assert agency.fips.isdigit()
    assert len({agency.fips for agency in AGENCIES.values()}) == 54
