"""Whole files against their layout: every kind of bad input gets its finding, and nothing else."""

import io
import tracemalloc
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, ClassVar, cast

import numpy as np
import pytest

from schemas.catalog import LAYOUTS
from schemas.checking import check, run
from schemas.findings import CODES, Finding
from schemas.groups import MOST_GROUPS
from schemas.kinds import Blank, Cells, Kind, Literal, Mask
from schemas.lines import LONGEST_LINE, MOST_ROWS, PIECE
from schemas.record import Field, Layout, Record
from tests.schemas.examples import (
    ACCOUNT,
    HEADER,
    INSTITUTION,
    PAYMENT,
    RULES,
    checked,
    found,
    joined,
    lump_sum,
    match_file,
)

LUMP_SUM = LAYOUTS["lump-sum"]
DATA_MATCH = LAYOUTS["data-match"]


def column(line: bytes, record: Record, name: str, text: str) -> bytes:
    """The line with one column overwritten."""
    place = record[name]
    return line[: place.first - 1] + text.encode("latin-1").ljust(place.width) + line[place.last :]


def two_payments() -> list[bytes]:
    return lump_sum({}, {"ssn": "900010002", "reference": "B-17"})


def test_a_good_file_has_no_findings_and_all_its_records_are_accepted() -> None:
    findings, summary = checked("lump-sum", joined(two_payments()))
    assert findings == []
    assert (summary.records, summary.accepted, summary.refused, summary.fatal) == (2, 2, 0, False)
    assert summary.header["control_number"] == HEADER["control_number"]
    assert summary.groups[0].trailer["total_amount"] == 2 * PAYMENT["payment_amount"]


def test_accepted_records_are_handed_on_by_column_and_write_back_to_the_same_bytes() -> None:
    lines = two_payments()
    blocks = list(check(LUMP_SUM, io.BytesIO(joined(lines)), rules=RULES))
    rows = blocks[0].records["detail"]
    assert rows.column("ssn").tolist() == [b"900010001", b"900010002"]
    assert rows.column("reference").tolist() == [b"", b"B-17"]
    assert rows.lines.tolist() == [2, 3]
    assert rows.group.tolist() == [0, 0]
    assert rows.accepted.all()
    assert len(rows) == 2
    assert [LUMP_SUM["detail"].render(rows.values(row)) for row in (0, 1)] == lines[1:3]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_end_with_or_without_a_carriage_return_and_the_last_need_not_end(
    end: bytes, last: bool
) -> None:
    content = joined(two_payments(), end)
    findings, summary = checked("lump-sum", content if last else content.removesuffix(end))
    assert (findings, summary.accepted) == ([], 2)


def test_mixed_line_ends_are_a_remark_and_nothing_more() -> None:
    lines = two_payments()
    findings, summary = checked("lump-sum", joined(lines[:2]) + joined(lines[2:], b"\r\n"))
    assert found(findings) == [(3, "", "F004")]
    assert (summary.accepted, summary.fatal, summary.findings) == (2, False, 1)


