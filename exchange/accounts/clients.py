"""Who acts for whom: a processor or transmitter asks, the client agrees, and either ends it at any moment.

A request names a FEIN and is met with the same silence whether anybody has it, so that asking tells nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange import journal, letters
from exchange.accounts import people, representations
from exchange.accounts.answers import answers
from exchange.accounts.feins import hashes_of, masked, open_mandate
from exchange.accounts.identity import is_proven
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotPermittedError, RecordNotFoundError
from exchange.models.accounts import ACTIVE, Account, Organization, Representation
from exchange.models.base import as_utc
from exchange.models.organizations import AGREED, DECLINED, WAITING, WITHDRAWN, Mandate
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization, authorize
from roles.representation import MAY_ACT_FOR, acts_for_others
from schemas.forms.registration import FACTS

PAGE = 25
"""Clients on one page."""
_AGENT, _CLIENT = aliased(Organization), aliased(Organization)
MOST_WAITING = 50
"""Requests of one organization that may wait for an answer at a time."""


@dataclass(frozen=True)
class Request:
    """A request as either side sees it; the client's FEIN stands masked."""

    id: UUID
    fein: str
    agent: str
    asked_at: datetime
    state: str


@dataclass(frozen=True)
class Relation:
    """One organization acts, or acted, for another. Not `genuine`: it was changed outside the portal."""

    id: UUID
    agent: str
    client: str
    since: datetime
    until: datetime | None
    genuine: bool


@dataclass(frozen=True)
class Relations:
    """What an organization sees of who acts for whom; one client more than `PAGE` where there are further."""

    asked: list[Request]
    asked_of_us: list[Request]
    clients: list[Relation]
    agents: list[Relation]


def relations(exchange: Exchange, actor: Actor, wanted: str = "", page: int = 0) -> Relations:
    """Everything about the actor's organization: what is in force first, then the newest.

    Of its clients one page, or of those with `wanted` in their name.
    """
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    with reading(exchange.engine) as session:
        mine = session.exec(_newest(col(Mandate.transmitter_id) == visible)).all()
        of_us = _asked_of(session, visible)
        acted_for = col(Representation.transmitter_id) == visible
        if wanted:
            acted_for &= col(_CLIENT.name).icontains(wanted, autoescape=True)
        return Relations(
            _requests(session, exchange, mine),
            _requests(session, exchange, of_us),
            _relations(session, exchange, acted_for, page),
            _relations(session, exchange, col(Representation.client_id) == visible),
        )


def how_many_ask(exchange: Exchange, actor: Actor) -> int:
    """How many organizations ask to act for the actor's."""
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    with reading(exchange.engine) as session:
        return len(_asked_of(session, visible))


def ask(exchange: Exchange, actor: Actor, fein: str) -> None:
    """Ask whoever has this FEIN to let the actor's organization act for it.

    Raises `FieldsRefusedError` for what is no FEIN, or asked already; `NotPermittedError` for a kind of
    organization that acts for nobody.
    """
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    if not acts_for_others(actor.organization_kind):
        raise NotPermittedError
    number = answers((FACTS["fein"],), {"fein": fein})["fein"]
    row = _mandate(exchange, visible, actor.account_id, number)
    with transaction(exchange.engine) as session:
        _refuse_waiting(session, row)
        _keep(session, exchange, row, actor)


def ask_for_newcomer(session: Session, exchange: Exchange, account: Account, feins: str) -> None:
    """Ask each client that was named in a registration, one FEIN a line, on behalf of its new account."""
    for fein in feins.split():
        _keep(session, exchange, _mandate(exchange, account.organization_id, account.id, fein), None)


def take_back(exchange: Exchange, actor: Actor, mandate_id: UUID) -> None:
    """Take a request back that has no answer yet."""
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    with transaction(exchange.engine) as session:
        row = session.get(Mandate, mandate_id, with_for_update=True)
        if row is None or row.transmitter_id != visible or row.state != WAITING:
            raise RecordNotFoundError
        _close(session, exchange, actor, row, WITHDRAWN)


def agree(exchange: Exchange, actor: Actor, mandate_id: UUID) -> None:
    """Let the organization that asked act for the actor's from now on."""
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    with transaction(exchange.engine) as session:
        row = _asked_of_us(session, visible, mandate_id)
        _close(session, exchange, actor, row, AGREED)
        if not representations.in_force(session, exchange, row.transmitter_id, visible, exchange.clock()):
            representations.begin(session, exchange, row.transmitter_id, visible, actor)
        _tell(session, exchange, row.transmitter_id)


def decline(exchange: Exchange, actor: Actor, mandate_id: UUID) -> None:
    """Let it not act for the actor's organization; it may ask again."""
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    with transaction(exchange.engine) as session:
        _close(session, exchange, actor, _asked_of_us(session, visible, mandate_id), DECLINED)


def withdraw(exchange: Exchange, actor: Actor, representation_id: UUID) -> None:
    """End it, from either side, at once: what is handed over from now on is refused."""
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    with transaction(exchange.engine) as session:
        row = session.get(Representation, representation_id, with_for_update=True)
        if row is None or visible not in {row.transmitter_id, row.client_id} or row.until is not None:
            raise RecordNotFoundError
        for each in (row, *_further(session, row)):
            representations.end(session, exchange, each, actor)
        _tell(session, exchange, row.client_id if visible == row.transmitter_id else row.transmitter_id)


