"""The pages of messages: writing, reading, answering, and who sees what."""

import re
from html import unescape
from typing import NamedTuple
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from exchange.messages import drafts, files
from exchange.messages.inbox import InboxQuery, threads
from exchange.runtime import Exchange
from exchange.transfers import delivery
from roles.permissions import Role
from tests.schemas.test_previews import png
from tests.support.correspondence import BODY, SUBJECT, answer, send_file, settle, write
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter

TURNED = "\u202egpj.exe"


class Typed(NamedTuple):
    """A form that was filled in."""

    topic: str = "general"
    classification: str = "none"
    subject: str = SUBJECT
    body: str = BODY


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


def begin(browser: TestClient, to: Partner) -> str:
    """Begin a message to somebody; returns the draft's address."""
    begun = browser.post("/messages/drafts", data={"to": str(to.organization.id)})
    assert begun.status_code == 303
    return begun.headers["location"]


def filled(to: Partner, typed: Typed | None = None, act: str = "send") -> dict[str, str]:
    return {"to": str(to.organization.id), "act": act, **(typed or Typed())._asdict()}


def sent(browser: TestClient, to: Partner, typed: Typed | None = None) -> str:
    """Write and send; returns the thread's address."""
    gone = browser.post(begin(browser, to), data=filled(to, typed))
    assert gone.status_code == 303, gone.text
    return gone.headers["location"].partition("?")[0]