def test_mixed_line_ends_are_seen_across_pieces() -> None:
    rows = [{"ssn": f"9{number:08d}"} for number in range(PIECE // 400 + 10)]
    lines = lump_sum(*rows)
    findings, _ = checked("lump-sum", joined(lines[:-1], b"\r\n") + joined(lines[-1:]))
    assert found(findings) == [(len(lines), "", "F004")]


def test_a_blank_line_is_a_remark() -> None:
    lines = two_payments()
    findings, summary = checked("lump-sum", joined([*lines[:2], b"", b"", *lines[2:]]))
    assert found(findings) == [(3, "", "R005")]
    assert summary.accepted == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\r\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    findings, summary = checked("lump-sum", content)
    assert "F001" in {each.code for each in findings}
    assert summary.fatal
    assert summary.header == {}


def test_another_layout_is_named_once_and_nothing_more_is_said() -> None:
    findings, summary = checked("lump-sum", joined(match_file({})))
    assert found(findings) == [(1, "", "F002")]
    assert "LSH" in findings[0].message
    assert summary.fatal


def test_two_gigabytes_of_zeros_are_refused_at_once() -> None:
    class Zeros(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return bytes(size)

    zeros = Zeros()
    findings, summary = run(check(LUMP_SUM, cast(BinaryIO, zeros), rules=RULES))
    assert found(findings) == [(1, "", "F003")]
    assert summary.fatal
    assert zeros.given <= 2 * PIECE


@pytest.mark.parametrize("size", [LONGEST_LINE + 1, 2 * PIECE])
def test_a_line_without_end_further_down_stops_the_check(size: int) -> None:
    lines = two_payments()
    content = joined(lines[:2]) + b"\0" * size + b"\n" + joined(lines[2:])
    findings, summary = checked("lump-sum", content)
    assert found(findings) == [(3, "", "F003")]
    assert summary.fatal


def test_a_file_of_nothing_but_short_lines_stays_small_in_memory() -> None:
    content = joined(lump_sum({})[:1]) + b"L\n" * (PIECE)
    tracemalloc.start()
    findings, summary = checked("lump-sum", content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert summary.records == PIECE
    assert len(findings) == RULES.limit + 1
    assert peak < 120_000_000


def test_the_first_findings_are_listed_and_the_rest_is_counted() -> None:
    rows = [{"ssn": f"9{number:08d}", "payment_kind": "B"} for number in range(30)]
    lines = lump_sum(*rows)
    lines[1:-1] = [column(line, LUMP_SUM["detail"], "payment_kind", "Q") for line in lines[1:-1]]
    findings, summary = checked("lump-sum", joined(lines), replace(RULES, limit=10))
    assert [each.code for each in findings] == ["V009"] * 10 + ["F099"]
    assert "20 more" in findings[-1].message
    assert (summary.findings, summary.accepted, summary.fatal) == (30, 0, False)


BAD_RECORDS = {
    "too short": (lambda line: line[:-1], ("", "R002"), (400, 400)),
    "much too short": (lambda line: line[:20], ("", "R002"), (21, 400)),
    "too long": (lambda line: line + b"X", ("", "R003"), (401, 401)),
    "not ASCII": (lambda line: line.replace(b"SAMPLESON", b"SAMPLES\xd6N"), ("last_name", "R004"), (13, 32)),
    "a control character": (lambda line: line.replace(b"ALEX", b"AL\x07X"), ("first_name", "R004"), (33, 47)),
    "a NUL in the filler": (lambda line: line[:-1] + b"\0", ("filler", "R004"), (398, 400)),
    "of no known type": (lambda line: b"LSX" + line[3:], ("", "R001"), (1, 3)),
}


@pytest.mark.parametrize("case", BAD_RECORDS)
def test_a_damaged_record_has_one_finding_and_the_others_are_accepted(case: str) -> None:
    damage, (field, code), columns = BAD_RECORDS[case]
    lines = two_payments()
    lines[1] = damage(lines[1])
    findings, summary = checked("lump-sum", joined(lines))
    assert found(findings) == [(2, field, code)]
    assert (findings[0].first_column, findings[0].last_column) == columns
    assert (summary.records, summary.accepted, summary.fatal) == (2, 1, False)


def test_every_field_of_a_detail_is_checked_and_all_findings_are_told() -> None:
    lines = two_payments()
    detail = LUMP_SUM["detail"]
    line = column(lines[1], detail, "ssn", "90001000X")
    line = column(line, detail, "first_name", "")
    line = column(line, detail, "birth_date", "20270101")
    line = column(line, detail, "issuing_state", "ZZ")
    lines[1] = column(line, detail, "payment_amount", "1250.50")
    findings, summary = checked("lump-sum", joined(lines))
    assert found(findings) == [
        (2, "ssn", "V004"),
        (2, "first_name", "V001"),
        (2, "birth_date", "V020"),
        (2, "issuing_state", "V010"),
        (2, "payment_amount", "V007"),
    ]
    assert findings[0].columns == "4-12"
    assert findings[0].found == "########A"
    assert summary.accepted == 1


def test_something_in_the_filler_is_told_with_its_columns() -> None:
    lines = two_payments()
    lines[2] = lines[2][:199] + b"X" + lines[2][200:]
    findings, _ = checked("lump-sum", joined(lines))
    assert [(each.code, each.columns) for each in findings] == [("V002", "147-382")]


def test_the_same_payment_twice_is_told_with_the_line_of_the_first() -> None:
    lines = lump_sum({}, {"ssn": "900010002"}, {"reference": "ANOTHER"})
    findings, summary = checked("lump-sum", joined(lines))
    assert found(findings) == [(4, "ssn", "D001")]
    assert "line 2" in findings[0].message
    assert summary.accepted == 2


def test_a_repetition_is_found_across_batches_and_only_of_accepted_records() -> None:
    rows = [{"ssn": f"9{number:08d}"} for number in range(2 * MOST_ROWS + 5)]
    rows += [{"ssn": "900000003"}, {"ssn": "900000007"}, {"ssn": "900000007"}]
    lines = lump_sum(*rows)
    lines[8] = column(
        lines[8], LUMP_SUM["detail"], "payment_kind", "Q"
    )  # 900000007, refused: not the first of two
    findings, summary = checked("lump-sum", joined(lines))
    last = len(lines) - 1
    assert found(findings) == [(9, "payment_kind", "V009"), (last - 2, "ssn", "D001"), (last, "ssn", "D001")]
    assert summary.refused == 3


WRONG_FRAMES: dict[str, tuple[Any, list[tuple[int, str, str]]]] = {
    "no header": (lambda lines: lines[1:], [(1, "", "H001")]),
    "no trailer": (lambda lines: lines[:-1], [(3, "", "H002")]),
    "two headers": (lambda lines: [lines[0], *lines], [(2, "", "H002"), (2, "", "H003")]),
    "header again after the trailer": (
        lambda lines: lines + lines,
        [(5, "", "H003"), (6, "ssn", "D001"), (7, "ssn", "D001")],
    ),
    "two trailers": (lambda lines: [*lines, lines[-1]], [(5, "", "H015")]),
    "no records": (lambda lines: [lines[0], lump_sum()[-1]], [(2, "", "H007")]),
}


@pytest.mark.parametrize("case", WRONG_FRAMES)
def test_a_wrong_frame_refuses_the_file(case: str) -> None:
    change, expected = WRONG_FRAMES[case]
    findings, summary = checked("lump-sum", joined(change(two_payments())))
    expected_frame = [each for each in expected if not each[2].startswith("D")]
    assert [each for each in found(findings) if not each[2].startswith("D")] == expected_frame
    assert summary.fatal


def test_records_outside_header_and_trailer_are_told_once() -> None:
    lines = two_payments()
    findings, summary = checked("lump-sum", joined([*lines, lines[1], lines[2]]))
    assert [each for each in found(findings) if each[2] != "D001"] == [(5, "", "H015")]
    assert summary.fatal


def trailer(**changes: Any) -> bytes:
    facts = {"control_number": HEADER["control_number"], "record_count": 2, "total_amount": 250100, **changes}
    return LUMP_SUM.trailer.render(facts)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"record_count": 3}, "record_count", "H004"),
        ({"control_number": "ANOTHER"}, "control_number", "H005"),
        ({"total_amount": 250101}, "total_amount", "H006"),
    ],
)
def test_a_trailer_that_disagrees_refuses_the_file(changes: dict[str, Any], field: str, code: str) -> None:
    findings, summary = checked("lump-sum", joined([*two_payments()[:-1], trailer(**changes)]))
    assert found(findings) == [(4, field, code)]
    assert summary.fatal


