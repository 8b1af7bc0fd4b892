"""Two organizations, a state and OCSS at their browsers at once: each sees what it should, at each moment.

One installation of real processes; the state answers with OpenSSH's own client.
"""

import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.doors import Api, OpenSsh
from tests.acceptance.running import Account, Portal
from tests.acceptance.sizes import sized

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("acceptance-sqlite"),
]
_PIECE, _PATIENCE = 1024 * 1024, 60_000
ATTACHED = sized(3, 200) * _PIECE
"""Bytes of the file that goes with the message."""
SUBJECT, QUESTION, ANSWER, NOTE = (
    "Which table is in force",
    "The order of March names two tables.",
    "The one of 2026; see the order's second page.",
    "Look at the quarterly list first.",
)


@dataclass
class Desk:
    """Somebody at a browser, on a page that stays open."""

    page: Page
    portal: Portal
    account: Account

    def go(self, path: str) -> Page:
        self.page.goto(self.portal.web + path)
        self.page.locator("html.ready").wait_for(state="attached")
        return self.page

    def unread(self, count: int) -> None:
        """What the badge says, without anybody touching the page."""
        badge = self.page.locator("[data-unread]")
        if count:
            expect(badge).to_have_text(str(count), timeout=_PATIENCE)
        else:
            expect(badge).to_be_hidden(timeout=_PATIENCE)


@pytest.fixture
def at_desk(chromium: Browser, portal: Portal) -> Iterator[Callable[[str], Desk]]:
    contexts = []

    def come(username: str) -> Desk:
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 900}))
        contexts[-1].set_default_timeout(60_000)
        page = contexts[-1].new_page()
        page.goto(f"{portal.web}/sign-in")
        page.locator(f"form:has(input[value='{username}']) button").click()
        page.wait_for_url("**/home")
        return Desk(page, portal, portal.account(username))

    yield come
    for context in contexts:
        context.close()


def made_of(path: Path, size: int) -> Path:
    """A file of so many bytes, no two of its pieces alike."""
    with path.open("wb") as file:
        for number in range(size // _PIECE):
            file.write(random.Random(number).randbytes(_PIECE))  # the same in every run
    return path


def caught_up(desk: Desk) -> Desk:
    """Open all that waits for somebody, so that what comes next is all that is new."""
    api = Api(desk.portal, desk.account)
    for one in api.all("threads", box="unread"):
        assert api.ask("GET", f"/api/v1/threads/{one['id']}").status == 200
    api.close()
    desk.go("/messages")
    desk.unread(0)
    return desk


def write(desk: Desk, to: str, subject: str, file: Path | None = None) -> None:
    """Write to an agency; the page comes back to the list."""
    page = desk.go("/messages/new")
    page.get_by_role("button", name=re.compile(f"^{re.escape(to)}")).click()
    page.get_by_label("Topic").select_option("general")
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Message", exact=True).fill(QUESTION)
    page.locator("label[for=classification]").click()
    if file is not None:
        page.get_by_label("Add a file").set_input_files(file)
        expect(page.locator("[data-attached]")).to_contain_text(file.name, timeout=300_000)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(re.compile("done="))


def test_four_at_once_each_see_what_they_should(
    portal: Portal, at_desk: Callable[[str], Desk], tmp_path: Path
) -> None:
    employers = {one.organization: one.username for one in portal.accounts() if one.role == "employer"}
    erin, other, kai, olive = (
        caught_up(at_desk(name)) for name in (*list(employers.values())[:2], "kai.sunflower", "olive.staffer")
    )
    file = made_of(tmp_path / "Gehälter März.bin", ATTACHED)
    write(erin, kai.account.organization, SUBJECT, file)
    kai.unread(1)
    for stranger in (other, olive):
        stranger.unread(0)

    theirs = _opened(kai, SUBJECT)
    kai.unread(0)
    _taken_with_a_note(theirs)
    mine = _opened(erin, SUBJECT)
    expect(mine.get_by_text("Read", exact=False).first).to_be_visible()
    expect(mine.get_by_text(NOTE)).to_have_count(0)
    expect(mine.get_by_text("In your agency")).to_have_count(0)
    thread_id = mine.url.rpartition("/")[2].partition("?")[0]
    assert other.page.request.get(f"{portal.web}/messages/{thread_id}").status == 404

    erin.go("/messages")
    _answered_by_sftp(portal, kai.account, thread_id, tmp_path)
    erin.unread(1)
    for stranger in (other, kai, olive):
        stranger.unread(0)

    _recalled_before_it_was_read(other, olive)
    _exported(_opened(erin, SUBJECT), file)


def _opened(desk: Desk, subject: str) -> Page:
    page = desk.go("/messages")
    page.locator("a.thread", has_text=subject).first.click()
    expect(page.locator("h1")).to_contain_text(subject)
    return page


def _taken_with_a_note(page: Page) -> None:
    """Somebody of the agency takes the thread, and writes a note for colleagues."""
    page.get_by_role("button", name="Take it myself").click()
    expect(page.get_by_text("Yours", exact=True)).to_be_visible()
    page.get_by_text("Write an internal note").click()
    page.get_by_label("Internal note").fill(NOTE)
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text(NOTE)).to_be_visible()


def _answered_by_sftp(portal: Portal, account: Account, thread_id: str, folder: Path) -> None:
    answer = folder / "answer.json"
    answer.write_text(json.dumps({"thread": thread_id, "body": ANSWER}))
    OpenSsh(portal, account, folder).put(answer, "/inbox/messages/answer.json")


def _recalled_before_it_was_read(writer: Desk, reader: Desk) -> None:
    """The reader sees that something came, live, and afterwards only that it was recalled."""
    write(writer, reader.account.organization, "Never mind this one")
    reader.unread(1)
    page = _opened(writer, "Never mind this one")
    page.get_by_text("Recall", exact=True).click()
    page.get_by_role("button", name="Recall this message").click()
    page.wait_for_url("**/messages/drafts/**")
    reader.unread(0)
    theirs = reader.go("/messages")
    expect(theirs.get_by_text("Never mind this one")).to_have_count(0)
    theirs.get_by_text("A message that was recalled").first.click()
    expect(theirs.get_by_text(QUESTION)).to_have_count(0)


def _exported(page: Page, file: Path) -> None:
    """The archive holds the file as it was sent, the answer, and no note of the other side."""
    expect(page.get_by_text(ANSWER)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    made = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    (attached,) = [name for name in made.namelist() if name.startswith("attachments/")]
    assert made.read(attached) == file.read_bytes()
    said = [json.loads(made.read(name))["body"] for name in made.namelist() if name.startswith("messages/")]
    assert said == [QUESTION, ANSWER]
    assert not any(NOTE.encode() in made.read(name) for name in made.namelist())
