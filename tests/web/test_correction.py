"""Refused rows: found on the page of their file, corrected there, sent as a file of their own."""

import csv
import html
import io
import re
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlmodel import select
from starlette.testclient import TestClient

from exchange.accounts import enrolment
from exchange.database import reading, transaction
from exchange.errors import RequestInvalidError, TransferNotFoundError
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Transfer
from exchange.programs import correction
from exchange.runtime import Exchange
from exchange.transfers import corrections, delivery
from exchange.transfers.corrections import Corrects
from roles.permissions import Role
from tests.support.partners import Partner, make_partner
from tests.support.record_files import hand_over, people_file, read, records, send
from tests.web.conftest import Enter
from tests.web.visitors import Visitor

HEADINGS = ["SSN", "Last name", "First name", "Payment kind", "Expected payment date", "Payment amount"]
WRONG = {
    5: (0, "900-00-00O4", "900-00-0004", "ssn"),
    40: (1, "V*le", "Vale", "last_name"),
    77: (3, "gift", "B", "payment_kind"),
    120: (4, "2/30/2026", "2/28/2026", "payment_date"),
    199: (5, "a lot", "12.50", "payment_amount"),
    250: (2, "", "Ada", "first_name"),
    300: (4, "soon", "3/1/2026", "payment_date"),
}
"""By row: which cell is wrong, how, what is right, and its field."""


def table(rows: int = 300, wrong: dict[int, tuple[int, str, str, str]] | None = None) -> bytes:
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(HEADINGS)
    for row in range(2, rows + 2):
        cells = [f"900-00-{row - 1:04d}", "Vale", "Ada", "bonus", "2/1/2026", "$1,250.50"]
        if change := (WRONG if wrong is None else wrong).get(row):
            cells[change[0]] = change[1]
        lines.writerow(cells)
    return text.getvalue().encode()


@pytest.fixture
def sent(exchange: Exchange, employer: Partner) -> Transfer:
    make_partner(exchange, Role.OCSS_STAFF)
    back = send(exchange, employer.actor, "lump-sum", table(), "payroll.csv")
    assert (back.view.records, back.view.findings_count) == (300, 7)
    return stored(exchange, back.view.id)


def stored(exchange: Exchange, identifier: UUID) -> Transfer:
    with reading(exchange.engine) as session:
        return session.get_one(Transfer, identifier)


@dataclass
class Form:
    """The fields of a page's form, as a browser would send them."""

    page: str

    @property
    def fields(self) -> dict[str, str]:
        boxes = re.findall(r'<input class="usa-input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', self.page)
        found = {name: html.unescape(value) for name, value in boxes}
        for name, options in re.findall(
            r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', self.page, re.DOTALL
        ):
            chosen = re.search(r'value="([^"]*)" selected', options)
            found[name] = html.unescape(chosen[1]) if chosen else ""
        ticked = re.findall(r'type="checkbox" id="[^"]*" name="([^"]*)" value="yes" checked', self.page)
        return found | dict.fromkeys(ticked, "yes")

    @property
    def errors(self) -> set[str]:
        return set(re.findall(r'class="usa-error-message" id="([^"]+)-error"', self.page))

    @property
    def rows(self) -> list[int]:
        return sorted({int(row) for row in re.findall(r'name="row(\d+)-leave"', self.page)})


def corrected(fields: dict[str, str], *rows: int) -> dict[str, str]:
    return fields | {f"row{row}-{WRONG[row][3]}": WRONG[row][2] for row in rows}


def test_seven_of_three_hundred_rows_are_corrected_and_only_they_are_sent(
    browser: TestClient, exchange: Exchange, sign_in: Enter, employer: Partner, sent: Transfer
) -> None:
    address = f"/files/{sent.id}/correct"
    assert (
        f'href="{address}">Correct the 7 rows that were refused</a>' in browser.get(f"/files/{sent.id}").text
    )
    form = Form(browser.get(address).text)
    with reading(exchange.engine) as session:
        looks = session.exec(select(JournalEvent).where(JournalEvent.kind == "transfer.rows_opened")).all()
    assert [(look.subject_id, look.account_id) for look in looks] == [(sent.id, employer.account.id)]
    assert form.rows == sorted(WRONG)
    assert form.errors == {f"row{row}-{field}" for row, (_, _, _, field) in WRONG.items()}
    assert form.fields["row5-ssn"] == "900-00-00O4"
    assert (form.fields["row120-payment_date"], form.fields["row120-last_name"]) == ("2/30/2026", "Vale")
    assert "The file says: GIFT" in form.page
    again = browser.post(address, data=corrected(form.fields, 5, 40, 77, 120, 199, 250))
    assert again.status_code == 422
    form = Form(again.text)
    assert (form.rows, form.errors) == (sorted(WRONG), {"row300-payment_date"})
    assert '<a href="#row300-payment_date">Row 300: ' in form.page
    assert (form.fields["row300-payment_date"], form.fields["row5-ssn"]) == ("soon", "900-00-0004")
    done = browser.post(address, data=corrected(form.fields, 300))
    assert done.status_code == 303
    new = stored(exchange, UUID(done.headers["location"].rpartition("/")[2]))
    assert (new.corrects, new.records, new.findings_count) == (sent.id, 7, 0)
    assert re.fullmatch(r"payroll-corrected-[0-9a-f]{6}\.txt", new.filename)
    rows = records(
        "lump-sum", read(exchange, employer.actor, delivery.transfer(exchange, employer.actor, new.id))
    )
    assert [row["ssn"] for row in rows] == [f"900000{row - 1:03d}" for row in sorted(WRONG)]
    for identifier in (sent.id, new.id):
        page = browser.get(f"/files/{identifier}").text
        assert "This file and its corrections" in page
        assert "Corrects 7 rows" in page
        assert ("Refused rows opened to be corrected" in page) == (identifier == sent.id)
        assert "rows that were refused" not in page
    assert browser.get(address).status_code == 409


