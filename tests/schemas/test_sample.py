"""Samples: the truth that comes with one is what the check finds, to the line and the code."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalog import LAYOUTS, Identified, identify
from schemas.checking import Summary, check, run
from schemas.findings import Finding
from schemas.record import Form
from schemas.sample import Person, SampleOrder, sample
from schemas.synthetic import STRANGERS, Dice, stranger_ssns
from tests.schemas.examples import RULES

PEOPLE = ("lump-sum", "debt-inquiry", "termination")
FORMS = [
    *((slug, Form.FIXED) for slug in (*PEOPLE, "case-registry", "data-match", "data-match-inquiry")),
    *((slug, form) for slug in (*PEOPLE, "income-withholding-ack") for form in (Form.CSV, Form.XLSX)),
]
EVERY_FORM = pytest.mark.parametrize(("slug", "form"), FORMS, ids=str)


@dataclass
class Town:
    """A population of a few, as an installation would draw it from its registry."""

    size: int = 300
    facts: Mapping[str, str] = field(default_factory=dict)

    def header(self) -> Mapping[str, str]:
        return {
            "sender_fein": "005555555",
            "client_fein": "006666666",
            "control_number": "TOWN-1",
            **self.facts,
        }

    def people(self, count: int) -> Iterator[Person]:
        for number in range(min(count, self.size)):
            states = ("KS", "NE")[: number % 3]
            yield Person(f"9{number:08d}", "TOWNSEND", "PAT", "19800229", states, f"KS{number:010d}")

    def waiting(self, count: int) -> Sequence[Mapping[str, str]]:
        return [{}] * count


def made(slug: str, order: SampleOrder) -> tuple[bytes, dict[str, Any]]:
    out = io.BytesIO()
    truth = sample(LAYOUTS[slug], order, out)
    return out.getvalue(), truth


def checked(slug: str, form: Form, content: bytes, **rules: Any) -> tuple[list[Finding], Summary]:
    return run(check(LAYOUTS[slug], io.BytesIO(content), rules=replace(RULES, **rules), form=form))


def as_truth(findings: list[Finding]) -> list[dict[str, Any]]:
    return [{"line": each.line, "field": each.field, "code": each.code} for each in findings]


@EVERY_FORM
@pytest.mark.parametrize("errors", [0, 1, 10, 100])
def test_findings_are_exactly_the_planted_mistakes(slug: str, form: Form, errors: int) -> None:
    size = 400 if form is Form.XLSX else 2_000
    content, truth = made(slug, SampleOrder(size, seed=11, errors=errors, form=form))
    findings, summary = checked(slug, form, content)
    assert as_truth(findings) == truth["errors"]
    assert len(findings) == size * errors // 100
    assert (summary.records, summary.refused) == (size, len(findings))
    assert not summary.fatal


@EVERY_FORM
def test_all_kinds_of_mistakes_come_up(slug: str, form: Form) -> None:
    _, truth = made(slug, SampleOrder(4_000, seed=5, errors=60, form=form))
    codes = Counter(each["code"] for each in truth["errors"])
    expected = (
        {"V001", "V004", "V013", "D001"}
        if slug != "data-match"
        else {"V001", "V004", "X001", "X002", "X003", "D001"}
    )
    assert expected <= set(codes)
    assert {"R001", "R002", "R003", "R004", "V002"} <= set(codes) or form is not Form.FIXED
    fields = {each["field"] for each in truth["errors"]}
    assert len(fields) > 4


@pytest.mark.parametrize(
    ("slug", "form"), [("lump-sum", Form.FIXED), ("data-match", Form.FIXED), ("lump-sum", Form.CSV)]
)
@settings(max_examples=15, deadline=None)
@given(records=st.integers(1, 300), seed=st.integers(0, 2**40), errors=st.floats(0, 100))
def test_truth_holds_for_any_size_and_seed(
    slug: str, form: Form, records: int, seed: int, errors: float
) -> None:
    content, truth = made(slug, SampleOrder(records, seed=seed, errors=errors, form=form))
    findings, summary = checked(slug, form, content)
    assert as_truth(findings) == truth["errors"]
    assert len(findings) == round(records * errors / 100)
    assert summary.records == records


@EVERY_FORM
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(slug: str, form: Form) -> None:
    order = SampleOrder(300, seed=4, errors=5, form=form)
    assert made(slug, order) == made(slug, order)
    assert made(slug, order)[0] != made(slug, replace(order, seed=5))[0]


def test_a_sample_stays_the_same_from_release_to_release() -> None:
    content, _ = made("lump-sum", SampleOrder(1, seed=1))
    ssn, last, first = content[404:413], content[413:433].strip(), content[433:448].strip()
    assert (ssn, last, first) == (b"980010002", b"YATMONT", b"YOLA")


@EVERY_FORM
def test_a_sample_is_known_again_by_its_content(slug: str, form: Form) -> None:
    content, _ = made(slug, SampleOrder(5, form=form))
    assert identify(content[:65536], "x", (slug,)) == Identified(LAYOUTS[slug], form)


@pytest.mark.parametrize("form", [Form.FIXED, Form.CSV, Form.XLSX])
def test_people_of_the_population_are_in_it_and_the_truth_names_their_states(form: Form) -> None:
    content, truth = made("lump-sum", SampleOrder(1_000, seed=2, errors=10, form=form, population=Town()))
    layout, known = LAYOUTS["lump-sum"], {}
    for block in check(layout, io.BytesIO(content), rules=RULES, form=form):
        for rows in block.records.values():
            numbers = rows.column("ssn").tolist()
            for row in np.flatnonzero(rows.accepted).tolist():
                if numbers[row] < b"980":
                    known[int(rows.lines[row])] = ["KS", "NE"][: int(numbers[row]) % 900_000_000 % 3]
    assert [{"line": line, "states": states} for line, states in known.items() if states] == truth["matches"]
    assert 40 < len(truth["matches"]) < 70
    assert not {each["line"] for each in truth["errors"]} & {each["line"] for each in truth["matches"]}


@pytest.mark.parametrize("form", [Form.FIXED, Form.CSV])
def test_the_header_carries_the_identifiers_of_the_organization(form: Form) -> None:
    content, _ = made("lump-sum", SampleOrder(3, form=form, population=Town()))
    _, summary = checked("lump-sum", form, content)
    assert summary.header["sender_fein"] == "005555555"
    assert summary.header["client_fein"] == "006666666"
    assert summary.header["control_number"] == "TOWN-1"


def test_a_match_file_is_about_people_of_the_inquiry_file_only_and_none_of_its_accounts_is_there_twice() -> (
    None
):
    town = Town(size=50, facts={"institution_tin": "003333333", "year_month": "202510"})
    content, truth = made("data-match", SampleOrder(400, seed=3, population=town))
    findings, summary = checked("data-match", Form.FIXED, content)
    assert findings == []
    assert summary.header["institution_tin"] == "003333333"
    assert summary.header["year_month"] == "202510"
    (block,) = [
        each for each in check(LAYOUTS["data-match"], io.BytesIO(content), rules=RULES) if each.records
    ]
    numbers = set(block.records["matched_account"].column("ssn").tolist())
    assert numbers == {f"9{number:08d}".encode() for number in range(50)}
    assert len(truth["matches"]) == sum(number % 50 % 3 > 0 for number in range(400))


def test_a_known_case_is_sometimes_named() -> None:
    content, _ = made("lump-sum", SampleOrder(500, population=Town(), known=100))
    (block,) = [each for each in check(LAYOUTS["lump-sum"], io.BytesIO(content), rules=RULES) if each.records]
    cases = [case for case in block.records["detail"].column("case_id").tolist() if case]
    assert 0 < len(cases) < 300
    assert all(case.startswith(b"KS") for case in cases)


def test_an_empty_population_matches_nobody() -> None:
    assert made("data-match", SampleOrder(5, population=Town(size=0)))[1]["matches"] == []


def test_a_layout_that_nobody_sends_us_has_no_sample() -> None:
    with pytest.raises(KeyError):
        made("lump-sum-result", SampleOrder(1))


def test_strangers_are_all_different_and_never_of_a_registry() -> None:
    numbers = stranger_ssns(Dice(9), np.arange(200_000))
    assert len(np.unique(numbers)) == 200_000
    assert (numbers >= b"980").all()
    assert (numbers < b"999500000").all()
    assert STRANGERS > 9_000_000


def test_names_places_and_amounts_vary() -> None:
    content, _ = made("debt-inquiry", SampleOrder(2_000))
    (block,) = [
        each for each in check(LAYOUTS["debt-inquiry"], io.BytesIO(content), rules=RULES) if each.records
    ]
    rows = block.records["detail"]
    for name, least in {
        "last_name": 500,
        "first_name": 60,
        "city": 40,
        "payment_amount": 1_000,
        "payment_kind": 8,
    }.items():
        assert len(np.unique(rows.column(name))) >= least
    assert all(phone[3:8] == b"55501" for phone in rows.column("phone").tolist() if phone)
