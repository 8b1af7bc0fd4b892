"""The sealed word index: what is added is found, what is removed is not, and its pages tell nothing."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import Session, col, select

from exchange.database import reading, transaction
from exchange.errors import CellDamagedError
from exchange.messages import index, pages
from exchange.messages.segment import Segment
from exchange.messages.words import asked_for, words_of
from exchange.models.search import SearchPage, SearchSegment
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import Partner, make_partner

WORDS = ("pay", "payment", "payments", "order", "muller", "ks", "zz", "日本", "本")
TEXTS = st.dictionaries(
    st.integers(0, 2**32 - 1) | st.integers(0, 30),
    st.lists(st.sampled_from(WORDS) | st.text("abc", max_size=5), max_size=6).map(" ".join),
    max_size=12,
)


def add(exchange: Exchange, owner: UUID, texts: Mapping[int, str]) -> None:
    with transaction(exchange.engine) as session:
        index.add(session, exchange, owner, [(number, words_of(text)) for number, text in texts.items()])


def remove(exchange: Exchange, owner: UUID, numbers: Iterable[int]) -> None:
    with transaction(exchange.engine) as session:
        index.remove(session, exchange, owner, list(numbers))


def find(exchange: Exchange, owner: UUID, asked: str) -> list[int]:
    with reading(exchange.engine) as session:
        return [int(number) for number in index.find(session, exchange, owner, asked)]


def segments(exchange: Exchange) -> list[SearchSegment]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(SearchSegment).order_by(col(SearchSegment.last_number))))


def stored(exchange: Exchange) -> dict[int, bytes]:
    with reading(exchange.engine) as session:
        return {page.id: page.sealed for page in session.exec(select(SearchPage))}


def overwrite(exchange: Exchange, page: int, sealed: bytes) -> None:
    with transaction(exchange.engine) as session:
        session.execute(update(SearchPage).where(col(SearchPage.id) == page).values(sealed=sealed))


def by_reading_all(texts: Mapping[int, str], asked: str) -> list[int]:
    """What a search has to find, without any index."""
    return sorted(
        (
            number
            for number, text in texts.items()
            if asked_for(asked)
            and all(any(word.startswith(one) for word in words_of(text)) for one in asked_for(asked))
        ),
        reverse=True,
    )


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of at most four messages, in pages of 64 bytes, with blocks of two words."""
    monkeypatch.setattr(index, "MOST", 4)
    monkeypatch.setattr(index, "PAGE", 64)
    monkeypatch.setattr(pages, "PAGE", 64)
    monkeypatch.setattr("exchange.messages.segment._BLOCK", 2)
    monkeypatch.setattr("exchange.messages.segment._STRIDE", 2)


def test_messages_are_found_by_all_words_newest_first(each_exchange: Exchange) -> None:
    owner = make_partner(each_exchange, Role.EMPLOYER).organization.id
    add(each_exchange, owner, {3: "Income withholding for Müller", 5: "withholding ended", 4: "income"})
    add(each_exchange, owner, {9: "an income order"})
    assert find(each_exchange, owner, "withhold") == [5, 3]
    assert find(each_exchange, owner, "INCOME") == [9, 4, 3]
    assert find(each_exchange, owner, "muller income") == [3]
    assert find(each_exchange, owner, "muller ended") == []
    assert find(each_exchange, owner, "nothing") == find(each_exchange, owner, " ") == []
    remove(each_exchange, owner, [3, 9])
    assert find(each_exchange, owner, "income") == [4]


@pytest.mark.usefixtures("small")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(TEXTS, max_size=4), gone=st.sets(st.integers(0, 30), max_size=6), data=st.data())
def test_the_index_finds_what_reading_all_messages_finds(
    exchange: Exchange, employer: Partner, batches: list[dict[int, str]], gone: set[int], data: st.DataObject
) -> None:
    owner, held = employer.organization.id, dict[int, str]()
    with Session(exchange.engine) as session:  # taken back at the end
        for texts in batches:
            index.add(session, exchange, owner, [(number, words_of(text)) for number, text in texts.items()])
            held = texts | held
        index.remove(session, exchange, owner, gone)
        held = {number: text for number, text in held.items() if number not in gone}
        asked = data.draw(st.sampled_from([*WORDS, "pay ks", "a", "ab c", "p", "zz pay"]))
        assert index.find(session, exchange, owner, asked).tolist() == by_reading_all(held, asked)


