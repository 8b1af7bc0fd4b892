"""Cases and their people by file: what is taken, what is refused, and how it is acknowledged."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from exchange.cases import writing
from exchange.database import reading
from exchange.locate import protection, searching
from exchange.models.cases import RegisteredCase, RegisteredPart
from exchange.models.journal import JournalEvent
from exchange.models.locate import LocateView
from exchange.models.registry import Participant, Person, SupportCase
from exchange.models.transfers import Status
from exchange.registry import persons
from exchange.registry.searching.facts import FullName, Wanted
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from roles.errors import NotPermittedError
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.locate.query import as_fields
from tests.support.case_files import acks, case, case_file, codes, filed, only, person
from tests.support.locating import make_worker
from tests.support.partners import Partner, make_partner
from tests.support.record_files import send

NEW, OTHER = "900010001", "900010002"


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    make_partner(exchange, Role.OCSS_STAFF)
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


def parts(exchange: Exchange) -> list[tuple[str, str, str]]:
    """State, case and part of everybody whom agencies registered."""
    found = (
        select(SupportCase.state, SupportCase.number, RegisteredPart.part)
        .join(RegisteredPart, RegisteredPart.case_id == SupportCase.id)
        .order_by(SupportCase.number, RegisteredPart.part)
    )
    with reading(exchange.engine) as session:
        return [tuple(one) for one in session.exec(found)]


def count(exchange: Exchange, model: type) -> int:
    with reading(exchange.engine) as session:
        return len(session.exec(select(model)).all())


def test_a_file_with_every_action_is_acknowledged_record_by_record(each_exchange: Exchange) -> None:
    make_partner(each_exchange, Role.OCSS_STAFF)
    people = seed(each_exchange, 60, 7)
    known, state = people.person(3), make_partner(each_exchange, Role.STATE, jurisdiction="KS")
    first = filed(
        each_exchange,
        state,
        case(user_field="MINE"),
        person(known.ssn, known.last_name, known.first_name, birth_date=known.birth_date),
        person(NEW, "CARTER", "CARLA", participant_type="CP", member_id="M2"),
        person("", "CARTER", "CHUCK", participant_type="CH", member_id="M3", birth_date=date(2015, 3, 1)),
        case(case_id="C2", case_type="N"),
        person(OTHER, case_id="C2", participant_type="PF"),
    )
    assert first.status is Status.COMPLETE
    assert codes(first) == [
        ("AAAAA", []),
        ("AAAAA", []),
        ("AAAAA", []),
        ("HOLDS", ["PW101"]),
        ("AAAAA", []),
        ("REJCT", ["PE104"]),
    ]
    told = acks(first)
    assert (told[0]["user_field"], told[1]["ssn_validity"], told[2]["ssn_validity"]) == ("MINE", "V", None)
    assert (told[1]["birth_date_indicator"], told[1]["batch_number"]) == ("N", "000001")
    assert parts(each_exchange) == [("KS", "C1", "CH"), ("KS", "C1", "CP"), ("KS", "C1", "NP")]
    second = filed(
        each_exchange,
        state,
        case(action_type="C", case_id="C9", previous_case_id="C1", case_type=None, order_indicator=None),
        only("C", case_id="C9", member_id="M3", ssn=OTHER, last_name="CARTER", first_name="CHUCK"),
        only("C", case_id="C9", member_id="M2", new_member_id="M7"),
        only("D", case_id="C9", ssn=known.ssn),
        only("D", case_id="C9", member_id="M2"),
        ("case", {"action_type": "D", "case_id": "C2"}),
        case(case_id="C9"),
        number=2,
    )
    assert [code for code, _ in codes(second)] == ["AAAAA"] * 4 + ["REJCT", "AAAAA", "REJCT"]
    assert parts(each_exchange) == [("KS", "C9", "CH"), ("KS", "C9", "CP")]
    assert count(each_exchange, RegisteredCase) == 1
    assert count(each_exchange, Person) == 62  # the child's first, numberless person went
    found = persons.search(each_exchange, Wanted(name=FullName("CARTER", "CHUCK"), birth_date="2015"))
    assert not found.candidates  # its birth date was not said again
    found = persons.search(each_exchange, Wanted(ssn=OTHER))
    assert [one.facts.name.first for one in found.candidates] == ["CHUCK"]


def test_what_cannot_be_is_refused_and_the_rest_is_taken(exchange: Exchange, state: Partner) -> None:
    back = filed(
        exchange,
        state,
        case(),
        case(case_id="00", case_type="X"),
        person(NEW, case_id="C5"),
        person(NEW),
        person(NEW, participant_type="CP"),
        person("", last="NOBODY"),
        only("C", ssn=OTHER),
        case(action_type="C", case_id="C7", case_type="N"),
    )
    assert codes(back) == [
        ("AAAAA", []),
        ("REJCT", ["TEV30", "TEV09"]),
        ("REJCT", ["PE101"]),
        ("AAAAA", []),
        ("REJCT", ["PE102"]),
        ("REJCT", ["PE105"]),
        ("REJCT", ["PE103"]),
        ("REJCT", ["TE102"]),
    ]
    assert back.codes == [(3, "case_id", "V030"), (3, "case_type", "V009")]
    assert parts(exchange) == [("KS", "C1", "NP")]


def test_a_file_is_taken_once_and_only_of_ones_own_state(exchange: Exchange, state: Partner) -> None:
    assert filed(exchange, state, case()).status is Status.COMPLETE
    again = send(exchange, state.actor, "case-registry", case_file(case()), "again.txt")
    assert (again.status, [code for _, _, code in again.codes]) == (Status.REJECTED, ["F093"])
    other = filed(exchange, state, case(case_id="C8"), number=2, state="NE")
    assert (other.status, [code for _, _, code in other.codes]) == (Status.REJECTED, ["H022"])
    neighbour = make_partner(exchange, Role.STATE, 2, jurisdiction="NE")
    theirs = filed(exchange, neighbour, only("D", ssn=NEW), case(action_type="D"), state="NE")
    assert codes(theirs) == [("REJCT", ["PE101"]), ("REJCT", ["TE102"])]
    tribe = make_partner(exchange, Role.TRIBE)
    assert codes(filed(exchange, tribe, case(), person(NEW), state=None)) == [("AAAAA", [])] * 2
    assert count(exchange, RegisteredCase) == 2


def test_numbers_are_held_against_what_others_know_of_them(exchange: Exchange, state: Partner) -> None:
    people = seed(exchange, 20, 7)
    one, two = people.person(1), people.person(2)
    back = filed(
        exchange,
        state,
        case(),
        person(one.ssn, "MARRIED", one.first_name, birth_date=one.birth_date),
        person(two.ssn, "SOMEBODY", "ELSE", birth_date=date(1970, 1, 1), additional_ssn_1=one.ssn),
    )
    probable, strange = acks(back)[1:]
    assert (probable["ssn_validity"], strange["ssn_validity"]) == ("N", None)
    assert strange["additional_ssn_1_validity"] == "U"
    assert all(told["provided_ssn"] is None and told["primary_ssn"] is None for told in (probable, strange))
    with reading(exchange.engine) as session:
        mine = session.exec(select(RegisteredPart).order_by(RegisteredPart.person_id)).all()
    assert [(part.private, part.person_id == one.number) for part in mine] == [(False, True), (True, False)]


def test_somebody_protected_is_acknowledged_as_somebody_unknown(exchange: Exchange, state: Partner) -> None:
    people = seed(exchange, 20, 7)
    known, stranger = people.person(1), people.stranger(1)
    protection.protect(exchange, None, known.ssn)
    lines = []
    for number, who in enumerate((known, stranger), start=1):
        of = {"birth_date": who.birth_date, "additional_ssn_1": who.ssn, "case_id": f"C{number}"}
        back = filed(
            exchange,
            state,
            case(case_id=f"C{number}"),
            person(who.ssn, who.last_name, who.first_name, **of),
            only("C", **of | {"ssn": who.ssn, "last_name": who.last_name}),
            number=number,
        )
        layout = LAYOUTS["case-registry-ack"]["person"]
        first = layout["acknowledgement_code"].first - 1
        lines.append([line[first:] for line in back.answers[".res"].splitlines()[1:-1]])
    assert lines[0] == lines[1]


def test_family_violence_is_said_and_ended_by_one_agency_only(exchange: Exchange, state: Partner) -> None:
    def flagged() -> bool:
        with reading(exchange.engine) as session:
            return protection.withheld(session, uuid4(), [protection.person_hash(exchange, NEW)])

    filed(exchange, state, case(), person(NEW, family_violence="FV", member_id="M1"))
    assert flagged()
    neighbour = make_partner(exchange, Role.STATE, 2, jurisdiction="NE")
    filed(exchange, neighbour, case(), person(NEW), state="NE")
    filed(exchange, neighbour, only("C", ssn=NEW), number=2, state="NE")
    assert flagged()
    ended = filed(exchange, state, only("C", member_id="M1"), number=3)
    assert (codes(ended), flagged()) == ([("AAAAA", ["PW103"])], False)
    filed(exchange, state, only("C", member_id="M1", family_violence="FV"), number=4)
    filed(
        exchange, state, only("D", member_id="M1"), ("case", {"action_type": "D", "case_id": "C1"}), number=5
    )
    assert flagged()
    assert count(exchange, Participant) == 1


def test_two_agencies_with_one_case_number_keep_apart(exchange: Exchange, state: Partner) -> None:
    neighbour = make_partner(exchange, Role.STATE, 2, jurisdiction="NE")
    filed(exchange, state, case(), person(NEW))
    filed(exchange, neighbour, case(), person(NEW), state="NE")
    assert parts(exchange) == [("KS", "C1", "NP"), ("NE", "C1", "NP")]
    assert count(exchange, Person) == 1
    more = filed(exchange, state, case(case_id="C2"), person(NEW, case_id="C2"), number=2)
    assert acks(more)[1]["ssn_validity"] == "V"  # another state knows this number by this name


def test_a_file_that_another_one_overtook_is_done_again(
    exchange: Exchange, state: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading and writing another file changed the agency's cases: one more is counted."""
    turn_of, looked = writing.turn_of, []

    def late(session: Session, organization_id: UUID) -> int:
        looked.append(turn_of(session, organization_id))
        return looked[-1] - (len(looked) == 1)

    assert filed(exchange, state, case()).status is Status.COMPLETE
    monkeypatch.setattr(writing, "turn_of", late)
    back = filed(exchange, state, person(NEW), number=2)
    assert (codes(back), looked) == ([("AAAAA", [])], [1, 1])
    assert parts(exchange) == [("KS", "C1", "NP")]


