"""Lump sums, debt inquiries and terminations: the answer names exactly the states that are owed."""

import io
from datetime import date

import pytest
from sqlmodel import col, select

from exchange.accounts import details
from exchange.database import reading
from exchange.models.transfers import Status, Transfer
from exchange.registry.agencies import AGENCIES
from exchange.registry.population import Person, Population
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from exchange.transfers.answers import ocss
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.checking import CheckRules, check, run
from tests.support.partners import Partner, make_partner
from tests.support.record_files import outbox, people_file, records, send

PROGRAMS = ("lump-sum", "debt-inquiry", "termination")
NOTICES = {"termination": "termination-notice"}


def entry(person: Person, **more: object) -> dict[str, object]:
    return {"ssn": person.ssn, "last_name": person.last_name, "first_name": person.first_name, **more}


@pytest.fixture
def people(each_exchange: Exchange) -> Population:
    make_partner(each_exchange, Role.OCSS_STAFF)
    return seed(each_exchange, 200, 7)


@pytest.fixture
def sender(each_exchange: Exchange) -> Partner:
    return make_partner(each_exchange, Role.EMPLOYER, administrator=True)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_record_comes_back_with_its_result_and_the_contacts_of_each_state(
    each_exchange: Exchange, people: Population, sender: Partner, program: str
) -> None:
    owing, stranger, custodial, other = (
        people.person(3),
        people.stranger(0),
        people.person(9),
        people.person(5),
    )
    misnamed = entry(people.person(4)) | {"last_name": "XYLANDER"}
    content = people_file(
        program, sender, [entry(owing), entry(stranger), entry(custodial), misnamed, entry(other)]
    )
    back = send(each_exchange, sender.actor, program, content, "august.txt")
    assert back.status is Status.COMPLETE
    assert (back.view.records, back.view.findings_count) == (5, 0)
    results = records(f"{program}-result", back.answers[".res"])
    assert [one["result_code"] for one in results] == ["M", "N", "N", "P", "M"]
    counts = (len(owing.states), 0, 0, 0, len(other.states))
    assert [one["state_count"] for one in results] == [f"{count:02d}" for count in counts]
    named = [results[0][f"state{k}"] for k in range(1, 7)]
    assert named == [*owing.states, *[None] * (6 - len(owing.states))]
    agency = AGENCIES[owing.states[0]]
    assert results[0]["agency1"] == agency.name.upper()
    assert (results[0]["phone1"], results[0]["email1"]) == (agency.phone, agency.email)
    assert results[0]["ssn"] == owing.ssn
    assert set(back.answers) == {".res", ".findings.csv", ".ack.json"}