def test_no_total_is_asked_for_when_an_amount_cannot_be_read() -> None:
    lines = two_payments()
    lines[1] = column(lines[1], LUMP_SUM["detail"], "payment_amount", "A LOT")
    findings, summary = checked("lump-sum", joined(lines))
    assert found(findings) == [(2, "payment_amount", "V007")]
    assert not summary.fatal


def test_a_trailer_or_header_that_cannot_be_read_refuses_the_file() -> None:
    lines = two_payments()
    short, _ = checked("lump-sum", joined([*lines[:-1], lines[-1][:30]]))
    assert found(short) == [(4, "", "R002")]
    lines[0] = column(lines[0], LUMP_SUM.header, "sender_fein", "00-123456")
    lines[3] = column(lines[3], LUMP_SUM.trailer, "record_count", "2")
    findings, summary = checked("lump-sum", joined(lines))
    assert found(findings) == [(1, "sender_fein", "V012"), (4, "record_count", "V016")]
    assert summary.fatal


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"senders": frozenset({"009999999"})}, "sender_fein", "H008"),
        ({"clients": frozenset()}, "client_fein", "H009"),
        ({"test": False}, "test_flag", "H011"),
    ],
)
def test_a_header_that_does_not_fit_the_sender_refuses_the_file(
    changes: dict[str, Any], field: str, code: str
) -> None:
    findings, summary = checked("lump-sum", joined(two_payments()), replace(RULES, **changes))
    assert found(findings) == [(1, field, code)]
    assert "001234567" not in repr(findings)
    assert summary.fatal


