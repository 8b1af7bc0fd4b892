"""Somebody of a central authority abroad: the guide first, and from a page of it a message to its keepers."""

import re

import pytest
from starlette.testclient import TestClient

from exchange.accounts.registration_rows import note_facts
from exchange.database import transaction
from exchange.guide import loading
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.correspondence import inbox
from tests.support.guide import small_guide
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter

_HIDDEN = re.compile(r'<input type="hidden" name="(to|topic)" value="([^"]+)">')


@pytest.fixture
def kansas(exchange: Exchange) -> Partner:
    loading.load(exchange, small_guide())
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


@pytest.fixture
def abroad(exchange: Exchange, sign_in: Enter) -> TestClient:
    partner = make_partner(exchange, Role.INTERNATIONAL)
    with transaction(exchange.engine) as session:
        note_facts(session, exchange, partner.organization.id, {"country": "DE"})
    return sign_in(partner)


def test_from_signing_in_to_a_message_to_a_state(
    exchange: Exchange, kansas: Partner, abroad: TestClient
) -> None:
    home = abroad.get("/home").text
    assert home.index('action="/guide/search"') < home.index("For you to fetch")
    assert '<a href="/guide/80DE"><b>Germany</b></a> in the guide: 1 answer, 0 contacts' in home
    assert 'href="/guide/20000' in abroad.get("/guide/search?q=kansas").text
    page = abroad.get("/guide/20000").text
    assert "Sealed in Kansas." in page
    begun = abroad.post("/messages/drafts", data=dict(_HIDDEN.findall(page)))
    compose = abroad.get(begun.headers["location"]).text
    assert f"<b>{kansas.organization.name}</b>" in compose
    assert '<option value="case" selected>' in compose
    typed = {"subject": "Which form", "body": "Which form do you take?", "classification": "none"}
    sent = abroad.post(
        begun.headers["location"], data={**dict(_HIDDEN.findall(page)), **typed, "act": "send"}
    )
    assert "done=sent" in sent.headers["location"]
    (line,) = inbox(exchange, kansas.actor)
    assert (line.subject, line.topic) == ("Which form", "Intergovernmental case")
    assert "Which form" in abroad.get("/home").text


def test_where_nobody_takes_part_the_page_says_whom_to_ring(
    exchange: Exchange, kansas: Partner, abroad: TestClient, client: TestClient
) -> None:
    there = abroad.get("/guide/31000").text
    assert "Nobody of Nebraska can be written to here" in there
    assert 'href="tel:+1201' in there
    assert _HIDDEN.findall(there) == []
    assert "your own organization's part" in abroad.get("/guide/80DE").text
    assert abroad.get("/guide/keep/80DE").status_code == 200
    assert '<a href="/sign-in?next=/guide/20000">' in client.get("/guide/20000").text


def test_agencies_find_the_guide_on_their_home_and_others_do_not(
    exchange: Exchange, kansas: Partner, sign_in: Enter, browser: TestClient
) -> None:
    assert "Kansas</b></a> in the guide: 2 answers, 1 contact" in sign_in(kansas).get("/home").text
    assert 'id="guide"' not in browser.get("/home").text
