"""The file of the case registry: columns as the domain specification prints them, and rules between them."""

from datetime import date
from typing import Any

import pytest

from schemas.catalog import LAYOUTS
from schemas.layouts.case_registry import CASE_REGISTRY as LAYOUT
from tests.schemas.examples import RULES, checked, found, joined

HEADER = {"state": "KS", "version": "01.00", "creation_date": date(2026, 1, 15), "batch_number": "000007"}
CASE = {"action_type": "A", "case_id": "C1", "case_type": "F", "order_indicator": "Y"}
PERSON = {
    "action_type": "A",
    "case_id": "C1",
    "participant_type": "NP",
    "ssn": "900010001",
    "first_name": "ALEX",
    "last_name": "SAMPLESON",
    "birth_date": date(1980, 2, 29),
}
COLUMNS = {
    "participant_type": (44, 45),
    "family_violence": (46, 47),
    "ssn": (72, 80),
    "last_name": (122, 151),
    "mother_maiden_name": (222, 237),
    "irs_u_ssn": (238, 246),
    "additional_4_last_name": (483, 512),
    "irs_1099": (528, 528),
    "locate_source_1": (529, 531),
    "locate_source_8": (550, 552),
}


def file(*records: tuple[str, dict[str, Any]], **header: Any) -> bytes:
    rows = [LAYOUT[name].render({**(CASE if name == "case" else PERSON), **more}) for name, more in records]
    lines = [LAYOUT.header.render({**HEADER, **header}), *rows]
    return joined([*lines, LAYOUT.trailer.render({"record_count": len(rows)})])


def test_columns_are_those_of_the_specification() -> None:
    person = LAYOUT["person"]
    assert {name: (person[name].first, person[name].last) for name in COLUMNS} == COLUMNS
    assert (LAYOUT["case"]["previous_case_id"].first, LAYOUT["case"].length) == (41, 640)
    assert (LAYOUT.header.shortest, LAYOUT.trailer.shortest) == (23, 10)


def test_trailing_spaces_may_be_left_out() -> None:
    whole = file(("case", {}), ("person", {}))
    short = b"\n".join(line.rstrip() for line in whole.split(b"\n"))
    assert len(short) < 400
    for content in (whole, short):
        findings, summary = checked("case-registry", content)
        assert (findings, summary.accepted) == ([], 2)


@pytest.mark.parametrize(
    ("record", "values", "field", "code"),
    [
        ("case", {"case_type": None}, "case_type", "X001"),
        ("case", {"case_id": "00000"}, "case_id", "V030"),
        ("case", {"case_id": "A*1"}, "case_id", "V025"),
        ("case", {"previous_case_id": "C0"}, "previous_case_id", "X006"),
        ("case", {"action_type": "C", "previous_case_id": "C1"}, "previous_case_id", "X022"),
        ("person", {"participant_type": None}, "participant_type", "X001"),
        ("person", {"action_type": "L"}, "locate_request_type", "X001"),
        ("person", {"new_member_id": "M2"}, "new_member_id", "X006"),
        ("person", {"locate_source_1": "ALL", "locate_source_2": "H97"}, "locate_source_2", "X006"),
        ("person", {"locate_source_1": "H97", "locate_source_2": "ALL"}, "locate_source_2", "V009"),
        ("person", {"mother_middle_initial": "#"}, "mother_middle_initial", "V013"),
    ],
)
def test_what_fields_ask_of_each_other(record: str, values: dict[str, Any], field: str, code: str) -> None:
    findings, summary = checked("case-registry", file(("case", {"case_id": "C9"}), (record, values)))
    assert found(findings) == [(3, field, code)]
    assert (summary.accepted, summary.fatal) == (1, False)


def test_a_file_names_the_agency_that_sends_it() -> None:
    content = file(("case", {}))
    for mine, code in (({"KS"}, []), ({"NE"}, ["H022"]), ({""}, ["H022"])):
        rules = type(RULES)(today=RULES.today, synthetic=True, jurisdictions=frozenset(mine))
        findings, _ = checked("case-registry", content, rules)
        assert [one.code for one in findings] == code


@pytest.mark.parametrize("slug", ["case-registry-ack", "locate-response"])
def test_answers_hold_what_they_echo(slug: str) -> None:
    layout = LAYOUTS[slug]
    for record in layout.details:
        values = {name: "X" * field.width for name, field in record.by_name.items() if name == "user_field"}
        assert record.parse(record.render(values)).get("user_field", "") == values.get("user_field", "")
    assert layout["person" if slug.endswith("ack") else "answer"].length == layout.length
