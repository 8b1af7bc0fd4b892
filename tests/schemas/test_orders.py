"""Income withholding orders: columns, batches inside a file, edits of file, batch and record, and samples."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalog import LAYOUTS, Identified, identify
from schemas.checking import check
from schemas.codes import CODES, Effect
from schemas.describe import as_text, tables
from schemas.findings import Finding
from schemas.kinds import Literal
from schemas.layouts.income_withholding import AMOUNTS
from schemas.record import Envelope, Form, Layout, LayoutMistakeError, Record
from schemas.sample import SampleOrder, sample
from schemas.sample_orders import Batches
from tests.schemas import order_columns
from tests.schemas.examples import RULES, checked, found, joined
from tests.schemas.order_columns import Printed
from tests.schemas.orders import ACKS, ORDER, ORDERS, batch, file_of, overwritten, two_batches

NESTED = (
    "income-withholding",
    "income-withholding-ack",
    "income-withholding-result",
    "income-withholding-ack-result",
)
TABLES = {
    "file_header": order_columns.HEADER,
    "header": order_columns.HEADER,
    "trailer": order_columns.TRAILER,
    "file_trailer": order_columns.TRAILER,
}
MARKS = {
    "income-withholding": ["FHI", "BHI", "DTL", "BTI", "FTI"],
    "income-withholding-ack": ["FHA", "BHA", "ACK", "BTA", "FTA"],
    "income-withholding-result": ["FHS", "BHS", "DTL", "BTS", "FTS"],
    "income-withholding-ack-result": ["FHK", "BHK", "ACK", "BTK", "FTK"],
}


def printed(record: Record) -> list[Printed]:
    return [
        Printed(f"{each.first}-{each.last}", each.width, each.name, each.evidence.value)
        for each in record.fields
    ]


@pytest.mark.parametrize("slug", NESTED)
def test_every_column_of_headers_and_trailers_stands_where_the_specification_prints_it(slug: str) -> None:
    layout = LAYOUTS[slug]
    assert [record.mark for record in layout.records] == MARKS[slug]
    for name, table in TABLES.items():
        assert printed(layout[name]) == list(table)


def test_every_column_of_an_order_and_an_acknowledgement_stands_where_the_specification_prints_it() -> None:
    assert len(order_columns.ORDER) == 116
    assert printed(ORDERS["detail"]) == list(order_columns.ORDER)
    assert len(order_columns.ACKNOWLEDGEMENT) == 38
    for slug in ("income-withholding-ack", "income-withholding-ack-result"):
        assert printed(LAYOUTS[slug]["detail"]) == list(order_columns.ACKNOWLEDGEMENT)


def test_a_result_repeats_the_order_and_adds_the_errors_behind_it() -> None:
    result = printed(LAYOUTS["income-withholding-result"]["detail"])
    assert result[:-3] == list(order_columns.ORDER)
    assert result[-3:] == [
        Printed("2243-2274", 32, "first_error_field_name", "L"),
        Printed("2275-2306", 32, "second_error_field_name", "L"),
        Printed("2307-2307", 1, "multiple_error_indicator", "L"),
    ]


def test_a_description_says_what_goes_with_what() -> None:
    lines = {line.name: line.rule for table in tables(ACKS) for line in table.fields}
    assert lines["disposition_reason"].endswith(
        "; with A: blank, B, S, W; with R: B, S, W, M, N, O, U, X, D, Z (TRM only);"
        " with L: blank; with S: blank; with T: blank"
    )
    assert lines["document_tracking_number"].endswith("; required with A, R")
    assert lines["termination_date"].endswith("; required with R N, T")
    rules = {line.name: line.rule for table in tables(ORDERS) for line in table.fields}
    assert rules["lump_sum_amount"].endswith("; above zero where Action code is LUM")
    assert rules["total_amount"].endswith("; the sum of the 7 amounts (inferred: a remark)")
    assert rules["ein"].endswith("; as in the header (inferred: a remark)")
    explained = "; filled where the amount is above zero (inferred: a remark)"
    assert rules["other_obligation_description"].endswith(explained)


def test_what_is_from_memory_is_never_shown_as_official() -> None:
    text = as_text(ORDERS)
    assert "M monthly, W weekly (from memory, not verified)" in text
    assert "stand between those of the file" in text
    (file_header, *_) = tables(ORDERS)
    assert {line.name: line.required for line in file_header.fields}["ein"] == "blank"
    assert all(line.source for table in tables(ORDERS) for line in table.fields)


@pytest.mark.parametrize("layout", [ORDERS, ACKS], ids=lambda layout: layout.slug)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_good_file_has_no_findings_and_its_batches_are_groups(layout: Layout, end: bytes) -> None:
    findings, summary = checked(layout, joined(two_batches(layout), end))
    assert findings == []
    assert [(group.line, group.records, group.accepted) for group in summary.groups] == [(2, 2, 2), (6, 1, 1)]
    assert (summary.records, summary.accepted, summary.fatal) == (3, 3, False)
    assert summary.header["state_fips"] == "20000"
    assert summary.file.trailer["batch_count"] == 2


def without(*numbers: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [line for number, line in enumerate(lines, start=1) if number not in numbers]


def changed(number: int, record: str, **texts: str) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        lines[number - 1] = overwritten(lines[number - 1], ORDERS[record], **texts)
        return lines

    return change


def put(number: int, line: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [*lines[: number - 1], line, *lines[number - 1 :]]


def again(number: int, before: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [*lines[: before - 1], lines[number - 1], *lines[before - 1 :]]


REFUSED_FILES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], list[tuple[int, str, str]]]] = {
    "file trailer with another control number": (
        changed(9, "file_trailer", control_number="OTHER"),
        [(9, "control_number", "H005")],
    ),
    "wrong number of batches": (
        changed(9, "file_trailer", batch_count="00003"),
        [(9, "batch_count", "H019")],
    ),
    "batch trailer with another control number": (
        changed(5, "trailer", control_number="OTHER"),
        [(5, "control_number", "H005")],
    ),
    "wrong number of records": (changed(8, "trailer", record_count="00002"), [(8, "record_count", "H004")]),
    "a batch without records": (
        lambda lines: changed(7, "trailer", record_count="00000")(without(7)(lines)),
        [(7, "", "H007")],
    ),
    "unknown document code in a batch": (
        put(4, b"XYZ"),
        [(4, "", "F013"), (6, "record_count", "H004")],
    ),
    "unknown document code between batches": (put(6, b"DTX"), [(6, "", "F013")]),
    "unknown document code and an order between batches": (
        lambda lines: put(6, b"DTX")(again(7, 6)(lines)),
        [(6, "", "F013"), (7, "", "H015")],
    ),
    "unknown document code at the end": (put(10, b"???"), [(10, "", "F013")]),
    "a record of another document": (
        put(4, b"ACK"),
        [(4, "", "F013"), (6, "record_count", "H004")],
    ),
    "no file header": (without(1), [(1, "", "H001")]),
    "no frame of the file": (without(1, 9), [(1, "", "H001"), (7, "", "H002")]),
    "no file trailer": (without(9), [(8, "", "H002")]),
    "no batch trailer before another batch": (without(5), [(5, "", "H002")]),
    "no batch trailer at the end": (without(8), [(8, "", "H002")]),
    "no batch header": (without(2), [(2, "", "H015"), (4, "", "H015"), (8, "batch_count", "H019")]),
    "file header twice": (again(1, 2), [(2, "", "H003")]),
    "file header in a batch": (
        again(1, 4),
        [(4, "", "H002"), (4, "", "H003"), (5, "", "H015"), (6, "", "H015")],
    ),
    "file trailer twice": (again(9, 10), [(10, "", "H015")]),
    "an order between batches": (again(7, 6), [(6, "", "H015")]),
    "an order behind the file": (again(7, 10), [(10, "", "H015")]),
    "a batch behind the file": (
        lambda lines: [*lines, *batch(ORDERS, 3, {"document_tracking_number": "TRACK9"})],
        [(10, "", "H015")],
    ),
    "no batches": (
        lambda lines: changed(2, "file_trailer", batch_count="00000")(without(*range(2, 9))(lines)),
        [(2, "", "H007")],
    ),
    "an order first of all": (without(1, 2), [(1, "", "H001")]),
    "two batches of one number": (
        lambda lines: file_of(ORDERS, lines[1:5], batch(ORDERS, 1, {})),
        [(6, "control_number", "H018")],
    ),
    "an employer in the file header": (changed(1, "file_header", ein="001234567"), [(1, "ein", "V002")]),
    "a payroll processor in the file header": (
        changed(1, "file_header", primary_ein="001234567"),
        [(1, "primary_ein", "V002")],
    ),
    "a batch of no employer": (changed(6, "header", ein=""), [(6, "ein", "V001")]),
    "a batch of no number": (
        changed(6, "header", control_number=""),
        [(6, "control_number", "V001")],
    ),
    "a date that is none": (changed(6, "header", creation_date="20260231"), [(6, "creation_date", "V008")]),
    "an error named on the way in": (
        changed(2, "header", error_field_name="EIN"),
        [(2, "error_field_name", "V002")],
    ),
}


@pytest.mark.parametrize("case", REFUSED_FILES)
def test_a_fault_of_the_file_or_of_a_batch_refuses_the_whole_file(case: str) -> None:
    change, expected = REFUSED_FILES[case]
    findings, summary = checked(ORDERS, joined(change(two_batches())))
    assert [each for each in found(findings) if each[2] != "D001"] == expected
    assert summary.fatal


def test_an_unknown_code_refuses_the_file_also_when_no_more_findings_are_listed() -> None:
    content = joined(changed(9, "trailer", record_count="00002")(put(7, b"XYZ")(two_batches())))
    findings, summary = checked(ORDERS, content, replace(RULES, limit=0))
    assert ([each.code for each in findings], summary.findings, summary.fatal) == (["F099"], 1, True)


@pytest.mark.parametrize("before", [1, 2, 4])
def test_a_file_that_does_not_begin_with_its_header_is_told_what_it_begins_with(before: int) -> None:
    findings, _ = checked(ORDERS, joined(two_batches()[before:]))
    (told,) = [each for each in findings if each.code == "H001"]
    assert told.line == 1
    assert told.message.endswith("It begins with FHI.")


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    findings, summary = checked(ORDERS, content)
    assert "F001" in {each.code for each in findings}
    assert summary.fatal


def test_a_file_that_comes_in_drops_is_checked_all_the_same() -> None:
    class Dripping(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return super().read(90)

    checking = check(ORDERS, Dripping(joined(two_batches())), rules=RULES)
    assert [each for block in checking for each in block.findings] == []
    assert [group.records for group in checking.summary.groups] == [2, 1]


RECORD_EDITS: dict[str, tuple[dict[str, str], str, str]] = {
    "no action": ({"action_code": ""}, "action_code", "V001"),
    "unknown action": ({"action_code": "NEW"}, "action_code", "V009"),
    "no date of the calendar": ({"document_date": "20260230"}, "document_date", "V008"),
    "no state": ({"issuing_state_name": ""}, "issuing_state_name", "V001"),
    "state begins with a space": ({"issuing_state_name": " KANSAS"}, "issuing_state_name", "V014"),
    "no case": ({"case_id": ""}, "case_id", "V001"),
    "case begins with a space": ({"case_id": " KS1"}, "case_id", "V014"),
    "case with a backslash": ({"case_id": "KS\\1"}, "case_id", "V025"),
    "case with an asterisk": ({"case_id": "*KS1"}, "case_id", "V025"),
    "employer begins with a sign": ({"employer_name": "(THE) MILLS"}, "employer_name", "V026"),
    "EIN with a letter": ({"ein": "00123456X"}, "ein", "V012"),
    "a name with a sign": ({"employee_last_name": "SAMPLE#SON"}, "employee_last_name", "V013"),
    "a name beginning with a sign": ({"employee_first_name": "-ALEX"}, "employee_first_name", "V013"),
    "SSN with a letter": ({"employee_ssn": "90001000X"}, "employee_ssn", "V004"),
    "a birth date to come": ({"employee_birth_date": "20270101"}, "employee_birth_date", "V020"),
    "an amount with a point": ({"weekly_deduction": "00000012.50"}, "weekly_deduction", "V007"),
    "a blank amount": ({"past_due_spousal_amount": ""}, "past_due_spousal_amount", "V001"),
    "a frequency that is no letter": ({"total_frequency": "1"}, "total_frequency", "V009"),
    "neither yes nor no": ({"arrears_over_12_weeks": "X"}, "arrears_over_12_weeks", "V009"),
    "another word than RECEIPT": ({"withholding_start": "AT ONCE"}, "withholding_start", "V027"),
    "no start of the calendar": ({"withholding_start": "20260231"}, "withholding_start", "V027"),
    "no lump sum": ({"action_code": "LUM"}, "lump_sum_amount", "X001"),
    "no tracking number": ({"document_tracking_number": ""}, "document_tracking_number", "V001"),
    "no such state": ({"payee_state": "ZZ"}, "payee_state", "V010"),
}


@pytest.mark.parametrize("case", RECORD_EDITS)
def test_a_fault_of_a_record_refuses_that_record_only(case: str) -> None:
    texts, field, code = RECORD_EDITS[case]
    lines = two_batches()
    lines[3] = overwritten(lines[3], ORDERS["detail"], **texts)
    findings, summary = checked(ORDERS, joined(lines))
    assert found(findings) == [(4, field, code)]
    assert (summary.records, summary.accepted, summary.fatal) == (3, 2, False)


def test_something_in_the_filler_refuses_the_record() -> None:
    lines = two_batches()
    lines[2] = lines[2][:3] + b"X" + lines[2][4:]
    findings, summary = checked(ORDERS, joined(lines))
    assert found(findings) == [(3, "filler", "V002")]
    assert summary.accepted == 2


def test_the_same_order_twice_is_told_in_one_batch_and_not_in_two() -> None:
    findings, _ = checked(ORDERS, joined(file_of(ORDERS, batch(ORDERS, 1, {}, {}), batch(ORDERS, 2, {}))))
    assert found(findings) == [(4, "document_tracking_number", "D001")]


REMARKS: dict[str, tuple[dict[str, str], str, str]] = {
    "another sum": ({"total_amount": "00000050001"}, "total_amount", "X010"),
    "an amount that nothing explains": (
        {"other_obligation_amount": "00000000100", "total_amount": "00000050100"},
        "other_obligation_description",
        "X011",
    ),
    "a letter nobody told us of": ({"current_support_frequency": "Z"}, "current_support_frequency", "X012"),
    "another employer than the batch": ({"ein": "007654321"}, "ein", "X013"),
}


@pytest.mark.parametrize("case", REMARKS)
def test_what_is_only_inferred_is_a_remark_and_refuses_nothing(case: str) -> None:
    texts, field, code = REMARKS[case]
    lines = two_batches()
    lines[3] = overwritten(lines[3], ORDERS["detail"], **texts)
    findings, summary = checked(ORDERS, joined(lines))
    assert found(findings) == [(4, field, code)]
    assert CODES[code].effect is Effect.NOTE
    assert (summary.accepted, summary.fatal) == (3, False)


def test_a_remark_of_a_letter_says_that_the_list_is_not_official() -> None:
    lines = file_of(ORDERS, batch(ORDERS, 1, {"total_frequency": "Z"}))
    ((remark,), _) = checked(ORDERS, joined(lines))
    assert "not from an official list" in remark.message
    assert "weekly (from memory, not verified)" in remark.message


@pytest.mark.parametrize(
    "changes",
    [
        {"withholding_start": "20260201"},
        {"withholding_start": None},
        {"action_code": "LUM", "lump_sum_amount": 1},
        {"total_amount": 70_000, "past_due_support_amount": 20_000, "past_due_support_frequency": "W"},
        {"total_amount": 7 * 9_999, **dict.fromkeys(AMOUNTS, 9_999), "other_obligation_description": "FEE"},
        {"employee_last_name": "O'SAMPLE-SON JR.", "obligee_last_name": "DEPT. OF FAMILIES #2"},
    ],
    ids=range(6),
)
def test_what_is_allowed_has_no_finding(changes: dict[str, Any]) -> None:
    findings, summary = checked(ORDERS, joined(file_of(ORDERS, batch(ORDERS, 1, changes))))
    assert (findings, summary.accepted) == ([], 1)


def made(slug: str, records: int, **order: Any) -> tuple[bytes, list[dict[str, Any]]]:
    out = io.BytesIO()
    truth = sample(LAYOUTS[slug], SampleOrder(records, **order), out)
    assert truth["matches"] == []
    return out.getvalue(), truth["errors"]


def as_truth(findings: list[Finding]) -> list[dict[str, Any]]:
    return [{"line": each.line, "field": each.field, "code": each.code} for each in findings]


@pytest.mark.parametrize("slug", NESTED[:2])
@settings(max_examples=12, deadline=None)
@given(records=st.integers(1, 300), seed=st.integers(0, 2**40), errors=st.floats(0, 100))
def test_findings_of_a_sample_are_exactly_the_planted_mistakes(
    slug: str, records: int, seed: int, errors: float
) -> None:
    content, truth = made(slug, records, seed=seed, errors=errors)
    findings, summary = checked(slug, content)
    assert as_truth(findings) == truth
    assert len(truth) == round(records * errors / 100)
    assert (summary.records, summary.refused, summary.fatal) == (records, len(truth), False)
    assert len(summary.groups) == Batches(records).count


@pytest.mark.parametrize("slug", NESTED[:2])
def test_all_kinds_of_mistakes_come_up_in_a_sample(slug: str) -> None:
    _, truth = made(slug, 6_000, seed=3, errors=80)
    codes = {each["code"] for each in truth}
    own = {"X014", "X015"} if slug.endswith("ack") else {"V026", "V027", "V007"}
    assert codes >= {"V001", "V002", "V004", "V009", "V013", "V025", "X001", "D001", "R002", "R003"} | own


@pytest.mark.parametrize("slug", NESTED[:2])
def test_a_good_sample_has_several_batches_and_writes_back_to_the_same_bytes(slug: str) -> None:
    content, _ = made(slug, 40, seed=9)
    layout = LAYOUTS[slug]
    by_mark = {record.mark.encode(): record for record in layout.records}
    lines = content.splitlines()
    assert sum(line.startswith(layout.header.mark.encode()) for line in lines) == 5
    again = [by_mark[line[:3]].render(by_mark[line[:3]].parse(line)) for line in lines]
    assert joined(again) == content
    assert identify(content, "x", NESTED) == Identified(layout, Form.FIXED)
    assert content != made(slug, 40, seed=10)[0]


def test_a_sample_of_more_records_than_a_count_can_say_leaves_that_count_away() -> None:
    content, _ = made("income-withholding-ack", 100_000)
    findings, summary = checked(ACKS, content)
    assert (findings, summary.accepted, len(summary.groups)) == ([], 100_000, 200)
    assert "record_count" not in {k for k, value in summary.file.trailer.items() if value is not None}


@pytest.mark.parametrize("slug", NESTED[2:])
def test_a_result_takes_what_was_wrong_and_names_the_field(slug: str) -> None:
    layout, sent = LAYOUTS[slug], ORDERS if slug == "income-withholding-result" else ACKS
    assert layout.outer is not None
    head = {"control_number": "1", "error_field_name": "EIN"}
    width = sent["detail"].length
    line = overwritten(two_batches(sent)[2], sent["detail"], case_id=" *bad")
    answer = bytearray(line.ljust(layout["detail"].length)[:width].ljust(layout["detail"].length))
    whole = overwritten(bytes(answer), layout["detail"], first_error_field_name="CASE ID")
    lines = [
        layout.outer.header.render(head),
        layout.header.render(head),
        whole,
        layout.trailer.render({"control_number": "1", "record_count": 1, "employer_sent_count": 1}),
        layout.outer.trailer.render({"control_number": "1", "batch_count": 1}),
    ]
    assert [line[2:3] for line in lines[:2]] == [b"S" if sent is ORDERS else b"K"] * 2
    findings, summary = checked(layout, joined(lines))
    assert (findings, summary.accepted) == ([], 1)
    assert layout["detail"].parse(whole)["first_error_field_name"] == "CASE ID"
    with pytest.raises(KeyError):
        made(slug, 1)


def test_a_file_of_orders_is_told_from_one_of_acknowledgements() -> None:
    assert identify(joined(two_batches()), "x", NESTED[:2]) == Identified(ORDERS, Form.FIXED)
    assert identify(joined(two_batches(ACKS)), "x", NESTED[:2]) == Identified(ACKS, Form.FIXED)
    strange = identify(joined(two_batches()), "x", ("income-withholding-ack",))
    assert isinstance(strange, Finding)
    assert "begins with FHA" in strange.message
    assert "looks like: Income withholding orders" in strange.message


@pytest.mark.parametrize("rule", [{"count": "batches"}, {"same": ("number",)}, {"unlike": "number"}])
def test_an_envelope_that_speaks_of_fields_that_are_not_there_is_refused_at_import(
    rule: dict[str, Any],
) -> None:
    assert ORDERS.outer is not None
    outer = Envelope(ORDERS.outer.header, ORDERS.outer.trailer, **rule)
    with pytest.raises(LayoutMistakeError):
        replace(ORDERS, outer=outer)


def test_the_example_order_says_what_it_says() -> None:
    line = two_batches()[2]
    assert len(line) == 2242
    assert line[87:99] == b"KS0000000001"
    assert line[305:314] == b"900010001"
    assert line[448:459] == b"00000050000"
    assert line[661:669] == b"RECEIPT "
    assert {name: ORDERS["detail"].parse(line)[name] for name in ORDER} == ORDER
    assert isinstance(ORDERS["detail"].fields[0].kind, Literal)
