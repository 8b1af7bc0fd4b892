"""Workbooks with the mistakes people make, each with a clear finding; templates that prevent some."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.datavalidation import DataValidation

from schemas import sheet_faults, workbook
from schemas.catalog import LAYOUTS
from schemas.checking import Summary, check, run
from schemas.findings import Finding
from schemas.headings import detail_columns
from schemas.kinds import Amount, Code, Date8, Fein, Ssn, Zip
from schemas.record import Form
from schemas.tabular import from_cell, template
from schemas.workbook_template import choices_of
from tests.schemas.examples import RULES

HEADINGS = ["SSN", "Last name", "First name", "Payment kind", "Expected payment date", "Payment amount"]
TWINS = [slug for slug, layout in LAYOUTS.items() if layout.twin]
RULES_SENT = replace(RULES, senders=frozenset({"001234567"}), clients=frozenset({"001234567"}))


def row(number: int) -> list[Any]:
    return [f"900-01-{number:04d}", "O'Neil", "Alex", "bonus", date(2026, 2, 1), 1250.5]


def book(change: Callable[[Any], None], rows: int = 3) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for cells in (HEADINGS, *(row(number) for number in range(1, rows + 1))):
        sheet.append(cells)
    change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr(name, b"\xd0\xcf\x11\xe0 whatever it is")
    return out.getvalue()


def checked(content: bytes) -> tuple[list[Finding], Summary]:
    return run(check(LAYOUTS["lump-sum"], io.BytesIO(content), rules=RULES_SENT, form=Form.XLSX))


def told(findings: list[Finding]) -> list[tuple[int, str, str, str]]:
    return [(each.line, each.columns, each.field, each.code) for each in findings]


def put(cell: str, value: object) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        made.worksheets[0][cell] = value

    return change


def merge(cells: str) -> Callable[[Any], None]:
    return lambda made: made.worksheets[0].merge_cells(cells)


def date_as_number(made: Any) -> None:
    made.worksheets[0]["E3"] = 46054
    made.worksheets[0]["E3"].number_format = "General"


MISTAKES: dict[str, tuple[Callable[[Any], None], list[tuple[int, str, str, str]]]] = {
    "a formula": (put("F3", "=1250+0.5"), [(3, "6", "payment_amount", "V028")]),
    "a formula in a date": (put("E2", "=TODAY()"), [(2, "5", "payment_date", "V028")]),
    "a formula that calls another program": (
        put("B4", "=cmd|'/C calc'!A0"),
        [(4, "2", "last_name", "V028")],
    ),
    "merged cells of a row": (merge("B3:C3"), [(3, "", "", "R006")]),
    "merged cells of two rows": (merge("A2:A3"), [(2, "", "", "R006"), (3, "", "", "R006")]),
    "a date that lost its format": (date_as_number, [(3, "5", "payment_date", "V029")]),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_each_mistake_refuses_its_rows_and_says_why(case: str) -> None:
    change, expected = MISTAKES[case]
    findings, summary = checked(book(change))
    assert told(findings) == expected
    assert (summary.accepted, summary.fatal) == (3 - len({line for line, *_ in expected}), False)


def test_a_formula_under_no_heading_or_in_another_sheet_does_no_harm() -> None:
    def elsewhere(made: Any) -> None:
        made.create_sheet("Sums")["A2"] = "=Records!F2"
        made.worksheets[1].merge_cells("A1:B9")

    assert checked(book(elsewhere))[0] == []


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml"])
def test_macros_refuse_the_workbook_unopened(part: str) -> None:
    findings, summary = checked(with_part(book(put("A1", "SSN")), part))
    assert told(findings) == [(0, "", "", "F014")]
    assert summary.fatal


@pytest.mark.parametrize("part", ["xl/externalLinks/externalLink1.bin", "xl/connections.xml.bin"])
def test_links_to_other_files_are_remarked_and_not_followed(part: str) -> None:
    findings, summary = checked(with_part(book(put("A1", "SSN")), part))
    assert told(findings) == [(0, "", "", "F015")]
    assert (summary.accepted, summary.fatal) == (3, False)


def test_rows_and_cells_that_do_not_say_where_they_stand_are_counted() -> None:
    faults = sheet_faults.SheetFaults()
    for number in range(1, 4):
        faults.row({})
        faults.cell({})
        faults.cell({})
        if number > 1:
            faults.formula()
    assert [faults.formulas_of(number) for number in (1, 2, 3, 4)] == [[], [2], [2], []]


@pytest.mark.parametrize(
    ("limit", "change"), [("MOST_FORMULAS", put("F3", "=1")), ("MOST_MERGED", merge("B3:C3"))]
)
def test_more_of_them_than_may_be_kept_refuse_the_workbook(
    limit: str, change: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, limit, 0)
    assert [each.code for each in checked(book(change))[0]] == ["F008"]


def test_many_merged_ranges_are_looked_up_as_one_by_one() -> None:
    ranges = [(5, 9), (7, 12), (2, 2), (30, 31), (12, 12), (40, 40)]
    faults = sheet_faults.SheetFaults()
    for first, last in ranges:
        faults.merge({"ref": f"A{first}:B{last}"})
    naive = {number for first, last in ranges for number in range(first, last + 1)}
    assert {number for number in range(60) if faults.is_merged(number)} == naive


def validations(slug: str) -> tuple[Any, dict[str, DataValidation]]:
    made = openpyxl.load_workbook(io.BytesIO(template(LAYOUTS[slug], Form.XLSX)))
    rules = made.worksheets[0].data_validations.dataValidation
    return made, {str(rule.sqref).split("2:", 1)[0]: rule for rule in rules}


@pytest.mark.parametrize("slug", TWINS)
def test_every_column_of_a_template_checks_what_is_typed(slug: str) -> None:
    made, rules = validations(slug)
    sheet = made.worksheets[0]
    for place, field in enumerate(detail_columns(LAYOUTS[slug]), start=1):
        letter = openpyxl.utils.get_column_letter(place)
        rule, shown = rules[letter], sheet.column_dimensions[letter].number_format
        assert rule.allowBlank is not field.required
        if isinstance(field.kind, Code):
            assert rule.type == "list"
            assert shown == "@"
        elif isinstance(field.kind, Date8):
            assert (rule.type, shown) == ("date", "mm/dd/yyyy")
        elif isinstance(field.kind, Amount):
            assert (rule.type, shown) in {("decimal", "#,##0.00"), ("decimal", "#,##0")}
        else:
            assert (rule.type, shown) == ("textLength", "@")
            known = isinstance(field.kind, Ssn | Fein | Zip)
            assert known or int(rule.formula2 or 0) >= field.width


@pytest.mark.parametrize("slug", TWINS)
def test_every_choice_of_a_template_is_taken_as_a_code(slug: str) -> None:
    made, rules = validations(slug)
    for place, field in enumerate(detail_columns(LAYOUTS[slug]), start=1):
        if not isinstance(field.kind, Code):
            continue
        offered = choices_of(field.kind)
        assert len({from_cell(field, text) for text in offered} & set(field.kind.table)) == len(
            field.kind.table
        )
        cells = made["Lists"].iter_rows(min_col=place, max_col=place, max_row=len(offered), values_only=True)
        assert tuple(cell for (cell,) in cells) == offered
        letter = openpyxl.utils.get_column_letter(place)
        assert rules[letter].formula1 == f"Lists!${letter}$1:${letter}${len(offered)}"


def test_a_filled_in_template_is_taken_with_its_zeros() -> None:
    layout = LAYOUTS["debt-inquiry"]
    made = openpyxl.load_workbook(io.BytesIO(template(layout, Form.XLSX)))
    sheet = made.worksheets[0]
    typed: dict[str, Any] = {
        "ssn": "001234567",
        "last_name": "Vale",
        "first_name": "Ada",
        "payment_kind": "bonus",
        "payment_date": date(2026, 2, 1),
        "payment_amount": 10,
        "zip": "01234",
    }
    for place, field in enumerate(detail_columns(layout), start=1):
        sheet.cell(2, place, typed.get(field.name))
    out = io.BytesIO()
    made.save(out)
    rules = replace(RULES_SENT, synthetic=False)
    blocks = list(check(layout, io.BytesIO(out.getvalue()), rules=rules, form=Form.XLSX))
    assert [each for block in blocks for each in block.findings] == []
    (rows,) = [block.records["detail"] for block in blocks if block.records]
    assert [rows.column(name).tolist() for name in ("ssn", "zip")] == [[b"001234567"], [b"01234"]]
