"""Deciding registrations: OCSS staff about new organizations, administrators about who joins theirs.

Whoever decides, a registration is decided once: its row is locked and its state looked at in the transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, func, select

from exchange import journal, letters
from exchange.accounts import clearances, clients, enrolment, settling_in
from exchange.accounts import registration_rows as rows
from exchange.accounts.enrolment import Invitation, NewOrganization
from exchange.accounts.registration import note_joining
from exchange.accounts.registration_rows import Application
from exchange.database import reading, transaction
from exchange.errors import RecordNotFoundError, RegistrationSettledError, UsernameTakenError
from exchange.models.accounts import Account
from exchange.models.registration import (
    DENIED,
    RETURNED,
    SUBMITTED,
    VERIFIED,
    Registration,
)
from exchange.runtime import Exchange
from roles.organizations import KINDS
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization, authorize

_STAFF, _OWN = Permission.REGISTRATION_VERIFY, Permission.ACCOUNT_MANAGE
LISTED = 200


@dataclass(frozen=True)
class Looked:
    """A registration as whoever decides sees it, with what should make them careful."""

    application: Application
    cautions: tuple[str, ...]


def waiting(exchange: Exchange, actor: Actor, status: str = SUBMITTED) -> list[Application]:
    """What OCSS staff have to decide, the oldest first; with another `status` what became of the latest.

    New organizations, and whoever joins one that has no administrator.
    """
    authorize(actor, _STAFF)
    order = col(Registration.submitted_at)
    wanted = select(Registration).where(Registration.status == status, _for_staff())
    with reading(exchange.engine) as session:
        found = session.exec(wanted.order_by(order if status == SUBMITTED else order.desc()).limit(LISTED))
        return [rows.view_of(exchange, row) for row in found]


def how_many_wait(exchange: Exchange, actor: Actor, now: datetime) -> tuple[int, int]:
    """How many registrations wait for staff, and how many of them longer than they may."""
    authorize(actor, _STAFF)
    mine = (
        select(func.count()).select_from(Registration).where(Registration.status == SUBMITTED, _for_staff())
    )
    with reading(exchange.engine) as session:
        late = mine.where(col(Registration.due_at) < now)
        return session.exec(mine).one(), session.exec(late).one()


def look(exchange: Exchange, actor: Actor, registration_id: UUID) -> Looked:
    """One registration, for staff; that it was looked at stands in the journal."""
    authorize(actor, _STAFF)
    with transaction(exchange.engine) as session:
        row = session.get(Registration, registration_id)
        if row is None or row.submitted_at is None:
            raise RecordNotFoundError
        journal.append(session, exchange, "registration.viewed", actor, row.id)
        return Looked(rows.view_of(exchange, row), tuple(_cautions(session, row)))


def verify(exchange: Exchange, actor: Actor, registration_id: UUID) -> Application:
    """Let the organization in, with the applicant as its first administrator, and mail the activation code.

    Should the organization have come into being meanwhile, its administrators are asked instead: the answer
    is then still `submitted`. Raises `RegistrationSettledError`, `UsernameTakenError`,
    `ClearanceMissingError` or `RequestInvalidError` (a FEIN that another kind of organization has).
    """
    authorize(actor, _STAFF)
    with transaction(exchange.engine) as session:
        row = _submitted(session, registration_id, _for_staff())
        view = rows.view_of(exchange, row)
        key = view.answers[KINDS[view.kind].key]
        clearances.name_on_record(session, exchange, view.kind, key)
        if not row.joining:
            note_joining(session, exchange, row, key)
            if row.organization_id and rows.administrators(session, row.organization_id):
                return rows.view_of(exchange, row)
        row.organization_id = row.organization_id or _organization(session, exchange, actor, view)
        _let_in(session, exchange, actor, row, administrator=True)
        return rows.view_of(exchange, row)


def ask_back(exchange: Exchange, actor: Actor, registration_id: UUID, question: str) -> None:
    """Send it back with a question; the applicant corrects and submits again."""
    authorize(actor, _STAFF)
    with transaction(exchange.engine) as session:
        row = _submitted(session, registration_id, _for_staff())
        _settle(session, exchange, actor, row, RETURNED, question)
        letters.write(session, exchange, _email(exchange, row), "registration-returned")


def deny(exchange: Exchange, actor: Actor, registration_id: UUID, reason: str) -> None:
    """Refuse it; the reason stands on the applicant's page, never in the letter."""
    authorize(actor, _STAFF)
    with transaction(exchange.engine) as session:
        _deny(session, exchange, actor, _submitted(session, registration_id, _for_staff()), reason)


def joins_waiting(exchange: Exchange, actor: Actor) -> list[Application]:
    """Who asks to join the actor's own organization, the oldest first."""
    visible = authorize(actor, _OWN)
    wanted = select(Registration).where(Registration.status == SUBMITTED, _joining(visible))
    with reading(exchange.engine) as session:
        found = session.exec(wanted.order_by(col(Registration.submitted_at)).limit(LISTED))
        return [rows.view_of(exchange, row) for row in found]


