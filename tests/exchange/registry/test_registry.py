"""Seeding and matching on real databases: what the population says is what the registry answers."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import func, update
from sqlmodel import SQLModel, col, select

from exchange.database import reading, transaction
from exchange.errors import RegistrySeededError
from exchange.models.registry import (
    Debt,
    Inquiry,
    InquirySubject,
    Participant,
    Person,
    RegistrySeed,
    SupportCase,
)
from exchange.registry import keys, matching
from exchange.registry.matching import Match, Matches
from exchange.registry.population import Person as Synthetic
from exchange.registry.population import Population
from exchange.registry.seed import case_id, population_of, seed
from exchange.runtime import Exchange
from exchange.settings import Settings


def ask(exchange: Exchange, *asked: tuple[str, str]) -> Matches:
    ssns, names = zip(*asked, strict=True)
    with reading(exchange.engine) as session:
        cells = exchange.vault.cells
        return matching.match(session, cells, column(*ssns), column(*names))


def column(*words: str) -> npt.NDArray[np.bytes_]:
    return np.array([word.encode() for word in words], dtype=np.bytes_)


def states(answers: Matches) -> dict[int, tuple[str, ...]]:
    return {place: tuple(cases) for place, cases in owed(answers).items()}


def owed(answers: Matches) -> dict[int, dict[str, str]]:
    """By place each state that is owed, in the order of the answer, and its case number."""
    by_place: dict[int, dict[str, str]] = {}
    rows = (answers.owed.places.tolist(), answers.owed.states.tolist(), answers.owed.cases.tolist())
    for place, state, case in zip(*rows, strict=True):
        by_place.setdefault(place, {})[state.decode()] = case.decode()
    return by_place


def answer(answers: Matches, place: int) -> Match:
    if place in owed(answers):
        return Match.MATCH
    return Match.REVIEW if place in answers.review.tolist() else Match.NO_MATCH


def count(exchange: Exchange, model: type[SQLModel]) -> int:
    with reading(exchange.engine) as session:
        return session.exec(select(func.count()).select_from(model)).one()


def named(person: Synthetic) -> tuple[str, str]:
    return person.ssn, person.last_name


def test_a_seeded_registry_answers_exactly_what_its_population_says(each_exchange: Exchange) -> None:
    population = seed(each_exchange, 3_000, 7)
    people = [*population.block(0, 3_000), *(population.stranger(n) for n in range(1_000))]
    answers = ask(each_exchange, *map(named, people))
    assert states(answers) == {
        place: person.states for place, person in enumerate(people[:3_000]) if person.cases
    }
    assert owed(answers)[3] == {case.state: case.number for case in people[3].cases}
    assert answers.review.tolist() == []
    assert answer(answers, 0) is Match.MATCH
    assert answer(answers, 9) is Match.NO_MATCH


def test_the_same_ssn_with_another_name_is_for_review_and_names_no_state(each_exchange: Exchange) -> None:
    person = seed(each_exchange, 20, 7).person(3)
    answers = ask(each_exchange, (person.ssn, "XYLANDER"), named(person))
    assert answer(answers, 0) is Match.REVIEW
    assert 0 not in owed(answers)
    assert answer(answers, 1) is Match.MATCH


def test_a_custodial_party_is_no_match_under_any_name(each_exchange: Exchange) -> None:
    person = seed(each_exchange, 20, 7).person(9)
    answers = ask(each_exchange, named(person), (person.ssn, "XYLANDER"))
    assert (owed(answers), answers.review.tolist()) == ({}, [])


def test_a_debt_that_is_paid_is_no_match(exchange: Exchange) -> None:
    person = seed(exchange, 20, 7).person(3)
    paid, still = person.cases[0].state, person.states
    with transaction(exchange.engine) as session:
        session.execute(update(Debt).where(col(Debt.case_id) == case_id(3, 0)).values(cents=0))
    assert states(ask(exchange, named(person))).get(0, ()) == tuple(s for s in still if s != paid)


@pytest.mark.parametrize(
    ("written", "same"),
    [("o'fenn", b"OFEN"), ("DE LA VARRE", b"DELA"), ("ek", b"EK"), ("St. Orle", b"STOR"), ("-", b"")],
)
def test_a_name_is_compared_by_four_letters_without_blanks_and_punctuation(written: str, same: bytes) -> None:
    assert keys.name_key(written.encode()) == same


def test_many_names_are_compared_as_one_is() -> None:
    written = [
        "ALDERTON",
        "ALDER",
        "EK",
        "D'ARBY",
        "NG-ALDEN",
        "DE LA VARRE",
        "o'fenn",
        "-",
        "",
        "ABCD",
        "A2CDE",
    ]
    names = np.array([name.ljust(20).encode() for name in written])
    cells = names.view(np.uint8).reshape(len(names), 20)
    assert keys.name_keys(cells).tolist() == [keys.name_key(name) for name in names.tolist()]
    assert keys.name_keys(cells[:, :3]).tolist() == [keys.name_key(name[:3]) for name in names.tolist()]


def test_four_letters_decide_and_no_more(exchange: Exchange) -> None:
    population = seed(exchange, 200, 7)
    person = next(p for p in population.block(0, 200) if len(p.last_name) > 5 and p.cases)
    answers = ask(
        exchange, (person.ssn, person.last_name[:4] + "QQ"), (person.ssn, person.last_name[:3] + "QQQ")
    )
    assert [answer(answers, 0), answer(answers, 1)] == [Match.MATCH, Match.REVIEW]


def test_one_person_may_stand_in_a_file_twice(each_exchange: Exchange) -> None:
    person = seed(each_exchange, 20, 7).person(3)
    assert states(ask(each_exchange, named(person), named(person))) == {0: person.states, 1: person.states}


def test_nothing_asked_is_nothing_found(each_exchange: Exchange) -> None:
    with reading(each_exchange.engine) as session:
        nothing = matching.match(session, each_exchange.vault.cells, column(), column())
    assert (len(nothing.owed), len(nothing.review)) == (0, 0)


def test_the_data_match_knows_states_by_ssn_alone(each_exchange: Exchange) -> None:
    population = seed(each_exchange, 50, 7)
    ssns = [population.person(3).ssn, population.stranger(1).ssn, population.person(9).ssn]
    with reading(each_exchange.engine) as session:
        answers = matching.match_by_ssn(session, each_exchange.vault.cells, column(*ssns))
    assert states(answers) == {0: population.person(3).states}


def test_an_inquiry_is_remembered_by_its_period(each_exchange: Exchange) -> None:
    cells, population = each_exchange.vault.cells, Population(5, 1)
    ssns = column(*(person.ssn for person in population.block(0, 3)))
    with transaction(each_exchange.engine) as session:
        session.add(Inquiry(period="202610", issued_at=each_exchange.clock(), records=1))
        session.flush()
        [hashed] = keys.ssn_hashes(cells, ssns[1:2].tolist())
        session.add(InquirySubject(period="202610", ssn_hash=hashed, person_id=1))
    with reading(each_exchange.engine) as session:
        assert matching.inquired(session, cells, "202610", ssns).tolist() == [1]
        assert matching.inquired(session, cells, "202607", ssns).tolist() == []


def test_seeding_again_changes_nothing_and_another_population_is_refused(each_exchange: Exchange) -> None:
    heard: list[int] = []
    population = seed(each_exchange, 30, 7, heard.append)
    assert heard == [30]
    assert seed(each_exchange, 30, 7, heard.append) == population
    assert heard == [30]
    with pytest.raises(RegistrySeededError, match="30 people"):
        seed(each_exchange, 30, 8)
    assert population_of(each_exchange) == population
    assert count(each_exchange, Person) == 30


def test_a_registry_grows_and_keeps_whom_it_has(each_exchange: Exchange) -> None:
    seed(each_exchange, 28, 7)
    population = seed(each_exchange, 60, 7)
    people = list(population.block(0, 60))
    owed = {place: person.states for place, person in enumerate(people) if person.cases}
    assert states(ask(each_exchange, *map(named, people))) == owed
    assert count(each_exchange, Participant) == sum(len(person.cases) for person in people) + 6
    with pytest.raises(RegistrySeededError, match="60 people"):
        seed(each_exchange, 28, 7)


def test_an_empty_registry_has_an_empty_population(exchange: Exchange) -> None:
    assert population_of(exchange).people == 0


def test_no_ssn_and_no_name_can_be_read_from_the_registry(
    sqlite_settings: Settings, exchange: Exchange
) -> None:
    population = seed(exchange, 500, 7)
    exchange.dispose()
    stored = b"".join(file.read_bytes() for file in sqlite_settings.home.glob("portal.db*"))
    for person in population.block(0, 500):
        assert person.ssn.encode() not in stored
        assert len(person.last_name) < 5 or person.last_name.encode() not in stored


def test_a_person_can_be_read_again_by_the_installation(exchange: Exchange) -> None:
    person = seed(exchange, 20, 7).person(4)
    with reading(exchange.engine) as session:
        sealed = session.get_one(Person, 4).sealed
    opened = exchange.vault.cells.open(keys.PERSON, sealed)
    assert opened.split("|") == [person.ssn, person.last_name, person.first_name, person.birth_date]


def test_a_seeding_that_was_killed_goes_on_where_it_stopped(
    each_settings: Settings, each_exchange: Exchange, killed_while_seeding: Callable[[Settings], None]
) -> None:
    killed_while_seeding(each_settings)
    stored = population_of(each_exchange).people
    assert 0 < stored < 4_000
    population = seed(each_exchange, 4_000, 3)
    assert [count(each_exchange, model) for model in (Person, RegistrySeed)] == [4_000, 1]
    cases = sum(len(person.cases) for person in population.block(0, 4_000))
    assert [count(each_exchange, model) for model in (SupportCase, Debt)] == [cases, cases]
    assert count(each_exchange, Participant) == cases + 400
    assert states(ask(each_exchange, named(population.person(0)))) == {0: population.person(0).states}


@pytest.fixture
def killed_while_seeding() -> Callable[[Settings], None]:
    """Seeds in another process, which is killed after some blocks."""
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from exchange.registry import seed
        from exchange.runtime import open_exchange
        from exchange.settings import Settings

        seed.BLOCK = 500
        exchange = open_exchange(Settings(home=Path(sys.argv[1]), database_url=sys.argv[2]))

        def progress(stored):
            if stored >= 1_000:
                print("stored", flush=True)
                time.sleep(60)

        seed.seed(exchange, 4_000, 3, progress)
        """
    )

    def run(settings: Settings) -> None:
        command = [sys.executable, "-c", script, str(settings.home), settings.database_url]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"stored\n"
            child.send_signal(signal.SIGKILL)
            assert child.wait(10) == -signal.SIGKILL

    return run
