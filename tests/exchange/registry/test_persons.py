"""Searching for people: who is found although written otherwise, why, and who asks too broadly."""

import pytest

from exchange.database import transaction
from exchange.errors import PersonSearchClosedError, RequestInvalidError, SearchTooBroadError
from exchange.models.registry import RegistrySeed
from exchange.registry import persons
from exchange.registry.persons import Candidate, FullName, Wanted, search, would_find
from exchange.registry.searching import comparing
from exchange.registry.searching.weights import LISTED
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from exchange.vault.cells import Cells
from tests.support.registered import facts, register

BORN = "19800412"
PEOPLE = [
    facts(0, "VARLEY", "ROBERT"),
    facts(1, "DE LA VARRE", "INES"),
    facts(2, "NG-ALDEN", "KAI"),
    facts(3, "O'FENN", "MARGARET"),
    facts(4, "MAC TAVOR", "HUGO"),
    facts(5, "ST. ORLE", "LENA"),
    facts(6, "HALLBROOK JR", "THEODORE", middle="OTIS"),
    facts(7, "FENNBURY", "MARY ANN", sex="F"),
    facts(8, "D'ARBY", "CLEO", others=(FullName("WINLOW", "CLEO"),)),
    facts(9, "STEVENLEY", "ROBBIE", ""),
]


def named(last: str, first: str, birth_date: str = BORN, middle: str = "", **more: object) -> Wanted:
    return Wanted(name=FullName(last, first, middle), birth_date=birth_date, **more)  # type: ignore[arg-type]  # as the test says


def likeliest(exchange: Exchange, wanted: Wanted) -> Candidate | None:
    return next(iter(search(exchange, wanted).candidates), None)


def told(candidate: Candidate | None) -> list[str]:
    return [reason.told for reason in candidate.reasons] if candidate else []


WRITTEN_OTHERWISE = [
    (named("VARLEY", "Bob"), 0, "first name: Bob and Robert are the same name (+18)"),
    (named("VARLEY", "Dobbin"), 0, "first name: Dobbin and Robert are the same name (+18)"),
    (named("Varly", "Robert"), 0, "last name: Varley, for Varly (+21)"),
    (named("VARLEIGH", "ROBERT"), 0, "last name: Varley sounds like Varleigh (+21)"),
    (named("VARLEY", "R"), 0, "first name: Robert, for R (+10)"),
    (named("ROBERT", "VARLEY"), 0, "first and last name: in each other's place (-6)"),
    (named("VARLEY", "ROBERT", "19801204"), 0, "birth date: day and month swapped (+32)"),
    (named("VARLEY", "ROBERT", "19800421"), 0, "birth date: two digits swapped (+30)"),
    (named("VARLEY", "ROBERT", "19880412"), 0, "birth date: one digit differs (+29)"),
    (named("VARLEY", "ROBERT", "19800411"), 0, "birth date: one digit differs (+29)"),
    (named("VARLEY", "ROBERT", "1980"), 0, "birth date: the same year (+20)"),
    (named("VARLEY", "ROBERT", "1981"), 0, "birth date: within a year (+10)"),
    (named("VARLY", "ROBERT", "1980"), 0, "last name: Varley, for Varly (+21)"),
    (named("BARLEY", "ROBERT", "19800421"), 0, "last name: Varley, for Barley (+21)"),
    (named("BARLEY", "RUBERT", "19800412"), 0, None),
    (named("VARLEE", "ROBRET", "19880412"), 0, "first name: Robert, for Robret (+17)"),
    (named("VARRE", "INES"), 1, "last name: De La Varre, for Varre (+26)"),
    (named("DELAVARRE", "INES"), 1, "last name: the same (+28)"),
    (named("ALDEN", "KAI"), 2, "last name: Ng-Alden, for Alden (+22)"),
    (named("Ng Alden", "KAI"), 2, "last name: the same (+28)"),
    (named("ALDEN NG", "KAI"), 2, "last name: Ng-Alden, for Alden Ng (+22)"),
    (named("OFENN", "PEGGY"), 3, "first name: Peggy and Margaret are the same name (+18)"),
    (named("O FENN", "Margret", "1980"), 3, "first name: Margaret, for Margret (+17)"),
    (named("MCTAVOR", "HUGO"), 4, "last name: Mac Tavor, for Mctavor (+21)"),
    (named("SAINT ORLE", "LENA"), 5, "last name: the same (+28)"),
    (named("HALLBROOK", "OTIS"), 6, "first name: Theodore, for Otis (+12)"),
    (named("HALLBROOK", "THEO", middle="O"), 6, "middle name: the initial agrees (+3)"),
    (named("HALLBROOK SR", "THEODORE"), 6, "suffix: Jr, not Sr (-12)"),
    (named("FENNBURY", "ANN", middle="MARY"), 7, "first name: Mary Ann, for Ann (+18)"),
    (named("HALLBROOK", "THEO", middle="OTTIS"), 6, "middle name: Otis, for Ottis (+3)"),
    (named("FENNBURY", "MARY", sex="F"), 7, "first name: Mary Ann, for Mary (+18)"),
    (named("DARBY", "CLEO"), 8, "last name: the same (+28)"),
    (named("WINLOW", "CLEO"), 8, "name: Cleo Winlow, for Cleo Winlow (-2)"),
    (named("MOSS", "CLEO", others=(FullName("DARBY", "CLEO"),)), 8, "name: Cleo D'Arby, for Cleo Darby (-2)"),
    (Wanted(ssn="900450000"), 0, "SSN: the same (+60)"),
    (Wanted(ssn="904050000", name=FullName("VARLEY", "ROBERT")), 0, "SSN: two digits swapped (+32)"),
    (Wanted(ssn="900450700", name=FullName("VARLEY", "ROBERT")), 0, "SSN: one digit differs (+30)"),
    (Wanted(ssn="900450900", birth_date=BORN, name=FullName("VARLEY")), 0, "SSN: one digit differs (+30)"),
    (Wanted(ssn="900450009", name=FullName("STEVENLEY", "Robbie")), 9, "SSN: the same (+60)"),
]
STRANGERS = [
    named("VARLEY", "ESME"),  # a twin
    named("VARLEY", "ESME", ssn="900459000"),  # and the number beside
    named("VARLEY", "ROBERT", "19550630"),
    named("VARLEY", "ROBERT", "19800607"),
    named("MOSS", "ROBERT"),
    named("VARLEY", "ROBERT", "19830607", ssn="955551234"),
    Wanted(ssn="900459990", name=FullName("VARLEY", "ROBERT")),
    Wanted(ssn="900450010"),
    Wanted(ssn="900450000", name=FullName("MOSS", "ESME")),
]


