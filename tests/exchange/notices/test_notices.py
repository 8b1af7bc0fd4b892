"""Notices: an agency lists what came for it and reads it a page at a time; each look is a download."""

from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from exchange.database import reading as rows
from exchange.database import transaction
from exchange.errors import TransferNotFoundError
from exchange.models.journal import JournalEvent
from exchange.notices import lists, reading
from exchange.notices.lists import NoticeQuery
from exchange.registry.population import Population
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from exchange.transfers import answers, delivery, record_pages
from exchange.transfers.answers import Document
from roles.errors import NotPermittedError
from roles.notices import NOTICE_KINDS, by_last_four
from roles.permissions import Permission, Role, holders
from schemas.catalog import LAYOUTS
from schemas.columns import as_lines, build
from schemas.kinds import Fein, Ssn
from schemas.tables import STATES
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.support.record_files import people_file, send


@pytest.fixture
def people(each_exchange: Exchange) -> Population:
    make_partner(each_exchange, Role.OCSS_STAFF)
    return seed(each_exchange, 40, 7)


def report(exchange: Exchange, sender: Partner, people: Population, program: str, number: str) -> str:
    """Report the third person, who owes; returns the person's SSN."""
    owing = people.person(3)
    said = {"ssn": owing.ssn, "last_name": owing.last_name, "first_name": owing.first_name}
    send(exchange, sender.actor, program, people_file(program, sender, [said], number))
    return owing.ssn


def test_a_state_lists_what_came_by_kind_employer_day_and_whether_it_is_read(
    each_exchange: Exchange, people: Population, clock: Clock
) -> None:
    exchange = each_exchange
    first, second = (make_partner(exchange, Role.EMPLOYER, number) for number in (1, 2))
    state = make_partner(exchange, Role.STATE, jurisdiction=people.person(3).states[0])
    report(exchange, first, people, "lump-sum", "C1")
    clock.forward(days=2)
    report(exchange, second, people, "termination", "C2")

    def listed(**wanted: object) -> list[str]:
        return [one.kind for one in lists.notices(exchange, state.actor, NoticeQuery(**wanted)).items]

    both, old, new = ["termination-notice", "lump-sum-notice"], ["lump-sum-notice"], ["termination-notice"]
    today = exchange.clock().replace(hour=0, minute=0)
    assert listed() == both
    assert listed(kind=old[0]) == old
    assert listed(employer=first.organization.name) == old
    assert listed(employer=f"{second.fein[:2]}-{second.fein[2:]}") == new
    assert listed(employer="0" * 9) == []
    assert listed(since=today) == new
    assert listed(until=today) == old
    assert lists.unread(exchange, state.actor) == dict.fromkeys(NOTICE_KINDS, 0) | dict.fromkeys(both, 1)
    [termination, _] = lists.notices(exchange, state.actor, NoticeQuery()).items
    assert (termination.employer, termination.records) == (second.organization.name, 1)
    reading.opened_notice(exchange, state.actor, termination.id, 1)
    assert listed(unread=True) == old


def test_a_notice_shows_what_its_layout_says_and_numbers_by_their_last_four(
    exchange: Exchange, ocss: Partner
) -> None:
    people, sender = seed(exchange, 40, 7), make_partner(exchange, Role.EMPLOYER)
    state = make_partner(exchange, Role.STATE, jurisdiction=people.person(3).states[0])
    ssn = report(exchange, sender, people, "lump-sum", "C1")
    [notice] = lists.notices(exchange, state.actor, NoticeQuery()).items
    seen = reading.opened_notice(exchange, state.actor, notice.id, 1).page
    [row] = (dict(zip(seen.headings, one, strict=True)) for one in seen.rows)
    assert row["Social Security number"] == f"•••{ssn[-4:]}"
    assert row["FEIN of the employer"] == f"•••{sender.fein[-4:]}"
    assert row["Last name"] == people.person(3).last_name
    assert (row["Expected payment date"], row["Payment amount"]) == ("Dec 24, 2026", "$100.00")
    assert row["Payment kind"] == "bonus"
    assert "Suffix" not in row
    assert ssn not in str(seen.rows)
    with rows(exchange.engine) as session:
        told = session.exec(select(JournalEvent).where(JournalEvent.kind == "transfer.downloaded")).all()
    assert (told[-1].account_id, told[-1].subject_id) == (state.account.id, notice.id)


