"""Data match, method 2: inquiry out, matches in, each on to every state that is owed."""

import io
from datetime import date

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from exchange.accounts.enrolment import represent
from exchange.database import reading, transaction
from exchange.errors import RequestInvalidError
from exchange.models.jobs import Notice
from exchange.models.registry import Debt
from exchange.models.transfers import Status, Transfer
from exchange.programs.inquiry_file import issue_inquiry
from exchange.registry.population import Person, Population
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.checking import CheckRules, check, run
from tests.support.partners import Partner, make_partner
from tests.support.record_files import match_file, outbox, records, send

PERIOD = "202610"
RULES = CheckRules(today=date(2027, 1, 1), synthetic=True)


@pytest.fixture
def people(each_exchange: Exchange) -> Population:
    make_partner(each_exchange, Role.OCSS_STAFF)
    return seed(each_exchange, 300, 7)


@pytest.fixture
def bank(each_exchange: Exchange, people: Population) -> Partner:
    partner = make_partner(each_exchange, Role.FINANCIAL_INSTITUTION, match_method=2)
    issue_inquiry(each_exchange, PERIOD)
    return partner


def account(person: Person, **more: object) -> dict[str, object]:
    return {"ssn": person.ssn, "account_number": f"{person.number:020d}", **more}


def test_the_inquiry_file_asks_about_everybody_who_owes_and_nobody_else(
    each_exchange: Exchange, people: Population, bank: Partner
) -> None:
    [(name, content)] = outbox(each_exchange, bank.actor, "data-match").items()
    assert name == "inquiry-202610.txt"
    asked = {one["ssn"]: one for one in records("data-match-inquiry", content, "inquiry")}
    owing = [person for person in people.block(0, 300) if person.cases]
    assert set(asked) == {person.ssn for person in owing}
    first = asked[owing[0].ssn]
    case = min(owing[0].cases, key=lambda case: case.state)
    assert (first["last_name"], first["case_passback"]) == (owing[0].last_name, case.number)
    findings, summary = run(check(LAYOUTS["data-match-inquiry"], io.BytesIO(content), rules=RULES))
    assert (findings, summary.records) == ([], 270)


def test_an_inquiry_is_issued_once_to_each_and_later_to_those_who_came_later(
    each_exchange: Exchange, bank: Partner
) -> None:
    assert issue_inquiry(each_exchange, PERIOD) == 0
    later = make_partner(each_exchange, Role.FINANCIAL_INSTITUTION, 2)
    agent = make_partner(each_exchange, Role.TRANSMITTER)
    all_accounts = make_partner(each_exchange, Role.FINANCIAL_INSTITUTION, 3, match_method=1)
    represent(each_exchange, agent.organization.id, later.organization.id)
    assert issue_inquiry(each_exchange, PERIOD) == 2
    boxes = [outbox(each_exchange, partner.actor, "data-match") for partner in (bank, later, agent)]
    assert boxes[0] == boxes[1] == boxes[2]
    assert outbox(each_exchange, all_accounts.actor, "data-match") == {}
    with reading(each_exchange.engine) as session:
        told = session.exec(select(Notice.event)).all()
    assert list(told) == ["transfer.waiting"] * 3


@pytest.mark.parametrize("period", ["2026", "202613", "OCTOBER", "20261"])
def test_a_period_that_is_no_month_is_refused(exchange: Exchange, period: str) -> None:
    with pytest.raises(RequestInvalidError, match="a year and a month"):
        issue_inquiry(exchange, period)


