"""What was reported before: told by row, date and file name; never told to a state twice."""

import csv
import io
import random
import time
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlmodel import select

from exchange.database import reading, transaction
from exchange.errors import BlobMissingError
from exchange.models.reports import Reported
from exchange.models.transfers import Status, Transfer
from exchange.programs import on_screen
from exchange.registry.seed import seed
from exchange.runtime import Exchange, open_exchange
from exchange.transfers import pipeline, reported, retention, validation
from exchange.transfers.reported import Gathered, ReportedMeanwhileError
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.checking import Block, RecordBlock
from schemas.columns import build
from schemas.forms import Answers
from schemas.headings import detail_columns
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.support.record_files import Answered, answered, hand_over, outbox, people_file, records, send

Row = dict[str, Any]
AGAIN = "D002"


def person(number: int, **more: Any) -> Row:
    return {"ssn": f"900{number:06d}", "last_name": "VALE", "first_name": "ADA", **more}


def repeated(back: Answered) -> list[int]:
    return [one.line for one in back.findings if one.code == AGAIN]


class Sending:
    """One employer's files, each under a control number of its own."""

    def __init__(self, exchange: Exchange, sender: Partner) -> None:
        self.exchange, self.sender, self.sent = exchange, sender, 0

    def __call__(self, rows: Iterable[Row], program: str = "lump-sum", **header: Any) -> Answered:
        self.sent += 1
        content = people_file(program, self.sender, rows, f"N{self.sent}", **header)
        return send(self.exchange, self.sender.actor, program, content, f"{self.sent}.txt")


@pytest.fixture
def lump_sums(exchange: Exchange, employer: Partner) -> Sending:
    return Sending(exchange, employer)


def test_the_same_rows_under_another_name_are_refused_with_date_and_file_and_told_to_nobody(
    exchange: Exchange, lump_sums: Sending
) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    owing = seed(exchange, 20, 7).person(3)
    state = make_partner(exchange, Role.STATE, jurisdiction=owing.states[0])
    row = {"ssn": owing.ssn, "last_name": owing.last_name, "first_name": owing.first_name}
    first = lump_sums([row, person(1)])
    told = outbox(exchange, state.actor, "lump-sum")
    back = lump_sums([person(2), row, person(1)])
    assert (first.codes, len(told)) == ([], 1)
    assert back.codes == [(3, "ssn", AGAIN), (4, "ssn", AGAIN)]
    on = first.view.created_at
    where = f"It was reported on {on:%b} {on.day}, {on:%Y} in 1.txt."
    assert {one.expected for one in back.findings} == {where}
    assert all(one.message.endswith(where) for one in back.findings)
    results = records("lump-sum-result", back.answers[".res"])
    assert [(one["result_code"], one["error1"]) for one in results] == [
        ("N", None),
        ("E", AGAIN),
        ("E", AGAIN),
    ]
    assert outbox(exchange, state.actor, "lump-sum") == told


def test_another_process_that_goes_on_refuses_the_same_rows(lump_sums: Sending, clock: Clock) -> None:
    exchange, sender = lump_sums.exchange, lump_sums.sender
    lump_sums([person(1)])
    content = people_file("lump-sum", sender, [person(2), person(1)], "B")
    view = hand_over(exchange, sender.actor, "lump-sum", content, "b.txt")
    for _ in range(2):  # scanned and checked here
        assert pipeline.run_next(exchange, exchange.owner, view.id, goes_on=lambda: False)
    other = open_exchange(exchange.settings, clock)
    assert pipeline.drive(other, view.id) is Status.COMPLETE
    other.dispose()
    results = records("lump-sum-result", answered(exchange, sender.actor, view).answers[".res"])
    assert [(one["result_code"], one["error1"]) for one in results] == [("N", None), ("E", AGAIN)]


def key_of(row: Row) -> tuple[Any, ...]:
    """A second, naive way to know a payment again."""
    usual = {"payment_kind": "B", "payment_date": date(2026, 12, 24), "payment_amount": 10_000} | row
    return tuple(
        usual[name] for name in ("ssn", "last_name", "payment_kind", "payment_date", "payment_amount")
    )


