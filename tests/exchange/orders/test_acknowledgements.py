"""Acknowledgements: which order each answers, which state hears it, and what is refused with which words."""

import pytest
from sqlmodel import col, select

from exchange.accounts.enrolment import represent
from exchange.database import reading, transaction
from exchange.models.orders import OrderAnswer
from exchange.models.transfers import Status, Transfer
from exchange.orders import lists
from exchange.orders.answering import AnsweredMeanwhileError
from exchange.orders.lists import OrderQuery
from exchange.runtime import Exchange
from exchange.transfers import pipeline, steps
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.order_files import (
    PROGRAM,
    Values,
    ack_file,
    delivered,
    hand_in,
    is_clean,
    order_file,
    read,
)
from tests.support.partners import Partner, make_partner
from tests.support.record_files import Answered, answered, hand_over

OWN: Values = {"action_code": None, "document_tracking_number": None, "case_id": None}
ENDED = {**OWN, "disposition_status": "T", "termination_date": "20260102"}
TRACKING = "document_tracking_number"
NEBRASKA = "31000"


@pytest.fixture
def nebraska(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, 2, jurisdiction="NE")


def ack(tracking: str, **more: object) -> Values:
    return {TRACKING: tracking, **more}


def ordered(state: Partner, *batches: tuple[str, list[str]], code: str = "20000") -> None:
    """Orders by the EIN of their employer and their tracking numbers."""
    made = [(ein, [ack(one) for one in some]) for ein, some in batches]
    assert hand_in(state, order_file("A", *made, state_fips=code)).codes == []


def told(state: Partner) -> list[tuple[object, ...]]:
    """Tracking number, status and reason of each answer in a state's outbox."""
    files = [read(f"{PROGRAM}-ack", file) for file in delivered(state, "acknowledgements")]
    names = (TRACKING, "disposition_status", "disposition_reason")
    return [each for file in files for each in file.each(*names)]


def statuses(of: Partner) -> dict[str, str]:
    found = lists.orders(of.exchange, of.actor, OrderQuery()).items
    return {one.tracking_number: one.status.value for one in found}


def wrong(back: Answered) -> list[tuple[object, ...]]:
    """What the result says of each record that was refused."""
    assert is_clean(back.exchange, f"{PROGRAM}-ack-result", back.answers[".res"])
    return read(f"{PROGRAM}-ack-result", back.answers[".res"]).each(TRACKING, "first_error_field_name")


def test_each_answer_reaches_the_state_of_its_order_and_the_employer_hears_what_was_refused(
    exchange: Exchange, state: Partner, nebraska: Partner, firm: Partner
) -> None:
    ordered(state, (firm.fein, ["T1", "T2", "T3"]))
    ordered(nebraska, (firm.fein, ["T1", "N2"]), code=NEBRASKA)
    gone = {"disposition_status": "R", "disposition_reason": "N", "termination_date": "20260102"}
    theirs = [ack("T1", **gone, last_known_city="LINCOLN")]
    assert hand_in(firm, ack_file("C", (firm.fein, theirs), batch={"state_fips": NEBRASKA})).codes == []
    said = [ack("T1"), ack("T9"), ack("T3", disposition_reason="S"), ENDED, ack("N2")]
    back = hand_in(firm, ack_file("B", (firm.fein, said)))
    assert back.status is Status.COMPLETE
    assert back.codes == [(line, TRACKING, "X017") for line in (4, 7)]
    assert wrong(back) == [("T9", TRACKING.upper()), ("N2", TRACKING.upper())]
    assert told(state) == [("T1", "A", None), ("T3", "A", "S"), (None, "T", None)]
    assert told(nebraska) == [("T1", "R", "N")]
    assert statuses(state) == {"T1": "accepted", "T2": "submitted", "T3": "accepted"}
    assert statuses(nebraska) == {"T1": "rejected", "N2": "submitted"}
    [file] = delivered(state, "acknowledgements")
    assert is_clean(exchange, f"{PROGRAM}-ack", file)
    assert b"BTKBB1                   00000000020000300005" in back.answers[".res"], "2 wrong, 3 on, of 5"
    [line] = lists.orders(exchange, nebraska.actor, OrderQuery(status="rejected")).items
    answer = lists.order(exchange, nebraska.actor, line.id).answer
    assert answer is not None
    assert (answer["last_known_city"], line.reason) == ("LINCOLN", "N")
    assert line.answered_at is not None