def test_a_header_that_fits_the_sender_is_taken() -> None:
    rules = replace(RULES, senders=frozenset({"001234567"}), clients=frozenset({"001234567"}), test=True)
    assert checked("lump-sum", joined(two_payments()), rules)[0] == []


def test_a_creation_date_to_come_is_told() -> None:
    findings, _ = checked("lump-sum", joined(lump_sum({}, creation_date="20260121")))
    assert found(findings) == [(1, "creation_date", "V020")]


def test_production_takes_no_number_that_was_never_issued() -> None:
    lines = lump_sum({"ssn": "123456789"}, {"ssn": "900010001"})
    findings, _ = checked("lump-sum", joined(lines), replace(RULES, synthetic=False))
    assert found(findings) == [(3, "ssn", "V005")]
    findings, _ = checked("lump-sum", joined(lines))
    assert found(findings) == [(2, "ssn", "V005")]


def test_a_debt_inquiry_needs_a_number_or_name_and_birth_date() -> None:
    layout = LAYOUTS["debt-inquiry"]
    rows = [
        layout["detail"].render({**PAYMENT, **change})
        for change in ({"ssn": None}, {"ssn": None, "birth_date": "19800101"}, {})
    ]
    end = {"control_number": HEADER["control_number"], "record_count": 3, "total_amount": 3 * 125050}
    findings, summary = checked(
        layout, joined([layout.header.render(HEADER), *rows, layout.trailer.render(end)])
    )
    assert found(findings) == [(2, "ssn", "X004")]
    assert summary.accepted == 2


def test_a_match_file_holds_many_institutions() -> None:
    content = joined(match_file({}) + match_file({}, {"ssn": "900010002"}, institution_tin="008888888"))
    findings, summary = checked("data-match", content)
    assert findings == []
    assert [(group.line, group.records, group.accepted) for group in summary.groups] == [(1, 1, 1), (4, 2, 2)]
    assert [group.header["institution_tin"] for group in summary.groups] == ["007654321", "008888888"]


def test_the_institution_chooses_the_method_of_its_accounts() -> None:
    update = {"update_indicator": "1", "balance": "000125-"}
    plain = {
        name: value
        for name, value in ACCOUNT.items()
        if name not in {"fips_passback", "name_match_flag", "payee_indicator"}
    }
    layout = DATA_MATCH
    one = layout["account"].render({**plain, **update})
    head = layout.header.render({**INSTITUTION, "match_file_indicator": "U"})
    group = [head, one, layout.trailer.render({"record_count": "000000001"})]
    blocks = list(check(layout, io.BytesIO(joined(match_file({}) + group)), rules=RULES))
    assert {name: rows.lines.tolist() for name, rows in blocks[0].records.items()} == {
        "matched_account": [2],
        "account": [5],
    }
    assert blocks[0].findings == []