def text_of(browser: TestClient, path: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", browser.get(path).text)).split())


def test_a_message_is_written_read_and_answered(
    sign_in: Enter, browser: TestClient, employer: Partner, state: Partner
) -> None:
    assert state.organization.name in text_of(browser, "/messages/new")
    thread = sent(browser, state)
    assert "Delivered, not read yet" in text_of(browser, thread)
    agency = sign_in(state)
    _finds_partners_by_name(agency, employer)
    listed = text_of(agency, "/messages?box=unread")
    assert (SUBJECT in listed, employer.organization.name in listed, "1 new" in listed) == (True, True, True)
    assert BODY in text_of(agency, thread)
    assert "Everything was opened" in text_of(agency, "/messages?box=unread")
    answered = agency.post(f"{thread}/reply", data={"body": "The one of 2026.", "act": "send"})
    assert answered.headers["location"].startswith(f"{thread}?done=sent")
    mine = text_of(browser, thread)
    assert "The one of 2026." in mine
    assert f"Read by {state.account.name}, by web page" in mine


def test_strangers_find_nothing(
    sign_in: Enter, browser: TestClient, other_employer: Partner, state: Partner
) -> None:
    thread, draft = sent(browser, state), begin(browser, state)
    stranger = sign_in(other_employer)
    assert SUBJECT not in text_of(stranger, "/messages?box=all")
    for path in (thread, draft, "/messages/none", f"{draft}/files", thread + "/attachments"):
        assert stranger.get(path).status_code == 404, path
    for path in (f"{thread}/reply", f"{thread}/close", draft, f"{draft}/discard", f"{thread}/recall"):
        assert stranger.post(path, data={"body": "x"}).status_code == 404, path


def test_what_is_wrong_is_told_once_and_what_was_typed_stays(browser: TestClient, state: Partner) -> None:
    draft = begin(browser, state)
    refused = browser.post(draft, data=filled(state, Typed(topic="", body=" ", classification="")))
    assert refused.status_code == 422
    for words in ("Choose a topic", "Enter the message", "Say whether it holds personal data"):
        assert words in refused.text
    assert f'value="{SUBJECT}"' in refused.text
    assert f'value="{SUBJECT}"' in browser.get(draft).text
    _goes_only_after_one_more_click(browser, state)


def _goes_only_after_one_more_click(browser: TestClient, state: Partner) -> None:
    """A message whose subject gives somebody away."""
    draft, typed = begin(browser, state), Typed(subject="Order of John Sampleson, 900-12-3456")
    saved = browser.post(draft, data=filled(state, typed, ""), headers={"Accept": "application/json"})
    assert "Social Security number" in saved.json()["warning"]
    refused = browser.post(draft, data=filled(state, typed))
    assert refused.status_code == 422
    assert "It seems to hold a person's name." in unescape(refused.text)
    assert "Send with this subject" in refused.text
    assert browser.post(draft, data=filled(state, typed, "send-even-so")).status_code == 303


def test_a_draft_is_kept_as_one_types_listed_and_thrown_away(
    exchange: Exchange, browser: TestClient, employer: Partner, state: Partner
) -> None:
    draft, typed = begin(browser, state), Typed(body="  Half a")
    kept = browser.post(draft, data=filled(state, typed, ""), headers={"Accept": "application/json"}).json()
    assert re.fullmatch(r"Saved \d\d:\d\d UTC", kept["saved"])
    assert (kept["draft"], kept["warning"]) == (draft, "")
    assert "Half a" in text_of(browser, "/messages/drafts")
    assert "Drafts (1)" in text_of(browser, "/messages")
    browser.post(f"{draft}/discard")
    assert drafts.drafts(exchange, employer.actor) == []


def test_the_first_words_of_an_answer_make_one_draft(
    exchange: Exchange, browser: TestClient, employer: Partner, state: Partner
) -> None:
    thread = sent(browser, state)
    as_script = {"Accept": "application/json"}
    kept = browser.post(f"{thread}/reply", data={"body": "One"}, headers=as_script).json()
    browser.post(kept["draft"], data={"body": "One more"}, headers=as_script)
    (draft,) = drafts.drafts(exchange, employer.actor)
    assert draft.fields["body"] == "One more"
    assert "One more" in browser.get(thread).text
    assert browser.post(kept["draft"], data={"body": "One more", "act": "send"}).status_code == 303
    assert "One more" in text_of(browser, thread)


def test_a_file_is_attached_without_scripts_and_fetched(
    exchange: Exchange, sign_in: Enter, browser: TestClient, state: Partner
) -> None:
    draft, content = begin(browser, state), b"synthetic " * 1000
    parts = {"file": ("Gehälter.txt", content)}
    added = browser.post(draft, data=filled(state, act="attach"), files=parts)
    assert added.headers["location"] == f"{draft}?done=saved#files"
    assert all(words in text_of(browser, draft) for words in ("Gehälter.txt", "10 KB", "Being scanned"))
    assert browser.post(draft, data=filled(state), files={"file": ("", b"")}).headers["location"] == (
        "/messages?done=queued"
    )
    assert "A message of yours goes by itself" in text_of(browser, "/messages")
    assert browser.get("/messages/sending").headers["x-under-way"] == "yes"
    assert settle(exchange) == 1
    assert browser.get("/messages/sending").headers["x-under-way"] == "no"
    agency = sign_in(state)
    (thread,) = re.findall(r'href="(/messages/[0-9a-f-]{36})"', agency.get("/messages").text)
    (file,) = re.findall(
        r'href="(/messages/[0-9a-f-]{36}/attachments/[0-9a-f-]{36})"', agency.get(thread).text
    )
    fetched = agency.get(file, headers={"Range": "bytes=0-8"})
    assert (fetched.status_code, fetched.content) == (206, b"synthetic")
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert "Geh%C3%A4lter.txt" in fetched.headers["content-disposition"]
    assert "Opened Gehälter.txt" in text_of(browser, thread)
    assert "Gehälter.txt" in text_of(agency, file.rpartition("/")[0])


def test_the_script_attaches_under_a_neutral_name_and_takes_out_again(
    exchange: Exchange, browser: TestClient, employer: Partner, state: Partner
) -> None:
    draft, named = begin(browser, state), {"X-File-Name": "%D9%86%D8%A7%D9%85%D9%87.pdf"}
    assert browser.post(f"{draft}/files?number=7", content=b"synthetic", headers=named).status_code == 201
    turned = {"X-File-Name": "%E2%80%AEgpj.exe"}
    assert browser.post(f"{draft}/files?number=8", content=b"x", headers=turned).status_code == 422
    assert browser.post(f"{draft}/files?number=x", content=b"x", headers=named).status_code == 400
    (held,) = drafts.drafts(exchange, employer.actor)[0].attachments
    assert held.name == "نامه.pdf"
    assert delivery.transfer(exchange, employer.actor, held.transfer_id).filename == "attachment-7.pdf"
    shown = browser.get(f"{draft}/files")
    assert ("نامه.pdf" in shown.text, shown.headers["x-under-way"]) == (True, "yes")
    browser.post(draft, data=filled(state, act="") | {"remove": str(held.id)})
    assert drafts.drafts(exchange, employer.actor)[0].attachments == []


def test_a_message_is_recalled_closed_archived_and_passed_on(
    exchange: Exchange, sign_in: Enter, browser: TestClient, employer: Partner, state: Partner
) -> None:
    tribe = make_partner(exchange, Role.TRIBE)
    thread_id, message_id = write(exchange, employer.actor, state)
    recalled = browser.post(f"/messages/{message_id}/recall")
    assert recalled.headers["location"].endswith("?done=recalled")
    agency, thread = sign_in(state), f"/messages/{thread_id}"
    assert "This message was recalled" in text_of(agency, thread)
    assert browser.post(recalled.headers["location"].partition("?")[0], data={"body": BODY, "act": "send"})
    assert BODY in text_of(agency, thread)
    answer(exchange, state.actor, thread_id)
    newest = re.findall(r'action="(/messages/[0-9a-f-]{36}/forward)"', agency.get(thread).text)[0]
    passed = agency.post(newest).headers["location"]
    draft = passed.partition("draft=")[2]
    agency.post(f"/messages/drafts/{draft}/to", data={"to": str(tribe.organization.id)})
    assert all(
        words in text_of(agency, f"/messages/drafts/{draft}") for words in (tribe.organization.name, "> ")
    )
    agency.post(f"{thread}/close")
    assert "This conversation is closed" in text_of(browser, thread)
    assert browser.post(f"{thread}/reply", data={"body": "x", "act": "send"}).status_code == 409
    browser.post(f"{thread}/reopen")
    agency.post(f"{thread}/archive", data={"x": ""})
    assert [line.id for line in threads(exchange, state.actor, InboxQuery(box="archived")).items] == [
        thread_id
    ]
    agency.post(f"{thread}/archive", data={"back": "yes"})
    assert SUBJECT in text_of(agency, "/messages")


def test_lists_have_pages_that_keep_the_filter_and_refuse_what_is_none(
    exchange: Exchange, browser: TestClient, employer: Partner, state: Partner
) -> None:
    for number in range(26):
        write(exchange, employer.actor, state, subject=f"Question {number}")
    first = browser.get("/messages?topic=general").text
    (following,) = re.findall(r'href="(/messages\?[^"]+)" rel="next"', first)
    second = browser.get(unescape(following)).text
    assert [len(re.findall(r'class="thread"', page)) for page in (first, second)] == [25, 1]
    assert "topic=general" in following
    assert "No message fits" in browser.get("/messages?topic=medical").text
    for wrong in ("box=x", "topic=x", "cursor=x"):
        assert browser.get(f"/messages?{wrong}").status_code == 400, wrong


def test_what_turns_a_text_around_is_shown_as_a_mark(browser: TestClient, state: Partner) -> None:
    thread = sent(browser, state, Typed(subject=TURNED, body=f"See {TURNED} <script>alert(1)</script>"))
    for path in (thread, "/messages"):
        shown = browser.get(path).text
        assert "[U+202E]gpj.exe" in shown
        assert "\u202e" not in shown
        assert "<script>alert" not in shown


def _finds_partners_by_name(agency: TestClient, employer: Partner) -> None:
    found = agency.post("/messages/new", data={"q": employer.organization.name[:9]}).text
    assert str(employer.organization.id) in found
    assert "No organization found" in agency.post("/messages/new", data={"q": "nobody of that name"}).text
    assert UUID(begin(agency, employer).rpartition("/")[2])


def test_a_preview_is_text_or_a_picture_and_never_a_page(
    exchange: Exchange, sign_in: Enter, employer: Partner, state: Partner
) -> None:
    agency = sign_in(state)
    shown = [
        (
            "page.html",
            b"<script>alert(1)</script>",
            "text/plain; charset=utf-8",
            b"<script>alert(1)</script>",
        ),
        ("turned.csv", "a \u202egpj".encode(), "text/plain; charset=utf-8", b"a [U+202E]gpj"),
        ("not.png", png(3, 2), "image/png", png(3, 2)),
        ("bomb.png", png(30_000, 1), "text/plain; charset=utf-8", None),
        ("some.zip", b"PK\x03\x04" + bytes(200), "text/plain; charset=utf-8", None),
        ("long.txt", b"x" * 100_001, "text/plain; charset=utf-8", None),
    ]
    for name, content, media_type, body in shown:
        _, message_id = send_file(exchange, employer, state, content, name)
        (file,) = files.listed(exchange, state.actor, message_id).files
        address = f"/messages/{message_id}/attachments/{file.id}/preview"
        assert f'src="{address}/content" sandbox' in agency.get(address).text
        seen = agency.get(f"{address}/content")
        assert seen.headers["content-type"] == media_type, name
        assert seen.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert seen.headers["x-content-type-options"] == "nosniff"
        assert body is None or seen.content == body, name
        assert body is not None or b"Download" in seen.content, name
        assert agency.get(address.replace(str(file.id), str(message_id))).status_code == 404
