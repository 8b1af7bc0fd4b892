"""The reference guide by the API: what everybody reads, what workers read, what nobody gets twice."""

import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from exchange.guide import editions, loading, upkeep
from exchange.guide.keys import Key
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Role
from schemas.guide.documents import Answer, Audience, Contact, Guide
from schemas.guide.files import from_csv, from_json
from tests.conftest import Clock
from tests.support.guide import contact, small_guide, state
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter
from web import api_models_guide as models

GUIDE = "/api/v1/guide"
KANSAS = f"{GUIDE}/jurisdictions/20000"
SECRET, HIDDEN_QUESTION, HIDDEN_CONTACT = "Sealed in", "family-violence", "csenet"
EVERYWHERE = {
    "search?q=family+violence": HIDDEN_QUESTION,
    "search?q=kansas+family+violence": SECRET,
    "search?q=texas+csenet": HIDDEN_CONTACT,
    "jurisdictions/20000": SECRET,
    "jurisdictions/48000": HIDDEN_CONTACT,
    "questions": HIDDEN_QUESTION,
    "contacts": HIDDEN_CONTACT,
    "compare?j=20000&j=31000": SECRET,
    "changes": HIDDEN_QUESTION,
    "download": SECRET,
}
"""Where everybody reads, and what of it is for workers only."""


def guide() -> Guide:
    """With a contact that is for workers only."""
    texas = state("48000", "Texas", "18")
    hidden = contact("48000", HIDDEN_CONTACT, HIDDEN_CONTACT)
    return small_guide(texas.model_copy(update={"contacts": (*texas.contacts, hidden)}))


@pytest.fixture(autouse=True)
def loaded(exchange: Exchange) -> None:
    loading.load(exchange, guide())


