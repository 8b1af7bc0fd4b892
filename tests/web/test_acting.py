"""Acting for a client on the pages: choosing one of hundreds, everything the client's, and its end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlmodel import select
from starlette.testclient import TestClient

from exchange.accounts import clients, details
from exchange.accounts.clients import Relation
from exchange.database import reading
from exchange.errors import NotPermittedError
from exchange.models.accounts import WebSession
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.pipeline import drive
from exchange.transfers.repository import TransferQuery
from roles.organizations import OrganizationKind
from roles.permissions import Role
from roles.policy import Channel
from tests.exchange.test_clients import codes, report
from tests.exchange.test_multistate import for_client, let_act
from tests.support.many_clients import make_clients
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.record_files import people_file
from tests.web.conftest import Enter
from tests.web.test_multistate import register
from tests.web.test_reports import PAYMENT

MANY, MOST_BYTES = 500, 60_000
MORE_FOR_ONE = 12
"""Queries that a page may ask more while somebody acts for a client: each use case asks whether it agrees."""
PAGES = (
    "/home", "/files", "/orders", "/acting-for", "/organization", "/organization/clients", "/multistate",
    "/multistate/new", "/programs/lump-sum", "/programs/lump-sum/report", "/programs/termination/report",
)  # fmt: skip
SOMEBODY = {"ssn": "900001234", "last_name": "Sampleson", "first_name": "Alex"}
PLACE = {"street": "1 Sample Street", "city": "Topeka", "state": "KS", "zip": "66601"}


@pytest.fixture
def processor(exchange: Exchange) -> Partner:
    kind = OrganizationKind.PROCESSOR
    return make_partner(exchange, Role.EMPLOYER, 7, kind=kind, administrator=True)


@pytest.fixture
def client_boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def relation(exchange: Exchange, processor: Partner, client_boss: Partner) -> Relation:
    return let_act(exchange, processor, client_boss)


@pytest.fixture
def desk(sign_in: Enter, processor: Partner) -> TestClient:
    return sign_in(processor)


@pytest.fixture
def acting(desk: TestClient, relation: Relation, client_boss: Partner) -> TestClient:
    """The processor at its desk, acting for the client."""
    assert choose(desk, client_boss) == "/home"
    return desk


def choose(browser: TestClient, client: Partner, then: str = "") -> str:
    answer = browser.post(f"/acting-for/{client.organization.id}", data={"next": then})
    assert answer.status_code == 303
    return answer.headers["location"]


def acts_for(page: str) -> str:
    return re.findall(r"Acting for: <b>(.*?)</b>", page)[0]


@contextmanager
def counted(exchange: Exchange) -> Iterator[list[str]]:
    """The statements that the database is asked."""
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(exchange.engine, "before_cursor_execute", note)
    yield asked
    event.remove(exchange.engine, "before_cursor_execute", note)


def test_the_client_that_was_chosen_stands_on_every_page_until_another_one_does(
    exchange: Exchange, desk: TestClient, processor: Partner, client_boss: Partner, relation: Relation
) -> None:
    assert acts_for(desk.get("/home").text) == "your own organization"
    assert choose(desk, client_boss, "/programs/lump-sum/report") == "/programs/lump-sum/report"
    for path in PAGES:
        assert acts_for(desk.get(path).text) == client_boss.organization.name
    for wrong in ("//evil.example", "/multistate/6f0e0d6e-0000-4000-8000-000000000000"):
        assert choose(desk, client_boss, wrong) == "/home"
    assert desk.post("/acting-for/own", data={"next": "/files"}).headers["location"] == "/files"
    assert acts_for(desk.get("/files").text) == "your own organization"
    with reading(exchange.engine) as session:
        noted = select(JournalEvent.subject_id).where(JournalEvent.kind == "session.acts_for")
        assert set(session.exec(noted)) == {client_boss.organization.id, None}


def test_only_who_acts_for_others_is_told_of_it_and_only_clients_can_be_chosen(
    exchange: Exchange, desk: TestClient, sign_in: Enter, client_boss: Partner
) -> None:
    assert "Acting for" not in sign_in(client_boss).get("/home").text
    assert desk.post(f"/acting-for/{client_boss.organization.id}", data={"next": ""}).status_code == 404
    assert client_boss.organization.name not in desk.get("/acting-for").text
    let_act(
        exchange,
        make_partner(exchange, Role.EMPLOYER, 8, kind=OrganizationKind.PROCESSOR, administrator=True),
        client_boss,
    )
    assert desk.post(f"/acting-for/{client_boss.organization.id}", data={"next": ""}).status_code == 404


def test_a_report_on_the_screen_is_the_clients_and_stands_in_its_list(
    exchange: Exchange, acting: TestClient, processor: Partner, client_boss: Partner
) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    seed(exchange, 10, 7)
    form = acting.get("/programs/lump-sum/report").text
    (number,) = re.findall(r'name="client_fein" value="(\d{9})"', form)
    assert number == client_boss.fein
    sent = acting.post("/programs/lump-sum/report", data=PAYMENT | SOMEBODY | {"client_fein": number})
    assert sent.status_code == 303
    assert "lump-sum-" in acting.get("/files").text
    acting.post("/acting-for/own", data={"next": ""})
    stale = acting.post("/programs/lump-sum/report", data=PAYMENT | SOMEBODY | {"client_fein": number})
    assert (stale.status_code, "You do not act for this employer just now" in stale.text) == (422, True)
    own = acting.post("/programs/lump-sum/report", data=PAYMENT | SOMEBODY)
    assert own.status_code == 303
    choose(acting, client_boss)
    listed = acting.get("/files").text.count('class="name" href="/files/')
    assert listed == 4  # with its result, findings and acknowledgement


def test_files_are_listed_under_the_client_that_their_header_names(
    exchange: Exchange, processor: Partner, client_boss: Partner, other_employer: Partner, acting: TestClient
) -> None:
    ours = report(exchange, processor, client_boss, "A1")
    let_act(exchange, processor, make_colleague(other_employer, "boss-2", administrator=True))
    report(exchange, processor, other_employer, "A2")
    page = acting.get("/files").text
    assert (ours.filename in page, "A2.txt" in page) == (True, False)
    assert len(delivery.transfers(exchange, processor.actor, TransferQuery(direction="inbound")).items) == 2


def test_contacts_and_registrations_are_the_clients(
    exchange: Exchange, acting: TestClient, processor: Partner, client_boss: Partner, sign_in: Enter
) -> None:
    page = acting.get("/organization").text
    assert f"<h1>{client_boss.organization.name}</h1>" in page
    assert "/organization/confirm" not in page
    assert "/organization/people" not in page
    assert "Security" not in page
    changed = acting.post("/organization/details/address/withholding", data=PLACE)
    assert changed.status_code == 303
    assert "1 Sample Street" in acting.get("/organization").text
    office = sign_in(client_boss)
    assert processor.account.name in office.get("/organization/earlier").text
    for path in ("contact/security", "contact/files"):
        assert acting.get(f"/organization/details/{path}").status_code == 404
        assert acting.post(f"/organization/details/{path}", data={"name": "x"}).status_code == 404
    with pytest.raises(NotPermittedError):
        details.save(exchange, for_client(exchange, processor, client_boss), "contact", "security", {})
    stale = {"whose": str(processor.organization.id)}
    assert acting.post("/organization/details/address/withholding", data=PLACE | stale).status_code == 409
    assert acting.post("/organization/confirm").status_code == 409
    register(exchange, acting)
    assert "Active" in office.get("/multistate").text
    with reading(exchange.engine) as session:
        letters = session.exec(select(Letter.event)).all()
    assert {"details-changed", "multistate-changed"} <= set(letters)
    acting.post("/acting-for/own", data={"next": ""})
    assert "1 Sample Street" not in acting.get("/organization").text
    assert "Active" not in acting.get("/multistate").text


def test_what_a_client_ends_is_over_with_the_next_request_and_that_is_said(
    exchange: Exchange, desk: TestClient, processor: Partner, client_boss: Partner
) -> None:
    tried: list[tuple[str, dict[str, str] | None]] = [
        ("/home", None),
        ("/programs/lump-sum/report", PAYMENT | SOMEBODY),
        ("/organization/details/address/withholding", PLACE),
        ("/multistate/new", {"later": "yes"}),
        ("/files/raw?program=lump-sum&filename=a.txt", {"any": "thing"}),
    ]
    for path, fields in tried:
        relation = let_act(exchange, processor, client_boss)
        choose(desk, client_boss)
        clients.withdraw(exchange, client_boss.actor, relation.id)
        assert desk.post("/session").status_code == 204
        refused = desk.post(path, data=fields) if fields else desk.get(path)
        assert (path, refused.status_code) == (path, 409)
        assert "may not act for this client any more" in refused.text
        assert acts_for(desk.get("/home").text) == "your own organization"
    assert PLACE["street"] not in desk.get("/organization").text
    with reading(exchange.engine) as session:
        assert set(session.exec(select(WebSession.client_id))) == {None}


def test_a_file_that_is_under_way_when_the_client_ends_it_is_refused(
    exchange: Exchange, processor: Partner, client_boss: Partner, relation: Relation
) -> None:
    content = people_file(
        "lump-sum",
        processor,
        [SOMEBODY | {"last_name": "SAMPLESON", "first_name": "ALEX"}],
        "S1",
        client_fein=client_boss.fein,
    )
    with intake.begin(exchange, processor.through(Channel.SFTP), "lump-sum", "s1.txt") as arriving:
        arriving.write(content)
        clients.withdraw(exchange, client_boss.actor, relation.id)
        handed = arriving.finish()
    drive(exchange, handed.transfer.id)
    view = delivery.transfer(exchange, processor.actor, handed.transfer.id)
    assert (view.status, codes(exchange, view)) == ("REJECTED", {"H017"})


def test_a_client_that_agreed_twice_ends_it_once(
    exchange: Exchange, processor: Partner, client_boss: Partner, relation: Relation, acting: TestClient
) -> None:
    let_act(exchange, processor, client_boss)
    assert len(clients.relations(exchange, client_boss.actor).agents) == 1
    clients.withdraw(exchange, client_boss.actor, relation.id)
    assert acting.get("/home").status_code == 409


def test_five_hundred_clients_are_searched_and_paged_and_cost_no_query_each(
    exchange: Exchange, processor: Partner, desk: TestClient
) -> None:
    def asked_by_each(*paths: str) -> dict[str, int]:
        found = {}
        for path in paths or PAGES:
            with counted(exchange) as asked:
                page = desk.get(path)
            assert (page.status_code, len(page.content) < MOST_BYTES) == (200, True), path
            found[path] = len(asked)
        return found

    make_clients(exchange, processor, 3)
    desk.get("/home")
    few = asked_by_each()
    make_clients(exchange, processor, MANY, first=3)
    assert {path: count for path, count in asked_by_each().items() if count > few[path]} == {}
    assert "<option" not in re.sub(
        r'(?s)<select[^>]* id="(?!client).*?</select>', "", desk.get("/orders").text
    )
    first = desk.get("/acting-for").text
    assert first.count("Act for it<") == 25
    assert "Client 0025" in desk.post("/acting-for", data={"page": "1"}).text
    for wanted, hits in (
        ("client 0499", 1),
        ("007700499", 1),
        ("00-7700499", 1),
        ("t 049", 10),
        ("nobody", 0),
    ):
        assert desk.post("/acting-for", data={"q": wanted}).text.count("Act for it<") == hits
    assert "Client 0499" in desk.post("/organization/clients", data={"q": "0499"}).text
    (chosen,) = re.findall(r"/acting-for/[0-9a-f-]{36}", desk.post("/acting-for", data={"q": "0499"}).text)
    desk.post(chosen, data={"next": ""})
    more = {
        path: count - few[path]
        for path, count in asked_by_each("/home", "/multistate/new", PAGES[-1]).items()
    }
    assert all(count <= MORE_FOR_ONE for count in more.values()), more
