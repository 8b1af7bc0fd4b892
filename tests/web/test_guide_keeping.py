"""Keeping one's part of the guide on the pages: nothing typed is lost, nobody touches another's part."""

import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from exchange.accounts import sessions
from exchange.guide import drafts, editions, loading, upkeep
from exchange.guide.keys import Key
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Permission, Role, holders
from schemas.guide.documents import Answer
from tests.conftest import Clock
from tests.support.guide import contact, small_guide, state
from tests.support.partners import Partner, make_colleague, make_partner
from tests.web.conftest import HOST, Enter
from web.door import cookie_name
from web.routes_of_guide_keeping import ROUTES, TEXTS

PART = "/guide/keep/20000"
AGE = f"{PART}/answers/age-of-majority"
REGISTRY = {"name": "Intake", "country": "US"}
SENT = {"x": ""}
SECRET = "21.0077"
"""A value that stands nowhere but in a draft."""


@pytest.fixture
def loaded(exchange: Exchange) -> Exchange:
    loading.load(exchange, small_guide())
    return exchange


@pytest.fixture
def kansas(loaded: Exchange) -> Partner:
    return make_partner(loaded, Role.STATE, jurisdiction="KS", administrator=True)


@pytest.fixture
def sign_in(app: Starlette, loaded: Exchange) -> Iterator[Enter]:
    """A browser in a session of its own; the sign-in itself is not what is tried here."""
    opened = []

    def enter(partner: Partner) -> TestClient:
        token = sessions.open_session(loaded, partner.actor, "")
        cookie = {"Cookie": f"{cookie_name(loaded.settings)}={token}"}
        opened.append(TestClient(app, HOST, headers=cookie, follow_redirects=False))
        return opened[-1]

    yield enter
    for browser in opened:
        browser.close()


@pytest.fixture
def desk(sign_in: Enter, kansas: Partner) -> TestClient:
    return sign_in(kansas)


def seen(page: str) -> str:
    (found,) = set(re.findall(r'name="seen" value="([^"]*)"', page))
    return found


def told(page: str) -> list[str]:
    return re.findall(r"<li><a href=\"#[^\"]*\">(.*?)</a>", page)


def save(desk: TestClient, path: str, **fields: str) -> str:
    """Fill in a form and save it; where it leads."""
    answer = desk.post(path, data={"seen": seen(desk.get(path).text), **fields})
    assert answer.status_code == 303, told(answer.text)
    return answer.headers["location"]


def draft_ids(page: str) -> list[str]:
    return re.findall(r'name="(draft\.[0-9a-f-]{36})"', page)


def age_of(exchange: Exchange, code: str = "20000") -> str:
    return next(
        one.value
        for one in editions.published(exchange).parts[code].answers
        if one.question == "age-of-majority"
    )


def test_a_keeper_edits_looks_over_and_publishes(desk: TestClient, loaded: Exchange) -> None:
    assert desk.get("/guide/keep").headers["location"] == PART
    assert save(desk, AGE, value="21", note="new law").startswith(f"{PART}?done=guide-kept")
    preview = desk.get(f"{PART}/preview").text
    assert re.search(r"<del>.*?18.*?</del><ins>.*?21.*?</ins>", preview)
    assert age_of(loaded) == "18"
    done = desk.post(f"{PART}/publish", data=dict.fromkeys(draft_ids(preview), "yes"))
    assert done.headers["location"] == f"{PART}?done=guide-published"
    assert age_of(loaded) == "21"
    history = desk.get(f"{AGE}/history").text
    assert "new law" in history
    assert "Loaded from a file" in history
    back = desk.post(f"{AGE}/revert", data={"number": "1", "seen": seen(history)}).headers["location"]
    page = desk.get(back).text
    assert "as in revision 1" in page
    assert age_of(loaded) == "21"
    desk.post(f"{PART}/publish", data=dict.fromkeys(draft_ids(page), "yes"))
    assert age_of(loaded) == "18"
    assert "Revision 3" in desk.get(f"{AGE}/history?from=1&to=3").text