def test_rows_are_shown_some_at_a_time_and_none_is_offered_twice(
    browser: TestClient, exchange: Exchange, sent: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correction, "ON_PAGE", 4)
    address, seen = f"/files/{sent.id}/correct", []
    for waiting in (7, 4, 1):
        form = Form(browser.get(address).text)
        assert f"{waiting} row" in form.page
        assert ("the others follow" in form.page) == (waiting > 4)
        sending = form.rows[:3]  # the fourth is left for later
        seen += sending
        fields = corrected(form.fields, *sending) | {f"row{row}-leave": "yes" for row in form.rows[3:]}
        assert browser.post(address, data=fields).status_code == 303
        assert browser.post(address, data=fields).status_code == (422 if waiting > 1 else 409)
    assert seen == sorted(WRONG)
    with reading(exchange.engine) as session:
        assert len(session.exec(select(Transfer).where(Transfer.corrects == sent.id)).all()) == 3


def test_what_was_reported_before_is_left_out_unless_it_is_changed(
    browser: TestClient, exchange: Exchange, employer: Partner, sent: Transfer
) -> None:
    content = table(4, {3: (5, "a lot", "7", "payment_amount")}).replace(b"$1,250.50", b"1250.50")
    second = send(exchange, employer.actor, "lump-sum", content, "overlap.csv").view
    address = f"/files/{second.id}/correct"
    form = Form(browser.get(address).text)
    assert form.rows == [2, 3, 4]
    assert [name for name in form.fields if name.endswith("-leave")] == ["row2-leave", "row4-leave"]
    nothing = browser.post(address, data=form.fields | {"row3-leave": "yes"})
    assert (nothing.status_code, "there is nothing to send" in nothing.text) == (422, True)
    told = browser.post(address, data=form.fields | {"row3-payment_amount": "1,250.50"})
    assert told.status_code == 422
    assert "in payroll.csv. Change what was wrong" in html.unescape(told.text)
    assert browser.post(address, data=form.fields | {"row3-payment_amount": "7"}).status_code == 303


def test_a_processor_corrects_for_the_client_the_file_was_for(
    exchange: Exchange, sign_in: Enter, other_employer: Partner
) -> None:
    processor = make_partner(exchange, Role.EMPLOYER, 3)
    enrolment.represent(exchange, processor.organization.id, other_employer.organization.id)
    make_partner(exchange, Role.OCSS_STAFF)
    person = {"ssn": "900000001", "last_name": "VALE", "first_name": "ADA"}
    content = people_file(
        "lump-sum", processor, [person, person | {"first_name": "B"}], client_fein=other_employer.fein
    )
    view = send(exchange, processor.actor, "lump-sum", content, "client.txt").view
    address, browser = f"/files/{view.id}/correct", sign_in(processor)
    form = Form(browser.get(address).text)
    assert form.rows == [3]
    fields = {name: text for name, text in form.fields.items() if not name.endswith("-leave")}
    done = browser.post(address, data=fields | {"row3-payment_amount": "5"})
    new = delivery.transfer(exchange, processor.actor, UUID(done.headers["location"].rpartition("/")[2]))
    header = read(exchange, processor.actor, new).splitlines()[0]
    assert (header[25:43].decode(), header[57:58]) == (processor.fein + other_employer.fein, b"P")


def test_a_correction_that_is_refused_as_a_whole_gives_its_rows_back(
    exchange: Exchange, employer: Partner, other_employer: Partner, sent: Transfer
) -> None:
    new, next_one = (
        stored(exchange, hand_over(exchange, employer.actor, "lump-sum", content).id)
        for content in (b"a", b"b")
    )
    with transaction(exchange.engine) as session:
        corrections.link(session, new, Corrects(sent.id, (5, 40)))
        assert corrections.waiting(session, sent.id) == 5
    with pytest.raises(RequestInvalidError), transaction(exchange.engine) as session:
        corrections.link(session, next_one, Corrects(sent.id, (40, 77)))
    with transaction(exchange.engine) as session:
        session.get_one(Transfer, new.id).status = "REJECTED"
    with transaction(exchange.engine) as session:
        assert corrections.waiting_lines(session, sent.id, 3) == [5, 40, 77]
        corrections.link(session, next_one, Corrects(sent.id, (40, 77)))
        assert corrections.waiting_lines(session, sent.id, 3) == [5, 120, 199]
    strange = stored(exchange, hand_over(exchange, other_employer.actor, "lump-sum", b"c").id)
    with pytest.raises(TransferNotFoundError), transaction(exchange.engine) as session:
        corrections.link(session, strange, Corrects(sent.id, (5,)))


def test_a_clerk_corrects_a_row_without_scripts(visitor: Visitor, employer: Partner, sent: Transfer) -> None:
    visitor.sign_in(employer)
    page = visitor.page
    page.goto(f"{visitor.address}/files/{sent.id}")
    page.get_by_role("link", name="Correct the 7 rows that were refused").click()
    for row, (_, _, right, field) in WRONG.items():
        if field == "payment_kind":
            page.locator(f"#row{row}-{field}").select_option(right)
        else:
            page.locator(f"#row{row}-{field}").fill(right)
    page.get_by_role("button", name="Send the corrected rows").click()
    page.get_by_role("heading", name="This file and its corrections").wait_for()
    expect(page.get_by_text("Corrects 7 rows")).to_have_count(1)