def _further(session: Session, ended: Representation) -> list[Representation]:
    """Other rows of the same two: whoever ends it means all of it."""
    same = select(Representation).where(
        Representation.transmitter_id == ended.transmitter_id,
        Representation.client_id == ended.client_id,
        Representation.id != ended.id,
        col(Representation.until).is_(None),
    )
    return list(session.exec(same.with_for_update()))


def _mandate(exchange: Exchange, transmitter_id: UUID, account_id: UUID, fein: str) -> Mandate:
    cells = exchange.vault.cells
    row = Mandate(
        transmitter_id=transmitter_id,
        fein_sealed=b"",
        fein_hash=cells.keyed_hash("fein", fein),
        asked_at=exchange.clock(),
        asked_by=account_id,
    )
    row.fein_sealed = cells.seal(f"mandate:{row.id}", fein)
    return row


def _keep(session: Session, exchange: Exchange, row: Mandate, actor: Actor | None) -> None:
    session.add(row)
    _tell_client(session, exchange, row)
    journal.append(session, exchange, "mandate.asked", actor, row.id)


def _newest(condition: ColumnElement[bool]) -> SelectOfScalar[Mandate]:
    return select(Mandate).where(condition).order_by(col(Mandate.asked_at).desc()).limit(MOST_WAITING)


def _asked_of(session: Session, visible: VisibleOrganization) -> Sequence[Mandate]:
    """What waits for the answer of this organization, from those that may act for its kind."""
    client = session.get_one(Organization, visible)
    able = [kind for kind, clients in MAY_ACT_FOR.items() if OrganizationKind(client.kind) in clients]
    agents = select(Organization.id).where(
        col(Organization.kind).in_(able), Organization.status == ACTIVE, Organization.id != visible
    )
    wanted = col(Mandate.fein_hash).in_(hashes_of(session, client)) & (col(Mandate.state) == WAITING)
    return session.exec(_newest(wanted & col(Mandate.transmitter_id).in_(agents))).all()


def _asked_of_us(session: Session, visible: VisibleOrganization, mandate_id: UUID) -> Mandate:
    session.get(Mandate, mandate_id, with_for_update=True)
    found = next((one for one in _asked_of(session, visible) if one.id == mandate_id), None)
    if found is None:
        raise RecordNotFoundError
    return found


def _close(session: Session, exchange: Exchange, actor: Actor, row: Mandate, state: str) -> None:
    row.state, row.closed_at = state, exchange.clock()
    session.add(row)
    journal.append(session, exchange, f"mandate.{state}", actor, row.id)


def _refuse_waiting(session: Session, new: Mandate) -> None:
    mine = select(Mandate.fein_hash).where(
        Mandate.transmitter_id == new.transmitter_id, Mandate.state == WAITING
    )
    waiting = session.exec(mine).all()
    if new.fein_hash in waiting:
        raise FieldsRefusedError({"fein": "You have asked for this number already"})
    if len(waiting) >= MOST_WAITING:
        raise FieldsRefusedError({"fein": f"{MOST_WAITING} requests wait already; take one back first"})


def _tell_client(session: Session, exchange: Exchange, row: Mandate) -> None:
    for client in session.exec(select(Organization).where(Organization.fein_hash == row.fein_hash)):
        _tell(session, exchange, client.id, "mandate-asked")


def _tell(
    session: Session, exchange: Exchange, organization_id: UUID, event: str = "representation-changed"
) -> None:
    for email in people.administrators(session, organization_id).values():
        letters.write(session, exchange, email, event)


def _requests(session: Session, exchange: Exchange, rows: Sequence[Mandate]) -> list[Request]:
    agents = {row.transmitter_id for row in rows}
    named = select(Organization.id, Organization.name).where(col(Organization.id).in_(agents))
    names = dict(session.exec(named).all())
    return [
        Request(
            row.id,
            masked(open_mandate(exchange, row)),
            names[row.transmitter_id],
            as_utc(row.asked_at),
            row.state,
        )
        for row in rows
    ]


def _relations(
    session: Session, exchange: Exchange, condition: ColumnElement[bool], page: int = 0
) -> list[Relation]:
    named = (
        select(Representation, _AGENT.name, _CLIENT.name)
        .join(_AGENT, col(_AGENT.id) == col(Representation.transmitter_id))
        .join(_CLIENT, col(_CLIENT.id) == col(Representation.client_id))
        .where(condition)
        .order_by(
            col(Representation.until).is_not(None),
            col(Representation.since).desc(),
            col(_CLIENT.name),
            col(Representation.id),
        )
    )
    found = session.exec(named.offset(page * PAGE).limit(PAGE + 1))
    return [_relation(exchange, row, agent, client) for row, agent, client in found]


def _relation(exchange: Exchange, row: Representation, agent: str, client: str) -> Relation:
    until = as_utc(row.until) if row.until else None
    return Relation(row.id, agent, client, as_utc(row.since), until, is_proven(exchange, row))


def of_organization(session: Session, exchange: Exchange, organization_id: UUID) -> list[Relation]:
    """For whom it acts, and who acts for it, for staff who look at it: the first page and one more."""
    agent, client = col(Representation.transmitter_id), col(Representation.client_id)
    return _relations(session, exchange, (agent == organization_id) | (client == organization_id))