def test_somebody_written_otherwise_is_found_and_told_why(exchange: Exchange) -> None:
    register(exchange, *PEOPLE)
    for wanted, person, why in WRITTEN_OTHERWISE:
        candidate = likeliest(exchange, wanted)
        assert candidate is not None, wanted
        assert candidate.person_id == person, wanted
        assert why is None or why in told(candidate), (wanted, told(candidate))
        assert candidate.score == min(100, sum(reason.points for reason in candidate.reasons))
        alone = would_find(exchange.vault.cells, wanted, PEOPLE[person])
        assert alone is not None
        assert alone.reasons == candidate.reasons
    assert [one for one in STRANGERS if likeliest(exchange, one)] == []
    assert not any(would_find(exchange.vault.cells, one, PEOPLE[0]) for one in STRANGERS)


def test_a_reason_can_be_told_without_what_is_stored(exchange: Exchange) -> None:
    register(exchange, *PEOPLE)
    candidate = likeliest(exchange, named("ALDEN", "KAI", "19800413"))
    assert candidate is not None
    assert [reason.plain for reason in candidate.reasons] == [
        "last name: one part of a double name (+22)",
        "first name: the same (+22)",
        "birth date: one digit differs (+29)",
    ]


def test_everybody_of_a_population_is_found_in_each_database(each_exchange: Exchange) -> None:
    population = seed(each_exchange, 60, 7)
    for person in population.block(0, 5):
        name = FullName(person.first_name.lower(), person.last_name.lower())
        assert (
            likeliest(each_exchange, Wanted(name=name, birth_date=person.birth_date[:4])).person_id
            == person.number
        )  # type: ignore[union-attr]  # None fails as well
        slip = person.ssn[:3] + person.ssn[4] + person.ssn[3] + person.ssn[5:]
        by_ssn = search(each_exchange, Wanted(ssn=slip, birth_date=person.birth_date))
        assert [one.person_id for one in by_ssn.candidates] in ([person.number], [])
        found = search(each_exchange, Wanted(ssn=person.ssn)).candidates
        assert [(one.facts.ssn, one.facts.name.last) for one in found] == [(person.ssn, person.last_name)]
    stranger = population.stranger(3)
    nobody = Wanted(ssn=stranger.ssn, name=FullName(stranger.last_name), birth_date="19030201")
    assert search(each_exchange, nobody).candidates == ()


