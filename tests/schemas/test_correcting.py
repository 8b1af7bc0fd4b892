"""Refused rows as they were read, in a form whose fields give them back as they were."""

import io
from dataclasses import replace

import pytest

from schemas.as_read import as_typed, rows_as_read
from schemas.checking import RecordBlock, check, run
from schemas.example import SEED
from schemas.forms import FORMS
from schemas.forms.correcting import Row, checked, correcting, found_in, name_of, question_of, sent_rows
from schemas.record import Form
from schemas.sample import SampleOrder, sample
from tests.schemas.examples import RULES

RECORDS = 40
RULES_NOW = replace(RULES, control_number="NEW-1")


def sampled(slug: str, form: Form, errors: float = 0) -> bytes:
    out = io.BytesIO()
    sample(FORMS[slug].layout, SampleOrder(records=RECORDS, seed=SEED, form=form, errors=errors), out)
    return out.getvalue()


@pytest.mark.parametrize("slug", FORMS)
@pytest.mark.parametrize("kind", Form)
def test_rows_as_read_and_sent_unchanged_make_the_same_records(slug: str, kind: Form) -> None:
    form, content = correcting(FORMS[slug]), sampled(slug, kind)
    lines = range(2, 2 + RECORDS)
    read = rows_as_read(form.layout, io.BytesIO(content), kind, RULES, lines)
    assert list(read) == list(lines)
    outcome = checked(form, [found_in(form, read[line], line, []) for line in lines], RULES_NOW, {})
    assert [one.problems for one in outcome.rows] == [()] * RECORDS
    again = [line[3:] for line in outcome.content.splitlines()[1:-1]]
    blocks = check(form.layout, io.BytesIO(content), rules=RULES, form=kind)
    details: list[RecordBlock] = [block.records["detail"] for block in blocks if "detail" in block.records]
    assert again == [rows.text(row)[3:] for rows in details for row in range(len(rows))]


@pytest.mark.parametrize("slug", FORMS)
def test_every_field_of_a_record_is_asked_so_that_nothing_is_lost(slug: str) -> None:
    form = correcting(FORMS[slug])
    (detail,) = form.layout.details
    assert {question.name for question in form.questions} == set(detail.by_name) - {detail.fields[0].name}
    assert {question.kind for question in form.questions}.isdisjoint({"date", "radio"})


@pytest.mark.parametrize("slug", FORMS)
def test_every_finding_of_a_wrong_row_stands_in_its_form(slug: str) -> None:
    form, content = correcting(FORMS[slug]), sampled(slug, Form.FIXED, errors=50)
    findings, _ = run(check(form.layout, io.BytesIO(content), rules=RULES))
    lines = sorted({one.line for one in findings})
    read = rows_as_read(form.layout, io.BytesIO(content), Form.FIXED, RULES, lines)
    asked = {question.name for question in form.questions}
    for line in lines:
        theirs = [one for one in findings if one.line == line]
        row = found_in(form, read[line], line, theirs)
        assert [one.field for one in row.problems] == [one.field for one in theirs]
        assert all(one.field in asked or one.message in row.remarks for one in row.problems)


def test_nonsense_is_shown_as_it_stands() -> None:
    fields = FORMS["lump-sum"].layout.details[0].by_name
    shown = {name: as_typed(fields[name], text) for name, text in (
        ("payment_date", "20260231"), ("payment_date", "JAN  5"), ("payment_amount", "00000012.50"),
        ("payment_amount", "00000001250"), ("payment_kind", "?"),
    )}  # fmt: skip
    assert shown == {"payment_date": "JAN  5", "payment_amount": "12.50", "payment_kind": "?"}
    assert as_typed(fields["payment_date"], "20260231") == "02/31/2026"
    assert as_typed(fields["payment_amount"], "00000012.50") == "00000012.50"


def test_a_list_that_cannot_show_an_answer_has_it_in_its_hint() -> None:
    form = correcting(FORMS["lump-sum"])
    (kind,) = [question for question in form.questions if question.name == "payment_kind"]
    wrong = question_of(Row(7, {"payment_kind": "GIFT"}), kind)
    assert (wrong.name, wrong.hint) == ("row7-payment_kind", "The file says: GIFT")
    assert question_of(found_in(form, {"payment_kind": "Bonus"}, 7, []), kind).hint == kind.hint


def test_rows_that_say_the_same_are_told_and_those_left_out_are_not_sent() -> None:
    form = correcting(FORMS["lump-sum"])
    typed = {"ssn": "900-01-0001", "last_name": "Vale", "first_name": "Ada", "payment_kind": "B"}
    typed |= {"payment_date": "2/1/2026", "payment_amount": "$5"}
    sent = {name_of(line, name): text for line in (3, 9, 12) for name, text in typed.items()}
    outcome = checked(form, sent_rows(form, sent, (3, 9, 12)), RULES_NOW, {})
    assert [[one.field for one in row.problems] for row in outcome.rows] == [[], ["ssn"], ["ssn"]]
    assert outcome.content == b""
    left = sent | {name_of(9, "leave"): "yes", name_of(12, "leave"): "yes"}
    outcome = checked(form, sent_rows(form, left, (3, 9, 12)), RULES_NOW, {})
    assert [row.left_out for row in outcome.rows] == [False, True, True]
    assert outcome.content.count(b"\n") == 3
    assert run(check(form.layout, io.BytesIO(outcome.content), rules=RULES))[0] == []