def how_many_ask_to_join(exchange: Exchange, actor: Actor) -> int:
    """How many ask to join the actor's own organization."""
    visible = authorize(actor, _OWN)
    wanted = select(func.count()).select_from(Registration)
    with reading(exchange.engine) as session:
        return session.exec(wanted.where(Registration.status == SUBMITTED, _joining(visible))).one()


def approve_join(exchange: Exchange, actor: Actor, registration_id: UUID) -> None:
    """Let somebody into the actor's own organization, without looking after it; mails the activation code."""
    visible = authorize(actor, _OWN)
    with transaction(exchange.engine) as session:
        row = _submitted(session, registration_id, _joining(visible))
        _let_in(session, exchange, actor, row, administrator=False)


def deny_join(exchange: Exchange, actor: Actor, registration_id: UUID, reason: str) -> None:
    """Keep somebody out of the actor's own organization."""
    visible = authorize(actor, _OWN)
    with transaction(exchange.engine) as session:
        _deny(session, exchange, actor, _submitted(session, registration_id, _joining(visible)), reason)


def _for_staff() -> ColumnElement[bool]:
    """New organizations, and organizations that nobody looks after."""
    theirs = col(Account.organization_id) == col(Registration.organization_id)
    looked_after = exists().where(theirs, rows.looks_after())
    decided = col(Registration.status).in_((VERIFIED, DENIED))
    return decided | ~col(Registration.joining) | ~looked_after


def _joining(visible: VisibleOrganization) -> ColumnElement[bool]:
    return col(Registration.joining) & (col(Registration.organization_id) == visible)


def _submitted(session: Session, registration_id: UUID, mine: ColumnElement[bool]) -> Registration:
    wanted = select(Registration).where(Registration.id == registration_id, mine).with_for_update()
    row = session.exec(wanted).first()
    if row is None:
        raise RecordNotFoundError
    if row.status != SUBMITTED:
        raise RegistrationSettledError
    return row


def _organization(session: Session, exchange: Exchange, actor: Actor, view: Application) -> UUID:
    answers, about = view.answers, KINDS[view.kind]
    method = answers.get("match_method")
    new = NewOrganization(
        kind=view.kind,
        name=view.organization_name,
        fein=answers.get("fein") if "fein" in about.facts else None,
        match_method=int(method) if method and "match_method" in about.facts else None,
        notices_to=answers["email"],
    )
    made = enrolment.add_organization(session, exchange, new, actor)
    settling_in.keep(session, exchange, made, answers)
    return made.id


def _let_in(
    session: Session, exchange: Exchange, actor: Actor, row: Registration, *, administrator: bool
) -> None:
    view = rows.view_of(exchange, row)
    assert row.organization_id is not None
    if rows.username_taken(session, exchange, view.answers["username"], row.id):
        raise UsernameTakenError
    new = Invitation(
        organization_id=row.organization_id,
        username=view.answers["username"],
        name=view.person_name,
        role=KINDS[view.kind].role,
        email=view.answers["email"],
        administrator=administrator,
    )
    account = enrolment.invite(session, exchange, new, actor)
    row.account_id = account.id
    if not row.joining:
        clients.ask_for_newcomer(session, exchange, account, view.answers.get("clients", ""))
    _settle(session, exchange, actor, row, VERIFIED, "")


def _deny(session: Session, exchange: Exchange, actor: Actor, row: Registration, reason: str) -> None:
    _settle(session, exchange, actor, row, DENIED, reason)
    letters.write(session, exchange, _email(exchange, row), "registration-denied")


def _settle(
    session: Session, exchange: Exchange, actor: Actor, row: Registration, status: str, note: str
) -> None:
    """Note the decision; once it stands, what only the check of the person needed is forgotten."""
    row.status, row.decided_at, row.decided_by = status, exchange.clock(), actor.account_id
    rows.seal_note(exchange, row, note)
    if status != RETURNED:
        answers = rows.answers_of(exchange, row)
        rows.keep_answers(exchange, row, {k: v for k, v in answers.items() if k not in rows.ERASED})
    journal.append(
        session, exchange, f"registration.{status}", actor, row.id, of=row.kind, joining=row.joining
    )


def _email(exchange: Exchange, row: Registration) -> str:
    return rows.answers_of(exchange, row)["email"]


def _cautions(session: Session, row: Registration) -> list[str]:
    """What staff should know before they decide."""
    others = select(Registration.reference).where(Registration.id != row.id)
    same_key = others.where(Registration.key_hash == row.key_hash, Registration.status == SUBMITTED)
    same_person = others.where(Registration.person_hash == row.person_hash, Registration.status != DENIED)
    said = [
        f"The same organization is registered in {other}, which waits as well."
        for other in session.exec(same_key)
    ]
    if row.person_hash:
        said += [f"The same person is registered in {other}." for other in session.exec(same_person)]
    if row.joining:
        said.append("The organization exists and has no administrator: the applicant would become its first.")
    return said
