"""What a check may hold a file against: whose numbers the sender may use, which quarter is open."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from exchange.accounts import representations
from exchange.accounts.feins import open_own, open_subsidiary, verified
from exchange.accounts.representations import acting
from exchange.database import reading
from exchange.models.accounts import ACTIVE, Organization, Representation
from exchange.models.base import as_utc
from exchange.models.organizations import Subsidiary
from exchange.models.registry import Inquiry
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.policy import Actor
from schemas.checking import CheckRules

ALL_ACCOUNTS = 1
"""The method of an institution that sends every open account instead of answering an inquiry file."""
_INDICATORS = {True: frozenset({"A", "U"}), False: frozenset({"M"})}


def rules_for(session: Session, exchange: Exchange, row: Transfer, limit: int) -> CheckRules:
    """The facts a file of this transfer's organization is checked with, as of its hand-over.

    A production installation takes no test files, a synthetic one takes both (domain.md 13.3).
    """
    organization = session.get_one(Organization, row.organization_id)
    handed_over = as_utc(row.created_at)
    agent = col(Representation.transmitter_id) == organization.id
    acted_for = representations.note_damaged(session, exchange, agent)
    own = frozenset(feins(exchange, [organization]))
    mine = own | frozenset(_subsidiaries(session, exchange, [organization]))
    now, before = _now_and_before(session, acted_for, handed_over)
    clients, former = (frozenset(numbers(session, exchange, some)) for some in (now, before))
    all_accounts = organization.match_method == ALL_ACCOUNTS
    return CheckRules(
        today=handed_over.date(),
        now=handed_over,
        synthetic=exchange.settings.synthetic_people,
        senders=own,
        clients=mine | clients,
        institutions=mine | clients,
        transmitters=own,
        withdrawn=former - mine - clients,
        months=None if all_accounts else open_periods(session),
        methods=_INDICATORS[all_accounts],
        jurisdictions=_jurisdictions(organization),
        test=None if exchange.settings.synthetic_people else False,
        control_number=f"P{row.id.hex[:21].upper()}",
        limit=limit,
    )


def _jurisdictions(organization: Organization) -> frozenset[str] | None:
    """What an agency's file names as its state: a tribe leaves that blank."""
    if OrganizationKind(organization.kind) is OrganizationKind.TRIBE:
        return frozenset({""})
    return frozenset({organization.jurisdiction}) if organization.jurisdiction else None


def rules_now(exchange: Exchange, actor: Actor, program: str, limit: int) -> CheckRules:
    """The rules that a file of this organization would be checked with, were it handed over now."""
    now = exchange.clock()
    row = Transfer(
        id=uuid4(),
        organization_id=actor.organization_id,
        direction="inbound",
        channel=actor.channel.value,
        program=program,
        filename="",
        status="DRAFT",
        created_at=now,
        changed_at=now,
    )
    with reading(exchange.engine) as session:
        return rules_for(session, exchange, row, limit)


def feins(exchange: Exchange, organizations: list[Organization]) -> list[str]:
    """The FEINs of those organizations that have one."""
    return [fein for one in organizations if (fein := open_own(exchange, one)) is not None]


def numbers(session: Session, exchange: Exchange, organizations: list[Organization]) -> list[str]:
    """Their FEINs, and those of their subsidiaries that OCSS has verified."""
    if not organizations:
        return []
    return [*feins(exchange, organizations), *_subsidiaries(session, exchange, organizations)]


def _subsidiaries(session: Session, exchange: Exchange, organizations: list[Organization]) -> list[str]:
    return [open_subsidiary(exchange, one) for one in verified(session, organizations)]


def clients_of(
    session: Session, exchange: Exchange, organization_id: UUID, at: datetime
) -> list[Organization]:
    """The active organizations that this one acted for at a moment, in the order of their names."""
    named = client_ids(session, exchange, organization_id, at)
    if not named:
        return []  # most senders act for nobody, and somebody waits for each of these questions
    found = select(Organization).where(col(Organization.id).in_(named)).order_by(col(Organization.name))
    return list(session.exec(found))


def client_ids(session: Session, exchange: Exchange, organization_id: UUID, at: datetime) -> set[UUID]:
    """As `clients_of`, for who needs no more of them: with hundreds of clients that is much less."""
    active = select(Organization.id).where(Organization.status == ACTIVE)
    mine = (col(Representation.transmitter_id) == organization_id) & acting(at)
    wanted = mine & col(Representation.client_id).in_(active)
    return {row.client_id for row in representations.genuine(session, exchange, wanted)}


def _now_and_before(
    session: Session, acted_for: list[Representation], at: datetime
) -> tuple[list[Organization], list[Organization]]:
    """The active clients of a moment, and all those for which it had ended by then; each row proven once."""
    if not acted_for:
        return [], []
    named = select(Organization).where(col(Organization.id).in_({row.client_id for row in acted_for}))
    clients = {one.id: one for one in session.exec(named)}
    now = {row.client_id for row in acted_for if representations.was_in_force(row, at)}
    before = {row.client_id for row in acted_for if row.until and as_utc(row.until) <= at}
    return [clients[one] for one in now if clients[one].status == ACTIVE], [clients[one] for one in before]


def client_named(session: Session, exchange: Exchange, row: Transfer, fein: str) -> UUID | None:
    """The client that a file's header names; None for the sender's own number and for everybody else's.

    Of a number whose owner never agreed nothing is told: not even that somebody has it.
    """
    hashed = exchange.vault.cells.keyed_hash("fein", fein)
    owners = select(Subsidiary.organization_id).where(
        Subsidiary.fein_hash == hashed, col(Subsidiary.verified_at).is_not(None)
    )
    of_number = (col(Organization.fein_hash) == hashed) | col(Organization.id).in_(owners)
    named = session.exec(select(Organization.id).where(of_number)).all()
    pairs = col(Representation.client_id).in_(named) & (
        col(Representation.transmitter_id) == row.organization_id
    )
    known = representations.genuine(session, exchange, pairs & (col(Representation.since) <= row.created_at))
    own = row.organization_id in named
    return None if own else next((one.client_id for one in known), None)


def open_periods(session: Session) -> frozenset[str]:
    """The quarter that may be answered now, as CCYYMM: that of the latest inquiry file (domain.md 3.9)."""
    latest = select(Inquiry.period).order_by(col(Inquiry.period).desc()).limit(1)
    return frozenset(session.exec(latest))