def test_matches_go_on_to_every_state_that_is_owed_with_that_states_case(
    each_exchange: Exchange, people: Population, bank: Partner
) -> None:
    owing = next(p for p in people.block(0, 300) if len(p.cases) == 2)
    agencies = {
        case.state: make_partner(each_exchange, Role.STATE, n, jurisdiction=case.state)
        for n, case in enumerate(owing.cases)
    }
    content = match_file(bank, PERIOD, [account(owing, balance=77), account(owing, account_number="SECOND")])
    back = send(each_exchange, bank.actor, "data-match", content, "q4.txt")
    assert (back.status, back.codes) == (Status.COMPLETE, [])
    assert [one["state_count"] for one in records("data-match-result", back.answers[".res"])] == ["02", "02"]
    for case in owing.cases:
        [(name, handed_on)] = outbox(each_exchange, agencies[case.state].actor, "data-match").items()
        assert case.state in name
        first, second = records("data-match-state", handed_on)
        assert (first["ssn"], first["case_id"], first["balance"]) == (owing.ssn, case.number, "000000077")
        assert (first["institution_tin"], first["institution_street"]) == (bank.fein, "1 SAMPLE STREET")
        assert (first["street"], first["zip"], first["zip4"]) == ("2 SAMPLE STREET", "66601", "1234")
        assert second["account_number"] == "SECOND"
        findings, _ = run(check(LAYOUTS["data-match-state"], io.BytesIO(handed_on), rules=RULES))
        assert findings == []


def test_an_account_of_somebody_nobody_asked_about_is_refused_and_goes_nowhere(
    each_exchange: Exchange, people: Population, bank: Partner
) -> None:
    custodial, owing = people.person(9), people.person(3)
    content = match_file(bank, PERIOD, [account(custodial), account(owing), account(people.stranger(1))])
    back = send(each_exchange, bank.actor, "data-match", content)
    assert back.status is Status.COMPLETE
    assert back.codes == [(2, "ssn", "X009"), (4, "ssn", "X009")]
    assert custodial.ssn not in str(back.findings)
    results = records("data-match-result", back.answers[".res"])
    assert [(one["line"], one["result_code"], one["error1"]) for one in results] == [
        (2, "E", "X009"),
        (3, "A", None),
        (4, "E", "X009"),
    ]
    assert back.view.findings_count == 2


def test_a_transmitter_sends_for_many_institutions_in_one_file(
    each_exchange: Exchange, people: Population, bank: Partner
) -> None:
    other = make_partner(each_exchange, Role.FINANCIAL_INSTITUTION, 2)
    agent = make_partner(each_exchange, Role.TRANSMITTER)
    for client in (bank, other):
        represent(each_exchange, agent.organization.id, client.organization.id)
    state = people.person(3).states[0]
    agency = make_partner(each_exchange, Role.STATE, jurisdiction=state)
    parts = [
        match_file(client, PERIOD, [account(people.person(3))], transmitter_tin=agent.fein)
        for client in (bank, other)
    ]
    back = send(each_exchange, agent.actor, "data-match", b"".join(parts))
    assert (back.status, back.codes) == (Status.COMPLETE, [])
    answer = back.answers[".res"]
    assert [line[:3] for line in answer.splitlines()] == [b"MRH", b"MRD", b"MRT"] * 2
    assert run(check(LAYOUTS["data-match-result"], io.BytesIO(answer), rules=RULES))[0] == []
    [handed_on] = outbox(each_exchange, agency.actor, "data-match").values()
    tins = [one["institution_tin"] for one in records("data-match-state", handed_on)]
    assert tins == [bank.fein, other.fein]


