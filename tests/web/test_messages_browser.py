"""Two people in browsers of their own write, recall and read; what was attached runs nothing there."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from exchange.accounts import sessions
from exchange.messages.inbox import InboxQuery, threads
from exchange.messages.reading import opened
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.schemas.test_previews import png
from tests.support.correspondence import BODY, send_file, settle
from tests.support.partners import Partner, make_partner
from tests.web.visitors import Visitor
from web.door import cookie_name

pytestmark = pytest.mark.browser
HOSTILE = {
    "page.html": b"<!doctype html><script>top.ran = self.ran = 1; document.title = 'ran'</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='ran = 1'><script>ran = 1</script></svg>",
}


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


def come_in(visitor: Visitor, partner: Partner) -> None:
    """Have a session, without the way through the sign-in."""
    token = sessions.open_session(partner.exchange, partner.actor, "")
    name = cookie_name(partner.exchange.settings)
    visitor.page.context.add_cookies([{"name": name, "value": token, "url": visitor.address}])


def write(page: Page, to: str) -> None:
    """Find somebody by typing, fill the form in, and attach a file by dropping it onto the field."""
    page.get_by_label("Show only those with this in their name").fill(to[:9])
    page.get_by_role("button", name=to).click()
    page.get_by_label("Topic").select_option("general")
    page.get_by_label("Subject").fill("Order of Alex Sampleson")
    page.get_by_label("Subject").press("Tab")
    expect(page.locator("[data-subject-told]")).to_contain_text("a person's name")
    page.get_by_label("Subject").fill("Question about an order")
    page.get_by_label("Message", exact=True).fill(BODY)
    page.locator("label[for=classification]").click()
    file = {"name": "Gehälter.txt", "mimeType": "text/plain", "buffer": b"synthetic " * 50_000}
    page.get_by_label("Add a file").set_input_files([file])
    expect(page.locator("[data-attached]")).to_contain_text("Gehälter.txt")
    expect(page.locator("[data-saved]")).to_contain_text("Saved")


def test_one_writes_and_recalls_and_another_reads_live(
    exchange: Exchange, newcomer: Callable[[], Visitor], employer: Partner, state: Partner
) -> None:
    erin, kai = newcomer(), newcomer()
    come_in(erin, employer)
    page = erin.open("/messages/new")
    write(page, state.organization.name)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page).to_have_url(re.compile("done=queued"))
    assert settle(exchange) == 1
    expect(page.locator("a.thread")).to_contain_text("Question about an order")  # without a click
    page.locator("a.thread").click()
    come_in(kai, state)
    theirs = kai.open("/messages")
    page.get_by_text("Recall", exact=True).click()
    page.get_by_role("button", name="Recall this message").click()
    expect(page.get_by_label("Message", exact=True)).to_have_value(BODY)
    theirs.reload()
    expect(theirs.locator("a.thread")).to_contain_text("A message that was recalled")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page).to_have_url(re.compile("done=sent"))
    theirs.locator("a.thread").click()
    expect(theirs.locator(".message-text")).to_have_text(BODY)
    with theirs.expect_download() as fetched:
        theirs.get_by_role("link", name="Download Gehälter.txt").click()
    assert fetched.value.suggested_filename == "Gehälter.txt"
    page.reload()
    expect(page.get_by_text(f"Opened Gehälter.txt by {state.account.name}")).to_be_attached()


def test_what_is_attached_runs_nothing_where_it_is_looked_at(
    exchange: Exchange, visitor: Visitor, employer: Partner, state: Partner
) -> None:
    come_in(visitor, state)
    for name, content in (*HOSTILE.items(), ("drawing.png", png(40, 30))):
        send_file(exchange, employer, state, content, name)
    for line in threads(exchange, state.actor, InboxQuery()).items:
        (message,) = opened(exchange, state.actor, line.id).messages
        (file,) = message.attachments
        address = f"/messages/{message.id}/attachments/{file.id}/preview"
        page = visitor.open(address)
        frame = page.frame_locator("iframe.preview")
        if file.name == "drawing.png":
            expect(frame.locator("img")).to_be_visible()
        else:
            expect(frame.locator("body")).to_contain_text(HOSTILE[file.name].decode())
        alone = visitor.open(f"{address}/content")  # somebody may open the frame by itself
        assert alone.evaluate("[typeof self.ran, document.title === 'ran', self.origin]") == [
            "undefined",
            False,
            "null",
        ]
