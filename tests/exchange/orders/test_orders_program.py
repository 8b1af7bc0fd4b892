"""A state's file of orders: who gets which, what the state hears, and what is refused as a whole."""

from datetime import date

import pytest

from exchange.accounts import console, organizations
from exchange.accounts.enrolment import represent
from exchange.accounts.registration_rows import note_facts
from exchange.database import transaction
from exchange.models.accounts import Organization
from exchange.models.transfers import Status
from exchange.orders import lists
from exchange.orders.lists import OrderQuery
from exchange.programs import nested
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
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

STRANGER = "009999999"


def tracked(*numbers: str, **more: object) -> list[Values]:
    return [{"document_tracking_number": number, **more} for number in numbers]


def numbers_of(partner: Partner) -> list[list[str]]:
    """The tracking numbers of each file of orders in somebody's outbox."""
    files = (read(PROGRAM, file) for file in delivered(partner, "orders"))
    return [[str(one["document_tracking_number"]) for one in file.details] for file in files]


def statuses(of: Partner) -> dict[str, tuple[str, str | None]]:
    found = lists.orders(of.exchange, of.actor, OrderQuery()).items
    return {one.tracking_number: (one.status.value, one.employer) for one in found}


def test_each_employer_gets_its_orders_and_the_state_hears_what_became_of_them(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    other = make_partner(exchange, Role.EMPLOYER, 2)
    wrong = {"case_id": "A*", "employer_name": "(X", "employee_ssn": "12345678X"}
    batches = (
        (firm.fein, tracked("T1", "T2")),
        (STRANGER, tracked("T3")),
        (other.fein, [*tracked("T4"), *tracked("T5", **wrong), *tracked("T6", case_id="A*")]),
        (firm.fein, tracked("T7")),
    )
    back = hand_in(state, order_file("A", *batches))
    assert back.status is Status.COMPLETE
    assert (6, "ein", "X016") in back.codes
    assert statuses(state)["T1"] == ("submitted", firm.organization.name)
    assert statuses(state)["T3"] == ("error", None)
    assert (numbers_of(firm), numbers_of(other)) == ([["T1", "T2", "T7"]], [["T4"]])
    assert set(statuses(firm).values()) == {("receipted", firm.organization.name)}, "it fetched its file"
    assert set(statuses(state)) == {"T1", "T2", "T3", "T4", "T7"}
    result = read(f"{PROGRAM}-result", back.answers[".res"])
    assert [(one["ein"], one["error_field_name"]) for one, _ in result.batches] == [
        (firm.fein, None),
        (STRANGER, "EIN"),
        (other.fein, None),
        (firm.fein, None),
    ]
    named = ("document_tracking_number", "first_error_field_name", "second_error_field_name")
    assert result.each(*named, "multiple_error_indicator") == [
        ("T3", "EIN", None, None),
        ("T5", "CASE_ID", "EMPLOYER_NAME", "Y"),
        ("T6", "CASE_ID", None, None),
    ]
    assert b"BTSAB3                   00000000020000100003" in back.answers[".res"], "2 wrong, 1 on, of 3"
    assert b"FTSAF                    00004000030000400007" in back.answers[".res"]
    [file] = delivered(other, "orders")
    assert all(
        is_clean(exchange, layout, content)
        for layout, content in ((PROGRAM, file), (f"{PROGRAM}-result", back.answers[".res"]))
    )
    header = read(PROGRAM, file).header
    assert (header["state_fips"], header["ein"], header["creation_date"]) == (
        "20000",
        None,
        exchange.clock().date(),
    )


def test_a_subsidiary_a_processor_and_a_client_of_another_each_get_what_is_theirs(
    exchange: Exchange, state: Partner
) -> None:
    firm = make_partner(exchange, Role.EMPLOYER, administrator=True)
    agent = make_partner(exchange, Role.EMPLOYER, 3, kind=OrganizationKind.PROCESSOR)
    stranger = make_partner(exchange, Role.EMPLOYER, 4, kind=OrganizationKind.PROCESSOR)
    client, former = make_partner(exchange, Role.EMPLOYER, 5), make_partner(exchange, Role.EMPLOYER, 6)
    organizations.add_subsidiary(exchange, firm.actor, "Linden Chairs", "001888777")
    organizations.add_subsidiary(exchange, firm.actor, "Linden Lamps", "001888778")
    chairs = next(one for one in organizations.own(exchange, firm.actor).numbers if one.shown[-1] == "7")
    staff = make_partner(exchange, Role.OCSS_STAFF, 2)
    console.verify_subsidiary(exchange, staff.actor, chairs.id)
    represent(exchange, agent.organization.id, client.organization.id)

    def send(number: str, ein: str, primary: Partner | None, tracking: str) -> list[tuple[int, str, str]]:
        more = {"batch": {"primary_ein": primary.fein}} if primary else {}
        return hand_in(state, order_file(number, (ein, tracked(tracking)), **more)).codes

    assert send("A", "001888777", None, "VERIFIED") == []
    assert send("B", "001888778", None, "UNVERIFIED") == [(2, "ein", "X016")]
    assert send("C", client.fein, agent, "THROUGH") == []
    assert send("D", client.fein, stranger, "DIRECT") == []
    assert send("E", former.fein, agent, "NOTACTING") == []
    assert send("F", "001888777", firm, "PARENT") == []
    assert numbers_of(firm) == [["PARENT"], ["VERIFIED"]] or numbers_of(firm) == [["VERIFIED"], ["PARENT"]]
    assert (numbers_of(agent), numbers_of(client)) == ([["THROUGH"]], [["DIRECT"]])
    assert (numbers_of(former), numbers_of(stranger)) == ([["NOTACTING"]], [])
    assert set(statuses(agent)) == set(statuses(client)) == {"THROUGH", "DIRECT"}


def test_who_is_suspended_or_of_a_kind_that_answers_no_orders_takes_no_part(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    insurer = make_partner(exchange, Role.INSURER)
    with transaction(exchange.engine) as session:
        session.get_one(Organization, firm.organization.id).status = "suspended"
    back = hand_in(state, order_file("A", (firm.fein, tracked("T1")), (insurer.fein, tracked("T2"))))
    assert back.codes == [(2, "ein", "X016"), (5, "ein", "X016")]
    assert set(statuses(state).values()) == {("error", None)}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"state_fips": "31000"}, [(1, "state_fips", "H021")]),
        ({"batch": {"state_fips": "31000"}}, [(2, "state_fips", "H021")]),
        ({"batch": {"state_fips": "20045"}}, []),
    ],
    ids=["file", "batch", "county"],
)
def test_a_state_sends_orders_in_its_own_name_only(
    exchange: Exchange, state: Partner, firm: Partner, more: Values, found: list[object]
) -> None:
    back = hand_in(state, order_file("A", (firm.fein, tracked("T1")), **more))
    assert back.codes == found
    assert back.status is (Status.REJECTED if found else Status.COMPLETE)
    assert numbers_of(firm) == ([] if found else [["T1"]])
    if found:
        assert back.answers[".res"].splitlines()[0].endswith(b"STATE_FIPS        ")


