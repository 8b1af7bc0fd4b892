"""The pages of locate: asking, what is shown of answers, marking, withdrawing, paper and files."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from exchange import mail
from exchange.accounts import sessions
from exchange.database import reading, transaction
from exchange.locate import protection
from exchange.locate.standing import Clearance, write_agreement, write_clearance
from exchange.models.journal import JournalEvent
from exchange.models.locate import LocateView
from exchange.runtime import Exchange
from roles.disclosure import TAX_LABEL
from roles.locate import SOURCES
from roles.permissions import Role
from schemas.locate.query import as_fields
from tests.conftest import Clock
from tests.support.locating import FIELDS, FOUND, SSN, answer, ask, make_fellow, make_worker, sent
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.registered import facts, register
from tests.support.registering import mails
from tests.web.conftest import HOST, Enter
from web.door import cookie_name

FORM = {"purpose": "support", "case_number": "T-100", "authority": "yes", "source-A01": "yes"} | FIELDS
TAX = {"outcome": "found", "facts": {"tax_address": "5 Synthetic Street", "tax_income": "41,000"}}


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    return make_worker(exchange, tax=True)


@pytest.fixture
def sign_in(app: Starlette) -> Enter:
    """Has a session, without the way through the sign-in."""

    def enter(partner: Partner) -> TestClient:
        token = sessions.open_session(partner.exchange, partner.actor, "")
        cookies = {cookie_name(partner.exchange.settings): token}
        return TestClient(app, HOST, cookies=cookies, follow_redirects=False)

    return enter


@pytest.fixture
def office(sign_in: Enter, worker: Partner) -> TestClient:
    return sign_in(worker)


def answered(exchange: Exchange, wanted: UUID, **said: dict[str, object]) -> dict[str, UUID]:
    """The sources answer, by their code; the ids of the questions."""
    queries = sent(exchange, wanted)
    for code, one in said.items():
        assert answer(exchange, code, queries[code], one)
    return queries


def test_a_worker_asks_and_reads_what_came(
    exchange: Exchange, sign_in: Enter, worker: Partner, clock: Clock
) -> None:
    office = sign_in(worker)
    form = office.get("/locate/new").text
    assert form.count('class="usa-checkbox__input"') == len(SOURCES) + 1
    assert form.count(" checked") == len(SOURCES)
    made = office.post("/locate/new", data=FORM | {"source-H98": "yes"})
    address = made.headers["location"].removesuffix("?done=locate-asked")
    assert "About to be asked" in office.get(made.headers["location"]).text
    queries = answered(exchange, UUID(address.rpartition("/")[2]))
    clock.forward(minutes=3)
    assert "Asked 3 minutes ago. It usually answers within 7 days." in office.get(address).text
    clock.forward(minutes=1)
    answer(exchange, "A01", queries["A01"], FOUND)
    assert re.search(r'Locate <span class="count" data-located><span>1<', office.get("/home").text)
    assert "1 of 2 answered" in office.get("/locate").text
    page = office.get(address).text
    assert "7 Synthetic Lane, Topeka KS 66601" in page
    assert "***-**-0001" in page
    assert SSN not in page.replace("-", "")
    assert "data-located hidden" in office.get("/locate").text
    clock.forward(days=2)
    office = sign_in(worker)
    assert "Silent" in office.get(address).text
    marked = office.post(f"{address}/mark", data={"query": str(queries["A01"]), "use": "U"})
    assert "You used this" in office.get(marked.headers["location"]).text
    assert office.post(f"{address}/mark", data={"query": "x", "use": "U"}).status_code == 404
    assert office.post(f"{address}/mark", data={"query": str(queries["A01"]), "use": ""}).status_code == 404
    office.post(f"{address}/withdraw", data={})
    assert "It did not answer while the request was open" in office.get(address).text
    assert "No request is open" in office.get("/locate").text
    assert "Ended" in office.get("/locate?which=all").text


def test_what_is_wrong_with_a_request_is_told_at_once_and_nothing_is_lost(
    exchange: Exchange, office: TestClient, worker: Partner
) -> None:
    refused = office.post("/locate/new", data={"first_name": "<b>Ida", "source-H98": "yes"})
    assert refused.status_code == 422
    for name in ("purpose", "case_number", "authority", "last_name", "birth_date", "birth_city"):
        assert f'href="#{name}"' in refused.text, name
    assert 'value="&lt;b&gt;Ida"' in refused.text
    assert refused.text.count(" checked") == 1
    first = ask(exchange, worker.actor)
    again = office.post("/locate/new", data=FORM)
    assert (again.status_code, "an open request for this person" in again.text) == (422, True)
    assert 'value="900-01-0001"' in again.text
    assert office.get(f"/locate/requests/{first}").status_code == 200


def test_what_stands_in_the_way_is_told_with_who_mends_it(
    exchange: Exchange, sign_in: Enter, worker: Partner
) -> None:
    stranger = sign_in(make_partner(exchange, Role.TRIBE, 2))
    for path in ("/locate", "/locate/new"):
        assert "OCSS has no locate agreement of your agency on record" in stranger.get(path).text
    assert stranger.post("/locate/new", data=FORM).status_code == 409
    today = exchange.clock().date()
    with transaction(exchange.engine) as session:
        lapsing = Clearance(tax=False, manager=False, trained_on=today - timedelta(days=350))
        write_clearance(session, exchange, worker.account.id, lapsing, None)
        days = (today, today + timedelta(days=30))
        write_agreement(session, exchange, worker.organization.id, days, None)
    page = sign_in(worker).get("/locate").text
    assert "The locate agreement of your agency ends on" in page
    assert "Your yearly training counts until" in page


def test_tax_data_are_labelled_and_leave_in_a_file_of_their_own(
    exchange: Exchange, office: TestClient, worker: Partner
) -> None:
    wanted = ask(exchange, worker.actor, sources=("A01", "C01"))
    answered(exchange, wanted, A01=FOUND, C01=TAX)
    address = f"/locate/requests/{wanted}"
    assert office.get(address).text.count(f'class="label-tax">{TAX_LABEL}') == 2
    plain = office.post(f"{address}/export", data={"export-reason": "For the hearing", "part": "plain"})
    tax = office.post(f"{address}/export", data={"export-reason": "For the hearing", "part": "tax"})
    assert ("7 Synthetic Lane" in plain.text, "5 Synthetic Street" in plain.text) == (True, False)
    assert ("7 Synthetic Lane" in tax.text, tax.text.count(TAX_LABEL)) == (False, 2)
    assert tax.headers["content-disposition"].endswith("-federal-tax-information.csv")
    paper = office.post(f"{address}/print", data={"print-reason": "For the <hearing>"}).text
    assert "26 U.S.C. 7213" in paper
    assert "just now" not in paper
    assert "For the &lt;hearing&gt;" in paper


def test_taking_along_needs_a_reason(exchange: Exchange, office: TestClient, worker: Partner) -> None:
    address = f"/locate/requests/{ask(exchange, worker.actor)}"
    for act in ("print", "export", "unmask"):
        page = office.post(f"{address}/{act}", data={f"{act}-reason": " "})
        assert (page.status_code, f'href="#{act}-reason"' in page.text) == (422, True)
        done = office.post(f"{address}/{act}", data={f"{act}-reason": "For the hearing"})
        assert (done.status_code, "900-01-0001" in done.text) == (200, act == "unmask")
    with reading(exchange.engine) as session:
        acts = list(session.exec(select(LocateView.act).where(LocateView.act != "view")))
    assert sorted(acts) == ["export", "print", "unmask"]


def test_managers_see_the_agency_and_others_only_their_own(
    exchange: Exchange, sign_in: Enter, worker: Partner
) -> None:
    wanted = ask(exchange, worker.actor)
    boss, fellow = make_fellow(worker, "boss-3", manager=True), make_fellow(worker, "fellow-2")
    manager, other = sign_in(boss), sign_in(fellow)
    assert "Ida Alderson" in manager.get("/locate?whose=agency").text
    assert "Ida Alderson" not in manager.get("/locate").text
    assert "Ida Alderson" not in other.get("/locate?whose=agency").text
    address = f"/locate/requests/{wanted}"
    page = manager.get(address).text
    assert ("I used this" in page, "Withdraw" in page) == (False, False)
    for path in (address, f"{address}/state", f"{address}/results"):
        assert other.get(path).status_code == 404
    assert manager.post(f"{address}/unmask", data={"unmask-reason": "I want to"}).status_code == 404


def test_an_open_page_learns_that_something_came_without_looking_at_it(
    exchange: Exchange, office: TestClient, worker: Partner
) -> None:
    wanted = ask(exchange, worker.actor)
    address = f"/locate/requests/{wanted}"
    before = office.get(f"{address}/state").json()
    queries = answered(exchange, wanted)
    asked = office.get(f"{address}/state").json()
    answer(exchange, "A01", queries["A01"], FOUND)
    assert len({before["stamp"], asked["stamp"], office.get(f"{address}/state").json()["stamp"]}) == 3
    with reading(exchange.engine) as session:
        assert session.exec(select(LocateView)).all() == []
    assert "7 Synthetic Lane" in office.get(f"{address}/results").text
    with reading(exchange.engine) as session:
        assert len(session.exec(select(LocateView)).all()) == 1


def test_administrators_clear_colleagues_and_ocss_records_agreements(
    exchange: Exchange, sign_in: Enter
) -> None:
    boss = make_partner(exchange, Role.TRIBE, administrator=True)
    worker = make_colleague(boss, "worker-2")
    ocss, owner, office = sign_in(make_partner(exchange, Role.OCSS_STAFF)), sign_in(boss), sign_in(worker)
    agency = f"/staff/organizations/{boss.organization.id}"
    assert "nobody of this agency may locate people" in ocss.get(agency).text
    assert 'href="#until"' in ocss.post(f"{agency}/agreement", data={"until-year": "x"}).text
    year = exchange.clock().year + 1
    recorded = {"until-month": "3", "until-day": "31", "until-year": str(year)}
    assert ocss.post(f"{agency}/agreement", data=recorded).status_code == 303
    assert f"On record until March 31, {year}" in ocss.get(agency).text
    person = f"/organization/people/{worker.account.id}"
    assert "may not locate anybody" in owner.get(person).text
    assert "has not cleared you" in office.get("/home").text
    today = exchange.clock().date()
    day = {f"trained_on-{part}": str(getattr(today, part)) for part in ("year", "month", "day")}
    assert 'href="#trained_on"' in owner.post(f"{person}/locate", data=day | {"trained_on-day": "40"}).text
    assert owner.post(f"{person}/locate", data=day | {"tax": "yes"}).status_code == 303
    assert "May ask for it and see it" in owner.get(person).text
    assert re.search(r'name="tax" value="yes" checked', owner.get(f"{person}/locate").text)
    assert "IRS" in office.get("/locate/new").text
    assert owner.post(f"{person}/locate", data={"trained_on-day": ""}).status_code == 303
    assert "training is overdue" in office.get("/locate").text
    own = f"/organization/people/{boss.account.id}"
    assert f"{own}/locate" not in owner.get(own).text
    assert owner.post(f"{own}/locate", data=day).status_code == 409


def test_ocss_clears_the_only_administrator_of_an_agency_and_nobody_else(
    exchange: Exchange, sign_in: Enter
) -> None:
    boss = make_partner(exchange, Role.TRIBE, administrator=True)
    chief = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    ocss, agency = sign_in(chief), f"/staff/organizations/{boss.organization.id}"
    assert f'href="{agency}/locate"' in ocss.get(agency).text
    today = exchange.clock().date()
    day = {f"trained_on-{part}": str(getattr(today, part)) for part in ("year", "month", "day")}
    late = day | {"trained_on-year": str(today.year + 1), "reason": "x"}
    assert 'href="#reason"' in ocss.post(f"{agency}/locate", data=day).text
    assert 'href="#trained_on"' in ocss.post(f"{agency}/locate", data=late).text
    assert ocss.post(f"{agency}/locate", data=day | {"reason": "Ms. Bell asked"}).status_code == 303
    owner = sign_in(boss)
    assert "Done" in owner.get(f"/organization/people/{boss.account.id}").text
    assert "Somebody was cleared for locate" in owner.get("/organization").text
    assert sum("what you may do in locate" in one for one in mails(exchange)) == 1
    with reading(exchange.engine) as session:
        kept = session.exec(select(JournalEvent).where(JournalEvent.kind == "locate.cleared")).one()
    assert "Ms. Bell asked" in kept.facts
    make_colleague(boss, "second-2", administrator=True)
    assert f'href="{agency}/locate"' not in ocss.get(agency).text
    assert ocss.post(f"{agency}/locate", data=day | {"reason": "x"}).status_code == 404
    shop = make_partner(exchange, Role.EMPLOYER, administrator=True)
    assert ocss.get(f"/staff/organizations/{shop.organization.id}/locate").status_code == 404


def test_home_tells_what_is_new_and_the_letter_nothing(
    exchange: Exchange, sign_in: Enter, worker: Partner, clock: Clock
) -> None:
    wanted = ask(exchange, worker.actor, sources=("FCR", "A01"))
    office = sign_in(worker)
    assert "Ida Alderson" in office.get("/home").text
    assert "Federal Case Registry" not in office.get("/home").text
    queries = answered(exchange, wanted)
    clock.forward(minutes=1)
    answer(exchange, "FCR", queries["FCR"], {"outcome": "found", "facts": {"cases": "Kansas, KS-1"}})
    assert "It has answered, or changed what it said, about 1 of" in office.get("/home").text
    assert office.get("/live").json() == {"unread": 0, "located": 1}
    assert mail.send_waiting(exchange) == 1
    answer(exchange, "A01", queries["A01"], FOUND)
    assert mail.send_waiting(exchange) == 0
    clock.forward(minutes=16)
    assert mail.send_waiting(exchange) == 1
    (letter, _) = exchange.settings.mail_folder.iterdir()
    assert "/locate" in letter.read_text()
    assert f"To: {worker.account.email}" in letter.read_text()
    assert not any(word in letter.read_text() for word in ("Ida", "Kansas", "T-100", "Registry"))


def test_a_worker_searches_first_and_goes_on_with_somebody_found(
    exchange: Exchange, office: TestClient, worker: Partner, sign_in: Enter
) -> None:
    known = facts(1, "ALDERSON", "IDA", "19870327", sex="F")
    register(exchange, known, facts(2, "ALDERSEN", "IDA", "19870327"))
    protection.protect(exchange, None, facts(2, "", "").ssn)
    asked = {"purpose": "support", "case_number": "T-9"} | as_fields(
        {"last_name": "Aldersun", "first_name": "Ida", "birth_date": "19870327"}
    )
    page = office.post("/locate/search", data=asked).text
    assert page.count("Ask the sources about this person") == 1
    assert "sounds like" in page or "for Aldersun" in page
    assert known.ssn not in page
    (carried, typed, _) = re.findall(r'name="carried" value="([^"]+)"', page)
    on = {"purpose": "support", "case_number": "T-9", "carried": carried}
    form = office.post("/locate/person", data=on).text
    assert f"***-**-{known.ssn[-4:]}" in form
    assert 'name="last_name"' not in form
    assert 'href="#authority"' in office.post("/locate/new", data=on).text
    made = office.post("/locate/new", data=on | {"authority": "yes", "source-A01": "yes"})
    assert "Alderson" in office.get(made.headers["location"]).text
    again = office.post("/locate/person", data=on | {"carried": typed, "change": "yes"}).text
    assert 'value="Aldersun"' in again
    other = sign_in(make_fellow(worker, "fellow-2"))
    assert "The search is too old" in other.post("/locate/person", data=on).text
    with reading(exchange.engine) as session:
        assert "search" in set(session.exec(select(LocateView.act)))


def test_a_search_that_fits_too_many_is_refused_with_advice_and_kept(
    exchange: Exchange, office: TestClient
) -> None:
    register(exchange, facts(1, "ALDERSON", "IDA"))
    asked = {"purpose": "support", "case_number": "T-9", "last_name": "Alderson"}
    refused = office.post("/locate/search", data=asked)
    assert (refused.status_code, "add the birth date" in refused.text) == (422, True)
    assert 'value="Alderson"' in refused.text
    assert office.post("/locate/search", data=asked | {"purpose": ""}).status_code == 422
    with reading(exchange.engine) as session:
        assert len(session.exec(select(LocateView)).all()) == 1
