"""Staff make the organizations that do not register, and help their first administrators in."""

from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from exchange import errors
from exchange.accounts import activation, admission, console, people
from exchange.database import reading, transaction
from exchange.models.accounts import INVITED, Account, Organization
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.support.registering import Applicant, code_in, mails
from tests.support.signing_in import WEB

KIND = OrganizationKind
PERSON = {"name": "Robin Sample", "email": "robin@example.org", "username": "robin.sample"}
ABROAD = {
    "organization_name": "Authority of Samplia",
    "country": "ca",
    "evidence": "Letter of May 2",
    **PERSON,
}
GRANTEE = {"organization_name": "Plains Visits", "jurisdiction": "KS", "evidence": "Mail of May 3", **PERSON}
STATE = {
    "organization_name": "Kansas Child Support Services",
    "jurisdiction": "KS",
    "evidence": "Election of May 4",
    "email": "exchange@example.org",
}
SAID = {KIND.INTERNATIONAL: ABROAD, KIND.ACCESS_VISITATION: GRANTEE, KIND.STATE: STATE}


def told(exchange: Exchange, *about: UUID) -> list[tuple[str, UUID | None]]:
    """What the journal has about these, and who did it."""
    with reading(exchange.engine) as session:
        events = session.exec(select(JournalEvent).order_by(JournalEvent.position)).all()
    return [(one.kind, one.account_id) for one in events if one.subject_id in about]


def first_of(exchange: Exchange, organization_id: UUID) -> Account:
    with reading(exchange.engine) as session:
        return session.exec(select(Account).where(Account.organization_id == organization_id)).one()


def test_every_kind_that_neither_registers_nor_is_ocss_is_made_by_staff(
    exchange: Exchange, ocss: Partner, employer: Partner
) -> None:
    assert set(admission.kinds_to_make(ocss.actor)) == set(SAID)
    assert admission.kinds_to_make(employer.actor) == []
    for kind in set(KIND) - set(SAID):
        with pytest.raises(errors.RecordNotFoundError):
            admission.make(exchange, ocss.actor, kind, ABROAD)
    with pytest.raises(errors.NotPermittedError):
        admission.make(exchange, employer.actor, KIND.INTERNATIONAL, ABROAD)


@pytest.mark.parametrize("kind", [KIND.INTERNATIONAL, KIND.ACCESS_VISITATION])
def test_it_is_made_with_a_first_administrator_who_gets_in_by_code(
    exchange: Exchange, ocss: Partner, kind: KIND
) -> None:
    made = admission.make(exchange, ocss.actor, kind, SAID[kind])
    first = first_of(exchange, made)
    assert (first.status, first.administrator, first.role) == (INVITED, True, KINDS[kind].role)
    by = ocss.account.id
    happened = ["organization.created", "account.invited", "activation.issued"]
    assert told(exchange, made, first.id) == [(what, by) for what in happened]
    (letter,) = mails(exchange, "robin@example.org")
    assert "robin.sample" not in letter
    assert activation.check(exchange, "robin.sample", code_in(letter), WEB).id == first.id
    shown = console.organization(exchange, ocss.actor, made)
    assert shown.facts["evidence"] == SAID[kind]["evidence"]
    assert shown.waits_for is not None


def test_a_state_is_made_without_anybody_and_its_address_is_told(exchange: Exchange, ocss: Partner) -> None:
    made = admission.make(exchange, ocss.actor, KIND.STATE, STATE)
    with reading(exchange.engine) as session:
        assert session.exec(select(Account).where(Account.organization_id == made)).all() == []
        assert session.get_one(Organization, made).jurisdiction == "KS"
    (letter,) = mails(exchange, "exchange@example.org")
    assert "your own sign-on" in letter
    assert not console.organization(exchange, ocss.actor, made).lacks_administrator
    with pytest.raises(errors.RecordNotFoundError):
        admission.invite_administrator(exchange, ocss.actor, made, PERSON)