def test_the_states_of_a_match_get_one_notice_each_with_their_own_case_number(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    owing = next(p for p in people.block(0, 200) if len(p.cases) == 2)
    here, elsewhere = owing.cases
    agency = make_partner(each_exchange, Role.STATE, jurisdiction=here.state)
    second = entry(owing, reference="TWO", payment_amount=5)
    contact = {"name": "Kim Payroll", "email": "kim@example.org", "telephone": "7855550143"}
    details.save(each_exchange, sender.actor, "contact", "lump_sum", contact)
    content = people_file(
        "lump-sum",
        sender,
        [entry(owing), entry(people.stranger(1)), second],
    )
    send(each_exchange, sender.actor, "lump-sum", content)
    [(name, notice)] = outbox(each_exchange, agency.actor, "lump-sum").items()
    assert f"notice-{here.state}" in name
    told = records("lump-sum-notice", notice)
    assert [(one["ssn"], one["case_id"], one["issuing_state"]) for one in told] == [
        (owing.ssn, here.number, here.state)
    ] * 2
    assert {one["sender_fein"] for one in told} == {sender.fein}
    assert told[0]["employer_name"] == sender.organization.name.upper()
    assert (told[0]["contact_name"], told[0]["contact_phone"]) == ("KIM PAYROLL", "7855550143")
    assert told[1]["reference"] == "TWO"
    assert elsewhere.state.encode() not in {line[26:28] for line in notice.splitlines()[:1]}


def test_a_state_without_an_organization_here_has_its_notice_kept_by_ocss(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    owing = people.person(3)
    send(each_exchange, sender.actor, "lump-sum", people_file("lump-sum", sender, [entry(owing)]))
    with reading(each_exchange.engine) as session:
        kept = session.exec(select(Transfer).where(col(Transfer.kind).startswith("notice"))).all()
        assert {row.organization_id for row in kept} == {ocss(session)}
    assert sorted(row.kind for row in kept) == sorted(f"notice-{state.lower()}" for state in owing.states)


@pytest.mark.parametrize("program", PROGRAMS)
def test_who_matches_by_number_alone_is_named_to_nobody(
    each_exchange: Exchange, people: Population, sender: Partner, program: str
) -> None:
    misnamed = entry(people.person(4)) | {"last_name": "XYLANDER"}
    back = send(each_exchange, sender.actor, program, people_file(program, sender, [misnamed]))
    [result] = records(f"{program}-result", back.answers[".res"])
    assert result["result_code"] == "P"
    assert result["state_count"] == "00"
    assert result["state1"] is None
    with reading(each_exchange.engine) as session:
        assert session.exec(select(Transfer).where(col(Transfer.kind).startswith("notice"))).all() == []


def test_who_is_asked_about_without_a_number_is_for_review(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    nameless = {"last_name": "ALDERTON", "first_name": "ADA", "birth_date": date(1980, 2, 29)}
    back = send(each_exchange, sender.actor, "debt-inquiry", people_file("debt-inquiry", sender, [nameless]))
    assert back.status is Status.COMPLETE
    assert [one["result_code"] for one in records("debt-inquiry-result", back.answers[".res"])] == ["P"]


def test_a_refused_record_is_answered_with_its_codes_and_not_matched(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    owing = people.person(3)
    content = people_file("lump-sum", sender, [entry(owing), entry(people.stranger(1))])
    wrong = content.replace(b"B" + b" " * 35 + b"20261224", b"Z" + b" " * 35 + b"20261399", 1)
    back = send(each_exchange, sender.actor, "lump-sum", wrong)
    assert back.status is Status.COMPLETE
    assert back.codes == [(2, "payment_kind", "V009"), (2, "payment_date", "V008")]
    refused, other = records("lump-sum-result", back.answers[".res"])
    assert (refused["result_code"], refused["error1"], refused["error2"], refused["error3"]) == (
        "E",
        "V009",
        "V008",
        None,
    )
    assert other["result_code"] == "N"
    assert refused["state_count"] == "00"


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_goes_out_keeps_to_its_own_layout(
    each_exchange: Exchange, people: Population, sender: Partner, program: str
) -> None:
    agency = make_partner(each_exchange, Role.STATE, jurisdiction=people.person(3).states[0])
    sent = [entry(person) for person in [*people.block(0, 100), *people.block(400, 50)]]
    back = send(each_exchange, sender.actor, program, people_file(program, sender, sent))
    [notice] = outbox(each_exchange, agency.actor, program).values()
    rules = CheckRules(today=date(2027, 1, 1), synthetic=True)
    for layout, content in (
        (f"{program}-result", back.answers[".res"]),
        (NOTICES.get(program, "lump-sum-notice"), notice),
    ):
        findings, summary = run(check(LAYOUTS[layout], io.BytesIO(content), rules=rules))
        assert (findings, summary.fatal) == ([], False)
    trailer = LAYOUTS[f"{program}-result"].trailer.parse(back.answers[".res"].splitlines()[-1])
    counts = [trailer[f"{name}_count"] for name in ("record", "matched", "unmatched", "error")]
    assert counts == [150, 90, 60, 0]


def test_results_can_be_counted_off_even_where_a_line_is_no_record(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    content = people_file("lump-sum", sender, [entry(people.person(n)) for n in (3, 4, 5)])
    head, first, second, third, tail = content.splitlines(keepends=True)
    strange = b"???" + second[3:]
    back = send(each_exchange, sender.actor, "lump-sum", head + first + strange + third + tail)
    results = records("lump-sum-result", back.answers[".res"])
    assert [(one["result_code"], one["error1"]) for one in results] == [
        ("M", None),
        ("E", "R001"),
        ("M", None),
    ]
    assert results[1]["ssn"] is None
    alone = people_file("lump-sum", sender, [entry(people.person(3))], "C2").replace(b"\nLSD", b"\n???")
    alone = alone.replace(b"0000000010000", b"0" * 13)
    back = send(each_exchange, sender.actor, "lump-sum", alone)
    assert back.codes == [(2, "", "R001")]
    assert [one["error1"] for one in records("lump-sum-result", back.answers[".res"])] == ["R001"]
