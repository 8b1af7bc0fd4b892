"""The communication center by the API: written, followed, read, fetched, recalled, and never sent twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from exchange import folders
from exchange.messages import documents, drafts, posting
from exchange.messages.posting import Posting
from exchange.messages.reading import opened, opened_message
from exchange.models.transfers import Direction
from exchange.runtime import Exchange
from exchange.transfers.views import FolderEntry
from roles.organizations import OrganizationKind
from roles.permissions import Role
from roles.policy import Channel
from tests.exchange.test_multistate import let_act
from tests.support.correspondence import BODY, SUBJECT, inbox, read, settle, write
from tests.support.files import hand_in
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter
from web import api_models as models

THREADS = "/api/v1/threads"
KEY = {"Idempotency-Key": "hr-2026-11-22/17"}


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


@pytest.fixture
def program(api: Enter, employer: Partner) -> TestClient:
    return api(employer)


def new(**more: object) -> dict[str, object]:
    filled = {"to": "KS", "topic": "general", "classification": "none", "subject": SUBJECT, "body": BODY}
    return filled | more


def handed(exchange: Exchange, partner: Partner, content: bytes = b"synthetic", name: str = "a.pdf") -> str:
    return str(hand_in(exchange, partner.actor, content, name, "messages").transfer.id)


def sent(answer: Any) -> models.Posted:
    assert answer.status_code == 201, answer.text
    return models.Posted.model_validate(answer.json())


def test_a_thread_is_begun_read_and_answered(
    exchange: Exchange, api: Enter, program: TestClient, employer: Partner, state: Partner
) -> None:
    begun = sent(program.post(THREADS, json=new()))
    there = api(state)
    (line,) = models.Threads.model_validate(there.get(THREADS).json()).items
    assert (line.id, line.subject, line.unread, line.topic) == (begun.thread, SUBJECT, 1, "general")
    thread = models.OpenThread.model_validate(there.get(f"{THREADS}/{line.id}").json())
    assert [one.document.body for one in thread.messages if one.document] == [BODY]
    answered = sent(there.post(f"{THREADS}/{line.id}/messages", json={"body": "Yes."}))
    back = models.OpenThread.model_validate(program.get(f"{THREADS}/{line.id}").json())
    assert [(one.own, one.state) for one in back.messages] == [(True, "SENT"), (False, "SENT")]
    assert [(one.person, one.kind, one.channel) for one in back.messages[0].receipts] == [
        (state.account.name, "read", "api")
    ]
    assert answered.message == back.messages[1].id
    assert inbox(exchange, employer.actor)[0].unread == 0


def test_the_same_thread_reads_the_same_from_every_door(
    exchange: Exchange, api: Enter, program: TestClient, employer: Partner, state: Partner
) -> None:
    begun = sent(program.post(THREADS, json=new()))
    answer_by_sftp(exchange, state, begun)
    thread_id, reader = thread_id_of(begun), api(employer)
    thread = models.OpenThread.model_validate(reader.get(f"{THREADS}/{thread_id}").json())
    page = opened(exchange, employer.actor, thread_id)
    answered = page.messages[1]
    (entry,) = [one for one in outbox(exchange, employer) if one.message_id]
    by_api = reader.get(f"{THREADS}/{thread_id}/messages/{answered.id}")
    by_sftp = folders.opened(exchange, employer.through(Channel.SFTP), entry)
    assert by_api.content == by_sftp == opened_message(exchange, employer.actor, answered.id)
    assert documents.read(by_api.content) == answered.document
    assert thread.messages[1].document == models.MessageDocument.model_validate(by_api.json())
    assert [one.document.body for one in page.messages if one.document] == [BODY, "By SFTP."]
    for wrong in (f"{THREADS}/{uuid4()}/messages/{answered.id}", f"{THREADS}/x/messages/{answered.id}"):
        assert reader.get(wrong).json()["code"] == "thread_not_found"


def answer_by_sftp(exchange: Exchange, partner: Partner, begun: models.Posted) -> None:
    content = json.dumps({"thread": begun.thread, "body": "By SFTP."}).encode()
    hand_in(exchange, partner.through(Channel.SFTP), content, "answer.json", "messages")
    settle(exchange)


def outbox(exchange: Exchange, partner: Partner) -> list[FolderEntry]:
    actor = partner.through(Channel.SFTP)
    return list(folders.folder(exchange, actor, Direction.OUTBOUND, "messages"))


def test_files_are_waited_for_and_the_draft_tells_when_it_went(
    exchange: Exchange, api: Enter, program: TestClient, employer: Partner, state: Partner
) -> None:
    file = program.post("/api/v1/transfers?program=messages&filename=a.pdf", content=b"x" * 1000)
    asked = new(attachments=[file.json()["id"]])
    waits = program.post(THREADS, json=asked, headers=KEY)
    assert (waits.status_code, waits.json()["state"]) == (202, "sending")
    follow = waits.headers["location"]
    assert program.get(follow).json()["state"] == "sending"
    assert program.post(THREADS, json=asked, headers=KEY).json() == waits.json()
    assert settle(exchange) == 1
    went = models.Posted.model_validate(program.get(follow).json())
    assert (went.state, went.message) == ("sent", went.id)
    assert sent(program.post(THREADS, json=asked, headers=KEY)) == went
    assert len(inbox(exchange, state.actor)) == 1
    reader = api(state)
    thread = models.OpenThread.model_validate(reader.get(f"{THREADS}/{went.thread}").json())
    assert thread.messages[0].document is not None
    (attached,) = thread.messages[0].document.attachments
    assert (attached.name, attached.size) == ("a.pdf", 1000)
    content = f"{THREADS}/{went.thread}/attachments/{attached.id}"
    part = reader.get(content, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, b"x" * 10)
    receipts = opened(exchange, employer.actor, thread_id_of(went)).messages[0].receipts
    assert [one.kind for one in receipts] == ["read", "downloaded"]
    assert api(make_partner(exchange, Role.STATE, 2)).get(content).status_code == 404


def thread_id_of(posted: models.Posted) -> Any:
    assert posted.thread is not None
    return models.UUID(posted.thread)


def test_a_key_that_comes_again_sends_nothing_twice_and_nothing_else(
    exchange: Exchange, program: TestClient, state: Partner
) -> None:
    first = sent(program.post(THREADS, json=new(), headers=KEY))
    assert sent(program.post(THREADS, json=new(), headers=KEY)) == first
    other = program.post(THREADS, json=new(body="Something else."), headers=KEY)
    assert (other.status_code, list(other.json()["fields"])) == (422, ["Idempotency-Key"])
    assert sent(program.post(THREADS, json=new(), headers={"Idempotency-Key": "another"})) != first
    assert program.post(THREADS, json=new(), headers={"Idempotency-Key": "x" * 256}).status_code == 422
    assert len(inbox(exchange, state.actor)) == 2


def test_the_same_message_posted_at_one_moment_goes_once(each_exchange: Exchange) -> None:
    employer, state = make_partner(each_exchange, Role.EMPLOYER), make_partner(each_exchange, Role.STATE)
    asked = Posting(new(to=str(state.organization.id)))  # type: ignore[arg-type]  # texts, all of them
    with ThreadPoolExecutor(4) as pool:
        actor = employer.actor
        posted = set(pool.map(lambda _: posting.post(each_exchange, actor, asked, "once"), range(4)))
    assert len(posted) == len(inbox(each_exchange, state.actor)) == 1


def test_what_is_wrong_is_told_by_field_and_leaves_nothing(
    exchange: Exchange, program: TestClient, employer: Partner, state: Partner
) -> None:
    foreign = handed(exchange, state)
    own = handed(exchange, employer)
    cases: list[tuple[dict[str, object], int, list[str]]] = [
        (new(to="ZZ"), 422, ["to"]),
        (new(to=""), 422, ["to"]),
        (new(topic="weather", subject=" "), 422, ["subject", "topic"]),
        (new(office="Cellar"), 422, ["office"]),
        (new(person="Nobody"), 422, ["person"]),
        (new(attachments=[foreign]), 422, ["attachments"]),
        (new(attachments=[own, own]), 422, ["attachments"]),
        (new(classification="secret"), 422, ["classification"]),
        (new(more="x"), 422, ["more"]),
        ({"to": "KS"}, 422, ["body", "topic", "classification", "subject"]),
    ]
    for asked, status, wrong in cases:
        answer = program.post(THREADS, json=asked)
        assert (answer.status_code, answer.json()["code"]) == (status, "fields_refused"), asked
        assert list(answer.json()["fields"]) == wrong
    assert program.post(THREADS, content=b"{").json()["code"] == "request_invalid"
    assert program.post(THREADS, content=b"[" + b"1," * 1_100_000).status_code == 400
    assert program.get(f"{THREADS}?box=attic").status_code == 400
    assert program.get(f"{THREADS}/{uuid4()}?before=x").status_code == 400
    assert inbox(exchange, state.actor) == []
    assert drafts.drafts(exchange, employer.actor) == []
    assert program.get(f"{THREADS}?box=all").json() == {"items": [], "next": None}


def test_ocss_is_written_to_by_its_name_and_a_person_by_theirs(
    exchange: Exchange, program: TestClient, employer: Partner, state: Partner
) -> None:
    ocss = make_partner(exchange, Role.OCSS_STAFF)
    asked = new(to="ocss", person=ocss.account.name, topic="technical")
    refused = program.post(THREADS, json=asked)  # who works there is not told to whoever guesses
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["person"])
    write(exchange, ocss.actor, employer)
    begun = sent(program.post(THREADS, json=asked))
    (message,) = opened(exchange, ocss.actor, thread_id_of(begun)).messages
    assert message.document is not None
    assert message.document.addressee.person == ocss.account.name
    items = models.Addressees.model_validate(program.get(f"{THREADS}/addressees").json()).items
    assert {one.name for one in items} == {ocss.organization.name, state.organization.name}
    named = program.get(f"{THREADS}/addressees?name={state.organization.name}").json()["items"]
    assert [one["id"] for one in named] == [str(state.organization.id)]


def test_a_message_is_recalled_before_it_is_read_and_not_after(
    exchange: Exchange, program: TestClient, state: Partner
) -> None:
    first, second = (sent(program.post(THREADS, json=new())) for _ in range(2))
    path = f"{THREADS}/{first.thread}/messages/{first.message}"
    recalled = models.Changed.model_validate(program.post(f"{path}/recall").json())
    assert program.get(f"{THREADS}/drafts/{recalled.draft}").json()["state"] == "draft"
    assert program.get(f"{THREADS}/drafts/{first.id}").json()["state"] == "recalled"
    assert program.delete(f"{THREADS}/drafts/{recalled.draft}").status_code == 200
    assert program.get(f"{THREADS}/drafts/{recalled.draft}").status_code == 404
    assert program.get(path).status_code == 404
    assert read(exchange, state.actor, thread_id_of(second)) == [BODY]
    late = program.post(f"{THREADS}/{second.thread}/messages/{second.message}/recall")
    assert (late.status_code, late.json()["code"]) == (409, "recall_too_late")


def test_a_thread_is_closed_reopened_and_put_away(program: TestClient, state: Partner) -> None:
    thread = f"{THREADS}/{sent(program.post(THREADS, json=new())).thread}"
    assert program.post(f"{thread}/close").status_code == 200
    refused = program.post(f"{thread}/messages", json={"body": "More."})
    assert (refused.status_code, refused.json()["code"]) == (409, "thread_closed")
    program.post(f"{thread}/reopen")
    sent(program.post(f"{thread}/messages", json={"body": "More."}))
    program.post(f"{thread}/archive")
    assert program.get(THREADS).json()["items"] == []
    program.post(f"{thread}/unarchive")
    assert len(program.get(THREADS).json()["items"]) == 1


def test_a_processor_writes_for_its_client(exchange: Exchange, api: Enter) -> None:
    employer = make_partner(exchange, Role.EMPLOYER, 3, administrator=True)
    kind = OrganizationKind.PROCESSOR
    processor = make_partner(exchange, Role.EMPLOYER, 7, kind=kind, administrator=True)
    state = make_partner(exchange, Role.STATE, jurisdiction="KS")
    program = api(processor)
    for client in (employer.fein, str(employer.organization.id)):
        assert program.get(THREADS, headers={"Acting-For": client}).status_code == 404
    let_act(exchange, processor, employer)
    acting = {"Acting-For": f"{employer.fein[:2]}-{employer.fein[2:]}"}
    begun = sent(program.post(THREADS, json=new(topic="withholding"), headers=acting))
    (message,) = opened(exchange, state.actor, thread_id_of(begun)).messages
    assert message.document is not None
    assert (message.document.author.organization, message.document.author.agent) == (
        employer.organization.name,
        processor.organization.name,
    )
    assert program.get(THREADS).json()["items"] == []
    assert len(program.get(THREADS, headers=acting).json()["items"]) == 1