def test_overlapping_files_of_all_sizes_are_told_as_a_naive_look_up_would(lump_sums: Sending) -> None:
    dice, seen = random.Random(5), dict[tuple[Any, ...], str]()
    for number, size in enumerate((3, 200, 60, 1, 129), start=1):
        rows = {
            key_of(row): row
            for row in (
                person(
                    dice.randrange(1, 150), payment_amount=dice.choice((1, 2)), payment_kind=dice.choice("BC")
                )
                for _ in range(size)
            )
        }
        back = lump_sums(rows.values())
        expected = {line: seen[key] for line, key in enumerate(rows, start=2) if key in seen}
        told = {one.line: one.expected.rsplit(" in ", 1)[1] for one in back.findings}
        assert told == {line: f"{name}." for line, name in expected.items()}
        results = records("lump-sum-result", back.answers[".res"])
        assert [line for line, one in enumerate(results, start=2) if one["result_code"] == "E"] == list(
            expected
        )
        for key in rows:
            seen.setdefault(key, f"{number}.txt")
    with reading(lump_sums.exchange.engine) as session:
        kept = session.exec(select(Reported)).all()
    assert {bool(one.blob_id) for one in kept} == {True, False}


def test_what_differs_is_no_repetition(lump_sums: Sending) -> None:
    lump_sums([person(1)])
    changed: list[Row] = [{"last_name": "VALLE"}, {"payment_kind": "C"}, {"payment_amount": 1}]
    changed += [{"payment_date": date(2026, 12, 25)}, {"payment_amount": None}]
    assert lump_sums([person(1) | more for more in changed]).codes == []
    assert lump_sums([person(1, reference="AGAIN", case_id="KS1", first_name="ADELE")]).codes == [
        (2, "ssn", AGAIN)
    ]


def test_a_test_file_reports_nothing_and_another_employers_report_is_its_own(
    exchange: Exchange, lump_sums: Sending, other_employer: Partner
) -> None:
    assert lump_sums([person(1)], test_flag="T").codes == []
    assert lump_sums([person(1)]).codes == []
    assert Sending(exchange, other_employer)([person(1)]).codes == []
    assert lump_sums([person(1)], test_flag="T").codes == [(2, "ssn", AGAIN)]
    # asking again is no repetition
    assert [lump_sums([person(1)], "debt-inquiry").codes for _ in range(2)] == [[], []]


def test_a_termination_is_told_again_only_where_states_learn_something(lump_sums: Sending) -> None:
    lump_sums([person(1), person(2)], "termination")
    more = [person(1), person(2, new_employer_name="SAMPLE MILLS")]
    assert lump_sums(more, "termination").codes == [(2, "ssn", AGAIN)]
    assert lump_sums([person(1)]).codes == []  # a payment is another thing


def test_a_row_or_a_file_that_was_refused_was_not_reported(lump_sums: Sending) -> None:
    assert lump_sums([person(1), person(2)]).codes == []
    wrong = people_file("lump-sum", lump_sums.sender, [person(3), person(4)], "W1").replace(b"ADA", b"A#A", 1)
    back = send(lump_sums.exchange, lump_sums.sender.actor, "lump-sum", wrong, "wrong.txt")
    assert back.codes == [(2, "first_name", "V013")]
    assert lump_sums([person(3), person(4)]).codes == [(3, "ssn", AGAIN)]
    assert lump_sums([person(5)], sender_fein="001111111").status is Status.REJECTED
    assert lump_sums([person(5)]).codes == []


def test_rows_of_a_table_are_known_again_by_row_and_column(lump_sums: Sending) -> None:
    lump_sums([person(1)], test_flag="T")  # as the header of a table is made where all people are synthetic
    fields = detail_columns(LAYOUTS["lump-sum"])
    typed = {"last_name": "Vale", "first_name": "Ada", "payment_kind": "bonus", "payment_date": "12/24/2026"}
    typed |= {"payment_amount": "$100.00"}
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow([field.title for field in reversed(fields)])
    for ssn in ("900-00-0002", "900-00-0001"):
        rows.writerow([(typed | {"ssn": ssn}).get(field.name, "") for field in reversed(fields)])
    back = send(lump_sums.exchange, lump_sums.sender.actor, "lump-sum", text.getvalue().encode(), "a.csv")
    assert back.codes == [(3, "ssn", AGAIN)]
    assert back.findings[0].columns == f"{len(fields)}-{len(fields)}"