def test_adding_again_changes_nothing(exchange: Exchange, employer: Partner) -> None:
    add(exchange, employer.organization.id, {1: "first", 7: "second"})
    before = stored(exchange)
    add(exchange, employer.organization.id, {1: "another", 7: "second"})
    assert stored(exchange) == before


def test_each_organization_has_its_own_index(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    add(exchange, employer.organization.id, {1: "lump sum", 2: "lump"})
    add(exchange, other_employer.organization.id, {2: "lump"})
    assert find(exchange, other_employer.organization.id, "lump") == [2]
    remove(exchange, other_employer.organization.id, [1, 2])
    assert find(exchange, employer.organization.id, "lump") == [2, 1]


def test_all_pages_look_alike_and_hold_no_word(exchange: Exchange, employer: Partner) -> None:
    add(exchange, employer.organization.id, {number: f"withholding {number}" for number in range(3_000)})
    found = stored(exchange).values()
    assert len({len(page) for page in found}) == 1
    assert not any(b"withholding" in page or b"2999" in page for page in found)


def test_how_many_pages_there_are_does_not_tell_how_long_a_message_is(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    add(exchange, employer.organization.id, {1: "yes"})
    add(exchange, other_employer.organization.id, {2: " ".join(f"word{number}" for number in range(250))})
    assert [segment.pages for segment in segments(exchange)] == [1, 1]


@pytest.mark.parametrize(
    ("pages_needed", "written"), [(0, 1), (1, 1), (5, 5), (9, 10), (100, 104), (1000, 1024), (1025, 1088)]
)
def test_pages_are_rounded_up(pages_needed: int, written: int) -> None:
    assert pages.rounded(pages_needed) == written


def test_segments_of_like_size_are_joined(exchange: Exchange, employer: Partner) -> None:
    for number in range(60):
        add(exchange, employer.organization.id, {number: f"message {number}"})
    assert len(segments(exchange)) <= 6
    assert find(exchange, employer.organization.id, "message") == list(reversed(range(60)))
    assert len(stored(exchange)) == sum(segment.pages for segment in segments(exchange))


def test_the_words_of_a_removed_message_are_gone(exchange: Exchange, employer: Partner) -> None:
    add(exchange, employer.organization.id, {1: "common secret", 2: "common"})
    remove(exchange, employer.organization.id, [1])
    [segment] = segments(exchange)
    with reading(exchange.engine) as session:
        assert Segment.unpacked(pages.whole(session, exchange, segment)).words == [b"common"]
    remove(exchange, employer.organization.id, [2, 3])
    assert stored(exchange) == {}
    assert segments(exchange) == []


@pytest.mark.usefixtures("small")
def test_a_page_moved_or_changed_is_refused(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    for owner in (employer, other_employer):
        add(exchange, owner.organization.id, {1: "one two three four five six seven eight nine ten"})
    kept = stored(exchange)
    first, second = sorted(kept)[:2]
    elsewhere = sorted(kept)[len(kept) // 2]
    changed = kept[first][:-1] + bytes([kept[first][-1] ^ 1])
    for wrong in (kept[second], kept[elsewhere], changed, b"short"):
        overwrite(exchange, first, wrong)
        with pytest.raises(CellDamagedError):
            find(exchange, employer.organization.id, "one")
    overwrite(exchange, first, kept[first])
    assert find(exchange, employer.organization.id, "one") == [1]


@pytest.mark.usefixtures("small")
def test_what_is_joined_while_a_search_reads_is_found_all_the_same(
    each_exchange: Exchange,
) -> None:
    owner = make_partner(each_exchange, Role.EMPLOYER).organization.id
    for number in range(0, 40, 4):
        add(each_exchange, owner, {number + more: "order" for more in range(4)})
    with Session(each_exchange.engine.execution_options(read_only=True)) as session:
        search = index.found(session, each_exchange, owner, "order")
        found = next(search).tolist()
        session.rollback()  # a search that holds no snapshot sees the segments go
        remove(each_exchange, owner, [1, 5, 9])
        for some in search:
            found += some.tolist()
    assert found == [number for number in reversed(range(40)) if number not in {1, 5, 9}]


def test_a_segment_that_names_more_than_it_has_is_refused(exchange: Exchange, employer: Partner) -> None:
    add(exchange, employer.organization.id, {number: f"order {number}" for number in range(3_000)})
    with transaction(exchange.engine) as session:
        session.execute(update(SearchSegment).values(pages=1))
    with pytest.raises(CellDamagedError):
        find(exchange, employer.organization.id, "order")