def test_control_numbers_of_files_and_of_batches_are_taken_once(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    batches = [(firm.fein, tracked("T1")), (firm.fein, tracked("T2"))]
    refused = order_file("A", *batches, state_fips="31000")
    assert hand_in(state, refused).status is Status.REJECTED
    assert hand_in(state, order_file("A", *batches)).codes == [], "nothing was taken of what was refused"
    again = hand_in(state, order_file("A", *batches, creation_date=date(2026, 1, 16)))
    numbers = [(1, "control_number", "H013"), *((line, "control_number", "H020") for line in (2, 5))]
    assert (again.status, again.codes) == (Status.REJECTED, numbers)
    batch = {"control_number": "AB2"}
    other = hand_in(state, order_file("B", (firm.fein, tracked("T3")), batch=batch))
    assert other.codes == [(2, "control_number", "H020")]
    nebraska = make_partner(exchange, Role.STATE, 2, jurisdiction="NE")
    assert hand_in(nebraska, order_file("A", *batches, state_fips="31000")).codes == []
    assert [len(some) for some in numbers_of(firm)] == [2, 2]


def test_a_file_refused_as_a_whole_comes_back_as_it_was_with_the_reason(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    lines = order_file("A", (firm.fein, tracked("T1")), (firm.fein, tracked("T2"))).splitlines(keepends=True)
    lines[6] = lines[6].replace(b"BTIAB2", b"BTIXX2")
    lines[2] = lines[2].replace(b"KS0000000001", b"KS*000000001")
    lines[1] = lines[1][:60] + b"\xff" + lines[1][61:]
    back = hand_in(state, b"".join(lines))
    assert back.status is Status.REJECTED
    told = back.answers[".res"].splitlines()
    assert [line[:6] for line in told] == [b"FHIAF ", b"BHIAB1", b"BTIAB1", b"BHIAB2", b"BTIXX2", b"FTIAF "]
    named = [line[-18:].strip() for line in told]
    assert named == [b"CONTROL_NUMBER", b"CREATION_TIME", b"", b"", b"CONTROL_NUMBER", b""]
    assert [len(line) for line in told] == [80, 80, 63, 80, 63, 63]
    assert numbers_of(firm) == []


def test_nobody_sends_what_is_for_others_to_send(exchange: Exchange, state: Partner, firm: Partner) -> None:
    orders, acks = order_file("A", (firm.fein, tracked("T1"))), ack_file("B", (firm.fein, [{}]))
    for partner, file in ((state, acks), (firm, orders)):
        back = hand_in(partner, file)
        assert (back.status, [code for _, _, code in back.codes]) == (Status.REJECTED, ["F002"])
        assert ".res" not in back.answers


def test_a_tribe_sends_orders_under_the_locator_code_that_is_on_record(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    tribe = make_partner(exchange, Role.TRIBE)
    file = order_file("A", (firm.fein, tracked("T1")), state_fips="90830")
    assert hand_in(tribe, file).codes == [(1, "state_fips", "H021")]
    with transaction(exchange.engine) as session:
        note_facts(session, exchange, tribe.organization.id, {"locator_code": "90830"})
    assert hand_in(tribe, file).codes == []
    answer = ack_file("B", (firm.fein, tracked("T1")), state_fips="90830", batch={"state_fips": "90830"})
    assert hand_in(firm, answer).codes == []
    [told] = delivered(tribe, "acknowledgements")
    assert read(f"{PROGRAM}-ack", told).header["state_fips"] == "90830"


def test_more_files_than_may_be_open_at_once_are_written_all_the_same(
    exchange: Exchange, state: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nested, "MOST_OPEN", 2)
    firms = [make_partner(exchange, Role.EMPLOYER, number) for number in range(1, 5)]
    batches = [(firm.fein, tracked(f"{turn}X{firm.fein}")) for turn in range(3) for firm in firms]
    assert hand_in(state, order_file("A", *batches)).codes == []
    assert [numbers_of(firm) for firm in firms] == [
        [[f"{turn}X{firm.fein}" for turn in range(3)]] for firm in firms
    ]
