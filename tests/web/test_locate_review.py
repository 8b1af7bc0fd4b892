"""The pages of reviewing and auditing locate: of managers, of the workers they review, and of OCSS."""

import re

from starlette.testclient import TestClient

from exchange.locate import alarms, requests, viewing
from exchange.locate.requests import NewRequest
from exchange.models.locate import Act
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.locate.query import as_fields
from tests.support.locating import FOUND, SSN, answer, ask, make_fellow, make_worker, sent
from tests.support.partners import make_partner
from tests.web.conftest import Enter

NAMED = as_fields({"ssn": "900010009", "last_name": "Sample"})


def text(client: TestClient, path: str, status: int = 200) -> str:
    answered = client.get(path)
    assert answered.status_code == status, answered.text
    return answered.text


def test_a_manager_reviews_and_settles(exchange: Exchange, sign_in: Enter) -> None:
    manager = make_worker(exchange, manager=True)
    worker = make_fellow(manager, "fellow-2")
    wanted = requests.ask(
        exchange, worker.actor, NewRequest("support", "T-1", NAMED, ("A01",), authority=True)
    )
    boss, fellow = sign_in(manager), sign_in(worker)
    assert f"/locate/review/{wanted}" in text(boss, "/locate/review?show=all")
    assert "What is not clear" not in text(boss, f"/locate/review/{wanted}")
    empty = boss.post(f"/locate/review/{wanted}", data={"verdict": "question", "note": ""})
    assert (empty.status_code, "Say what is not clear" in empty.text) == (422, True)
    boss.post(f"/locate/review/{wanted}", data={"verdict": "question", "note": "Which <b>court</b>?"})
    assert "Which &lt;b&gt;court&lt;/b&gt;?" in text(boss, f"/locate/review/{wanted}")
    page = text(fellow, f"/locate/requests/{wanted}")
    (question,) = re.findall(r'name="question" value="([^"]+)"', page)
    assert "Asked, not answered yet" in text(boss, "/locate/review")
    assert "Not answered yet." in text(boss, f"/locate/review/{wanted}")
    where, given = (
        f"/locate/requests/{wanted}/answer",
        {"question": question, "answer": "That of <b>Topeka</b>"},
    )
    assert fellow.post(where, data=given | {"question": "x"}).status_code == 404
    long = fellow.post(where, data=given | {"answer": "long " * 500})
    assert (long.status_code, "2,000 characters at most" in long.text, "long long" in long.text) == (
        422,
        True,
        True,
    )
    assert fellow.post(where, data=given).headers["location"].endswith("done=locate-explained#said")
    again = fellow.post(where, data=given)
    assert (again.status_code, "answered already" in again.text) == (422, True)
    assert "Answered: read it" in text(boss, "/locate/review")
    for reader in (boss, fellow):
        assert "That of &lt;b&gt;Topeka&lt;/b&gt;" in text(reader, f"/locate/requests/{wanted}")
    boss.post(f"/locate/review/{wanted}", data={"verdict": "ok", "note": ""})
    assert "Signed off" in text(boss, "/locate/review?show=all")
    (alarm, *_) = alarms.raised(exchange, manager.actor)
    assert "same last name" in text(boss, "/locate/alarms")
    assert boss.post(f"/locate/alarms/{alarm.id}", data={"note": ""}).status_code == 422
    boss.post(f"/locate/alarms/{alarm.id}", data={"note": "No relation"})
    assert "No relation" in text(boss, "/locate/alarms?show=all")
    for path in ("/locate/review", "/locate/alarms", f"/locate/review/{wanted}"):
        text(fellow, path, 403)
    stranger = sign_in(make_worker(exchange, 2, manager=True))
    text(stranger, f"/locate/review/{wanted}", 404)


def test_an_auditor_sees_who_looked_and_not_what(exchange: Exchange, sign_in: Enter) -> None:
    worker = make_worker(exchange)
    wanted = ask(exchange, worker.actor, sources=("A01",))
    answer(exchange, "A01", sent(exchange, wanted)["A01"], FOUND)
    viewing.opened(exchange, worker.actor, wanted, Act.PRINT, "For the hearing")
    auditor = sign_in(make_partner(exchange, Role.OCSS_ADMINISTRATOR))
    assert "What is the audit for?" in text(auditor, "/staff/locate")
    assert auditor.post("/staff/locate", data={"ssn": "12"}).status_code == 422
    found = auditor.post("/staff/locate", data={"ssn": SSN, "reason": "Complaint 7"})
    assert all(one in found.text for one in ("Printed", "For the hearing", "A01", worker.account.username))
    assert not any(one in found.text for one in ("Synthetic Lane", SSN, "Alderson"))
    later = {"ssn": SSN, "reason": "x", "since": "2026-01-02", "until": "2026-01-01"}
    assert "not before the first" in auditor.post("/staff/locate", data=later).text
    assert (
        'name="since" value="2020-01-01"'
        in auditor.post("/staff/locate", data={"ssn": SSN, "reason": "x", "since": "2020-01-01"}).text
    )
    assert "Nobody looked" in auditor.post("/staff/locate", data={"worker": "nobody", "reason": "x"}).text
    text(auditor, "/staff/locate/alarms")
    text(sign_in(make_partner(exchange, Role.OCSS_STAFF, 2)), "/staff/locate", 403)