@pytest.fixture
def kansas(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


@pytest.fixture
def worker(api: Enter, kansas: Partner) -> TestClient:
    return api(kansas)


def told(client: TestClient, path: str) -> Any:
    answer = client.get(f"{GUIDE}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def publish(exchange: Exchange, actor: Any, said: Answer | Contact) -> None:
    draft = upkeep.save(exchange, actor, "20000", said)
    assert upkeep.publish(exchange, actor, "20000", [draft])


def test_everybody_looks_up_a_jurisdiction(client: TestClient) -> None:
    found = models.GuideFindings.model_validate(told(client, "search?q=kansas+age+of+majority&limit=3"))
    assert (found.items[0].locator_code, found.items[0].question) == ("20000", "age-of-majority")
    assert found.items[0].url.endswith("/guide/20000#age-of-majority")
    assert found.items[0].name == "Kansas"
    part = models.JurisdictionPart.model_validate(told(client, "jurisdictions/20000"))
    assert [(one.question, one.number, one.value) for one in part.answers] == [("age-of-majority", "1", "18")]
    (registry,) = part.contacts
    assert (registry.time_zone, registry.hours) == ("America/Chicago", ["Mon-Fri 08:00-16:30"])
    kinds = told(client, "search?q=germany&kind=state")["items"]
    assert "80DE" not in {one["locator_code"] for one in kinds}


def test_every_list_is_what_the_document_says(client: TestClient, worker: TestClient) -> None:
    answers = {
        "jurisdictions?kind=state": models.Jurisdictions,
        "questions?kind=state": models.GuideQuestions,
        "questions/age-of-majority/answers": models.AnswersThere,
        "contacts?type=central-registry&j=20000": models.GuideContacts,
        "compare?j=20000&j=80DE&q=age-of-majority&q=legal-aid": models.Comparison,
        "changes?since=2020-01-01": models.GuideChanges,
        "jurisdictions/20000/history/answer/age-of-majority": models.GuideHistory,
        "search?q=nothing+of+this": models.GuideFindings,
    }
    for path, model in answers.items():
        for who in (client, worker):
            model.model_validate(told(who, path))
    rows = told(client, "compare?j=20000&j=80DE&q=legal-aid&q=age-of-majority")["items"]
    assert [[one and one["value"] for one in row["answers"]] for row in rows] == [
        [None, "Yes."],
        ["18", None],
    ]
    assert told(client, "changes?since=2999-01-01")["items"] == []
    Guide.model_validate(told(client, "download"))


def test_what_is_for_workers_is_in_no_answer_for_others(
    exchange: Exchange, client: TestClient, api: Enter, worker: TestClient
) -> None:
    employer = api(make_partner(exchange, Role.EMPLOYER))
    for path, hidden in EVERYWHERE.items():
        for who in (client, employer):
            text = who.get(f"{GUIDE}/{path}").text
            assert [one for one in (SECRET, HIDDEN_QUESTION, HIDDEN_CONTACT) if one in text] == [], path
        assert hidden in worker.get(f"{GUIDE}/{path}").text, path


def test_what_is_for_workers_is_not_there_for_others(client: TestClient, worker: TestClient) -> None:
    alone = (
        f"questions/{HIDDEN_QUESTION}/answers",
        f"compare?j=20000&q={HIDDEN_QUESTION}",
        f"jurisdictions/20000/history/answer/{HIDDEN_QUESTION}",
        f"jurisdictions/48000/history/contact/{HIDDEN_CONTACT}",
    )
    for path in alone:
        assert client.get(f"{GUIDE}/{path}").json()["code"] == "record_not_found"
        assert worker.get(f"{GUIDE}/{path}").status_code == 200
    assert told(client, f"contacts?type={HIDDEN_CONTACT}")["items"] == []
    assert [one["jurisdiction"] for one in told(worker, f"contacts?type={HIDDEN_CONTACT}")["items"]] == [
        "48000"
    ]


def test_a_wrong_token_is_refused_where_none_is_needed(client: TestClient) -> None:
    answer = client.get(KANSAS, headers={"Authorization": "Bearer ocss_wrong"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_an_answer_is_not_sent_to_whoever_has_it(
    exchange: Exchange, client: TestClient, worker: TestClient, kansas: Partner
) -> None:
    public, own = client.get(KANSAS), worker.get(KANSAS)
    assert (public.headers["cache-control"], own.headers["cache-control"]) == (
        "public, max-age=300",
        "private, no-store",
    )
    assert "Authorization" in public.headers["vary"]
    assert public.headers["etag"] != own.headers["etag"]
    known = {"If-None-Match": f'"other", {public.headers["etag"]}'}
    again = client.get(KANSAS, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", public.headers["etag"])
    nebraska = client.get(KANSAS.replace("20000", "31000")).headers["etag"]
    publish(exchange, kansas.actor, Answer(question="age-of-majority", value="21"))
    assert client.get(KANSAS, headers=known).json()["answers"][0]["value"] == "21"
    there = client.get(KANSAS.replace("20000", "31000"), headers={"If-None-Match": nebraska})
    assert there.status_code == 304


def test_what_is_taken_out_is_noticed(exchange: Exchange, client: TestClient, kansas: Partner) -> None:
    before = client.get(KANSAS)
    registry = Key("20000", EntrySort.CONTACT, "central-registry")
    upkeep.publish(exchange, kansas.actor, "20000", [upkeep.withdraw(exchange, kansas.actor, registry)])
    after = client.get(KANSAS, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["contacts"]) == (200, [])
    (newest, *_) = told(client, "changes?limit=1")["items"]
    assert (newest["slug"], newest["change"], newest["title"]) == (
        "central-registry",
        "taken out",
        "Central registry",
    )


def test_a_draft_is_in_no_answer(exchange: Exchange, worker: TestClient, kansas: Partner) -> None:
    tags = {path: worker.get(f"{GUIDE}/{path}").headers["etag"] for path in EVERYWHERE}
    upkeep.save(exchange, kansas.actor, "20000", Answer(question="age-of-majority", value="123454321"))
    for path in (*EVERYWHERE, "jurisdictions/20000/history/answer/age-of-majority", "search?q=123454321"):
        assert "123454321" not in worker.get(f"{GUIDE}/{path}").text.replace("q=123454321", "")
    for path, tag in tags.items():
        assert worker.get(f"{GUIDE}/{path}", headers={"If-None-Match": tag}).status_code == 304


def test_a_day_of_the_past_and_the_history(
    exchange: Exchange, client: TestClient, kansas: Partner, clock: Clock
) -> None:
    first = exchange.clock().date()
    clock.forward(days=3)
    publish(exchange, kansas.actor, Answer(question="age-of-majority", value="21"))
    then = told(client, f"jurisdictions/20000?on={first}")
    assert ([one["value"] for one in then["answers"]], then["on"]) == (["18"], str(first))
    assert told(client, f"jurisdictions/20000?on={exchange.clock().date()}")["answers"][0]["value"] == "21"
    history = told(client, "jurisdictions/20000/history/answer/age-of-majority")["items"]
    assert [(one["said"]["value"], one["who"]) for one in history] == [("21", ""), ("18", "")]
    assert client.get(f"{KANSAS}?on=2001-01-01").status_code == 404
    assert told(client, "jurisdictions/80de")["name"] == "Germany"


def test_its_keepers_are_told_who_wrote_it(worker: TestClient, exchange: Exchange, kansas: Partner) -> None:
    publish(exchange, kansas.actor, Answer(question="age-of-majority", value="21"))
    (newest, _) = told(worker, "jurisdictions/20000/history/answer/age-of-majority")["items"]
    assert newest["who"] == kansas.account.name


def pages(client: TestClient, path: str) -> Iterator[Any]:
    cursor = ""
    while True:
        page = told(client, f"{path}&limit=1{cursor}")
        yield page["items"][0]
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"


def test_a_list_goes_on_where_it_ended(client: TestClient) -> None:
    codes = [one["locator_code"] for one in pages(client, "jurisdictions?kind=state")]
    assert codes == ["20000", "31000", "48000"]
    changed = [
        (one["locator_code"], one["sort"], one["slug"]) for one in pages(client, "changes?since=2020-01-01")
    ]
    assert len(changed) == len(set(changed)) == len(told(client, "changes")["items"])


REFUSED = (
    "search",
    "search?q=%20",
    "search?q=kansas&kind=planet",
    "search?q=kansas&limit=0",
    "jurisdictions?kind=planet",
    "jurisdictions/20000?on=yesterday",
    "jurisdictions/20000?on=2999-01-01",
    "jurisdictions/20000?version=2031",
    "contacts?type=nobody",
    "compare",
    "compare?j=1&j=2&j=3&j=4&j=5&j=6",
    "changes?since=lately",
    "download?format=paper",
)


def test_what_cannot_be_meant_is_refused(client: TestClient) -> None:
    for path in REFUSED:
        answer = client.get(f"{GUIDE}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid"), path
        assert "etag" not in answer.headers


def test_the_whole_guide_is_fetched_packed_once(client: TestClient) -> None:
    plain = client.get(f"{GUIDE}/download", headers={"Accept-Encoding": "identity"})
    packed = client.get(f"{GUIDE}/download")
    assert (packed.headers["content-encoding"], packed.text) == ("gzip", plain.text)
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, mtime=0))
    assert "attachment" in plain.headers["content-disposition"]
    shown = {one.locator_code for one in (part.facts for part in Guide.model_validate(plain.json()).parts)}
    assert shown == {part.facts.locator_code for part in guide().parts}
    again = client.get(f"{GUIDE}/download", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_whole_guide_comes_in_every_form(
    exchange: Exchange, client: TestClient, worker: TestClient
) -> None:
    for who, reader in ((client, Audience.PUBLIC), (worker, Audience.WORKERS)):
        mine = editions.published(exchange).read_by(reader).guide
        assert from_json(who.get(f"{GUIDE}/download").content) == mine
        assert from_csv(who.get(f"{GUIDE}/download?format=csv").content) == mine
        records = who.get(f"{GUIDE}/download?format=addresses").text.splitlines()
        assert {len(record) for record in records} == {246}
        assert len(records) == sum(len(part.contacts) for part in mine.parts)


def test_the_first_page_of_the_guide_leads_to_the_files(client: TestClient) -> None:
    page = client.get("/guide").text
    for address in re.findall(r'href="(/api/[^"]+)"', page):
        assert client.head(address).status_code == 200
    assert [f"{GUIDE}/download{form}" in page for form in ("", "?format=csv", "?format=addresses")] == [
        True
    ] * 3


def test_head_tells_what_get_would(client: TestClient) -> None:
    for path in ("jurisdictions/20000", "download"):
        head, got = client.head(f"{GUIDE}/{path}"), client.get(f"{GUIDE}/{path}")
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-length", "content-type", "cache-control"):
            assert head.headers[name] == got.headers[name]
