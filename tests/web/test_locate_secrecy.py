"""A crawler reads all there is, as everybody, about somebody who is protected: nothing of that person."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from structlog.testing import capture_logs

from exchange.cases import responses
from exchange.database import reading
from exchange.locate import connections, matches, protection
from exchange.locate.sources import CaseRegistry
from exchange.models.cases import LocateFiled
from exchange.runtime import Exchange
from roles.locate import CASE_REGISTRY
from roles.permissions import Role
from tests.acceptance.sizes import SOAK
from tests.support.case_files import case, filed, only, person
from tests.support.crawling import Read, at_rest, entered, folders, pages, program_of, routes, told
from tests.support.locating import answer, ask, make_fellow, make_worker, sent
from tests.support.partners import Partner, make_partner
from tests.support.registering import mails
from tests.support.secrecy import CASE, FLAGGED, HIDDEN, SPELLINGS, found, register

OTHERS = [role for role in Role if role is not Role.STATE]
NEAR = "" if SOAK else "locate|/home$|/live$"
FAR = "" if SOAK else "^/home$|locate-requests/|^/locate/requests/{id}$|^/staff/locate$"
"""What is read by those of the agency, and by all others: everything in `make soak`."""
REASONS = {f"{act}-reason": "For the hearing" for act in ("print", "export", "unmask")}


@dataclass
class Office:
    """An agency where somebody asked for the protected person, and all sources answered."""

    exchange: Exchange
    app: Starlette
    worker: Partner
    manager: Partner
    fellow: Partner
    wanted: UUID

    def asks(self) -> None:
        """All sources say what they know, some of them twice or otherwise."""
        questions = sent(self.exchange, self.wanted)
        for code in HIDDEN:
            for number in (1, 1, 2):
                answer(self.exchange, code, questions[code], found(code, number), **FLAGGED.about)

    def by_file(self) -> None:
        """The same by a file, whose answers come as files."""
        named = {f"locate_source_{place}": code for place, code in enumerate(HIDDEN, 1)}
        about = {"ssn": FLAGGED.ssn, "last_name": FLAGGED.last.upper(), "locate_request_type": "CS"}
        filed(self.exchange, self.worker, only("L", **about, **named))
        with reading(self.exchange.engine) as session:
            wanted = session.exec(select(LocateFiled.request_id)).one()
        questions = sent(self.exchange, wanted)
        for code in HIDDEN:
            assert answer(self.exchange, code, questions[code], found(code), **FLAGGED.about_by_file)
        assert responses.deliver(self.exchange) > 0

    def matched(self) -> list[str]:
        """The agency registers the person in two cases, and takes up what the case registry makes of one."""
        who = (FLAGGED.ssn, FLAGGED.last.upper())
        for number in (2, 3):
            at = {"case_id": f"C{number}"}
            filed(self.exchange, self.worker, case(**at), person(*who, **at), number=number)
        found = [one.id for one in matches.matches(self.exchange, self.worker.actor).items]
        for one in found[1:]:
            matches.take_up(self.exchange, self.worker.actor, one)
        return [str(one) for one in found]

    def matches(self, ids: list[str]) -> Iterator[Read]:
        """The pages and calls of matches, as the worker, the manager and a colleague read them."""
        for who in (self.worker, self.manager, self.fellow):
            yield from pages(self.app, who, routes("locate.matches|^/home$"), ids)

    @property
    def readers(self) -> Iterator[tuple[Partner, str]]:
        """Those of the agency, a manager of another one, and somebody of each other role; what each reads."""
        yield from ((one, NEAR) for one in (self.worker, self.manager, self.fellow))
        yield make_worker(self.exchange, 9, manager=True, tax=True), FAR
        for number, role in enumerate(OTHERS, 11):
            yield make_partner(self.exchange, role, number, administrator=True), FAR

    def everything(self) -> Iterator[Read]:
        """All that anybody can read."""
        for who, part in self.readers:
            yield from pages(self.app, who, routes(part), [str(self.wanted)])
            yield from folders(self.exchange, who)
        for who in (self.worker, self.manager):
            yield from self.acts(who)
        yield from (*self.searches(), *self._wrong(), *self._audit())
        yield from at_rest(self.exchange)
        yield from (("mail", one) for one in mails(self.exchange))

    def acts(self, who: Partner) -> Iterator[Read]:
        browser, address = entered(self.app, who), f"/locate/requests/{self.wanted}"
        for act, part in (("print", ""), ("export", "plain"), ("export", "tax")):
            for said in (REASONS, {}):
                given = {"data": {**said, "part": part}}
                yield f"{act} by {who.account.username}", told(browser, "POST", f"{address}/{act}", **given)

    def results(self) -> Iterator[Read]:
        """The request as whoever made it reads it."""
        paths = routes("locate/requests/{id}$|results$|locate-requests")
        return pages(self.app, self.worker, paths, [str(self.wanted)])

    def searches(self) -> Iterator[Read]:
        """The case registry is searched by the number, and by name and birth date with a slip in each."""
        near = {"last_name": "Zanquilary", "birth_date-year": "1961", "birth_date-month": "7"}
        for fields in (FLAGGED.asked(), near | {"birth_date-day": "24"}):
            given = {"data": {"purpose": "support", "case_number": "T-9"} | fields}
            for who in (self.worker, self.manager):
                yield "search", told(entered(self.app, who), "POST", "/locate/search", **given)

    def _wrong(self) -> Iterator[Read]:
        """What is said of requests that cannot be made, at both doors."""
        known = {"purpose": "support", "case_number": "T-1", "authority": "yes", "source-A01": "yes"}
        for more in ({}, {"purpose": ""}, {"ssn": "900 01 77"}):
            given = {"data": known | FLAGGED.asked() | more}
            yield "wrong page", told(entered(self.app, self.worker), "POST", "/locate/new", **given)
        person = {"ssn": FLAGGED.ssn, "last_name": FLAGGED.last}
        for more in ({"authority": True}, {"authority": False}, {"purpose": "x"}):
            body = {"purpose": "support", "case_number": "T-1", "person": person, "sources": ["A01"]} | more
            asked = told(program_of(self.app, self.worker), "POST", "/api/v1/locate-requests", json=body)
            yield "wrong call", asked

    def _audit(self) -> Iterator[Read]:
        auditor = entered(self.app, make_partner(self.exchange, Role.OCSS_ADMINISTRATOR, 99))
        given = {"data": {"ssn": FLAGGED.ssn, "reason": "Complaint 7"}}
        yield "audit", told(auditor, "POST", "/staff/locate", **given)


@pytest.fixture
def office(exchange: Exchange, app: Starlette) -> Office:
    make_partner(exchange, Role.OCSS_STAFF)
    worker = make_worker(exchange, role=Role.STATE, jurisdiction="KS", tax=True)
    manager = make_fellow(worker, "boss-2", manager=True, tax=True)
    register(exchange)
    sources = (*HIDDEN, CASE_REGISTRY)
    wanted = ask(exchange, worker.actor, "T-1", sources=sources, fields=FLAGGED.asked())
    return Office(exchange, app, worker, manager, make_fellow(worker, "fellow-3"), wanted)


def betrayed(read: Iterator[Read]) -> list[tuple[str, str]]:
    """Where something stands that nobody may read, and what."""
    return [(where, word) for where, all_of_it in read for word in SPELLINGS if word in all_of_it]


def test_nobody_reads_anything_about_a_protected_person(office: Office) -> None:
    with capture_logs() as lines:
        protection.protect(office.exchange, None, FLAGGED.ssn)
        assert betrayed(office.results()) == []
        office.asks()
        office.by_file()
        connections.turn(office.exchange, CASE_REGISTRY, CaseRegistry(office.exchange))
        assert office.matched() == []
        assert betrayed(office.everything()) == []
    assert betrayed(iter([("log", str(lines))])) == []
    protection.protect(office.exchange, None, FLAGGED.ssn, wanted=False)
    assert betrayed(office.results()) == []  # for nothing was kept


def test_the_crawler_would_read_a_match_of_anybody_else(office: Office) -> None:
    waits, taken = office.matched()
    seen = betrayed(office.matches([waits, taken]))
    assert {word for _, word in seen} == {CASE}
    assert {where.partition(" as ")[0] for where, _ in seen} == {
        f"GET /locate/matches/{taken}",
        f"GET /api/v1/locate-matches/{taken}",
    }
    assert {where.partition(" as ")[2] for where, _ in seen} == {
        one.account.username for one in (office.worker, office.manager)
    }
    protection.protect(office.exchange, None, FLAGGED.ssn)
    assert betrayed(office.matches([waits, taken])) == []


def test_the_crawler_would_read_what_there_is_of_anybody_else(office: Office) -> None:
    office.asks()
    office.by_file()
    connections.turn(office.exchange, CASE_REGISTRY, CaseRegistry(office.exchange))
    assert {word for _, word in betrayed(folders(office.exchange, office.worker))} >= {
        "Quoxfeather",
        "Wixxonby",
    }
    seen = betrayed(office.results())
    assert {word for _, word in seen} >= {
        "Quoxfeather",
        "Wixxonby",
        "7,771",
        CASE,
        "***-**-7719",
        "07/23/1961",
    }
    doors = {where.split(str(office.wanted))[0] for where, _ in seen}
    assert doors == {"GET /locate/requests/", "GET /api/v1/locate-requests/"}
    assert {word for _, word in betrayed(office.searches())} >= {"Xenobia"}
    assert {word for _, word in betrayed(office.acts(office.manager))} >= {"Quoxfeather", "Wixxonby"}
    protection.protect(office.exchange, None, FLAGGED.ssn)
    assert betrayed(iter([*office.results(), *office.searches(), *office.acts(office.manager)])) == []
