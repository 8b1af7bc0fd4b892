"""Tables: the same checks as for fixed-width files, by row and column; hostile workbooks are refused."""

import csv
import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, BinaryIO, cast

import openpyxl
import pytest

from schemas import workbook
from schemas.catalog import LAYOUTS, identify
from schemas.checking import CheckRules, Summary, check, run
from schemas.findings import Finding
from schemas.headings import detail_columns
from schemas.record import Form
from schemas.tabular import template
from schemas.workbook import write_rows
from tests.schemas.examples import RULES, found

HEADINGS = ["SSN", "Last name", "First name", "Payment kind", "Expected payment date", "Payment amount"]
GOOD = ["900-01-0001", "O'Neil", "Alex", "bonus", "2/1/2026", "$1,250.50"]
SENT = replace(
    RULES,
    senders=frozenset({"001234567"}),
    clients=frozenset({"001234567", "007654321"}),
    now=datetime(2026, 1, 20, 9, 30, tzinfo=UTC),
    control_number="CSV-1",
)


def as_csv(*rows: list[str], headings: list[str] | None = None, delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(headings or HEADINGS)
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(*rows: list[Any], headings: list[str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (headings or HEADINGS, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def checked(content: bytes, form: Form = Form.CSV, rules: CheckRules = SENT) -> tuple[list[Finding], Summary]:
    return run(check(LAYOUTS["lump-sum"], io.BytesIO(content), rules=rules, form=form))


def records(content: bytes, form: Form = Form.CSV, rules: CheckRules = SENT) -> list[dict[str, Any]]:
    blocks = check(LAYOUTS["lump-sum"], io.BytesIO(content), rules=rules, form=form)
    details = (block.records["detail"] for block in blocks if "detail" in block.records)
    return [rows.values(row) for rows in details for row in range(len(rows))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_people_type_in_a_table_becomes_records(delimiter: str) -> None:
    (record,) = records(as_csv(GOOD, delimiter=delimiter))
    assert {name: value for name, value in record.items() if value is not None} == {
        "record_id": "LSD",
        "ssn": "900010001",
        "last_name": "O'NEIL",
        "first_name": "ALEX",
        "payment_kind": "B",
        "payment_date": date(2026, 2, 1),
        "payment_amount": 125050,
    }


def test_a_workbook_says_the_same_as_text_with_its_own_kinds_of_cells() -> None:
    typed = [900010001, "O'Neil", "Alex", "B", datetime(2026, 2, 1), 1250.5]  # noqa: DTZ001 - as openpyxl has it
    assert records(as_xlsx(typed), Form.XLSX) == records(as_csv(GOOD))


@pytest.mark.parametrize(
    ("place", "typed"),
    [
        (3, "Bonus"),
        (4, "Feb 1, 2026"),
        (4, "February 1 2026"),
        (4, "1-Feb-2026"),
        (4, "1 FEB. 2026"),
        (5, "1250.50"),
        (5, "$ 1,250.5"),
    ],
)
def test_the_same_is_typed_in_many_ways(place: int, typed: str) -> None:
    assert records(as_csv([*GOOD[:place], typed, *GOOD[place + 1 :]])) == records(as_csv(GOOD))


def test_words_about_a_cell_are_those_of_tables() -> None:
    findings, _ = checked(as_csv([*GOOD[:4], "soon", "a lot"]))
    assert [each.message for each in findings] == [
        "Expected payment date: write a date of the calendar, such as 12/15/2026.",
        "Payment amount: write dollars and cents, such as 1,250.50.",
    ]


OTHER = ["Soc. Sec. No.", "Surname", "Given name", "Type", "Pay date", "Gross amount"]


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
def test_a_list_of_a_payroll_program_is_read_as_it_is(form: Form) -> None:
    """With headings of its own, a title above them, and a total below."""
    rows = [["", "Bonus list, Topeka, 2026"], [], OTHER, GOOD, ["Grand total:", "", "", "", "", "1250.50"]]
    content = (
        as_csv(*rows[1:], headings=rows[0]) if form is Form.CSV else as_xlsx(*rows[1:], headings=rows[0])
    )
    identified = identify(content, "x", ("debt-inquiry", "lump-sum"))
    assert not isinstance(identified, Finding)
    findings, summary = checked(content, form)
    assert [(each.line, each.code) for each in findings] == [(1, "F016"), (5, "R007")]
    assert (summary.records, summary.accepted, summary.fatal) == (1, 1, False)
    assert records(content, form) == records(as_csv(GOOD))


def test_somebody_whose_name_is_total_is_reported() -> None:
    _, summary = checked(as_csv(["900-01-0001", "Total", *GOOD[2:]], ["", "Total", "", "", "", ""]))
    assert (summary.records, summary.accepted) == (1, 1)


def test_a_table_of_nothing_but_totals_is_empty() -> None:
    findings, summary = checked(as_csv(["Total", "", "", "", "", "5"]))
    assert [each.code for each in findings] == ["R007", "H007"]
    assert summary.fatal


def test_rows_above_headings_that_nobody_finds_are_not_searched() -> None:
    findings, summary = checked(as_csv(*[["", "x"]] * 10, HEADINGS, GOOD, headings=["a title"]))
    assert findings[-1].code == "F009"
    assert summary.fatal


def test_the_header_is_made_from_the_rules() -> None:
    findings, summary = checked(as_csv(GOOD))
    assert findings == []
    assert summary.header == {
        "record_id": "LSH",
        "control_number": "CSV-1",
        "sender_fein": "001234567",
        "client_fein": "001234567",
        "creation_date": date(2026, 1, 20),
        "creation_time": time(9, 30),
        "test_flag": "T",
    }


def test_facts_of_the_header_may_stand_in_columns() -> None:
    headings = [*HEADINGS, "client_fein", "Control number"]
    _, summary = checked(as_csv([*GOOD, "00-7654321", "mine"], headings=headings))
    assert summary.header["client_fein"] == "007654321"
    assert summary.header["control_number"] == "MINE"
    assert not summary.fatal


def test_rows_that_disagree_on_the_header_refuse_the_table() -> None:
    other = ["900-01-0002", *GOOD[1:]]
    content = as_csv([*GOOD, "A"], [*other, "B"], [*other, "C"], headings=[*HEADINGS, "Control number"])
    findings, summary = checked(content)
    assert found(findings)[0] == (3, "control_number", "H016")
    assert [each.code for each in findings].count("H016") == 1
    assert summary.fatal


def test_another_organizations_number_in_a_column_refuses_the_table() -> None:
    content = as_csv([*GOOD, "009999999"], headings=[*HEADINGS, "FEIN of the sender"])
    findings, summary = checked(content)
    assert found(findings) == [(2, "sender_fein", "H008")]
    assert findings[0].columns == "7"
    assert summary.fatal


def test_without_a_rule_the_sender_is_nobody_and_with_several_it_must_be_said() -> None:
    assert checked(as_csv(GOOD), rules=RULES)[0] == []
    two = replace(SENT, senders=frozenset({"001234567", "007654321"}), clients=frozenset({"001111111"}))
    findings, _ = checked(as_csv(GOOD), rules=two)
    assert found(findings) == [(1, "sender_fein", "V001")]


def test_the_test_flag_follows_the_rules() -> None:
    assert checked(as_csv(GOOD), rules=replace(SENT, test=False))[1].header["test_flag"] == "P"


BAD_CELLS = {
    "letters in the number": (0, "9OO-01-0001", "ssn", "V004"),
    "nothing": (1, "", "last_name", "V001"),
    "a sign no name has": (2, "Al*x", "first_name", "V013"),
    "a letter no record has": (2, "Ægir", "first_name", "R004"),
    "an unknown kind": (3, "gift", "payment_kind", "V009"),
    "an unknown letter": (3, "Q", "payment_kind", "V009"),
    "no such day": (4, "2/30/2026", "payment_date", "V008"),
    "a day without its century": (4, "2/1/26", "payment_date", "V008"),
    "a month nobody knows": (4, "Foo 1, 2026", "payment_date", "V008"),
    "a comma for the cents": (5, "1.300,00", "payment_amount", "V007"),
    "a comma among the thousands": (5, "13,00", "payment_amount", "V007"),
    "no amount": (5, "a lot", "payment_amount", "V007"),
    "a long name": (1, "A" * 21, "last_name", "V023"),
    "a formula": (1, "=1+1", "last_name", "V024"),
    "a formula with at": (2, "@SUM(A1)", "first_name", "V024"),
    "a formula with plus": (2, "+1", "first_name", "V024"),
    "a formula with minus": (2, "-1", "first_name", "V024"),
    "a formula for an amount": (5, "=A1*2", "payment_amount", "V024"),
}


@pytest.mark.parametrize("case", BAD_CELLS)
@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
def test_a_bad_cell_has_one_finding_with_row_and_column(case: str, form: Form) -> None:
    place, text, field, code = BAD_CELLS[case]
    row = [*GOOD[:place], text, *GOOD[place + 1 :]]
    good = ["900-01-0002", *GOOD[1:]]
    if form is Form.CSV:
        content = as_csv(good, row)
    else:
        out = io.BytesIO()
        write_rows(out, HEADINGS, [good, row])
        content = out.getvalue()
    findings, summary = checked(content, form)
    assert found(findings) == [(3, field, code)]
    assert findings[0].columns == str(place + 1)
    assert (summary.accepted, summary.fatal) == (1, False)


def test_findings_of_the_whole_row_name_the_row() -> None:
    findings, summary = checked(as_csv(GOOD, [*GOOD, "extra"], GOOD))
    assert [(each.line, each.code, each.columns) for each in findings] == [(3, "R003", ""), (4, "D001", "1")]
    assert summary.accepted == 1


def test_blank_rows_are_passed_over_and_rows_keep_their_numbers() -> None:
    blank = [""] * 6
    wrong = ["900-01-0003", *GOOD[1:3], "Q", *GOOD[4:]]
    findings, summary = checked(as_csv(*[blank] * 1100, GOOD, [], wrong))
    assert found(findings) == [(1104, "payment_kind", "V009")]
    assert summary.records == 2


def test_what_is_known_of_a_column_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.tabular._MOST_KNOWN", 5)
    rows = [[f"900-01-{number:04d}", *GOOD[1:]] for number in range(1, 40)]
    findings, summary = checked(as_csv(*rows))
    assert (findings, summary.accepted) == ([], 39)


def test_a_table_without_rows_is_refused() -> None:
    findings, summary = checked(as_csv())
    assert [each.code for each in findings] == ["H007"]
    assert summary.fatal


@pytest.mark.parametrize(
    ("headings", "code", "fatal"),
    [
        ([*HEADINGS, "Department"], "F010", False),
        (HEADINGS[1:], "F009", True),
        ([*HEADINGS, "ssn"], "F012", True),
        (["nothing", "like", "it"], "F009", True),
    ],
)
def test_headings_are_held_against_the_template(headings: list[str], code: str, fatal: bool) -> None:
    findings, summary = checked(as_csv([*GOOD, ""][: len(headings)], headings=headings))
    assert code in [each.code for each in findings]
    assert summary.fatal is fatal
    assert summary.accepted == (0 if fatal else 1)


def test_an_empty_table_lacks_its_headings() -> None:
    assert [each.code for each in checked(b"")[0]] == ["F009"]


@pytest.mark.parametrize(
    "content",
    [
        as_csv(GOOD) + b'"never closed',
        as_csv(GOOD) + b'"closed" too early,',
        as_csv(GOOD) + b"x" * (1 << 18),
        as_csv(GOOD) + b'"a\n",' * 1000,
        as_csv(GOOD) + b'"' + b"y" * 100 + b"\n" * 150 + b"z" * 140_000 + b'"',
        b"z" * (1 << 18),
    ],
    ids=["open quote", "quote inside", "endless line", "endless row", "long cell", "endless heading"],
)
def test_text_that_is_no_table_is_refused(content: bytes) -> None:
    findings, summary = checked(content)
    assert findings[-1].code == "F011"
    assert summary.fatal


@pytest.mark.parametrize("strange", [b"\xe9", b"\x01", b"\x00", b"\x7f"])
def test_bytes_that_are_no_text_are_told_by_cell(strange: bytes) -> None:
    findings, _ = checked(as_csv(GOOD).replace(b"Alex", b"Al" + strange + b"x"))
    assert found(findings) == [(2, "first_name", "R004")]


def test_a_byte_order_mark_is_what_spreadsheet_programs_write() -> None:
    assert checked(b"\xef\xbb\xbf" + as_csv(GOOD))[0] == []


def zipped(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(change: Callable[[bytes], bytes]) -> bytes:
    parts = parts_of(as_xlsx(GOOD))
    return zipped({**parts, SHEET: change(parts[SHEET])})


def encrypted() -> bytes:
    content = bytearray(as_xlsx(GOOD))
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def many_entries() -> bytes:
    return zipped({f"{number}": b"" for number in range(600)})


def with_zip64() -> bytes:
    content = as_xlsx(GOOD)
    at = content.rfind(b"PK\x05\x06")
    return content[:at] + b"PK\x06\x07" + bytes(16) + content[at:]


def bomb(part: str = SHEET) -> bytes:
    return zipped({**parts_of(as_xlsx(GOOD)), part: b"<x>" + b"<row/>" * 3_000_000 + b"</x>"})


def big() -> bytes:
    content = bytearray(as_xlsx(GOOD))
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<L", 600 << 20)
    return bytes(content)


def into_sheet(xml: bytes) -> bytes:
    return with_sheet(lambda sheet: sheet.replace(b"<sheetData>", b"<sheetData>" + xml))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "not a zip at all": (lambda: b"PK\x03\x04" + bytes(100), "F007"),
    "cut off": (lambda: as_xlsx(GOOD)[:-200], "F007"),
    "a zip of something else": (lambda: zipped({"hello.txt": b"hello"}), "F007"),
    "no end record": (lambda: b"PK\x03\x04 PK\x05\x06", "F007"),
    "a password": (encrypted, "F007"),
    "thousands of parts": (many_entries, "F008"),
    "a directory beyond 4 GB": (with_zip64, "F008"),
    "packed too tightly": (bomb, "F008"),
    "too much in all": (big, "F008"),
    "a document type": (lambda: with_sheet(lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml), "F007"),
    "XML that breaks off": (lambda: with_sheet(lambda xml: xml[:-30]), "F007"),
    "a row without end": (
        lambda: into_sheet(b"<row>" + bytes(range(65, 91)) + b"<c/>" * 10_000 + b"</row>"),
        "F008",
    ),
    "a cell without end": (lambda: into_sheet(b"<row><c><v>" + noise(200_000) + b"</v></c></row>"), "F008"),
    "a tag without end": (lambda: into_sheet(b'<row a="' + noise(400_000) + b'"/>'), "F008"),
    "elements nobody knows": (lambda: into_sheet(b"".join(b"<x%d/>" % k for k in range(120_000))), "F008"),
    "a sheet that does not say how far it goes": (lambda: unmeasured(500_000), "F008"),
    "a row far below": (lambda: into_sheet(b'<row r="99999999999"><c><v>1</v></c></row>'), "F009"),
}


def unmeasured(cells: int) -> bytes:
    """A sheet without its dimension, which the library reads twice, and the first time as a whole."""
    row = b"<row>" + b"<c><v>12</v></c>" * 50 + b"</row>"
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return with_sheet(lambda _: sheet + row * (cells // 50) + b"</sheetData></worksheet>")


def noise(size: int) -> bytes:
    """Text that does not pack well."""
    return "".join(str(pow(3, number, 99991)) for number in range(size // 4)).encode()[:size]


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_workbook_is_refused_with_a_finding(case: str) -> None:
    make, code = HOSTILE[case]
    findings, summary = checked(make(), Form.XLSX)
    assert [each.code for each in findings] == [code]
    assert summary.fatal


def as_excel_writes_it() -> bytes:
    """A workbook whose texts stand in a part of their own, as Excel keeps them."""
    parts = parts_of(as_xlsx(GOOD))
    texts: list[str] = []

    def keep(cell: re.Match[bytes]) -> bytes:
        texts.append(cell[2].decode())
        return b'<c%s t="s"><v>%d</v></c>' % (cell[1], len(texts) - 1)

    inline = rb'<c([^>]*) t="inlineStr"><is><t>([^<]*)</t></is></c>'
    parts[SHEET] = re.sub(inline, keep, parts[SHEET])
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'.encode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(b"</Types>", override.encode())
    return zipped({**parts, "xl/media/picture.png": b"\x89PNG"})


def test_texts_kept_beside_the_sheet_are_read() -> None:
    assert records(as_excel_writes_it(), Form.XLSX) == records(as_csv(GOOD))


def test_texts_beside_the_sheet_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(workbook._MOST, "string", 10)
    findings, _ = checked(as_excel_writes_it(), Form.XLSX)
    assert [each.code for each in findings] == ["F008"]


def test_more_rows_than_may_be_opened_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(workbook._MOST, "row", 20)
    out = io.BytesIO()
    write_rows(out, HEADINGS, [GOOD] * 30)
    findings, _ = checked(out.getvalue(), Form.XLSX)
    assert [each.code for each in findings] == ["F008"]


def test_a_row_far_below_costs_no_more_than_the_rows_that_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 5000)
    content = with_sheet(lambda xml: xml.replace(b'<row r="2"', b'<row r="99999999"'))
    findings, summary = checked(content, Form.XLSX)
    assert [each.code for each in findings] == ["H007"]
    assert summary.records == 0


def test_numbers_get_back_the_zeros_that_spreadsheet_programs_take() -> None:
    layout, rules = LAYOUTS["debt-inquiry"], replace(SENT, synthetic=False)
    headings = [*HEADINGS, "ZIP code", "State"]
    rows = [
        [1234567, *GOOD[1:], 1234, "NH"],
        [12345678, *GOOD[1:], 12345678, "MA"],
        [345678, *GOOD[1:], 501, "NY"],
    ]
    checking = check(layout, io.BytesIO(as_xlsx(*rows, headings=headings)), rules=rules, form=Form.XLSX)
    (block,) = [each for each in checking if each.records]
    details = block.records["detail"]
    assert details.column("ssn").tolist() == [b"001234567", b"012345678", b"345678"]
    assert details.column("zip").tolist() == [b"01234", b"012345678", b"00501"]
    assert found(block.findings) == [(4, "ssn", "V004")]


def test_an_error_of_the_store_is_no_finding_about_the_workbook() -> None:
    class Failing(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1) -> bytes:
            self.reads += 1
            if self.reads > 3:
                raise TimeoutError("the store does not answer")
            return super().read(size)

    with pytest.raises(TimeoutError):
        run(check(LAYOUTS["lump-sum"], cast(BinaryIO, Failing(as_xlsx(GOOD))), rules=SENT, form=Form.XLSX))


@pytest.mark.parametrize("slug", ["lump-sum", "debt-inquiry", "income-withholding-ack"])
@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
def test_the_template_has_every_column_and_is_known_again(slug: str, form: Form) -> None:
    layout = LAYOUTS[slug]
    content = template(layout, form)
    identified = identify(content, "x", (slug,))
    assert not isinstance(identified, Finding)
    assert identified.form is form
    findings, _ = run(check(layout, io.BytesIO(content), rules=SENT, form=form))
    assert [each.code for each in findings] == ["H007"]
    if form is Form.XLSX:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        assert [cell.value for cell in sheet[1]] == [field.title for field in detail_columns(layout)]
        assert sheet["A1"].number_format == "@"


def test_cells_of_every_kind_become_text() -> None:
    cells = [None, "a", 5, 5.0, 0.1 + 0.2, True, datetime(2026, 1, 2), date(2026, 1, 2), time(9, 30)]  # noqa: DTZ001
    assert [workbook._text(cell) for cell in cells] == [
        "", "a", "5", "5", "0.3", "True", "2026-01-02", "2026-01-02", "09:30:00",
    ]  # fmt: skip
