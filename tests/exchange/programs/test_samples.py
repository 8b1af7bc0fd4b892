"""Ten thousand records with planted mistakes: findings equal the truth, answers equal the known overlaps."""

import io
import sys
from typing import Any

import pytest

from exchange.accounts.enrolment import represent
from exchange.errors import RequestInvalidError
from exchange.models.transfers import Status
from exchange.programs.inquiry_file import issue_inquiry
from exchange.registry import bulk, matching
from exchange.registry.overlap import Overlap, overlap
from exchange.registry.population import Population
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from exchange.transfers import asked, pipeline, validation, windows
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.sample import SampleOrder, sample
from tests.support.partners import Partner, make_partner
from tests.support.record_files import Answered, Values, answered, hand_over, records, send

RECORDS = 10_000


Truth = dict[str, Any]


def made(exchange: Exchange, sender: Partner, layout: str, errors: float = 1.0) -> tuple[bytes, Truth]:
    out = io.BytesIO()
    order = SampleOrder(RECORDS, 3, errors, population=overlap(exchange, sender.account.username, 3))
    truth = sample(LAYOUTS[layout], order, out)
    return out.getvalue(), truth


def found(back: Answered) -> set[tuple[int, str, str]]:
    assert back.view.findings_count == len(back.codes)
    return set(back.codes)


def planted(truth: Truth) -> set[tuple[int, str, str]]:
    return {(error["line"], error["field"], error["code"]) for error in truth["errors"]}


def named_states(result: Values) -> list[str]:
    return [result[f"state{k}"] for k in range(1, 7) if result[f"state{k}"]]


@pytest.mark.parametrize(
    ("program", "window"), [("lump-sum", 1), ("debt-inquiry", windows.WINDOW), ("termination", 1)]
)
def test_a_large_file_about_people_is_answered_exactly(
    each_exchange: Exchange, program: str, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "WINDOW", window)
    if window == 1:  # in several stretches, statements and questions, as many times larger files
        monkeypatch.setattr(asked, "STRETCH", 3_000)
        monkeypatch.setattr(bulk, "ASKED_AT_ONCE", 900)
        monkeypatch.setattr(matching, "_AT_ONCE", 170)
    make_partner(each_exchange, Role.OCSS_STAFF)
    seed(each_exchange, 2_000, 7)
    sender = make_partner(each_exchange, Role.EMPLOYER)
    content, truth = made(each_exchange, sender, program)
    back = send(each_exchange, sender.actor, program, content)
    assert back.status is Status.COMPLETE
    assert (back.view.records, found(back)) == (RECORDS, planted(truth))
    assert len(planted(truth)) == 100
    results = dict(enumerate(records(f"{program}-result", back.answers[".res"]), start=2))
    wrong = {line for line, _, _ in planted(truth)}
    matches = {line: named_states(one) for line, one in results.items() if one["result_code"] == "M"}
    assert matches == {match["line"]: match["states"] for match in truth["matches"]}
    assert len(matches) > 900
    refused = {line: one["error1"] for line, one in results.items() if one["result_code"] == "E"}
    assert refused == {line: code for line, _, code in planted(truth)}
    assert {one["result_code"] for line, one in results.items() if line not in wrong | set(matches)} == {"N"}


def test_a_large_match_file_is_answered_exactly(each_exchange: Exchange) -> None:
    make_partner(each_exchange, Role.OCSS_STAFF)
    seed(each_exchange, 2_000, 7)
    bank = make_partner(each_exchange, Role.FINANCIAL_INSTITUTION, match_method=2)
    issue_inquiry(each_exchange, "202610")
    content, truth = made(each_exchange, bank, "data-match")
    back = send(each_exchange, bank.actor, "data-match", content)
    assert back.status is Status.COMPLETE
    assert (back.view.records, found(back)) == (RECORDS, planted(truth))
    results = {one["line"]: one for one in records("data-match-result", back.answers[".res"])}
    counts = {line: int(one["state_count"]) for line, one in results.items() if one["result_code"] == "A"}
    assert counts == {match["line"]: len(match["states"]) for match in truth["matches"]}
    assert len(counts) == RECORDS - 100
    refused = {line: one["error1"] for line, one in results.items() if one["result_code"] == "E"}
    assert refused == {line: code for line, _, code in planted(truth)}
    assert "R001" in refused.values()


def test_more_findings_than_are_listed_are_counted(
    exchange: Exchange, employer: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    monkeypatch.setattr(validation, "MOST_FINDINGS", 50)
    content, _ = made(exchange, employer, "lump-sum", errors=2)
    back = send(exchange, employer.actor, "lump-sum", content)
    assert back.view.findings_count == 200
    assert [code for _, _, code in back.codes].count("F099") == 1
    assert len(back.codes) == 51
    results = records("lump-sum-result", back.answers[".res"])
    assert len(results) == RECORDS, "every line is answered, whether it is listed or not"


def test_an_account_overlaps_with_people_who_owe_each_once_and_in_an_order_of_the_seed(
    exchange: Exchange, employer: Partner
) -> None:
    population = seed(exchange, 300, 7)
    first, again, other = (list(overlap(exchange, "employer-1", n).people(1_000)) for n in (3, 3, 4))
    assert first == again != other
    assert sorted(p.ssn for p in first) == sorted(p.ssn for p in population.block(0, 300) if p.cases)
    assert len(list(overlap(exchange, "employer-1").people(7))) == 7


def test_an_empty_registry_overlaps_with_nobody() -> None:
    assert list(Overlap({}, Population(0, 0)).people(5)) == []


def test_a_sample_carries_the_numbers_of_whom_it_is_for(exchange: Exchange, bank: Partner) -> None:
    agent = make_partner(exchange, Role.TRANSMITTER)
    represent(exchange, agent.organization.id, bank.organization.id)
    make_partner(exchange, Role.OCSS_STAFF)
    issue_inquiry(exchange, "202610")
    header = overlap(exchange, agent.account.username).header()
    assert (header["transmitter_tin"], header["institution_tin"]) == (agent.fein, bank.fein)
    assert header["year_month"] == "202610"
    assert header["institution_name"] == bank.organization.name.upper()
    own = overlap(exchange, bank.account.username).header()
    assert (own["transmitter_tin"], own["institution_tin"]) == (bank.fein, bank.fein)


def test_an_unknown_account_is_told_so(exchange: Exchange) -> None:
    with pytest.raises(RequestInvalidError, match="nobody"):
        overlap(exchange, "nobody")


def test_what_one_worker_has_checked_another_answers_alike(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "RECORDS", 300)
    make_partner(exchange, Role.OCSS_STAFF)
    seed(exchange, 200, 7)
    sender = make_partner(exchange, Role.EMPLOYER)
    content, truth = made(exchange, sender, "lump-sum", errors=10.0)
    view = hand_over(exchange, sender.actor, "lump-sum", content)
    for _ in ("scan", "validate"):
        assert pipeline.run_next(exchange, "one", view.id, goes_on=lambda: False)
    assert pipeline.drive(exchange, view.id) is Status.COMPLETE
    results = records("lump-sum-result", answered(exchange, sender.actor, view).answers[".res"])
    matches = [line for line, one in enumerate(results, start=2) if one["result_code"] == "M"]
    assert matches == [match["line"] for match in truth["matches"]]
    refused = {line: one["error1"] for line, one in enumerate(results, start=2) if one["error1"]}
    assert refused == {line: code for line, _, code in planted(truth)}
