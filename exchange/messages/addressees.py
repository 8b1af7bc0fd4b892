"""Whom one may write to."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange.database import reading
from exchange.messages.access import mailbox
from exchange.models.accounts import ACTIVE, Account, Organization
from exchange.models.messages import Message, MessageKind, MessageState, Office, ThreadSide
from exchange.runtime import Exchange
from roles.correspondence import AGENCIES, Topic, topics_between
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor

SHOWN = 25
"""Organizations listed of those that a name finds."""


@dataclass(frozen=True)
class Addressee:
    """An organization to write to, and what about."""

    id: UUID
    name: str
    kind: OrganizationKind
    topics: tuple[Topic, ...]


def agencies(exchange: Exchange, actor: Actor) -> list[Addressee]:
    """OCSS, then every state and tribe that takes part, by name; everybody may write to some of them."""
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        kinds = [kind.value for kind in AGENCIES]
        rows = session.exec(_active(box.organization).where(col(Organization.kind).in_(kinds))).all()
    found = [_addressee(box.organization, row) for row in rows]
    in_order = sorted(found, key=lambda one: (one.kind is not OrganizationKind.OCSS, one.kind, one.name))
    return [one for one in in_order if one.topics]


def find(exchange: Exchange, actor: Actor, name: str) -> list[Addressee]:
    """Organizations with this in their name that the actor's may write to, at most `SHOWN`."""
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        named = _active(box.organization).where(
            col(Organization.name).icontains(" ".join(name.split()), autoescape=True)
        )
        if box.organization.kind not in AGENCIES:
            named = named.where(col(Organization.kind).in_([kind.value for kind in AGENCIES]))
        rows = session.exec(named.order_by(col(Organization.name)).limit(SHOWN)).all()
    return [one for one in (_addressee(box.organization, row) for row in rows) if one.topics]


def addressee(session: Session, own: Organization, organization_id: UUID) -> Addressee | None:
    """One organization to write to; None for one that takes no part, or may not be written to."""
    row = session.get(Organization, organization_id)
    if row is None or row.status != ACTIVE or row.id == own.id:
        return None
    found = _addressee(own, row)
    return found if found.topics else None


def offices(session: Session, organization_id: UUID) -> list[Office]:
    """The offices of an agency that may be written to, by name."""
    there = select(Office).where(Office.organization_id == organization_id, col(Office.closed_at).is_(None))
    return list(session.exec(there.order_by(col(Office.name))).all())


def correspondents(session: Session, own: Organization, other_id: UUID, name: str = "") -> list[Account]:
    """People of another organization who wrote to this one and are still there, by name; or those called so.

    Only these can be named: who works where is nobody else's to know. The mailbox of an agency is large, so
    it is looked for in the other one.
    """
    ends = (other_id, own.id) if own.kind in AGENCIES else (own.id, other_id)
    theirs = (col(ThreadSide.organization_id), col(ThreadSide.other_id))
    wrote = (
        select(Message.account_id)
        .join(ThreadSide, col(ThreadSide.thread_id) == col(Message.thread_id))
        .where(*(column == end for column, end in zip(theirs, ends, strict=True)))
        .where(Message.organization_id == other_id, Message.kind == MessageKind.MESSAGE)
        .where(Message.state != MessageState.RECALLED)
    )
    people = select(Account).where(
        col(Account.id).in_(wrote), Account.organization_id == other_id, Account.status == ACTIVE
    )
    called = people.where(Account.name == name) if name else people
    return list(session.exec(called.order_by(col(Account.name)).limit(SHOWN)).all())


def person_of(session: Session, organization_id: UUID, account_id: UUID) -> Account | None:
    """Somebody of an organization who may be meant; None for anybody else."""
    found = session.get(Account, account_id)
    known = found is not None and (found.organization_id, found.status) == (organization_id, ACTIVE)
    return found if known else None


def _active(own: Organization) -> SelectOfScalar[Organization]:
    return select(Organization).where(Organization.status == ACTIVE, Organization.id != own.id)


def _addressee(own: Organization, row: Organization) -> Addressee:
    kind = OrganizationKind(row.kind)
    return Addressee(row.id, row.name, kind, topics_between(OrganizationKind(own.kind), kind))
