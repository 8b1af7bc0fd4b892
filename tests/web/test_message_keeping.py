"""Finding a conversation, taking it home as an archive, and holding it."""

import io
import zipfile

import pytest
from starlette.testclient import TestClient

from exchange.messages import notes
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.correspondence import BODY, SUBJECT, write
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE)


def looked_for(browser: TestClient, words: str, **more: str) -> str:
    return browser.post("/messages/search", data={"asked": words, "box": "all"} | more).text


def test_words_find_a_conversation_and_stand_in_no_address(
    exchange: Exchange, employer: Partner, state: Partner, sign_in: Enter
) -> None:
    thread_id, message_id = write(exchange, employer.actor, state)
    browser = sign_in(state)
    found = looked_for(browser, "withhol table")
    assert SUBJECT in found
    assert f"/messages/{thread_id}?before=" in found
    assert f"#message-{message_id}" in found
    assert "Nothing found" in looked_for(browser, "zanzibar")
    assert "Nothing found" in looked_for(browser, "withholding", topic="technical")
    assert "Nothing found" in looked_for(sign_in(make_partner(exchange, Role.TRIBE)), "withholding")


def test_what_is_wrong_with_a_search_is_told(employer: Partner, sign_in: Enter) -> None:
    answer = sign_in(employer).post("/messages/search", data={"asked": " ", "since": "yesterday"})
    assert answer.status_code == 422
    assert "Enter a word to look for" in answer.text
    assert "Enter a day as year-month-day" in answer.text


def test_the_archive_has_the_notes_of_its_own_organization_only(
    exchange: Exchange, employer: Partner, state: Partner, sign_in: Enter
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    notes.add(exchange, state.actor, thread_id, "zanzibar")

    worker, clerk = sign_in(state), sign_in(employer)

    def held(browser: TestClient, query: str) -> list[bytes]:
        answer = browser.get(f"/messages/{thread_id}/export{query}")
        assert answer.headers["content-type"] == "application/zip"
        made = zipfile.ZipFile(io.BytesIO(answer.content))
        return [made.read(name) for name in made.namelist() if name.startswith("messages/")]

    assert [b"zanzibar" in one for one in held(worker, "?notes=yes")] == [False, True]
    assert [BODY.encode() in one for one in held(worker, "")] == [True]
    assert [b"zanzibar" in one for one in held(clerk, "?notes=yes")] == [False]


def test_a_hold_is_shown_to_its_own_side_only(
    exchange: Exchange, employer: Partner, state: Partner, sign_in: Enter
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    worker, clerk = sign_in(state), sign_in(employer)
    assert worker.post(f"/messages/{thread_id}/hold", data={"let_go": ""}).status_code == 303
    assert "Kept by a legal hold" in worker.get(f"/messages/{thread_id}").text
    assert "legal hold" not in clerk.get(f"/messages/{thread_id}").text.lower()
    assert clerk.post(f"/messages/{thread_id}/hold", data={"let_go": ""}).status_code == 403
    worker.post(f"/messages/{thread_id}/hold", data={"let_go": "yes"})
    assert "Kept by a legal hold" not in worker.get(f"/messages/{thread_id}").text
