"""Matches of the case registry on pages and by the API: what waits, what was taken up, and for whom."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from exchange import mail
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.case_files import case, filed, person
from tests.support.crawling import entered
from tests.support.locating import make_fellow, make_worker
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.registering import mails
from tests.support.secrecy import CASE, FLAGGED, register
from tests.web.conftest import Enter
from web import api_models_locate as models

LISTED, CALLS = "/locate/matches", "/api/v1/locate-matches"


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    """Somebody of Kansas, with a match that waits."""
    make_partner(exchange, Role.OCSS_STAFF)
    register(exchange)
    found = make_worker(exchange, role=Role.STATE, jurisdiction="KS")
    filed(exchange, found, case(), person(FLAGGED.ssn, FLAGGED.last.upper(), FLAGGED.first.upper()))
    return found


@pytest.fixture
def office(app: Starlette, worker: Partner) -> TestClient:
    return entered(app, worker)


def test_a_worker_comes_from_home_to_the_other_case(office: TestClient, worker: Partner) -> None:
    home = office.get("/home").text
    assert f'<a href="{LISTED}">People of your cases who stand in a case of another state: 1</a>' in home
    page = office.get(LISTED).text
    assert "The noncustodial parent" in page
    assert CASE not in page
    (taking,) = re.findall(rf'action="({LISTED}/[^/]+)/take"', page)
    assert office.get(taking).status_code == 404
    taken = office.post(f"{taking}/take")
    assert (taken.status_code, taken.headers["location"]) == (303, f"{taking}?done=locate-match-taken")
    assert f"NE {CASE} (owes support)" in office.get(taking).text
    assert "Nothing waits" in office.get(LISTED).text
    assert worker.account.name in office.get(f"{LISTED}?which=taken").text
    assert office.post(f"{taking}/aside").headers["location"] == f"{LISTED}?done=locate-match-aside"
    assert office.get(taking).status_code == 404
    assert LISTED not in office.get("/home").text


def test_the_letter_tells_that_there_is_something_and_no_more(
    exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    """Somebody else's file makes a second match: nothing but that is new for the worker's agency."""
    mail.send_waiting(exchange)
    before = set(mails(exchange))
    clock.forward(minutes=16)
    texas = make_worker(exchange, 2, role=Role.STATE, jurisdiction="TX")
    known = person(FLAGGED.ssn, FLAGGED.last.upper(), FLAGGED.first.upper())
    filed(exchange, texas, case(), known, state="TX")
    mail.send_waiting(exchange)
    (letter,) = (one for one in set(mails(exchange)) - before if worker.organization.name in one)
    assert f"{mail.address_of(exchange, '/locate')}\n" in letter
    assert not [word for word in ("C1", CASE, "TX", FLAGGED.last) if word in letter]


def test_a_program_takes_up_what_waits_and_reads_it(api: Enter, worker: Partner) -> None:
    program, fellow = api(worker), api(make_fellow(worker, "fellow-2"))
    (waits,) = models.LocateMatches.model_validate(program.get(CALLS).json()).items
    assert (waits.case_number, waits.participant, waits.status, waits.worker) == ("C1", "NP", "waiting", "")
    address = f"{CALLS}/{waits.id}"
    assert program.get(address).status_code == 404
    taken = models.OpenedLocateMatch.model_validate(program.post(f"{address}/take").json())
    assert ([one.value for one in taken.facts], taken.status) == ([f"NE {CASE} (owes support)"], "taken")
    for refused in (fellow.get(address), fellow.post(f"{address}/take"), fellow.post(f"{address}/aside")):
        assert refused.status_code == 404
    assert program.get(f"{CALLS}?which=taken").json()["items"][0]["id"] == waits.id
    aside = models.LocateMatch.model_validate(program.post(f"{address}/aside").json())
    assert aside.status == "set_aside"
    assert program.get(CALLS).json() == {"items": [], "next": None}
    assert program.get(f"{CALLS}/nonsense").status_code == 404


def test_whoever_may_not_locate_reads_why(app: Starlette, api: Enter, worker: Partner) -> None:
    uncleared = make_colleague(worker, "new-2")
    browser = entered(app, uncleared)
    assert browser.get(LISTED).headers["location"] == "/locate"
    assert "cannot locate people now" in browser.get("/locate").text
    refused = api(uncleared).get(CALLS)
    assert (refused.status_code, refused.json()["code"]) == (409, "locate_blocked")
