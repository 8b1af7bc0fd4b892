"""What a partner learns about a file that is wrong, and what is refused although its records are right."""

import io
import json

import pytest
from sqlmodel import select

from exchange.database import reading
from exchange.models import transfers as models
from exchange.models.jobs import Notice
from exchange.models.transfers import Status
from exchange.registry.population import Population
from exchange.runtime import Exchange
from exchange.transfers import delivery
from exchange.transfers.answers import findings_csv
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.findings import Finding
from schemas.record import Form
from schemas.sample import SampleOrder, sample
from tests.support.partners import Partner, make_partner
from tests.support.record_files import people_file, send


def content_for(sender: Partner, people: Population, number: str = "C1", **header: object) -> bytes:
    persons = [people.person(3), people.stranger(0)]
    entries = [{"ssn": p.ssn, "last_name": p.last_name, "first_name": p.first_name} for p in persons]
    return people_file("lump-sum", sender, entries, number, **header)


def codes(found: list[tuple[int, str, str]]) -> list[str]:
    return [code for _, _, code in found]


def test_a_file_of_another_organization_is_refused_as_a_whole(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    other = make_partner(each_exchange, Role.EMPLOYER, 2)
    back = send(each_exchange, sender.actor, "lump-sum", content_for(other, people))
    assert back.status is Status.REJECTED
    assert back.codes == [(1, "sender_fein", "H008"), (1, "client_fein", "H009")]
    assert set(back.answers) == {".findings.csv", ".ack.json"}
    assert other.fein.encode() not in back.answers[".findings.csv"]


def test_a_control_number_is_taken_once(each_exchange: Exchange, people: Population, sender: Partner) -> None:
    first = send(each_exchange, sender.actor, "lump-sum", content_for(sender, people))
    again = content_for(sender, people).replace(b"20261224", b"20261225")
    back = send(each_exchange, sender.actor, "lump-sum", again)
    assert (first.status, back.status) == (Status.COMPLETE, Status.REJECTED)
    assert back.codes == [(1, "control_number", "H013")]
    other_program = people_file("debt-inquiry", sender, [], "C1")
    assert "H013" not in codes(send(each_exchange, sender.actor, "debt-inquiry", other_program).codes)


def test_a_control_number_of_a_refused_file_may_be_used_when_it_is_corrected(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    wrong = content_for(sender, people).replace(b"LST", b"XXX")
    assert send(each_exchange, sender.actor, "lump-sum", wrong).status is Status.REJECTED
    right = content_for(sender, people)
    assert send(each_exchange, sender.actor, "lump-sum", right).status is Status.COMPLETE


def test_the_same_file_is_not_taken_twice(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    content = content_for(sender, people)
    send(each_exchange, sender.actor, "lump-sum", content)
    back = send(each_exchange, sender.actor, "lump-sum", content, "another-name.txt")
    assert back.status is Status.REJECTED
    assert codes(back.codes) == ["F093", "H013"]
    assert ".res" not in back.answers


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "F001"),
        (b"PK\x03\x04 not a workbook at all", "F007"),
        (b"nothing we know\n", "F002"),
        (b"\0" * 100_000, "F002"),
        (b"DIH of another program\n", "F002"),
    ],
    ids=["empty", "no workbook", "unknown", "zeros", "another program"],
)
def test_a_file_of_no_layout_is_refused_with_one_finding(
    each_exchange: Exchange, sender: Partner, content: bytes, code: str
) -> None:
    back = send(each_exchange, sender.actor, "lump-sum", content)
    assert back.status is Status.REJECTED
    assert codes(back.codes) == [code]
    assert back.view.findings_count == 1
    assert back.answers[".findings.csv"].count(b"\n") == 2


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
def test_a_table_is_checked_and_answered_like_a_file_of_columns(
    each_exchange: Exchange, sender: Partner, form: Form
) -> None:
    out = io.BytesIO()
    truth = sample(LAYOUTS["lump-sum"], SampleOrder(records=40, seed=5, errors=10, form=form), out)
    back = send(each_exchange, sender.actor, "lump-sum", out.getvalue(), f"report.{form}")
    assert back.status is Status.COMPLETE
    assert {(line, code) for line, _, code in back.codes} == {(e["line"], e["code"]) for e in truth["errors"]}
    assert back.view.records == 40


def test_findings_are_stored_in_the_order_of_the_lines_and_never_show_a_number(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    content = content_for(sender, people).replace(b"20261224", b"20261399")
    ssn = people.person(3).ssn.encode()
    back = send(each_exchange, sender.actor, "lump-sum", content.replace(ssn, ssn[:8] + b"X"))
    assert back.codes == [(2, "ssn", "V004"), (2, "payment_date", "V008"), (3, "payment_date", "V008")]
    assert back.findings[0].columns == "4-12"
    assert ssn[:8].decode() not in back.findings[0].found
    report = back.answers[".findings.csv"].decode().splitlines()
    assert report[0] == "line,columns,field,code,found,expected,message"
    assert len(report) == 4


def test_what_findings_and_control_numbers_quote_from_a_file_stands_sealed_in_the_rows(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    wrong = content_for(sender, people).replace(b"20261224", b"20261399")
    back = send(each_exchange, sender.actor, "lump-sum", wrong)
    number = wrong[3:25].strip().decode()
    with reading(each_exchange.engine) as session:
        found = session.exec(select(models.Finding)).all()
        numbers = session.exec(select(models.ControlNumber.number_hash)).all()
    assert "20261399" in back.findings[0].found
    assert found
    assert not [one for one in found if "20261399" in str(one.model_dump())]
    assert numbers
    assert number not in numbers


def test_a_spreadsheet_takes_nothing_in_the_findings_for_a_formula() -> None:
    cells = ("=1+1", "+1", "-1", "@x", "\tx", "\rx", "fine")
    for cell in cells:
        found = Finding(1, 0, 0, "f", "c", cell, "", cell)
        line = b"".join(findings_csv([found])).decode().split("\r\n", 1)[1]
        assert ("'" + cell in line) == (cell != "fine")


def test_the_acknowledgement_is_the_transfer_as_it_ended_with_its_receipt(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    back = send(each_exchange, sender.actor, "lump-sum", content_for(sender, people))
    acknowledged = json.loads(back.answers[".ack.json"])
    assert acknowledged.pop("receipt") == delivery.receipt(each_exchange, sender.actor, back.view.id)
    assert acknowledged == back.view.as_json()
    assert acknowledged["status"] == "COMPLETE"


def test_each_partner_is_told_once_a_file(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    state = people.person(3).states[0]
    agency = make_partner(each_exchange, Role.STATE, jurisdiction=state)
    send(each_exchange, sender.actor, "lump-sum", content_for(sender, people))
    with reading(each_exchange.engine) as session:
        told = session.exec(select(Notice.organization_id, Notice.event)).all()
    assert told.count((sender.organization.id, "transfer.answered")) == 1
    assert told.count((agency.organization.id, "transfer.waiting")) == 1