def test_an_answer_says_what_the_order_says_and_an_order_is_answered_once(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    ordered(state, (firm.fein, ["T1", "T2"]))
    amended = order_file("B", (firm.fein, [ack("T1", action_code="AMD")]))
    assert hand_in(state, amended).codes == []
    said: list[tuple[Values, tuple[str, str] | None]] = [
        (ack("T1", case_id="KS0000000002"), ("case_id", "X017")),
        (ack("T1", case_id=None), ("case_id", "X017")),
        (ack("T1", action_code="TRM"), ("action_code", "X018")),
        (ack("T1", ein="001999999"), ("ein", "X020")),
        (ENDED | ack("T9"), (TRACKING, "X017")),
        (ENDED | ack("T1"), None),
        (ack("T1", action_code="AMD"), None),
        (ack("T2"), None),
        (ack("T2", disposition_status="R", disposition_reason="O"), (TRACKING, "X019")),
    ]
    back = hand_in(firm, ack_file("C", (firm.fein, [one for one, _ in said])))
    expected = [(line, *found) for line, (_, found) in enumerate(said, start=3) if found]
    assert back.codes == expected
    [expects] = [one.expected for one in back.findings if one.code == "X018"]
    assert expects == "ORG or AMD"
    lines = lists.orders(exchange, firm.actor, OrderQuery()).items
    assert {(one.tracking_number, one.action, one.status.value) for one in lines} == {
        ("T1", "ORG", "submitted"),
        ("T1", "AMD", "accepted"),
        ("T2", "ORG", "accepted"),
    }
    late = [ack("T2", disposition_reason="S"), ack("T1")]
    assert hand_in(firm, ack_file("D", (firm.fein, late))).codes == [(3, TRACKING, "X019")]
    assert len(told(state)) == 4


def test_nobody_answers_for_another_employer_but_who_acts_for_it(
    exchange: Exchange, state: Partner, firm: Partner, clock: Clock
) -> None:
    other = make_partner(exchange, Role.EMPLOYER, 2)
    agent = make_partner(exchange, Role.EMPLOYER, 3, kind=OrganizationKind.PROCESSOR)
    ordered(state, (firm.fein, ["T1"]), (other.fein, ["T2"]))
    batches = ((firm.fein, [ack("T1"), ENDED]), (other.fein, [ack("T1"), ack("T2")]))
    back = hand_in(other, ack_file("B", *batches))
    assert back.codes == [(2, "ein", "X020"), (7, TRACKING, "X017")]
    assert wrong(back) == [("T1", "EIN"), (None, "EIN"), ("T1", TRACKING.upper())]
    assert hand_in(agent, ack_file("B", (firm.fein, [ack("T1")]))).codes == [(2, "ein", "X020")]
    represent(exchange, agent.organization.id, firm.organization.id)
    clock.forward(seconds=1)
    assert hand_in(agent, ack_file("C", (firm.fein, [ack("T1")]))).codes == []
    assert sorted(told(state), key=str) == [("T1", "A", None), ("T2", "A", None)]


def test_a_batch_names_its_state_where_the_order_alone_does_not_tell_it(
    exchange: Exchange, state: Partner, nebraska: Partner, firm: Partner
) -> None:
    ordered(state, (firm.fein, ["T1", "K1"]))
    ordered(nebraska, (firm.fein, ["T1"]), code=NEBRASKA)

    def answer(number: str, code: str | None, *said: Values) -> list[tuple[int, str, str]]:
        named = {"state_fips": None, "batch": {"state_fips": code}}
        return hand_in(firm, ack_file(number, (firm.fein, list(said)), **named)).codes

    assert answer("B", NEBRASKA, ack("K1")) == [(3, TRACKING, "X017")]
    assert answer("C", "99000", ack("K1")) == [(2, "state_fips", "X021")]
    assert answer("D", None, ack("T1"), ENDED, ack("K1")) == [
        (3, TRACKING, "X021"),
        (4, "disposition_status", "X021"),
    ]
    assert (told(state), told(nebraska)) == ([("K1", "A", None)], [])


def test_a_report_for_a_state_without_an_organization_here_is_kept_by_ocss(
    exchange: Exchange, ocss: Partner, firm: Partner
) -> None:
    back = hand_in(firm, ack_file("B", (firm.fein, [ENDED]), batch={"state_fips": NEBRASKA}))
    assert back.codes == []
    with reading(exchange.engine) as session:
        kept = session.exec(select(Transfer).where(Transfer.kind == "acknowledgements-ne")).one()
        answer = session.exec(select(OrderAnswer)).one()
    assert kept.organization_id == ocss.organization.id
    assert (answer.state_id, answer.state_fips, answer.disposition) == (None, NEBRASKA, "T")


def test_a_table_answers_orders_of_several_states(
    exchange: Exchange, state: Partner, nebraska: Partner, firm: Partner
) -> None:
    ordered(state, (firm.fein, ["T1"]))
    ordered(nebraska, (firm.fein, ["N1"]), code=NEBRASKA)
    rows = ["Action code,Case ID,Document tracking number,Disposition status,Disposition reason"]
    rows += [f"ORG,KS0000000001,{number},R,U" for number in ("T1", "N1", "X1")]
    back = hand_in(firm, "\n".join(rows).encode(), "answers.csv")
    assert (back.status, [(line, code) for line, _, code in back.codes]) == (Status.COMPLETE, [(4, "X017")])
    assert (told(state), told(nebraska)) == ([("T1", "R", "U")], [("N1", "R", "U")])
    assert wrong(back) == [("X1", TRACKING.upper())]


def test_of_two_files_that_answer_one_order_at_a_moment_the_second_is_told_so(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    ordered(state, (firm.fein, ["T1"]))
    rows = []
    for number in ("B", "C"):
        file = ack_file(number, (firm.fein, [ack("T1")]))
        view = hand_over(exchange, firm.actor, PROGRAM, file, f"{number}.txt")
        for _ in range(2):
            pipeline.run_next(exchange, "w", view.id, lambda: False)
        with reading(exchange.engine) as session:
            rows.append(session.get_one(Transfer, view.id))
    effects = [steps.program(exchange, row).effect for row in rows]
    with transaction(exchange.engine) as session:
        effects[0](session)
    with pytest.raises(AnsweredMeanwhileError), transaction(exchange.engine) as session:
        effects[1](session)
    pipeline.drive(exchange, rows[1].id)
    back = answered(exchange, firm.actor, view)
    assert wrong(back) == [("T1", TRACKING.upper())]
    assert (back.view.findings_count, back.codes) == (1, [(3, TRACKING, "X019")])
    assert b"X019" in back.answers[".findings.csv"]
    assert told(state) == [("T1", "A", None)]
    with reading(exchange.engine) as session:
        assert len(session.exec(select(OrderAnswer).where(col(OrderAnswer.order_id).is_not(None))).all()) == 1
