"""Files through the API and the pages' own calls: in, listed, out, resumed, refused."""

import base64
import hashlib
import json
import os
import socket
import time
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from exchange.transfers import intake
from exchange.transfers.pipeline import drive
from roles.policy import Channel
from tests.support.partners import Partner
from tests.web.conftest import Enter, Served
from web import api_models

NEW = "/api/v1/transfers?program=files&filename=report.txt"


def digest_of(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


@pytest.fixture
def program(api: Enter, employer: Partner) -> TestClient:
    return api(employer)


def test_a_file_is_handed_over_with_its_receipt_and_comes_back_as_it_was(program: TestClient) -> None:
    content = os.urandom(3_000_000)
    answer = program.post(NEW, content=content, headers={"Content-Digest": digest_of(content)})
    assert answer.status_code == 201
    sent = api_models.HandedOver.model_validate(answer.json())
    assert (sent.size, sent.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (sent.direction, sent.channel, sent.status) == ("inbound", "api", "RECEIVED")
    assert program.get(answer.headers["location"]).json()["id"] == sent.id
    assert program.get(f"/api/v1/transfers/{sent.id}/content").content == content
    assert program.get(f"/api/v1/transfers/{sent.id}/receipt").json() == sent.receipt.model_dump()


def test_a_file_that_is_not_what_was_announced_is_refused_and_leaves_nothing(program: TestClient) -> None:
    answer = program.post(NEW, content=b"these bytes", headers={"Content-Digest": digest_of(b"other bytes")})
    assert (answer.status_code, answer.json()["code"]) == (422, "digest_mismatch")
    for query in ("", "?status=DRAFT"):
        assert program.get(f"/api/v1/transfers{query}").json()["items"] == []


@pytest.mark.parametrize("header", ["sha-256=:abc:", "sha-256=abc", "x" * 5000, "md5=:abc=:"])
def test_a_digest_that_cannot_be_read_is_refused(program: TestClient, header: str) -> None:
    answer = program.post(NEW, content=b"1", headers={"Content-Digest": header})
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("program=files", 400, "request_invalid"),
        ("filename=a", 400, "request_invalid"),
        ("program=nothing&filename=a", 404, "program_not_found"),
        ("program=data-match&filename=a", 403, "not_permitted"),
        ("program=files&filename=..%2Fa", 422, "file_name_refused"),
        ("program=files&filename=a%00b", 422, "file_name_refused"),
        ("program=files&filename=%E2%80%AEtxt.exe", 422, "file_name_refused"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(
    program: TestClient, query: str, status: int, code: str
) -> None:
    answer = program.post(f"/api/v1/transfers?{query}", content=b"1")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert api_models.Problem.model_validate(answer.json()).status == status


def test_lists_are_newest_first_filtered_and_paged(program: TestClient) -> None:
    names = [f"{number}.txt" for number in range(5)]
    for name in names:
        program.post(f"/api/v1/transfers?program=files&filename={name}", content=b"1")
    first = program.get("/api/v1/transfers?limit=3").json()
    second = program.get(f"/api/v1/transfers?limit=3&cursor={first['next']}").json()
    assert [item["filename"] for item in first["items"] + second["items"]] == names[::-1]
    assert second["next"] is None
    assert program.get("/api/v1/transfers?direction=outbound").json()["items"] == []
    assert len(program.get("/api/v1/transfers?direction=inbound&program=files").json()["items"]) == 5
    api_models.Transfers.model_validate(first)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=1001", "direction=up", "status=DONE", "cursor=x"]
)
def test_a_list_that_cannot_be_understood_is_refused(program: TestClient, query: str) -> None:
    assert program.get(f"/api/v1/transfers?{query}").status_code == 400


def test_one_range_is_answered_with_that_part(program: TestClient) -> None:
    content = os.urandom(2_500_000)
    path = f"{program.post(NEW, content=content).headers['location']}/content"
    part = program.get(path, headers={"Range": "bytes=1000000-1999999"})
    assert (part.status_code, part.content) == (206, content[1_000_000:2_000_000])
    assert part.headers["content-range"] == "bytes 1000000-1999999/2500000"
    assert program.get(path, headers={"Range": "bytes=-1"}).content == content[-1:]
    assert program.get(path, headers={"Range": "bytes=0-1,5-6"}).status_code == 200
    beyond = program.get(path, headers={"Range": "bytes=2500000-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */2500000")
    assert beyond.json()["code"] == "range_not_satisfiable"
    stale = program.get(path, headers={"Range": "bytes=0-0", "If-Range": '"another"'})
    assert (stale.status_code, stale.content) == (200, content)


def test_a_download_is_never_shown_by_the_browser(browser: TestClient) -> None:
    name = "r%C3%A9sum%C3%A9%20%22x%22.html"
    sent = browser.post(
        f"/files/raw?program=files&filename={name}", content=b"<script>alert(1)</script>"
    ).json()
    answer = browser.get(f"/files/{sent['id']}/content")
    assert answer.headers["content-type"] == "application/octet-stream"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="r_sum_ _x_.html"')
    assert "filename*=UTF-8''r%C3%A9sum%C3%A9%20%22x%22.html" in disposition


def test_a_head_request_tells_the_size_and_sends_nothing(program: TestClient) -> None:
    path = f"{program.post(NEW, content=b'12345').headers['location']}/content"
    answer = program.head(path)
    assert (answer.headers["content-length"], answer.content) == ("5", b"")


def test_a_form_hands_a_file_over_without_scripts(browser: TestClient, exchange: Exchange) -> None:
    content = os.urandom(1_500_000)
    fields = {"program": "files"}
    answer = browser.post("/files/send", data=fields, files={"file": ("plain.bin", content)})
    assert answer.status_code == 303
    page = browser.get(answer.headers["location"])
    assert "plain.bin" in page.text
    assert browser.get(f"{answer.headers['location']}/content").content == content


def test_a_form_without_a_file_is_told_so(browser: TestClient) -> None:
    answer = browser.post("/files/send", data={"program": "files"}, files={"file": ("", b"")})
    assert (answer.status_code, "Choose a file to send" in answer.text) == (422, True)
    assert "<title>Error: " in answer.text


def test_a_form_is_streamed_and_never_spooled(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something made a temporary file")

    for name in ("NamedTemporaryFile", "SpooledTemporaryFile", "TemporaryFile", "mkstemp"):
        monkeypatch.setattr(f"tempfile.{name}", refuse)
    files = {"file": ("a.bin", os.urandom(4_000_000))}
    assert browser.post("/files/send", data={"program": "files"}, files=files).status_code == 303


def test_a_marker_in_an_upload_is_nowhere_on_disk(
    browser: TestClient,
    program: TestClient,
    exchange: Exchange,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    marker = b"MARKER-" + os.urandom(8).hex().encode()
    content = (marker + b"x" * 1000) * 1500
    browser.post("/files/send", data={"program": "files"}, files={"file": ("m.bin", content)})
    program.post(NEW, content=content)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or marker not in path.read_bytes(), path
    assert marker.decode() not in "".join(capfd.readouterr())


def begin_and_vanish(served: Served, token: str, content: bytes, sent: int) -> None:
    """Announce a whole file, send part of it, then cut the line."""
    head = (
        f"POST {NEW} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port)) as line:
        line.sendall(head.encode() + content[:sent])
        line.shutdown(socket.SHUT_WR)


def wait_for_draft(client: httpx2.Client, size: int) -> dict[str, object]:
    """The draft once it holds so many bytes: a large one is there while the rest still comes."""
    for _ in range(600):
        items = client.get("/api/v1/transfers?status=DRAFT").json()["items"]
        if items and items[0]["size"] >= size:
            return dict(items[0])
        time.sleep(0.05)
    raise AssertionError("no such draft appeared")


def test_a_lost_connection_leaves_a_draft_that_can_be_resumed(served: Served, employer: Partner) -> None:
    content, token = os.urandom(5_000_000), employer.token()
    begin_and_vanish(served, token, content, 3_000_000)
    with httpx2.Client(base_url=served.address, headers={"Authorization": f"Bearer {token}"}) as client:
        draft = wait_for_draft(client, 3_000_000)
        assert client.get("/api/v1/transfers").json()["items"] == []
        assert draft["size"] == 3_000_000
        path = f"/api/v1/transfers/{draft['id']}/content"
        assert client.get(path).json()["code"] == "content_not_available"
        wrong = client.put(path, content=content[1:2], headers={"Content-Range": "bytes 1-1/5000000"})
        assert (wrong.status_code, wrong.json()["expected"]) == (409, 3_000_000)
        middle = client.put(
            path,
            content=content[3_000_000:4_000_000],
            headers={"Content-Range": "bytes 3000000-3999999/5000000"},
        )
        assert (middle.status_code, middle.json()["size"]) == (202, 4_000_000)
        rest = {"Content-Range": "bytes 4000000-4999999/5000000", "Repr-Digest": digest_of(content)}
        done = client.put(path, content=content[4_000_000:], headers=rest)
        assert (done.status_code, done.json()["sha256"]) == (201, hashlib.sha256(content).hexdigest())
        assert client.get(path).content == content


@pytest.mark.parametrize("value", ["", "bytes 0-9/10", "bytes 0-0/0", "bytes */3", "0-2/3"])
def test_a_part_must_say_which_part_it_is(program: TestClient, value: str) -> None:
    path = "/api/v1/transfers/6f0e0d6e-0000-4000-8000-000000000000/content"
    assert program.put(path, content=b"123", headers={"Content-Range": value}).status_code == 400


def test_a_draft_begun_by_sftp_is_finished_on_the_web(browser: TestClient, employer: Partner) -> None:
    arriving = intake.begin(employer.exchange, employer.through(Channel.SFTP), "files", "half.bin")
    arriving.write(b"first ")
    draft = arriving.suspend()
    assert "Send the rest" in browser.get(f"/files/{draft.id}").text
    headers = {"Content-Range": "bytes 6-9/10"}
    done = browser.put(f"/files/{draft.id}/content", content=b"half", headers=headers)
    assert done.status_code == 201
    assert browser.get(f"/files/{draft.id}/content").content == b"first half"


def test_a_draft_whose_last_byte_came_before_the_door_died_is_handed_over_without_more(
    program: TestClient, employer: Partner
) -> None:
    arriving = intake.begin(employer.exchange, employer.through(Channel.SFTP), "files", "whole.bin")
    arriving.write(b"all of it")
    path = f"/api/v1/transfers/{arriving.suspend().id}/content"
    early = program.put(path, headers={"Content-Range": "bytes */10"})
    assert (early.status_code, early.json()["expected"]) == (409, 9)
    done = program.put(path, headers={"Content-Range": "bytes */9"})
    assert (done.status_code, done.json()["sha256"]) == (201, hashlib.sha256(b"all of it").hexdigest())
    assert program.get(path).content == b"all of it"


def test_a_draft_can_be_discarded(browser: TestClient, employer: Partner) -> None:
    arriving = intake.begin(employer.exchange, employer.actor, "files", "half.bin")
    arriving.write(b"half")
    draft = arriving.suspend()
    assert "half.bin" in browser.get("/files").text
    assert browser.post(f"/files/{draft.id}/discard").status_code == 303
    assert browser.get("/files/drafts").json() == {"items": []}


def test_a_file_larger_than_allowed_is_refused_before_it_comes(
    program: TestClient, exchange: Exchange
) -> None:
    limit = exchange.settings.max_file_size
    headers = {"Content-Length": str(limit + 1)}
    answer = program.post(NEW, content=iter([b"1"]), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


def test_the_receipt_of_the_page_is_the_receipt_of_the_api(browser: TestClient, program: TestClient) -> None:
    sent = program.post(NEW, content=b"1").json()
    answer = browser.get(f"/files/{sent['id']}/receipt")
    assert json.loads(answer.content) == sent["receipt"]
    assert 'filename="report.txt.receipt.json"' in answer.headers["content-disposition"]


def test_canaries_in_a_file_name_are_shown_as_they_are(browser: TestClient) -> None:
    name = "{{7*7}} ${7*7} <b>.txt"
    answer = browser.post("/files/raw", params={"program": "files", "filename": name}, content=b"1")
    page = browser.get(answer.json()["href"]).text
    assert "{{7*7}} ${7*7} &lt;b&gt;.txt" in page
    assert "<b>.txt" not in page
    assert "&lt;b&gt;.txt" in browser.get("/files").text


def test_ocss_addresses_a_file_to_an_organization(sign_in: Enter, ocss: Partner, employer: Partner) -> None:
    staff, partner = sign_in(ocss), sign_in(employer)
    assert employer.organization.name in staff.get("/files/send").text
    assert employer.organization.name not in partner.get("/files/send").text.split("<main")[1]
    fields = {"program": "files", "recipient": str(employer.organization.id)}
    sent = staff.post("/files/send", data=fields, files={"file": ("to-you.txt", b"hello")})
    assert sent.status_code == 303
    drive(ocss.exchange, UUID(sent.headers["location"].removeprefix("/files/")))
    assert "to-you.txt" in partner.get("/home").text


@pytest.mark.parametrize("recipient", ["", "nobody", "6f0e0d6e-0000-4000-8000-000000000000"])
def test_a_file_for_nobody_is_refused(sign_in: Enter, ocss: Partner, recipient: str) -> None:
    staff = sign_in(ocss)
    fields = {"program": "files", "recipient": recipient}
    answer = staff.post("/files/send", data=fields, files={"file": ("to-you.txt", b"hello")})
    assert answer.status_code == 422
    named, as_json = {"filename": "a.txt"} | fields, {"Accept": "application/json"}
    raw = staff.post("/files/raw", params=named, content=b"1", headers=as_json)
    assert (raw.status_code, raw.json()["code"]) == (422, "recipient_not_found")
    assert staff.get("/files/drafts").json() == {"items": []}


def test_a_partner_addresses_nobody(browser: TestClient, other_employer: Partner) -> None:
    fields = {"program": "files", "filename": "a.txt", "recipient": str(other_employer.organization.id)}
    assert browser.post("/files/raw", params=fields, content=b"1").status_code == 403