def test_an_update_indicator_belongs_to_update_files_only() -> None:
    layout = DATA_MATCH
    plain = {
        name: value
        for name, value in ACCOUNT.items()
        if name not in {"fips_passback", "name_match_flag", "payee_indicator"}
    }
    rows = [layout["account"].render({**plain, "balance": "0000001", "update_indicator": "1"})]
    head = layout.header.render({**INSTITUTION, "match_file_indicator": "A"})
    findings, _ = checked(layout, joined([head, *rows, layout.trailer.render({})]))
    assert found(findings) == [(2, "update_indicator", "X005")]


ACROSS = {
    "another month than the header": ({"year_month": "202512"}, ("year_month", "X003")),
    "a balance though none is given": ({"balance_indicator": "0"}, ("balance", "X002")),
    "a secondary owner without the primary": ({"payee_indicator": "1"}, ("primary_ssn", "X001")),
}


@pytest.mark.parametrize("case", ACROSS)
def test_fields_that_contradict_each_other_refuse_the_record(case: str) -> None:
    change, (field, code) = ACROSS[case]
    findings, summary = checked("data-match", joined(match_file({}, {"ssn": "900010002", **change})))
    assert found(findings) == [(3, field, code)]
    assert (summary.accepted, summary.fatal) == (1, False)


def test_a_rule_across_fields_is_not_asked_where_one_of_them_is_wrong() -> None:
    lines = match_file({"balance_indicator": "0", "balance": 5})
    lines[1] = column(lines[1], DATA_MATCH["matched_account"], "balance", "FIVE")
    findings, _ = checked("data-match", joined(lines))
    assert found(findings) == [(2, "balance", "V007")]


def test_a_header_that_cannot_be_read_gives_no_findings_below_it() -> None:
    lines = match_file({})
    lines[0] = column(lines[0], DATA_MATCH.header, "year_month", "202613")
    findings, _ = checked("data-match", joined(lines))
    assert found(findings) == [(1, "year_month", "V017")]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"institutions": frozenset({"001111111"})}, "institution_tin", "H009"),
        ({"transmitters": frozenset({"001111111"})}, "transmitter_tin", "H010"),
        ({"months": frozenset({"202512", "202511", "202510", "202509"})}, "year_month", "H012"),
        ({"methods": frozenset({"A", "U"})}, "match_file_indicator", "H014"),
        ({"test": True}, "test_indicator", "H011"),
    ],
)
def test_an_institution_record_that_does_not_fit_refuses_the_file(
    changes: dict[str, Any], field: str, code: str
) -> None:
    findings, summary = checked("data-match", joined(match_file({})), replace(RULES, **changes))
    assert found(findings) == [(1, field, code)]
    assert summary.fatal


def test_a_test_indicator_that_is_blank_means_production() -> None:
    assert checked("data-match", joined(match_file({})), replace(RULES, test=False))[0] == []


def test_trailing_spaces_may_be_left_out_of_a_match_file() -> None:
    content = joined([line.rstrip() for line in match_file({}, {"ssn": "900010002"})])
    findings, summary = checked("data-match", content)
    assert (findings, summary.accepted) == ([], 2)


def test_an_account_cut_off_before_its_last_required_column_is_too_short() -> None:
    lines = match_file({})
    findings, _ = checked("data-match", joined([lines[0], lines[1][:360], lines[2]]))
    assert found(findings) == [(2, "", "R002")]


@pytest.mark.parametrize("count", ["", "         ", "UNKNOWN"])
def test_the_count_of_a_match_file_is_asked_only_when_it_is_a_number(count: str) -> None:
    lines = [*match_file({})[:2], b"T" + count.encode()]
    assert checked("data-match", joined(lines))[0] == []