def test_who_is_opened_only_to_make_the_number_full_is_no_candidate(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(exchange, *PEOPLE)
    monkeypatch.setattr(persons.secrets, "randbelow", lambda _end: 0)
    wanted = named("VARLEY", "ROBERT", "19770412")
    assert sum(reason.points for reason in comparing.reasons(wanted, PEOPLE[0])) > LISTED
    assert search(exchange, wanted).candidates == ()


@pytest.mark.parametrize(
    ("wanted", "advice"),
    [
        (Wanted(), "add the last name, or give the SSN"),
        (Wanted(name=FullName(first="ROBERT"), birth_date=BORN), "add the last name, or give the SSN"),
        (Wanted(name=FullName("VARLEY", "ROBERT")), "add the birth date or the year of birth"),
        (named("VARLEY", "", "1980"), "add the whole first name, the whole birth date"),
        (named("VARLEY", "R", "1980"), "add the whole first name, the whole birth date"),
    ],
    ids=["nothing", "no last name", "no date", "no first name", "an initial"],
)
def test_who_asks_vaguely_is_told_what_to_add(exchange: Exchange, wanted: Wanted, advice: str) -> None:
    with pytest.raises(SearchTooBroadError, match=advice):
        search(exchange, wanted)


def test_more_candidates_than_a_list_holds_are_told_to_nobody_but_whoever_agrees_in_all(
    exchange: Exchange,
) -> None:
    register(exchange, *(facts(number, "VARLEY", "ROBERT", f"198004{number + 1:02}") for number in range(26)))
    with pytest.raises(SearchTooBroadError, match="add the whole birth date or the SSN"):
        search(exchange, named("VARLEY", "ROBERT", "1980"))
    assert likeliest(exchange, named("VARLEY", "ROBERT", "19800412")).person_id == 11  # type: ignore[union-attr]  # None fails as well


@pytest.mark.parametrize(
    "wrong",
    [
        {"ssn": "12345"},
        {"ssn": "12345678x"},
        {"birth_date": "19800231"},
        {"birth_date": "180"},
        {"birth_date": "1700"},
        {"sex": "X"},
        {"others": (FullName("A"),) * 5},
        {"name": FullName("A" * 63)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_no_fact_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RequestInvalidError):
        Wanted(**wrong)  # type: ignore[arg-type]  # as the test says


def test_nobody_is_searched_for_while_the_registry_is_being_filled(exchange: Exchange) -> None:
    seed(exchange, 20, 7)
    with transaction(exchange.engine) as session:
        session.get_one(RegistrySeed, 1).complete = False
    with pytest.raises(PersonSearchClosedError):
        search(exchange, named("VARLEY", "ROBERT"))


def test_as_much_is_read_and_opened_whoever_is_found(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = seed(exchange, 1_700, 7).person(3)
    opened: list[int] = []
    opening, others = Cells._opened, iter(range(1_000, 1_700))

    def counted(cells: Cells, use: str, purpose: str, sealed: list[tuple[bytes, bytes]]) -> list[bytes]:
        opened.append(len(sealed))
        return opening(cells, use, purpose, sealed)

    monkeypatch.setattr(Cells, "_opened", counted)
    monkeypatch.setattr(persons.secrets, "randbelow", lambda _end: next(others))
    name = FullName(person.last_name, person.first_name)
    assert search(exchange, Wanted(name=name, birth_date=person.birth_date)).candidates
    assert not search(exchange, Wanted(name=name, birth_date="19020309")).candidates
    assert search(exchange, Wanted(ssn=person.ssn)).candidates
    assert not search(exchange, Wanted(ssn="900450000")).candidates
    assert [opened[1], opened[3], *opened[4:]] == [256, 256, 64, 64]