def test_what_is_wrong_is_told_and_what_was_typed_stays(
    desk: TestClient, kansas: Partner, loaded: Exchange
) -> None:
    wrong = desk.post(AGE, data={"seen": "1", "value": "grown", "comment": "<b>mine", "url": "nowhere"})
    assert wrong.status_code == 422
    assert told(wrong.text) == [
        "Enter a number, such as 21 or 0.75",
        "Enter the whole address, beginning with https:// or http://",
    ]
    assert 'value="grown"' in wrong.text
    assert "&lt;b&gt;mine" in wrong.text
    new = desk.post(f"{PART}/contacts/new", data={**REGISTRY, "type": "central-registry", "hours": "8 to 4"})
    assert [one for one in told(new.text) if "already" in one or "Mon-Fri" in one]
    assert "8 to 4</textarea>" in new.text
    assert drafts.desk(loaded, kansas.actor, "20000").drafts == []


def test_whoever_was_overtaken_sees_both_and_goes_on(
    desk: TestClient, kansas: Partner, loaded: Exchange, clock: Clock
) -> None:
    began = seen(desk.get(AGE).text)
    colleague = make_colleague(kansas, "kay-2")
    clock.forward(minutes=1)
    upkeep.save(loaded, colleague.actor, "20000", Answer(question="age-of-majority", value="20"))
    late = desk.post(AGE, data={"seen": began, "value": "21", "comment": "typed at length"})
    assert late.status_code == 422
    assert "What stands there now" in late.text
    assert re.search(r"<dt>Answer</dt><dd[^>]*>20</dd>", late.text)
    assert 'value="21"' in late.text
    assert "typed at length" in late.text
    assert desk.post(AGE, data={"seen": seen(late.text), "value": "21"}).status_code == 303
    (draft,) = drafts.desk(loaded, kansas.actor, "20000").drafts
    assert draft.said == Answer(question="age-of-majority", value="21")
    clock.forward(minutes=1)
    loading.load(loaded, small_guide().model_copy(update={"parts": (state("20000", "Kansas", "19"),)}))
    page = desk.get(f"/guide/keep/drafts/{draft.id}").text
    assert "Somebody published this entry after the draft was begun" in page
    assert desk.post(f"{PART}/publish", data={f"draft.{draft.id}": "yes"}).status_code == 409
    save(desk, AGE, value="21")
    desk.post(f"{PART}/publish", data={f"draft.{draft.id}": "yes"})
    assert age_of(loaded) == "21"


def test_contacts_come_change_and_go(desk: TestClient, kansas: Partner, loaded: Exchange) -> None:
    typed = {
        "type": "office",
        "name": "Topeka office",
        "country": "us",
        "lines": "1 Synthetic Avenue\r\nSuite 2",
        "phone": "785-555-0101",
        "hours": "Mon\u2013Fri 08:00-16:30\r\nSat 09:00-12:00",
        "valid_from-month": "Jan",
        "valid_from-day": "5",
        "valid_from-year": "2026",
        "locator_code": "2017300",
    }
    for slug in ("office", "office-2"):
        assert desk.post(f"{PART}/contacts/new", data=typed).headers["location"].endswith(f"#{slug}")
    desk.post(f"{PART}/publish", data=dict.fromkeys(draft_ids(desk.get(PART).text), "yes"))
    made = {one.slug: one for one in editions.published(loaded).parts["20000"].contacts}["office-2"]
    assert made.hours == ("Mon-Fri 08:00-16:30", "Sat 09:00-12:00")
    assert (made.lines, made.country, str(made.valid_from)) == (
        ("1 Synthetic Avenue", "Suite 2"),
        "US",
        "2026-01-05",
    )
    form = f"{PART}/contacts/office-2"
    assert "Sat 09:00-12:00</textarea>" in desk.get(form).text
    wrong = desk.post(form, data={"seen": seen(desk.get(form).text), **typed, "locator_code": "3100000"})
    assert told(wrong.text) == ["Check the locator code: its locator code is not within the jurisdiction"]
    assert desk.post(f"{form}/withdraw", data={"why": "closed", "seen": "0"}).status_code == 409
    desk.post(f"{form}/withdraw", data={"why": "closed", "seen": seen(desk.get(form).text)})
    assert "Taken out" in desk.get(f"{PART}/preview").text
    desk.post(f"{PART}/publish", data=dict.fromkeys(draft_ids(desk.get(PART).text), "yes"))
    slugs = [one.slug for one in editions.published(loaded).parts["20000"].contacts]
    assert slugs == ["central-registry", "office"]
    assert "closed" in desk.get(f"{form}/history").text