@pytest.mark.parametrize("kind", SAID)
def test_none_is_made_twice_and_nothing_is_left_of_the_attempt(each_exchange: Exchange, kind: KIND) -> None:
    staff = make_partner(each_exchange, Role.OCSS_STAFF)
    admission.make(each_exchange, staff.actor, kind, SAID[kind])
    again = SAID[kind] | {"organization_name": "Another", "username": "casey.second"}
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        admission.make(each_exchange, staff.actor, kind, again)
    (field,) = refusal.value.problems
    assert field == KINDS[kind].key
    assert SAID[kind]["organization_name"] in refusal.value.problems[field]
    with reading(each_exchange.engine) as session:
        assert len(session.exec(select(Organization).where(Organization.kind == kind)).all()) == 1


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("organization_name", ""), ("country", "XX"), ("evidence", ""), ("email", "robin"), ("username", "r")],
)
def test_what_is_wrong_is_said_at_its_field(
    exchange: Exchange, ocss: Partner, field: str, wrong: str
) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        admission.make(exchange, ocss.actor, KIND.INTERNATIONAL, ABROAD | {field: wrong})
    assert set(refusal.value.problems) == {field}
    assert mails(exchange) == []


def test_a_username_that_somebody_has_or_has_asked_for_is_refused(
    exchange: Exchange, ocss: Partner, employer: Partner
) -> None:
    Applicant(exchange, KIND.EMPLOYER, "casey.waits").submit()
    for taken in (employer.account.username, "casey.waits"):
        with pytest.raises(errors.FieldsRefusedError) as refusal:
            admission.make(exchange, ocss.actor, KIND.INTERNATIONAL, ABROAD | {"username": taken})
        assert set(refusal.value.problems) == {"username"}


def test_a_lost_code_is_sent_again_also_elsewhere_and_the_earlier_one_is_void(
    exchange: Exchange, ocss: Partner
) -> None:
    made = admission.make(exchange, ocss.actor, KIND.INTERNATIONAL, ABROAD)
    first = code_in(mails(exchange)[-1])
    with pytest.raises(errors.FieldsRefusedError):
        admission.send_code_again(exchange, ocss.actor, made, "robin")
    admission.send_code_again(exchange, ocss.actor, made, "robin.right@example.org")
    (letter,) = mails(exchange, "robin.right@example.org")
    with pytest.raises(errors.SignInRefusedError):
        activation.check(exchange, "robin.sample", first, WEB)
    assert activation.check(exchange, "robin.sample", code_in(letter), WEB)
    assert ("account.redirected", ocss.account.id) in told(exchange, first_of(exchange, made).id)


def test_nobody_is_redirected_who_was_in_before_or_belongs_to_somebody_else(
    exchange: Exchange, ocss: Partner, clock: Clock
) -> None:
    """One person of OCSS does not undo that a second factor takes two to reset."""
    boss = make_partner(exchange, Role.INTERNATIONAL, administrator=True)
    for organization_id in (boss.organization.id, ocss.organization.id):
        with pytest.raises(errors.NotNowError):
            admission.send_code_again(exchange, ocss.actor, organization_id, "mine@example.org")
    with transaction(exchange.engine) as session:
        reset = session.get_one(Account, boss.account.id)
        reset.status, reset.password_hash = INVITED, None
        people.seal(session, exchange, reset)
    with pytest.raises(errors.NotNowError):
        admission.send_code_again(exchange, ocss.actor, boss.organization.id, "mine@example.org")
    with pytest.raises(errors.RecordNotFoundError):
        admission.send_code_again(exchange, ocss.actor, uuid4(), "mine@example.org")


def test_an_organization_that_lost_its_administrator_gets_another(exchange: Exchange, ocss: Partner) -> None:
    plain = make_partner(exchange, Role.INTERNATIONAL)
    wanted = plain.organization.id
    assert console.organization(exchange, ocss.actor, wanted).lacks_administrator
    admission.invite_administrator(exchange, ocss.actor, wanted, PERSON)
    assert mails(exchange, "robin@example.org")
    assert not console.organization(exchange, ocss.actor, wanted).lacks_administrator
    with pytest.raises(errors.RecordNotFoundError):
        admission.invite_administrator(exchange, ocss.actor, wanted, PERSON | {"username": "casey.second"})


def test_who_registers_gets_no_administrator_from_staff(
    exchange: Exchange, ocss: Partner, employer: Partner
) -> None:
    with pytest.raises(errors.RecordNotFoundError):
        admission.invite_administrator(exchange, ocss.actor, employer.organization.id, PERSON)
