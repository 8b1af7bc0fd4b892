"""The sealed index of people: nothing in it can be read, it grows, is joined, and filled where it lacks."""

import numpy as np
import pytest
from sqlalchemy import delete
from sqlmodel import col, select

from exchange.database import reading, transaction
from exchange.errors import CellDamagedError, PersonSearchClosedError
from exchange.models.registry import PersonPage, PersonSegment, RegistrySeed
from exchange.registry.persons import FullName, Wanted, search
from exchange.registry.population import Population
from exchange.registry.searching import blocking, filling, pages
from exchange.registry.seed import seed
from exchange.runtime import Exchange


def people(exchange: Exchange, population: Population, every: int = 1) -> list[int]:
    """The numbers of those who are found by name and birth date, of each so many."""
    found = []
    for person in population.these(range(0, population.people, every)):
        wanted = Wanted(name=FullName(person.last_name, person.first_name), birth_date=person.birth_date)
        found += [one.person_id for one in search(exchange, wanted).candidates if one.score == 90]
    return found


def stored(exchange: Exchange) -> tuple[list[PersonSegment], list[PersonPage]]:
    with reading(exchange.engine) as session:
        return pages.segments(session), list(session.exec(select(PersonPage)))


def test_a_registry_that_grew_is_one_segment_and_finds_everybody(each_exchange: Exchange) -> None:
    seed(each_exchange, 6, 7)
    population = seed(each_exchange, 12, 7)
    [segment], rows = stored(each_exchange)
    assert (segment.first, segment.before, segment.joined) == (0, 12, 256)
    assert len(rows) == 1 << segment.bits
    assert people(each_exchange, population) == list(range(12))


def test_a_registry_of_an_earlier_release_is_filled_from_what_is_sealed(each_exchange: Exchange) -> None:
    population = seed(each_exchange, 8, 7)
    with transaction(each_exchange.engine) as session:
        pages.clear(session)
    with pytest.raises(PersonSearchClosedError):
        people(each_exchange, population)
    heard: list[int] = []
    assert filling.lacking(each_exchange) == range(8)
    filling.fill(each_exchange, heard.append)
    assert filling.lacking(each_exchange) == range(8, 8)
    filling.fill(each_exchange, heard.append)
    assert heard == [8]
    assert people(each_exchange, population) == list(range(8))