def test_a_second_person_approves_or_gives_back_with_words(
    desk: TestClient, sign_in: Enter, kansas: Partner, loaded: Exchange
) -> None:
    other = sign_in(make_colleague(kansas, "kay-2"))
    assert other.post(f"{PART}/second-person", data={"wanted": "yes"}).status_code == 403
    desk.post(f"{PART}/second-person", data={"wanted": "yes"})
    save(desk, AGE, value="21")
    (ticked,) = draft_ids(desk.get(PART).text)
    draft = f"/guide/keep/drafts/{ticked.removeprefix('draft.')}"
    handed = desk.post(f"{PART}/publish", data={ticked: "yes"})
    assert handed.headers["location"].endswith("guide-submitted")
    assert desk.post(f"{draft}/approve", data=SENT).status_code == 409
    locked = other.post(AGE, data={"seen": "1", "value": "22", "comment": "kept on the page"})
    assert (locked.status_code, "kept on the page" in locked.text) == (422, True)
    silent = other.post(f"{draft}/refuse", data={"why": ""})
    assert told(silent.text) == ["Say what is to be changed"]
    other.post(f"{draft}/refuse", data={"why": "Cite the law"})
    assert "Cite the law" in desk.get(PART).text
    desk.post(f"{PART}/publish", data={ticked: "yes"})
    assert "For you to approve" in other.get(PART).text
    other.post(f"{draft}/approve", data=SENT)
    assert age_of(loaded) == "21"
    assert "approved by" in desk.get(f"{AGE}/history").text


def test_a_year_later_entries_are_due_until_somebody_confirms_them(
    loaded: Exchange, sign_in: Enter, clock: Clock
) -> None:
    clock.forward(days=364)
    kansas = make_partner(loaded, Role.STATE, jurisdiction="KS")
    desk = sign_in(kansas)
    assert "Due for review" not in desk.get(PART).text
    clock.forward(days=1)
    desk = sign_in(kansas)
    page = desk.get(PART).text
    names = re.findall(r'name="(entry\.answers\.[a-z-]+)"', page)
    assert "Due for review" in page
    assert desk.post(f"{PART}/confirm", data=dict.fromkeys(names, "yes")).status_code == 303
    left = desk.get(PART).text
    assert left.count(">Due for review</span>") == 1  # the contact
    assert desk.post(f"{PART}/confirm", data=SENT).status_code == 409


