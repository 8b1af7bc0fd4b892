"""Organizations that do not register themselves: OCSS staff make them and invite who looks after them first.

Staff also help where nobody is left who could: a first administrator whose code was lost or went astray, and
an organization without any administrator.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from exchange import journal, letters
from exchange.accounts import activation, enrolment, people
from exchange.accounts import registration_rows as rows
from exchange.accounts.answers import answers
from exchange.accounts.enrolment import Invitation, NewOrganization
from exchange.accounts.identity import prove
from exchange.accounts.people_form import USERNAME_TAKEN
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotNowError, RecordNotFoundError
from exchange.models.accounts import Account, Organization
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind, asked_of_staff
from roles.permissions import Permission
from roles.policy import Actor, authorize, can
from schemas.forms.registration import FIRST_PERSON

_KEPT = ("country", "evidence")
"""What is kept beside the row of the organization."""
_EMAIL = tuple(asked for asked in FIRST_PERSON if asked.name == "email")


def kinds_to_make(actor: Actor) -> list[OrganizationKind]:
    """The kinds whose organizations the actor may make."""
    return [kind for kind, about in KINDS.items() if about.made_by_staff and can(actor, about.verifies)]


def make(exchange: Exchange, actor: Actor, kind: OrganizationKind, submitted: Mapping[str, str]) -> UUID:
    """Make an organization of what `asked_of_staff` asks, and invite its first administrator.

    Raises `FieldsRefusedError`, also when the organization is there already, and `RecordNotFoundError` for a
    kind that staff do not make.
    """
    about = KINDS[kind]
    authorize(actor, about.verifies)
    if not about.made_by_staff:
        raise RecordNotFoundError
    said = answers(asked_of_staff(kind), submitted)
    with transaction(exchange.engine) as session:
        _one_at_a_time(session, actor)
        if there := rows.organization_with(session, exchange, kind, said[about.key]):
            raise FieldsRefusedError({about.key: f"This is taken: {there.name} is here already"})
        made = _add(session, exchange, actor, kind, said)
        if about.own_sign_on:
            letters.write(session, exchange, said["email"], "organization-made")
        else:
            _invite(session, exchange, actor, made, said)
    return made.id


def lacks_administrator(session: Session, row: Organization) -> bool:
    """Whether staff may invite somebody to look after it: nobody does, and nobody could register to."""
    about = KINDS[OrganizationKind(row.kind)]
    return about.made_by_staff and not about.own_sign_on and not rows.administrators(session, row.id)


def invite_administrator(
    exchange: Exchange, actor: Actor, organization_id: UUID, submitted: Mapping[str, str]
) -> None:
    """Invite somebody to look after an organization that nobody looks after. Raises `FieldsRefusedError`."""
    authorize(actor, Permission.REGISTRATION_VERIFY)
    said = answers(FIRST_PERSON, submitted)
    with transaction(exchange.engine) as session:
        row = session.get(Organization, organization_id, with_for_update=True)
        if row is None or not lacks_administrator(session, row):
            raise RecordNotFoundError
        _invite(session, exchange, actor, row, said)


def waiting_administrator(session: Session, row: Organization) -> Account | None:
    """Who was invited to look after it first and has never been in; None once anybody looks after it.

    Not who was in before and lost the second factor: that takes two people (`exchange.accounts.oversight`).
    """
    if people.administrators(session, row.id) or KINDS[OrganizationKind(row.kind)].single:
        return None
    invited = rows.administrators(session, row.id)
    return next((one for one in invited if people.never_came(one)), None)


def send_code_again(exchange: Exchange, actor: Actor, organization_id: UUID, email: str) -> None:
    """Mail its first administrator a new code, to another address if `email` is one.

    Raises `FieldsRefusedError`, and `NotNowError` once somebody looks after the organization.
    """
    authorize(actor, Permission.REGISTRATION_VERIFY)
    address = answers(_EMAIL, {"email": email})["email"]
    with reading(exchange.engine) as session:
        prove(exchange, _waiting(session, organization_id))
    with transaction(exchange.engine) as session:
        account = _waiting(session, organization_id)
        if account.email != address:
            account.email = address
            session.add(account)
            journal.append(session, exchange, "account.redirected", actor, account.id)
        activation.issue(session, exchange, account, actor)


def _waiting(session: Session, organization_id: UUID) -> Account:
    row = session.get(Organization, organization_id)
    if row is None:
        raise RecordNotFoundError
    account = waiting_administrator(session, row)
    if account is None:
        raise NotNowError(why="somebody looks after this organization, or nobody was invited")
    return account


def _one_at_a_time(session: Session, actor: Actor) -> None:
    """Staff who make the same organization at one moment do so one after another: the second is refused."""
    session.get(Organization, actor.organization_id, with_for_update=True)


def _add(
    session: Session, exchange: Exchange, actor: Actor, kind: OrganizationKind, said: Mapping[str, str]
) -> Organization:
    new = NewOrganization(
        kind=kind,
        name=said["organization_name"],
        jurisdiction=said.get("jurisdiction"),
        notices_to=said["email"],
    )
    made = enrolment.add_organization(session, exchange, new, actor)
    rows.note_facts(session, exchange, made.id, {name: said.get(name, "") for name in _KEPT})
    return made


def _invite(
    session: Session, exchange: Exchange, actor: Actor, row: Organization, said: Mapping[str, str]
) -> None:
    if rows.username_taken(session, exchange, said["username"], row.id):
        raise FieldsRefusedError({"username": USERNAME_TAKEN})
    new = Invitation(
        organization_id=row.id,
        username=said["username"],
        name=said["name"],
        role=KINDS[OrganizationKind(row.kind)].role,
        email=said["email"],
        administrator=True,
    )
    enrolment.invite(session, exchange, new, actor)
