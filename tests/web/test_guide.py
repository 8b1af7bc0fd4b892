"""The pages of the reference guide: what everybody finds there, and what nobody finds who may not."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from exchange.guide import loading, upkeep
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.guide.documents import Answer, Audience, Guide, Part
from tests.conftest import Clock
from tests.support.guide import contact, small_guide, state
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter

HIDDEN = (
    "Family violence",
    "family-violence",
    "Sealed in",
    "Kit Sample</b>",
    "IV-D director",
    "workers only",
)
"""What only workers read in the guide below."""
DRAFTED = ("Thirty-three, as drafted", "drafted-office")
STARTS = (
    "/guide",
    "/guide/topics",
    "/guide/compare?j=20000&j=31000",
    "/guide/map?q=age-of-majority",
    "/guide/changes",
    "/guide/search?q=sealed+Kansas",
    "/guide/search?q=Kit+Sample",
    "/guide/20000?on=DAY",
)


def directed(part: Part) -> Part:
    """The same with a contact that is for workers."""
    code = part.facts.locator_code
    head = contact(code, "director", "director").model_copy(update={"name": "Kit Sample"})
    invented = part.facts.model_copy(update={"synthetic": True})
    return part.model_copy(update={"facts": invented, "contacts": (*part.contacts, head)})


def guide(age: str) -> Guide:
    kansas = directed(state("20000", "Kansas", age))
    others = tuple(one for one in small_guide().parts if one.facts.locator_code != "20000")
    parts = tuple(sorted((kansas, *others), key=lambda one: one.facts.locator_code))
    return small_guide().model_copy(update={"parts": parts})


@pytest.fixture
def loaded(exchange: Exchange, clock: Clock) -> Exchange:
    """A guide of ten days ago, of which one answer changed yesterday."""
    loading.load(exchange, guide("18"))
    clock.forward(days=9)
    loading.load(exchange, guide("21"))
    clock.forward(days=1)
    return exchange


@pytest.fixture
def kansas(loaded: Exchange) -> Partner:
    return make_partner(loaded, Role.STATE, jurisdiction="KS", administrator=True)


def then(exchange: Exchange, days: int) -> str:
    return (exchange.clock() - timedelta(days=days)).date().isoformat()


def text_of(content: bytes) -> str:
    """What stands on a page, or on the sheets of a PDF."""
    if not content.startswith(b"%PDF"):
        return content.decode()
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def walked(client: TestClient, exchange: Exchange, but: str = "nothing") -> Iterator[tuple[str, str]]:
    """Every page, table and paper of the guide that its pages lead to; those of keepers show drafts."""
    waiting, met = [start.replace("DAY", then(exchange, 5)) for start in STARTS], set[str]()
    while waiting:
        path = waiting.pop().split("#")[0].replace("&amp;", "&")
        if path in met or re.search(but, path):
            continue
        met.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        yield path, text_of(answer.content)
        if answer.headers["content-type"].startswith("text/html"):
            waiting += re.findall(r'href="(/guide(?!/keep)(?:[/?#][^"]*)?)"', answer.text)


def keep_drafts(kansas: Partner) -> None:
    """An answer and a contact that nobody has published."""
    answer = Answer(question="age-of-majority", value="33", comment=DRAFTED[0])
    upkeep.save(kansas.exchange, kansas.actor, "20000", answer)
    upkeep.save(kansas.exchange, kansas.actor, "20000", contact("20000", DRAFTED[1], "office"))


def test_the_public_finds_neither_drafts_nor_what_is_restricted_anywhere(
    loaded: Exchange, kansas: Partner, client: TestClient
) -> None:
    keep_drafts(kansas)
    pages = dict(walked(client, loaded))
    never = HIDDEN + DRAFTED
    assert [(path, word) for path, text in pages.items() for word in never if word in text] == []
    assert {path.rpartition(".")[2] for path in pages if "." in path} >= {"csv", "pdf"}
    assert len(pages) > 40
    for path in (
        "/guide/topics/family-violence",
        "/guide/topics/family-violence.csv",
        "/guide/contacts/director",
        "/guide/contacts/director.csv",
        "/guide/20000/history/answer/family-violence",
        "/guide/20000/history/contact/director",
        "/guide/99000",
        "/guide/20000/history/law/x",
    ):
        assert client.get(path).status_code == 404, path


def test_workers_find_what_is_for_them_and_employers_do_not(
    loaded: Exchange, kansas: Partner, sign_in: Enter, employer: Partner
) -> None:
    worker, boss = sign_in(kansas), sign_in(employer)
    page = worker.get("/guide/20000").text
    for word in HIDDEN:
        assert word in page
        assert word not in boss.get("/guide/20000").text
    for path in ("/guide/topics/family-violence", "/guide/20000/history/answer/family-violence"):
        assert (worker.get(path).status_code, boss.get(path).status_code) == (200, 404)


def test_a_draft_stands_on_no_page_of_its_own_keeper(
    loaded: Exchange, kansas: Partner, sign_in: Enter
) -> None:
    keep_drafts(kansas)
    for path, text in walked(sign_in(kansas), loaded, r"/(00000|31000|80DE|90830)[./]"):
        assert not any(word in text for word in DRAFTED), path


def test_from_the_landing_page_one_line_leads_to_the_answer(loaded: Exchange, client: TestClient) -> None:
    landing = client.get("/").text
    assert 'action="/guide/search"' in landing
    assert 'name="q"' in landing
    found = client.get("/guide/search", params={"q": "Kansas age of majority"}).text
    first = found.partition("Also found")[0]
    assert "At what age does a child come of age?" in first
    assert re.search(r'class="told-value[^"]*">21</p>', first)
    assert "Published" in first
    assert "Synthetic guide" in found
    nothing = client.get("/guide/search", params={"q": "xyzzyplugh"}).text
    assert "Nothing was found" in nothing
    assert client.get("/guide/search", params={"q": " "}).headers["location"] == "/guide"


def test_an_answer_that_is_a_comment_only_is_shown(
    loaded: Exchange, kansas: Partner, client: TestClient
) -> None:
    said = Answer(question="age-of-majority", comment="Asked of the court.")
    upkeep.publish(loaded, kansas.actor, "20000", [upkeep.save(loaded, kansas.actor, "20000", said)])
    for path in ("/guide/20000", "/guide/search?q=Kansas+age+of+majority"):
        page = client.get(path).text
        assert "Asked of the court." in page
        assert "No answer" not in page


def test_another_day_is_shown_with_a_banner_and_nothing_of_today(
    loaded: Exchange, client: TestClient
) -> None:
    today, before = client.get("/guide/20000").text, client.get(f"/guide/20000?on={then(loaded, 5)}").text
    value = re.compile(r'class="told-value[^"]*">(\d+)</p>')
    assert (value.findall(today), value.findall(before)) == (["21"], ["18"])
    assert "Local time" in today
    for word in ("Local time", "Open now", "Closed now"):
        assert word not in before
    assert "as it stood at the end of" in before
    assert "as it stood at the end of" not in today
    csv = client.get(f"/guide/20000.csv?on={then(loaded, 5)}").text
    assert ",18," in csv
    assert client.get("/guide/20000?on=2001-01-01").status_code == 404
    assert "Enter a day" in client.get("/guide/20000?on=yesterday").text
    assert client.get("/guide/20000?on=9999-12-31").status_code == 422


def test_what_was_public_once_and_is_not_now_is_not_shown_of_those_days(
    exchange: Exchange, clock: Clock, client: TestClient
) -> None:
    given = guide("18")
    asked = tuple(one.model_copy(update={"audience": Audience.PUBLIC}) for one in given.questions)
    loading.load(exchange, given.model_copy(update={"questions": asked}))
    address = f"/guide/20000{{}}?on={then(exchange, 0)}"
    assert "Sealed in" in client.get("/guide/20000").text
    clock.forward(days=3)
    loading.load(exchange, given)
    for ending in ("", ".csv", ".pdf"):
        page = text_of(client.get(address.format(ending)).content)
        assert "Kansas" in page
        assert "Sealed in" not in page
    sheet = text_of(client.get(address.format(".pdf") + "&x=ring-0101").content)
    assert "on=" in sheet
    assert "ring-0101" not in sheet  # what a stranger writes into an address is on no paper of ours


def test_what_changed_is_told_since_the_last_visit(
    loaded: Exchange, kansas: Partner, client: TestClient, sign_in: Enter, clock: Clock
) -> None:
    anybody = client.get(f"/guide/changes?since={then(loaded, 5)}").text
    assert anybody.count("<ins>") == 2  # one in the words that explain it
    assert "Kansas: Age of majority" in anybody
    assert client.get("/guide/changes?since=soon").status_code == 422
    worker = sign_in(kansas)
    assert "Since your last visit" not in worker.get("/guide/changes").text
    clock.forward(days=2)
    loading.load(loaded, guide("25"))
    again = sign_in(kansas).get("/guide/changes").text
    assert "Since your last visit" in again
    assert again.count("<del>") == 2


def test_a_comparison_says_kindly_what_is_missing(loaded: Exchange, client: TestClient) -> None:
    assert "One more is needed" in client.get("/guide/compare?j=20000").text
    many = "&".join(f"j={code}" for code in ("20000", "31000", "80DE", "90830", "00000", "20000"))
    assert "Five fit side by side" not in client.get(f"/guide/compare?{many}").text
    both = client.get("/guide/compare?j=20000&j=31000&q=age-of-majority").text
    assert "Differs" in both
    assert re.findall(r'class="told-value[^"]*">(\d+)</p>', both) == ["21", "19"]
    table = client.get("/guide/compare.csv?j=20000&j=31000&q=age-of-majority").text.splitlines()
    assert "Kansas (20000),Nebraska (31000)" in table[0]
    assert "differs,21,19" in table[1]


def test_tabs_and_menus_lead_to_the_guide(loaded: Exchange, client: TestClient, browser: TestClient) -> None:
    assert '<a href="/guide">Reference guide</a>' in client.get("/sign-in").text
    assert '<a href="/guide">Reference guide</a>' in browser.get("/home").text
    assert client.get("/guide").text.count('aria-current="page"') == 1
    assert client.get("/guide").headers["cache-control"] == "no-store"


def test_a_map_tells_answers_by_marks_and_words(loaded: Exchange, client: TestClient) -> None:
    page = client.get("/guide/map?q=age-of-majority").text
    assert 'aria-label="Kansas: 21"' in page
    assert 'aria-label="Nebraska: 19"' in page
    assert page.count('<rect class="tile-box level-') == 2 + 4
    plain = client.get("/guide/map").text
    assert 'aria-label="Kansas"' in plain
    assert 'href="/guide/80DE"' in plain