def attempts(code: str, draft: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every act of these pages, on another's part; of law texts see test_guide_texts."""
    filled = {"slug": "age-of-majority", "sort": "answers", "code": code, "id": draft}
    fields = {"seen": "", "value": "99", "wanted": "yes", "number": "1", "why": "no"}
    fields |= {f"draft.{draft}": "yes", "entry.answers.age-of-majority": "yes"}
    for route in ROUTES:
        if isinstance(route, Route) and "POST" in route.methods and route.path != TEXTS:
            for answer in ("approve", "discard", "refuse") if "{answer}" in route.path else ("",):
                yield route.path.format(**filled, answer=answer), fields
    yield f"/guide/keep/{code}/contacts/new", fields | REGISTRY | {"type": "office"}
    yield f"/guide/keep/{code}/facts/facts", fields | {"name": "Ours now", "time_zone": "UTC"}


def test_nobody_touches_or_sees_the_draft_of_another(
    loaded: Exchange, kansas: Partner, sign_in: Enter, desk: TestClient, client: TestClient
) -> None:
    upkeep.ask_second_person(loaded, kansas.actor, "20000", wanted=True)
    save(desk, AGE, value=SECRET)
    (before,) = drafts.desk(loaded, kansas.actor, "20000").drafts
    guide = editions.published(loaded).guide
    roles = (*holders(Permission.GUIDE_KEEP), Role.EMPLOYER)  # the door keeps out the others: test_matrix
    for number, role in enumerate(roles, start=7):
        more = {"jurisdiction": "NE"} if role is Role.STATE else {}
        stranger = make_partner(loaded, role, number, administrator=True, **more)
        browser = sign_in(stranger)
        for path, fields in attempts("20000", str(before.id)):
            facts_of_ocss = "/facts/" in path and role in (Role.OCSS_STAFF, Role.OCSS_ADMINISTRATOR)
            assert facts_of_ocss or browser.post(path, data=fields).status_code in (403, 404), (role, path)
        for path in (PART, f"{PART}/preview", AGE, f"{AGE}/history", f"/guide/keep/drafts/{before.id}"):
            answer = browser.get(path)
            assert SECRET not in answer.text, (role, path)
            assert answer.status_code in (403, 404) or role in (Role.OCSS_STAFF, Role.OCSS_ADMINISTRATOR)
    assert drafts.desk(loaded, kansas.actor, "20000").drafts == [before]
    assert editions.published(loaded).guide == guide
    assert client.post(f"{PART}/publish", data={}).status_code == 303  # to the sign-in


def test_ocss_finds_and_keeps_many_parts(loaded: Exchange, sign_in: Enter) -> None:
    ocss = sign_in(make_partner(loaded, Role.OCSS_STAFF))
    page = ocss.get("/guide/keep").text
    assert all(name in page for name in ("Kansas", "Germany", "Tall River", "OCSS"))
    assert "Kansas" not in ocss.get("/guide/keep?q=80de").text
    path = "/guide/keep/20000/facts/facts"
    assert ocss.get("/guide/keep/20000/answers/age-of-majority").status_code == 403
    save(ocss, path, name="Kansas", time_zone="America/Chicago", capital="Topeka", latitude="38.5")
    ocss.post(f"{PART}/publish", data=dict.fromkeys(draft_ids(ocss.get(PART).text), "yes"))
    facts = editions.published(loaded).parts["20000"].facts
    assert (facts.capital, facts.latitude, facts.fips) == ("Topeka", 38.5, "20")
    wrong = ocss.post(path, data={"name": "", "time_zone": "Topeka", "latitude": "north"})
    assert len(told(wrong.text)) == 3


READ = (
    "/guide/20000",
    "/guide/20000.csv",
    "/guide/topics/age-of-majority",
    "/guide/contacts/office",
    "/guide/changes",
    "/guide/search?q=kansas+zanzibar+desk",
    "/api/v1/guide/search?q=zanzibarr",
    "/api/v1/guide/jurisdictions/20000",
    "/api/v1/guide/questions/age-of-majority/answers",
    "/api/v1/guide/contacts?type=office",
    "/api/v1/guide/download",
    "/api/v1/guide/jurisdictions/20000/history/answer/age-of-majority",
)
CLAUSE, OFFICE = "Zanzibar clause", "Zanzibar desk"


def test_a_draft_is_nowhere_for_anybody_else_until_it_is_published(
    loaded: Exchange, kansas: Partner, sign_in: Enter, api: Enter, client: TestClient
) -> None:
    drafted = [
        Answer(question="age-of-majority", value="21", comment=CLAUSE),
        contact("20000", "office", "office").model_copy(update={"name": OFFICE}),
    ]
    ids = [upkeep.save(loaded, kansas.actor, "20000", one) for one in drafted]
    ids.append(upkeep.withdraw(loaded, kansas.actor, Key("20000", EntrySort.ANSWER, "family-violence")))
    worker, ocss = make_partner(loaded, Role.TRIBE), make_partner(loaded, Role.OCSS_ADMINISTRATOR)
    readers = [client, sign_in(worker), api(worker), sign_in(ocss), api(ocss)]

    def told() -> list[tuple[int, str]]:
        """Who finds what of the drafts where; pages take a session, the API a token or nothing."""
        found = []
        for number, reader in enumerate(readers):
            by_token = "authorization" in reader.headers
            for path in READ:
                if number and by_token != path.startswith("/api/"):
                    continue
                text = re.sub("<[^>]*>", "", reader.get(path).text)
                found += [(number, path) for word in (CLAUSE, OFFICE) if word in text]
        return found

    assert told() == []
    assert "Sealed in Kansas" in readers[1].get("/guide/20000").text
    upkeep.publish(loaded, kansas.actor, "20000", ids)
    found = told()
    assert {number for number, _ in found} == set(range(len(readers)))
    assert {path for _, path in found} == set(READ)
    assert "Sealed in Kansas" not in readers[1].get("/guide/20000").text
