"""The history of an organization: searched on the page, taken along as CSV, answers fetched again."""

import csv
import io
import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from exchange.database import reading
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers import delivery, history, retention
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.support.record_files import hand_over, people_file, send
from tests.web.conftest import Enter

NAMES = ("June 100%.txt", "june_bonus.csv", "=cmd|calc.txt", "Jüni.txt")


@pytest.fixture
def sent(exchange: Exchange, employer: Partner, clock: Clock) -> list[Transfer]:
    """One file a day: two of them are answered, two are free letters."""
    make_partner(exchange, Role.OCSS_STAFF)
    for number, name in enumerate(NAMES):
        if number < 2:
            person = {"ssn": f"90000000{number}", "last_name": "VALE", "first_name": "ADA"}
            content = people_file("lump-sum", employer, [person], f"CONTROL-{number}")
            send(exchange, employer.actor, "lump-sum", content, name)
        else:
            hand_over(exchange, employer.actor, "files", b"hello", name)
        clock.forward(days=1)
    return stored(exchange)


@pytest.fixture
def searcher(sent: list[Transfer], sign_in: Enter, employer: Partner) -> TestClient:
    """Somebody who comes after all that."""
    assert sent
    return sign_in(employer)


def stored(exchange: Exchange) -> list[Transfer]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(Transfer)).all())


def shown(browser: TestClient, **query: Any) -> list[str]:
    page = browser.get("/files", params=query)
    assert page.status_code == 200
    return re.findall(r'<a class="name" href="/files/([0-9a-f-]{36})"', page.text)


def naive(rows: list[Transfer], query: dict[str, str]) -> list[str]:
    """The same search, row by row."""

    def fits(row: Transfer) -> bool:
        day = row.created_at.date().isoformat()
        return (
            query.get("name", "").lower() in row.filename.lower()
            and query.get("program", row.program) == row.program
            and query.get("direction", row.direction) == row.direction
            and query.get("status", row.status) == row.status
            and query.get("since", day) <= day <= query.get("until", day)
        )

    newest = sorted(filter(fits, rows), key=lambda row: (row.created_at, row.id), reverse=True)
    return [str(row.id) for row in newest]


def test_every_search_finds_what_a_naive_one_does(
    searcher: TestClient, exchange: Exchange, sent: list[Transfer]
) -> None:
    first, *_, last = sorted(row.created_at for row in sent)
    days = [(first + timedelta(days=number)).date().isoformat() for number in range(3)]
    parts: list[list[dict[str, str]]] = [
        [{}, {"name": "JUNE"}, {"name": "%"}],
        [{}, {"program": "lump-sum", "status": "COMPLETE"}, {"direction": "inbound"}],
        [{}, {"since": days[1]}, {"since": days[0], "until": days[1]}],
    ]
    found = 0
    for some in itertools.product(*parts):
        query = {name: text for part in some for name, text in part.items()}
        assert shown(searcher, **query) == naive(sent, query), query
        found += bool(naive(sent, query))
    assert found > 12
    assert last > first


def test_a_reference_is_the_number_or_the_control_number_of_a_file_with_its_answers(
    searcher: TestClient, exchange: Exchange, sent: list[Transfer], sign_in: Enter, other_employer: Partner
) -> None:
    one = next(row for row in sent if row.filename == NAMES[1])
    theirs = {str(row.id) for row in sent if one.id in (row.id, row.answers_to)}
    assert len(theirs) == 4
    stranger = sign_in(other_employer)
    for reference in (str(one.id), one.id.hex, "control-1", " CONTROL-1 "):
        assert set(shown(searcher, reference=reference)) == theirs
        assert shown(stranger, reference=reference) == []
    assert shown(searcher, reference="CONTROL-9") == shown(searcher, name="x" * 300) == []
    with reading(exchange.engine) as session:
        looked = session.exec(select(JournalEvent.facts)).all()
    assert not any("CONTROL" in facts for facts in looked)


def test_a_day_that_is_none_is_told_beside_its_field(browser: TestClient) -> None:
    for query, field in (
        ({"since": "soon"}, "since"),
        ({"until": "2026-02-30"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
    ):
        page = browser.get("/files", params=query)
        assert page.status_code == 422
        assert f'id="{field}-error"' in page.text
        assert f'href="#{field}"' in page.text
        assert browser.get("/files/history.csv", params=query).status_code == 400


def test_the_list_is_taken_along_as_csv_that_runs_nothing(
    searcher: TestClient, exchange: Exchange, sent: list[Transfer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_AT_ONCE", 3)  # several pages
    answer = searcher.get("/files/history.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="history.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["number"] for row in rows] == naive(sent, {})
    by_name = {row["file"]: row for row in rows}
    assert set(NAMES) - set(by_name) == {"=cmd|calc.txt"}
    assert by_name["'=cmd|calc.txt"]["program"] == "File exchange with OCSS"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    june = by_name[NAMES[1]]
    assert (june["direction"], june["status"], june["records"], june["findings"]) == (
        "sent",
        "COMPLETE",
        "1",
        "0",
    )
    assert {row["answers"] for row in rows} >= {june["number"], ""}
    filtered = searcher.get("/files/history.csv", params={"name": "bonus", "direction": "inbound"}).text
    assert [row["file"] for row in csv.DictReader(io.StringIO(filtered))] == [NAMES[1]]
    with reading(exchange.engine) as session:
        events = session.exec(select(JournalEvent).where(JournalEvent.kind == history.EXPORTED)).all()
    assert [event.account_id is not None for event in events] == [True, True]
    assert "bonus" not in events[1].facts


def test_answers_are_fetched_again_for_sixty_days_and_stay_in_the_list_after_that(
    browser: TestClient, exchange: Exchange, employer: Partner, sent: list[Transfer], clock: Clock
) -> None:
    answer = next(row for row in sent if row.kind == "result")
    clock.forward(days=55)
    retention.sweep(exchange)
    fresh = browser_of(browser, employer)
    assert fresh.get(f"/files/{answer.id}/content").status_code == 200
    clock.forward(days=5)
    retention.sweep(exchange)
    fresh = browser_of(browser, employer)
    assert fresh.get(f"/files/{answer.id}/content").status_code == 409
    assert str(answer.id) in shown(fresh, name=answer.filename, status="PURGED")
    assert delivery.transfer(exchange, employer.actor, answer.id).status == "PURGED"


def browser_of(browser: TestClient, partner: Partner) -> TestClient:
    """The same browser, signed in anew: nobody stays for weeks."""
    browser.cookies.clear()
    browser.post("/sign-in", data={"username": partner.account.username, "password": partner.password})
    assert browser.post("/sign-in", data={"code": partner.code()}).status_code == 303
    return browser