def test_an_index_of_another_version_is_made_anew(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    population = seed(exchange, 5, 7)
    monkeypatch.setattr(pages, "VERSION", 99)
    with pytest.raises(PersonSearchClosedError):
        people(exchange, population)
    filling.fill(exchange)
    assert people(exchange, population) == [0, 1, 2, 3, 4]
    assert [segment.version for segment in stored(exchange)[0]] == [99]


def test_no_page_tells_more_than_about_how_many_keys_it_has(exchange: Exchange) -> None:
    seed(exchange, 3_000, 7)
    rows = stored(exchange)[1]
    assert {len(row.sealed) % 256 for row in rows} == {33}
    assert len({len(row.sealed) for row in rows}) <= 4
    words = np.frombuffer(b"".join(row.sealed for row in rows)[: 8 * 4_000], np.uint64)
    assert len(np.unique(words)) == len(words)


def test_a_page_that_was_moved_does_not_open(exchange: Exchange) -> None:
    seed(exchange, 20, 7)
    with transaction(exchange.engine) as session:
        one, other = session.exec(select(PersonPage).limit(2))
        one.sealed, other.sealed = other.sealed, one.sealed
        place = [one.id, other.id]
    with reading(exchange.engine) as session, pytest.raises(CellDamagedError):
        pages._read(session, exchange.vault.cells, place)


def test_a_page_that_has_just_been_moved_elsewhere_is_not_taken_for_an_empty_one(exchange: Exchange) -> None:
    population = seed(exchange, 5, 7)
    with transaction(exchange.engine) as session:
        session.execute(delete(PersonPage).where(col(PersonPage.id) % 2 == 0))
    with pytest.raises(PersonSearchClosedError):
        people(exchange, population)


def test_equal_names_have_no_equal_key_unless_another_fact_is_equal(exchange: Exchange) -> None:
    born = ["19800412", "19810412", "19790101"]
    names = blocking.Names(np.arange(3, dtype=np.uint32), ["VARLEY"] * 3, ["ROBERT"] * 3, born)
    words, _ = blocking.stored(exchange.vault.cells, names)
    assert len(words) == len(set(words.tolist())) == 12


def test_who_has_no_birth_date_has_no_key_of_a_last_name_alone(exchange: Exchange) -> None:
    names = blocking.Names(np.arange(2, dtype=np.uint32), ["VARLEY"] * 2, ["ROBERT", ""], ["", "19800000"])
    assert len(blocking.stored(exchange.vault.cells, names)[0]) == 1


def test_people_who_came_while_a_joining_was_stopped_are_joined_after_it(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells, block = exchange.vault.cells, Population(90, 7).block(0, 90)
    names = blocking.Names(
        np.arange(90, dtype=np.uint32), block.last_name, block.first_name, block.birth_date
    )
    words, whose = blocking.stored(cells, names)

    def add(first: int, before: int) -> None:
        some = (whose >= first) & (whose < before)
        with transaction(exchange.engine) as session:
            pages.write(session, cells, range(first, before), words[some], whose[some])

    add(0, 30)
    add(30, 60)
    joining, steps = pages._join_steps, iter(range(1))
    monkeypatch.setattr(pages, "_AT_ONCE", 40)
    monkeypatch.setattr(pages, "_join_steps", lambda *given: (next(steps), joining(*given)))
    with pytest.raises(StopIteration):
        pages.join(exchange)
    add(60, 90)
    monkeypatch.setattr(pages, "_join_steps", joining)
    pages.join(exchange)
    with reading(exchange.engine) as session:
        [segment] = pages.segments(session)
        found = pages.find(session, cells, [segment], words)
    assert {*zip(words[found[0]].tolist(), found[1].tolist(), strict=True)} >= {
        *zip(words.tolist(), whose.tolist(), strict=True)
    }


def in_segments(exchange: Exchange, population: Population, size: int) -> None:
    """People lie in segments of `size`, as if each of so many files had brought some."""
    with transaction(exchange.engine) as session:
        pages.clear(session)
        for first in range(0, population.people, size):
            filling._add_stored_within(session, exchange.vault.cells, range(first, first + size))


def test_everybody_is_found_while_segments_are_joined(
    each_exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_AT_ONCE", 8)
    population, stages = seed(each_exchange, 12, 7), set()
    in_segments(each_exchange, population, 4)
    while pages.join_some(each_exchange, lambda every: every[1:]):
        stages.add(min(one.joined for one in stored(each_exchange)[0]))
        assert people(each_exchange, population, 3) == [0, 3, 6, 9]
        if len(stored(each_exchange)[0]) == 2:
            break
    assert len(stages) > 2
    assert [(one.first, one.before) for one in stored(each_exchange)[0]] == [(0, 4), (4, 12)]


def test_a_worker_joins_what_many_files_left(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones, and those before that are not much larger."""
    monkeypatch.setattr(pages, "_AT_ONCE", 40)
    population = seed(exchange, 80, 7)
    in_segments(exchange, population, 10)
    with transaction(exchange.engine) as session:
        pages.segments(session)[0].keys = 10_000
    while filling.tend(exchange):
        assert people(exchange, population, 20) == [0, 20, 40, 60]
    assert [(one.first, one.before) for one in stored(exchange)[0]] == [(0, 10), (10, 80)]


def test_a_worker_fills_what_the_index_lacks_but_not_what_is_just_seeded(exchange: Exchange) -> None:
    population = seed(exchange, 8, 7)
    with transaction(exchange.engine) as session:
        pages.clear(session)
        session.get_one(RegistrySeed, 1).complete = False
    assert filling.tend(exchange) == 0
    with transaction(exchange.engine) as session:
        session.get_one(RegistrySeed, 1).complete = True
    assert filling.tend(exchange) == 1
    assert people(exchange, population) == list(range(8))


@pytest.mark.parametrize("bits", [8, 11])
def test_joining_goes_on_where_it_was_stopped(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, bits: int
) -> None:
    monkeypatch.setattr(pages, "_A_PAGE", 2_000 / 2**bits)
    monkeypatch.setattr(pages, "_AT_ONCE", 200)
    joining, population = pages._join_steps, Population(500, 7)
    steps = iter(range(3))

    def stopped(*given: object) -> None:
        next(steps)
        joining(*given)  # type: ignore[arg-type]  # handed on

    seed(exchange, 200, 7)
    monkeypatch.setattr(pages, "_join_steps", stopped)
    with pytest.raises(StopIteration):
        seed(exchange, 400, 7)
    with pytest.raises(PersonSearchClosedError):
        people(exchange, population, 500)
    monkeypatch.setattr(pages, "_join_steps", joining)
    seed(exchange, 500, 7)
    [segment], rows = stored(exchange)
    assert len(rows) == 1 << segment.bits >= 1 << bits
    assert people(exchange, population, 40) == list(range(0, 500, 40))