def test_what_was_reported_is_forgotten_with_its_file(lump_sums: Sending, clock: Clock) -> None:
    exchange, many = lump_sums.exchange, [person(number) for number in range(1, 140)]
    lump_sums(many)
    with reading(exchange.engine) as session:
        blob = session.exec(select(Reported.blob_id)).one()
    clock.forward(days=30)
    retention.sweep(exchange)  # blobs that nobody names would go now
    assert len(repeated(lump_sums([*many, person(200)]))) == 139
    clock.forward(days=31)
    retention.sweep(exchange)
    with reading(exchange.engine) as session:
        assert len(session.exec(select(Reported)).all()) == 1
    assert blob
    with pytest.raises(BlobMissingError):
        exchange.vault.open(blob)
    assert repeated(lump_sums([*many, person(200)])) == [141]


def test_two_files_checked_at_one_moment_do_not_report_the_same_twice(
    each_exchange: Exchange, clock: Clock
) -> None:
    sender = make_partner(each_exchange, Role.EMPLOYER)
    views = [
        hand_over(
            each_exchange, sender.actor, "lump-sum", people_file("lump-sum", sender, rows, number), number
        )
        for number, rows in (("A", [person(1)]), ("B", [person(1)]), ("C", [person(2)]))
    ]
    with reading(each_exchange.engine) as session:
        rows = [session.get_one(Transfer, view.id) for view in views]
    verdicts = [validation.examine(each_exchange, row) for row in rows]
    assert [verdict.count for verdict in verdicts] == [0, 0, 0]
    for place in (0, 2):
        with transaction(each_exchange.engine) as session:
            validation.take(session, each_exchange, rows[place], verdicts[place])
    with pytest.raises(ReportedMeanwhileError), transaction(each_exchange.engine) as session:
        validation.take(session, each_exchange, rows[1], verdicts[1])
    assert [one.code for one in validation.examine(each_exchange, rows[1]).findings] == [AGAIN]


def test_who_types_the_same_report_again_is_told_before_it_is_handed_over(
    exchange: Exchange, employer: Partner
) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    typed = {"ssn": "900 00 0001", "last_name": "Vale", "first_name": "Ada", "payment_kind": "B"}
    typed |= {"payment_date-month": "12", "payment_date-day": "24", "payment_date-year": "2026"}
    first = on_screen.report(exchange, employer.actor, "lump-sum", typed | {"payment_amount": "100"})
    again = on_screen.report(exchange, employer.actor, "lump-sum", typed | {"payment_amount": "100.00"})
    assert not isinstance(first, Answers)
    assert isinstance(again, Answers)
    [problem] = again.problems
    assert problem.field == "ssn"
    assert first.transfer.filename in problem.message
    other = on_screen.report(exchange, employer.actor, "lump-sum", typed | {"payment_amount": "101"})
    assert not isinstance(other, Answers)


def test_a_large_file_costs_little_and_no_object_a_record(exchange: Exchange, employer: Partner) -> None:
    """A hundred thousand records: their numbers, sorted, looked up in as many of an earlier file."""
    layout, count = LAYOUTS["lump-sum"], 100_000
    record = layout.details[0]
    ssns = np.char.zfill(np.arange(count).astype("S9"), 9)
    cells = build(record, count, {"ssn": ssns, "last_name": b"VALE", "payment_kind": b"B"})
    places = np.arange(count)
    rows = RecordBlock(record, cells, places, np.zeros_like(places), np.ones(count, dtype=np.bool_))
    header = {"client_fein": employer.fein, "test_flag": "P"}

    def reports() -> tuple[reported.Repeated, float]:
        began = time.process_time()
        gathered = Gathered(exchange, employer.organization.id, "lump-sum", layout)
        gathered.add(Block([], {"detail": rows}), header)
        again, new = gathered.settle()
        took = time.process_time() - began
        if not len(again):
            assert new is not None
            view = hand_over(exchange, employer.actor, "lump-sum", b"whatever")
            with transaction(exchange.engine) as session:
                reported.keep(session, exchange, view.id, reported.sealed(exchange, new))
        return again, took

    assert len(reports()[0]) == 0
    tries = [reports() for _ in range(3)]
    assert all(again.lines.tolist() == places.tolist() for again, _ in tries)
    assert min(took for _, took in tries) < 1.0