def test_every_line_of_every_institution_is_answered_in_the_order_of_the_file(
    each_exchange: Exchange, people: Population, bank: Partner
) -> None:
    agent = make_partner(each_exchange, Role.TRANSMITTER)
    represent(each_exchange, agent.organization.id, bank.organization.id)
    accounts = [account(people.person(n)) for n in (3, 4, 5)]
    parts = [
        match_file(bank, PERIOD, some, transmitter_tin=agent.fein)
        for some in ([], accounts, [], accounts[:1])
    ]
    parts[1] = parts[1].replace(b"\nB202610", b"\n?202610", 1)
    parts[3] = parts[3].replace(b"\nB202610", b"\n?202610", 1)
    back = send(each_exchange, agent.actor, "data-match", b"".join(parts))
    assert (back.status, back.codes) == (Status.COMPLETE, [(4, "", "R001"), (11, "", "R001")])
    layout = LAYOUTS["data-match-result"]
    lines = back.answers[".res"].splitlines()
    kinds = b"MRH MRT MRH MRD MRD MRD MRT MRH MRT MRH MRD MRT".split()
    assert [line[:3] for line in lines] == kinds
    results = [layout["detail"].parse(line) for line in lines if line[:3] == b"MRD"]
    told = [[one[name] for name in ("line", "result_code", "error1", "state_count")] for one in results]
    assert [told[0], told[3]] == [[4, "E", "R001", "00"], [11, "E", "R001", "00"]]
    assert [one[:3] for one in told[1:3]] == [[5, "A", None], [6, "A", None]]
    assert results[0]["account_number"] is None
    trailers = [layout.trailer.parse(line) for line in lines if line[:3] == b"MRT"]
    counts = [[one[f"{kind}_count"] for kind in ("record", "accepted", "error")] for one in trailers]
    assert counts == [[0, 0, 0], [3, 2, 1], [0, 0, 0], [1, 0, 1]]


def test_a_file_for_an_institution_that_is_no_client_is_refused(
    each_exchange: Exchange, people: Population, bank: Partner
) -> None:
    agent = make_partner(each_exchange, Role.TRANSMITTER)
    content = match_file(bank, PERIOD, [account(people.person(3))], transmitter_tin=agent.fein)
    back = send(each_exchange, agent.actor, "data-match", content)
    assert back.status is Status.REJECTED
    assert [code for _, _, code in back.codes] == ["H009"]
    assert ".res" not in back.answers


@pytest.mark.parametrize("period", ["202607", "202701"])
def test_only_the_open_quarter_may_be_answered(
    each_exchange: Exchange, people: Population, bank: Partner, period: str
) -> None:
    back = send(
        each_exchange, bank.actor, "data-match", match_file(bank, period, [account(people.person(3))])
    )
    assert back.status is Status.REJECTED
    assert "H012" in {code for _, _, code in back.codes}


def test_an_institution_of_method_1_sends_all_accounts_and_those_who_owe_are_found(
    each_exchange: Exchange, people: Population
) -> None:
    bank = make_partner(each_exchange, Role.FINANCIAL_INSTITUTION, match_method=1)
    state = people.person(3).states[0]
    agency = make_partner(each_exchange, Role.STATE, jurisdiction=state)
    accounts = [account(people.person(3), balance="000125-"), account(people.stranger(1))]
    content = match_file(bank, "202609", accounts, "account", match_file_indicator="A")
    back = send(each_exchange, bank.actor, "data-match", content)
    assert (back.status, back.codes) == (Status.COMPLETE, [])
    counts = [one["state_count"] for one in records("data-match-result", back.answers[".res"])]
    assert counts == [f"{len(people.person(3).states):02d}", "00"]
    [handed_on] = outbox(each_exchange, agency.actor, "data-match").values()
    assert [one["balance"] for one in records("data-match-state", handed_on)] == ["00000125-"]


def test_an_account_of_somebody_who_has_paid_since_is_taken_and_goes_nowhere(
    each_exchange: Exchange, people: Population, bank: Partner
) -> None:
    with transaction(each_exchange.engine) as session:
        session.execute(update(Debt).values(cents=0))
    back = send(
        each_exchange, bank.actor, "data-match", match_file(bank, PERIOD, [account(people.person(3))])
    )
    assert (back.status, back.codes) == (Status.COMPLETE, [])
    [result] = records("data-match-result", back.answers[".res"])
    assert (result["result_code"], result["state_count"]) == ("A", "00")
    with reading(each_exchange.engine) as session:
        assert session.exec(select(Transfer).where(col(Transfer.kind).startswith("match"))).all() == []
