"""Offices of an agency: made, renamed, closed, and which topics go to which of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, delete, select

from exchange import journal
from exchange.accounts.acting import in_view
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotNowError, RecordNotFoundError
from exchange.messages import addressees
from exchange.messages.access import mailbox, pulse
from exchange.messages.fields import wrong_text
from exchange.models.accounts import Organization
from exchange.models.messages import Office, TopicRoute
from exchange.runtime import Exchange
from roles.correspondence import Topic, topics_of
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, authorize

LONGEST_NAME, MOST = 80, 200
"""Characters of a name; open offices of one agency."""


@dataclass(frozen=True)
class OfficeView:
    """An office and the topics that go to it."""

    id: UUID
    name: str
    topics: tuple[Topic, ...]
    closed: bool


@dataclass(frozen=True)
class Offices:
    """The offices of an agency, closed ones last, and the office of each of its topics, if it has one."""

    offices: list[OfficeView]
    routes: list[tuple[Topic, UUID | None]]


def offices(exchange: Exchange, actor: Actor) -> Offices:
    """The offices of the actor's agency. Raises `NotPermittedError`."""
    with reading(exchange.engine) as session:
        own = mailbox(session, exchange, actor, Permission.MESSAGE_MANAGE).organization
        there = select(Office).where(Office.organization_id == own.id)
        rows = session.exec(there.order_by(col(Office.name))).all()
        going = {one.topic: one.office_id for one in _routes(session, own.id)}
    routes = [(topic, going.get(topic.slug)) for topic in topics_received(own)]
    views = [
        OfficeView(row.id, row.name, tuple(t for t, at in routes if at == row.id), row.closed_at is not None)
        for row in rows
    ]
    return Offices(sorted(views, key=lambda one: one.closed), routes)


def office(exchange: Exchange, actor: Actor, office_id: UUID) -> OfficeView:
    """One open office of the actor's agency. Raises `RecordNotFoundError`."""
    for one in offices(exchange, actor).offices:
        if one.id == office_id and not one.closed:
            return one
    raise RecordNotFoundError


def make(exchange: Exchange, actor: Actor, name: str) -> UUID:
    """Make an office, or open a closed one of this name again. Raises `FieldsRefusedError`."""
    with _changing(exchange, actor) as (session, own):
        chosen = _name(name)
        if len(addressees.offices(session, own.id)) >= MOST:
            raise NotNowError(why=f"there are {MOST} offices; close some first")
        row = _of_name(session, own, chosen) or Office(organization_id=own.id, name=chosen)
        if row in session and row.closed_at is None:
            raise FieldsRefusedError({"name": "There is an office of this name"})
        row.closed_at = None
        session.add(row)
        journal.append(session, exchange, "office.made", actor, row.id)
    return row.id


def rename(exchange: Exchange, actor: Actor, office_id: UUID, name: str) -> None:
    """Give an office another name. Raises `FieldsRefusedError` or `RecordNotFoundError`."""
    with _changing(exchange, actor) as (session, own):
        row, chosen = _office(session, own, office_id), _name(name)
        if (_of_name(session, own, chosen) or row).id != row.id:
            raise FieldsRefusedError({"name": "There is an office of this name, perhaps a closed one"})
        row.name = chosen
        session.add(row)
        journal.append(session, exchange, "office.renamed", actor, row.id)


def close(exchange: Exchange, actor: Actor, office_id: UUID) -> None:
    """Close an office: nothing new comes to it, and no topic goes there. What lies in it stays there.

    Raises `RecordNotFoundError`.
    """
    with _changing(exchange, actor) as (session, own):
        row = _office(session, own, office_id)
        row.closed_at = exchange.clock()
        session.add(row)
        session.execute(delete(TopicRoute).where(col(TopicRoute.office_id) == row.id))
        journal.append(session, exchange, "office.closed", actor, row.id)


def route(exchange: Exchange, actor: Actor, wanted: Mapping[str, str]) -> None:
    """Say for each topic (its slug) which office it goes to: an id, or nothing for none.

    Only what is written to the agency from now on follows it. Raises `FieldsRefusedError` for an office that
    is closed or another's; topics that it does not receive are left alone.
    """
    with _changing(exchange, actor) as (session, own):
        there = {str(one.id): one.id for one in addressees.offices(session, own.id)}
        received = {topic.slug for topic in topics_received(own)}
        asked = {slug: given for slug, given in wanted.items() if slug in received}
        wrong = [slug for slug, given in asked.items() if given and given not in there]
        if wrong:
            raise FieldsRefusedError(dict.fromkeys(wrong, "Choose an open office of your organization"))
        goals = {slug: there.get(given) for slug, given in asked.items()}
        changed = _route(session, own, goals)
        if changed:
            journal.append(session, exchange, "office.routed", actor, own.id, topics=changed)


def topics_received(own: Organization) -> list[Topic]:
    """What an agency is written to about, and may give to an office."""
    kind = OrganizationKind(own.kind)
    return [topic for topic in topics_of(kind) if kind in topic.agencies]


@contextmanager
def _changing(exchange: Exchange, actor: Actor) -> Iterator[tuple[Session, Organization]]:
    """One change after another of an agency's offices, by somebody who looks after it."""
    authorize(actor, Permission.MESSAGE_MANAGE)
    with transaction(exchange.engine) as session:
        _, own = in_view(session, exchange, actor, Permission.ORGANIZATION_MANAGE, lock=True)
        yield session, own
        pulse(session, own.id)


def _route(session: Session, own: Organization, goals: Mapping[str, UUID | None]) -> list[str]:
    """Set the routes; returns the topics that go elsewhere now."""
    standing = {row.topic: row for row in _routes(session, own.id)}
    at = {slug: row.office_id for slug, row in standing.items()}
    changed = sorted(slug for slug, goal in goals.items() if at.get(slug) != goal)
    for slug in changed:
        goal = goals[slug]
        if goal is None:
            session.delete(standing[slug])
        else:
            session.merge(TopicRoute(organization_id=own.id, topic=slug, office_id=goal))
    return changed


def _routes(session: Session, organization_id: UUID) -> list[TopicRoute]:
    return list(session.exec(select(TopicRoute).where(TopicRoute.organization_id == organization_id)).all())


def _office(session: Session, own: Organization, office_id: UUID) -> Office:
    """An open office of the agency, or `RecordNotFoundError`."""
    row = session.get(Office, office_id)
    if row is None or row.organization_id != own.id or row.closed_at is not None:
        raise RecordNotFoundError
    return row


def _of_name(session: Session, own: Organization, name: str) -> Office | None:
    return session.exec(
        select(Office).where(Office.organization_id == own.id, Office.name == name)
    ).one_or_none()


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if wrong := wrong_text(name, LONGEST_NAME) if name else "Enter the name of the office":
        raise FieldsRefusedError({"name": wrong})
    return name