def test_an_answer_is_read_on_a_page_by_who_sent_the_file(exchange: Exchange, ocss: Partner) -> None:
    people, sender = seed(exchange, 40, 7), make_partner(exchange, Role.EMPLOYER)
    ssn = report(exchange, sender, people, "lump-sum", "C1")
    query = delivery.TransferQuery(direction="outbound")
    by_kind = {one.kind: one for one in delivery.transfers(exchange, sender.actor, query).items}
    seen = reading.opened_answer(exchange, sender.actor, by_kind["result"].id, 1).page
    assert seen.headings[:4] == ["Last name", "First name", "Social Security number", "Result"]
    [row] = (dict(zip(seen.headings, one, strict=True)) for one in seen.rows)
    assert (row["Result"], row["Social Security number"]) == ("match", f"•••{ssn[-4:]}")
    assert (row["Payment kind"], row["Payment amount"]) == ("bonus", "$100.00")
    assert seen.headings[4] == "Whom to contact"
    contacts = [block.splitlines() for block in row["Whom to contact"].split("\n\n")]
    assert [each[0] for each in contacts] == [STATES[state] for state in people.person(3).states]
    assert {len(each) for each in contacts} == {6}, "state, agency, contact, telephone, fax, mail"
    assert all(each[4].startswith("fax ") for each in contacts)
    other = make_partner(exchange, Role.EMPLOYER, 2)
    [sent] = delivery.transfers(exchange, sender.actor, delivery.TransferQuery(direction="inbound")).items
    not_theirs = ((other, by_kind["result"]), (sender, sent), (sender, by_kind["findings"]))
    for partner, one in not_theirs:
        with pytest.raises(TransferNotFoundError):
            reading.opened_answer(exchange, partner.actor, one.id, 1)


def place_notice(exchange: Exchange, state: Partner, slug: str, count: int) -> UUID:
    """A notice of so many records, whose case numbers count them; in two batches where the layout has any."""
    document = LAYOUTS[slug]
    cases = [f"CASE{place:05d}".encode() for place in range(count)]
    batches = [cases[: count // 2], cases[count // 2 :]] if document.outer else [cases]
    content = b""
    for batch in batches:
        around = (build(one, 1, {}) for one in (document.header, document.trailer))
        header, trailer = (as_lines(one) for one in around)
        content += header + as_lines(build(document.details[0], len(batch), {"case_id": batch})) + trailer
    if document.outer:
        outer = (document.outer.header, document.outer.trailer)
        opening, closing = (as_lines(build(one, 1, {})) for one in outer)
        content = opening + content + closing
    sealed = answers.seal(exchange, [content])
    issued = Document(state.organization.id, "notice-ks", "notice.txt", sealed, count, slug)
    with transaction(exchange.engine) as session:
        answers.issue(session, exchange, issued, "lump-sum")
    return issued.id


@pytest.mark.parametrize("slug", ["lump-sum-notice", "income-withholding-ack"])
def test_a_page_of_a_large_notice_is_read_where_it_stands(exchange: Exchange, slug: str) -> None:
    state, count = make_partner(exchange, Role.STATE, jurisdiction="KS"), 2 * record_pages.AT_ONCE + 3
    notice = place_notice(exchange, state, slug, count)
    found = list[str]()
    for number in (1, 2, 3):
        seen = reading.opened_notice(exchange, state.actor, notice, number).page
        assert (seen.number, seen.pages, seen.first) == (number, 3, len(found) + 1)
        found += [row[0] for row in seen.rows]
    assert found == [f"CASE{place:05d}" for place in range(count)]
    assert reading.opened_notice(exchange, state.actor, notice, 99).page.number == 3


def test_only_notices_of_the_own_agency_are_read(exchange: Exchange, ocss: Partner) -> None:
    people, sender = seed(exchange, 40, 7), make_partner(exchange, Role.EMPLOYER)
    state = make_partner(exchange, Role.STATE, jurisdiction=people.person(3).states[0])
    other = make_partner(exchange, Role.TRIBE)
    report(exchange, sender, people, "lump-sum", "C1")
    [notice] = lists.notices(exchange, state.actor, NoticeQuery()).items
    [mine] = delivery.transfers(exchange, sender.actor, delivery.TransferQuery(limit=1)).items
    for actor, wanted in ((other.actor, notice.id), (state.actor, mine.id), (state.actor, uuid4())):
        with pytest.raises(TransferNotFoundError):
            reading.opened_notice(exchange, actor, wanted, 1)
    with pytest.raises(NotPermittedError):
        lists.unread(exchange, sender.actor)
    with pytest.raises(NotPermittedError):
        lists.notices(exchange, sender.actor, NoticeQuery())
    with pytest.raises(NotPermittedError):
        reading.opened_notice(exchange, sender.actor, notice.id, 1)
    assert set(holders(Permission.NOTICE_READ)) == {Role.STATE, Role.TRIBE}


@pytest.mark.parametrize("kind", [kind for kind in NOTICE_KINDS if kind in LAYOUTS])
def test_no_number_of_anybody_is_shown_whole(kind: str) -> None:
    fields = [field for record in LAYOUTS[kind].details for field in record.fields]
    numbers = [field.name for field in fields if isinstance(field.kind, Ssn | Fein)]
    assert [name for name in numbers if not by_last_four(name)] == []
