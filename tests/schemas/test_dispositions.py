"""What an employer may answer to an order: every status with every reason and every action code."""

import io
from itertools import product

import pytest

from schemas.catalog import Identified, identify
from schemas.checking import check, run
from schemas.dispositions import DISPOSITIONS, Disposition, disposition
from schemas.record import Form
from schemas.tables import DISPOSITION_REASONS, DISPOSITION_STATUSES, ORDER_ACTIONS
from tests.schemas.examples import RULES, checked, found, joined
from tests.schemas.orders import ACKS, batch, file_of

REASONS = {"A": " BSW", "R": "BSWMNOUXD", "L": " ", "S": " ", "T": " "}
"""As the domain specification has them (6.6); Z goes with R and the action TRM only."""
FILLED = {
    "corrected_fein": "007654321",
    "other_order_state": "NE",
    "termination_date": "20260110",
    "employee_ssn": "900010001",
    "document_tracking_number": "TRACK1",
}
NEEDS = {
    **{(status, "W"): "corrected_fein" for status in "AR"},
    ("R", "M"): "other_order_state",
    ("R", "N"): "termination_date",
    ("T", ""): "termination_date",
}
EVERY = list(product(DISPOSITION_STATUSES, ["", *DISPOSITION_REASONS], ["", *ORDER_ACTIONS]))


def may(status: str, reason: str, action: str) -> bool:
    if (status, reason) == ("R", "Z"):
        return action == "TRM"
    return (reason or " ") in REASONS[status] and bool(action) == (status in "AR")


@pytest.mark.parametrize(
    ("status", "reason"), list(product(DISPOSITION_STATUSES, ["", *DISPOSITION_REASONS]))
)
def test_every_answer_is_taken_or_refused_with_the_list_of_what_is_allowed(status: str, reason: str) -> None:
    for action in ("", *ORDER_ACTIONS):
        told = disposition(status, reason, action)
        codes = {
            "disposition_status": status,
            "disposition_reason": reason or None,
            "action_code": action or None,
        }
        findings, summary = checked(ACKS, joined(file_of(ACKS, batch(ACKS, 1, {**codes, **FILLED}))))
        if may(status, reason, action):
            assert isinstance(told, Disposition)
            assert (findings, summary.accepted) == ([], 1)
        else:
            pair = any((each.status, each.reason) == (status, reason) for each in DISPOSITIONS)
            field, code = ("action_code", "X015") if pair else ("disposition_reason", "X014")
            assert found(findings) == [(3, field, code)]
            assert isinstance(told, str)
            assert told in findings[0].message
            assert (summary.accepted, summary.fatal) == (0, False)


def test_all_of_them_are_asked() -> None:
    assert len(EVERY) == 5 * 11 * 5
    assert sum(may(*codes) for codes in EVERY) == 4 * 4 + 9 * 4 + 1 + 3
    assert len(DISPOSITIONS) == 4 + 9 + 1 + 3


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (("Q", "", ""), "the status is A (accepted), R (rejected), L (the employer reports a lump sum),"),
        (("A", "Z", "TRM"), "with status A the reason is blank, B (the name does not match), S "),
        (("R", "", "ORG"), "with status R the reason is B (the name does not match), S "),
        (("R", "Z", "ORG"), "with status R and reason Z the action code is TRM (termination of an order)"),
        (("T", "N", ""), "with status T the reason is blank"),
        (("L", "", "LUM"), "with status L the action code is blank"),
        (("A", "", ""), "with status A the action code is ORG (original order), AMD (amended order), TRM "),
    ],
)
def test_what_is_allowed_is_said_in_words(codes: tuple[str, str, str], words: str) -> None:
    told = disposition(*codes)
    assert isinstance(told, str)
    assert told.startswith(words)


@pytest.mark.parametrize("each", DISPOSITIONS, ids=lambda each: f"{each.status}{each.reason}")
def test_each_answer_brings_the_columns_it_needs(each: Disposition) -> None:
    own = each.status in "LST"
    needed = {"employee_ssn" if own else "document_tracking_number", NEEDS.get((each.status, each.reason))}
    assert set(each.needs) == needed - {None}
    codes = {"disposition_status": each.status, "disposition_reason": each.reason or None}
    for name in FILLED:
        answer = {**codes, "action_code": each.actions[0] or None, **FILLED, name: None}
        findings, _ = checked(ACKS, joined(file_of(ACKS, batch(ACKS, 1, answer))))
        assert found(findings) == ([(3, name, "X001")] if name in needed else [])
        if findings:
            assert f"status {each.status} ({DISPOSITION_STATUSES[each.status]})" in findings[0].message


def test_an_error_named_on_the_way_in_refuses_the_acknowledgement() -> None:
    line = batch(ACKS, 1, {})[1]
    spoilt = line[:472] + b"CASE ID" + line[479:]
    findings, _ = checked(
        ACKS, joined([*file_of(ACKS, batch(ACKS, 1, {}))[:2], spoilt, *file_of(ACKS, batch(ACKS, 1, {}))[3:]])
    )
    assert found(findings) == [(3, "first_error_field_name", "V002")]


def test_a_small_employer_answers_in_a_table_of_one_row_an_order() -> None:
    table = (
        "Action code,Document tracking number,Disposition status,Disposition reason,Termination date,"
        "Employee Social Security number\r\n"
        "ORG,TRACK1,accepted,,,\r\n"
        "org,TRACK2,R,no longer employed,1/10/2026,\r\n"
        ",,T,,2026-01-10,900-01-0001\r\n"
        "ORG,TRACK4,A,Z,,\r\n"
        ",,L,,,\r\n"
    )
    assert identify(table.encode(), "x", (ACKS.slug,)) == Identified(ACKS, Form.CSV)
    checking = check(ACKS, io.BytesIO(table.encode()), rules=RULES, form=Form.CSV)
    accepted = [
        rows.column("disposition_status")[rows.accepted].tolist()
        for block in checking
        for rows in block.records.values()
    ]
    assert accepted == [[b"A", b"R", b"T"]]
    (group,) = checking.summary.groups
    assert (group.header["ein"], group.header["control_number"]) == ("009999999", "20260120000000")
    findings, summary = run(check(ACKS, io.BytesIO(table.encode()), rules=RULES, form=Form.CSV))
    assert found(findings) == [(5, "disposition_reason", "X014"), (6, "employee_ssn", "X001")]
    assert (summary.records, summary.accepted, summary.fatal) == (5, 3, False)


def test_a_table_may_have_more_rows_than_a_trailer_can_count() -> None:
    head = b"Document tracking number,Action code,Disposition status\n"
    rows = b"".join(b"T%d,ORG,A\n" % number for number in range(100_001))
    findings, summary = run(check(ACKS, io.BytesIO(head + rows), rules=RULES, form=Form.CSV))
    assert (findings, summary.accepted) == ([], 100_001)