def test_a_wrong_count_in_one_group_is_told_at_its_trailer() -> None:
    lines = match_file({}) + match_file({}, {"ssn": "900010002"})
    lines[2] = DATA_MATCH.trailer.render({"record_count": "000000002"})
    findings, _ = checked("data-match", joined(lines))
    assert found(findings) == [(3, "record_count", "H004")]


def test_no_matches_this_quarter_is_a_file_without_accounts() -> None:
    findings, summary = checked("data-match", joined(match_file()))
    assert (findings, summary.records, summary.fatal) == ([], 0, False)


def test_the_same_account_of_another_institution_is_no_repetition() -> None:
    content = joined(match_file({}) + match_file({}, institution_tin="008888888"))
    assert checked("data-match", content)[0] == []


def test_groups_go_on_across_batches() -> None:
    many = [{"ssn": f"9{number:08d}"} for number in range(MOST_ROWS + 10)]
    content = joined(match_file(*many) + match_file(*many[:3], institution_tin="008888888"))
    findings, summary = checked("data-match", content)
    assert findings == []
    assert [group.accepted for group in summary.groups] == [MOST_ROWS + 10, 3]


def test_too_many_groups_stop_the_check() -> None:
    findings, summary = checked("data-match", joined(match_file()) * (MOST_GROUPS + 1))
    assert [each.code for each in findings] == ["F005"]
    assert summary.fatal


def test_the_inquiry_file_of_the_appendix_is_taken() -> None:
    person = f"{'I900010001SAMPLESON':<30}{'ALEX':<16}CASE0000001    20000"
    content = joined([b"D202601M", person.encode(), b"T0000000001"])
    findings, summary = checked("data-match-inquiry", content)
    assert (findings, summary.accepted) == ([], 1)


def test_accounts_under_a_header_that_cannot_be_read_are_taken_for_matches() -> None:
    lines = match_file({})
    findings, summary = checked("data-match", joined([lines[0][:300], *lines[1:]]))
    assert found(findings) == [(1, "", "R002")]
    assert (summary.records, summary.fatal) == (1, True)


def test_records_past_a_fatal_finding_are_not_accepted() -> None:
    findings, summary = checked("lump-sum", joined(two_payments()), replace(RULES, senders=frozenset()))
    assert summary.fatal
    assert summary.accepted == 0
    assert found(findings) == [(1, "sender_fein", "H008")]


def test_what_is_marked_too_readily_is_settled_by_the_one_that_words_it() -> None:
    @dataclass(frozen=True)
    class Nervous(Blank):
        takes_blank: ClassVar[bool] = True

        def suspicious(self, cells: Cells) -> Mask:
            return np.ones(cells.shape[1], dtype=np.bool_)

    assert isinstance(Nervous(), Kind)
    mark = Field("mark", 1, 1, Literal(value="D"))
    detail = Record("detail", 2, (mark, Field("nervous", 2, 2, Nervous())))
    head = Record("header", 1, (Field("mark", 1, 1, Literal(value="H")),))
    end = Record(
        "trailer", 2, (Field("mark", 1, 1, Literal(value="T")), Field("record_count", 2, 2, Blank()))
    )
    layout = Layout("nervous", "Nervous", "", head, (detail,), end)
    findings, summary = checked(layout, b"H\nD \nDX\nT \n")
    assert found(findings) == [(3, "nervous", "V002")]
    assert summary.accepted == 1


def test_all_findings_of_all_tests_have_their_words() -> None:
    for code, words in CODES.items():
        assert words.code == code
        assert words.title
        text = words.action.format(label="Label", expected="expected", found="found")
        assert "invalid" not in text.casefold()
        assert text.endswith((".", "expected", "found"))
    assert Finding(0, 0, 0, "", "F001", "", "", "").columns == ""
    one = Finding(1, 5, 5, "", "V001", "", "", "")
    assert (one.columns, one.span) == ("5", "5-5")
