"""Texts of laws that go with answers: scanned before they are published, read by whoever reads the answer."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from exchange.accounts import sessions
from exchange.database import reading, transaction
from exchange.guide import drafts, editions, loading, upkeep
from exchange.guide.texts import MOST_BYTES
from exchange.models.transfers import Scan, Status, Transfer
from exchange.runtime import Exchange, open_exchange
from exchange.transfers import pipeline, retention
from roles.permissions import Role
from schemas.guide.documents import Answer
from tests.conftest import Clock
from tests.support.guide import small_guide
from tests.support.partners import Partner, make_colleague, make_partner
from tests.web.conftest import HOST, Enter
from web.door import cookie_name
from web.handlers import guide_texts

PART = "/guide/keep/20000"
OPEN, HIDDEN = (f"{PART}/answers/{slug}" for slug in ("age-of-majority", "family-violence"))
PDF = b"%PDF-1.7 synthetic"
INERT = "attachment; filename=\"law.pdf\"; filename*=UTF-8''law.pdf"


BOTH = pytest.mark.parametrize("exchange", ["sqlite", "postgres"], indirect=True)
"""Which entry names a file is asked of the database: of words in a body, and of what the journal tells."""


@pytest.fixture
def exchange(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Exchange]:
    """An installation on SQLite; where a test asks for it, on the other database."""
    name = getattr(request, "param", "sqlite")
    opened = open_exchange(request.getfixturevalue(f"{name}_settings"), clock)
    yield opened
    opened.dispose()


@pytest.fixture
def kansas(exchange: Exchange) -> Partner:
    loading.load(exchange, small_guide())
    return make_partner(exchange, Role.STATE, jurisdiction="KS", administrator=True)


@pytest.fixture
def enter(app: Starlette, exchange: Exchange) -> Iterator[Enter]:
    """A browser in a session of its own."""
    opened = []

    def of(partner: Partner) -> TestClient:
        token = sessions.open_session(exchange, partner.actor, "")
        cookie = {"Cookie": f"{cookie_name(exchange.settings)}={token}"}
        opened.append(TestClient(app, HOST, headers=cookie, follow_redirects=False))
        return opened[-1]

    yield of
    for browser in opened:
        browser.close()


def attach(desk: TestClient, path: str, name: str = "law.pdf", content: bytes = PDF) -> str:
    """Attach a file; the address that readers fetch it from."""
    before = set(re.findall(r"/guide/texts/[0-9a-f-]{36}", desk.get(f"{path}/texts").text))
    done = desk.post(f"{path}/texts", files={"file": (name, content)})
    assert done.status_code == 303, re.findall(r"error-message[^>]*>(.*?)</div>", done.text)
    (made,) = set(re.findall(r"/guide/texts/[0-9a-f-]{36}", desk.get(f"{path}/texts").text)) - before
    return str(made)


def scanned(exchange: Exchange, address: str) -> UUID:
    text_id = UUID(address.rpartition("/")[2])
    assert pipeline.drive(exchange, text_id) is Status.COMPLETE
    return text_id


def publish_all(exchange: Exchange, keeper: Partner) -> None:
    ids = [one.id for one in drafts.desk(exchange, keeper.actor, "20000").drafts]
    upkeep.publish(exchange, keeper.actor, "20000", ids)


@BOTH
def test_a_text_is_read_by_those_who_read_its_answer_once_it_is_published(
    exchange: Exchange, kansas: Partner, enter: Enter, client: TestClient, api: Enter
) -> None:
    desk = enter(kansas)
    tribe, employer = enter(make_partner(exchange, Role.TRIBE)), enter(make_partner(exchange, Role.EMPLOYER))
    of_all, of_workers = attach(desk, OPEN), attach(desk, HIDDEN)
    (draft, _) = drafts.desk(exchange, kansas.actor, "20000").drafts
    assert desk.post(f"{PART}/publish", data={f"draft.{draft.id}": "yes"}).status_code == 409
    assert desk.get(of_all).status_code == 409  # not scanned
    for address in (of_all, of_workers):
        scanned(exchange, address)
        assert desk.get(address).content == PDF
        assert {one.get(address).status_code for one in (client, tribe, employer)} == {404}
        assert client.get(f"/api/v1{address}").status_code == 404
    publish_all(exchange, kansas)
    found = {
        address: [one.get(address).status_code for one in (client, employer, tribe)]
        for address in (of_all, of_workers)
    }
    assert found == {of_all: [200, 200, 200], of_workers: [404, 404, 200]}
    answer = client.get(of_all)
    assert answer.headers["content-disposition"] == INERT
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert f'href="{of_all}"' in client.get("/guide/20000").text
    program = api(kansas)
    answers = program.get("/api/v1/guide/jurisdictions/20000").json()["answers"]
    named = [
        text["url"].removeprefix("http://127.0.0.1:8080") for one in answers for text in one["attachments"]
    ]
    assert named == [f"/api/v1{of_all}", f"/api/v1{of_workers}"]
    assert [(program.get(one).content, client.get(one).status_code) for one in named] == [
        (PDF, 200),
        (PDF, 404),
    ]
    known = {"If-None-Match": client.get(named[0]).headers["etag"]}
    assert client.get(named[0], headers=known).status_code == 304


def test_only_what_it_says_it_is_is_attached(
    exchange: Exchange, kansas: Partner, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = enter(kansas)
    refused = {
        "law.html": b"<script>",
        "law.pdf": b"MZ\x90\x00",
        "law.txt": b"\x00\x01",
        "latin.txt": "straße".encode("latin-1"),
        "big.txt": b"",
    }
    for name, content in refused.items():
        answer = desk.post(f"{OPEN}/texts", files={"file": (name, content)})
        assert (answer.status_code, "There is a problem" in answer.text) == (422, True), name
    assert "Choose a file" in desk.post(f"{OPEN}/texts", files={"file": ("", b"")}).text
    assert MOST_BYTES == 20_000_000
    monkeypatch.setattr(guide_texts, "MOST_BYTES", 20_000)
    assert desk.post(f"{OPEN}/texts", files={"file": ("a.txt", b"x" * 20_001)}).status_code == 413
    assert (
        desk.post(f"{PART}/contacts/central-registry/texts", files={"file": ("a.txt", b"x")}).status_code
        == 404
    )
    assert desk.post(f"{PART}/answers/legal-aid/texts", files={"file": ("a.txt", b"x")}).status_code == 404
    assert drafts.desk(exchange, kansas.actor, "20000").drafts == []


@BOTH
def test_nobody_attaches_to_anothers_answer_or_takes_off_from_it(
    exchange: Exchange, kansas: Partner, enter: Enter
) -> None:
    address = attach(enter(kansas), OPEN)
    scanned(exchange, address)
    before = drafts.desk(exchange, kansas.actor, "20000").drafts
    for stranger in (
        make_partner(exchange, Role.STATE, 2, jurisdiction="NE"),
        make_partner(exchange, Role.OCSS_STAFF),
        make_partner(exchange, Role.EMPLOYER),
    ):
        browser = enter(stranger)
        assert browser.post(f"{OPEN}/texts", files={"file": ("law.pdf", PDF)}).status_code == 403
        taken = browser.post(f"{OPEN}/texts/{address.rpartition('/')[2]}/remove", data={"x": ""})
        assert (taken.status_code, browser.get(address).status_code) == (403, 404)
    assert drafts.desk(exchange, kansas.actor, "20000").drafts == before


@BOTH
def test_a_text_stays_as_long_as_anything_names_it(
    exchange: Exchange, kansas: Partner, enter: Enter, client: TestClient, clock: Clock
) -> None:
    desk = enter(kansas)
    kept, dropped, discarded = attach(desk, OPEN), attach(desk, OPEN, "b.txt", b"words"), attach(desk, HIDDEN)
    for address in (kept, dropped, discarded):
        scanned(exchange, address)
    desk.post(f"{OPEN}/texts/{dropped.rpartition('/')[2]}/remove", data={"x": ""})
    draft = next(
        one for one in drafts.desk(exchange, kansas.actor, "20000").drafts if "violence" in one.key.slug
    )
    upkeep.discard(exchange, kansas.actor, draft.id)
    publish_all(exchange, kansas)
    (said, _) = editions.published(exchange).parts["20000"].answers
    again = upkeep.save(exchange, kansas.actor, "20000", said.model_copy(update={"comment": "New."}))
    upkeep.discard(exchange, kansas.actor, again)
    upkeep.save(exchange, kansas.actor, "20000", Answer(question="age-of-majority", value="20"))
    publish_all(exchange, kansas)  # now only the history names it
    clock.forward(days=70)
    retention.sweep(exchange)
    with reading(exchange.engine) as session:
        rows = {
            one: session.get_one(Transfer, UUID(one.rpartition("/")[2])) for one in (kept, dropped, discarded)
        }
    assert [row.status for row in rows.values()] == [Status.COMPLETE, Status.PURGED, Status.PURGED]
    assert client.get(kept).content == PDF
    assert client.get(dropped).status_code == 404


def test_what_the_scanner_set_aside_is_not_published(
    exchange: Exchange, kansas: Partner, enter: Enter
) -> None:
    desk = enter(kansas)
    text_id = UUID(attach(desk, OPEN).rpartition("/")[2])
    with transaction(exchange.engine) as session:
        row = session.get_one(Transfer, text_id)
        row.status, row.scan = Status.QUARANTINED.value, Scan.INFECTED.value
    (draft,) = drafts.desk(exchange, kansas.actor, "20000").drafts
    assert "The scanner set it aside" in desk.get(f"{OPEN}/texts").text
    assert desk.post(f"{PART}/publish", data={f"draft.{draft.id}": "yes"}).status_code == 409
    assert desk.get(f"/guide/texts/{text_id}").status_code == 409
    colleague = enter(make_colleague(kansas, "kay-2"))
    colleague.post(f"{OPEN}/texts/{text_id}/remove", data={"x": ""})
    publish_all(exchange, kansas)
    assert all(not one.attachments for one in editions.published(exchange).parts["20000"].answers)