def test_no_other_role_sends_such_a_file(exchange: Exchange, employer: Partner) -> None:
    with pytest.raises(NotPermittedError):
        send(exchange, employer.actor, "case-registry", case_file(case()))


def test_whoever_a_case_protects_without_a_number_is_found_by_no_search(
    exchange: Exchange, state: Partner
) -> None:
    """Protection goes by the number, which comes later; a search must not tell their name until then."""
    worker = make_worker(exchange, 5)
    named = {"last_name": "CARTER", "first_name": "CAROL", "birth_date": "19870327"}
    child = {"participant_type": "CH", "birth_date": date(1987, 3, 27)}

    def found() -> int:
        return len(searching.search(exchange, worker.actor, "support", "T-1", as_fields(named)).matches)

    filed(exchange, state, case(), person("", "CARTER", "CAROL", member_id="M1", **child))
    assert found() == 1
    with reading(exchange.engine) as session:
        shown = session.exec(select(LocateView.sources).where(LocateView.sources != "")).all()
        noted = session.exec(select(JournalEvent.facts).where(JournalEvent.kind == "locate.found")).all()
    assert (shown, noted) == (["FCR"], ['{"people":[""],"purpose":"support"}'])
    said = filed(exchange, state, only("C", member_id="M1", family_violence="FV"), number=2)
    assert codes(said) == [("HOLDS", ["PW102"])]
    assert found() == 0
    filed(exchange, state, only("C", member_id="M1"), number=3)
    assert found() == 1
