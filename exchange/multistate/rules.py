"""What only the exchange can know about a registration: whose numbers they are, who has them already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, func, select

from exchange.accounts import representations
from exchange.accounts.feins import masked, open_own, open_subsidiary, verified
from exchange.errors import FieldsRefusedError
from exchange.models.accounts import Organization
from exchange.models.multistate import (
    MultistateMember,
    MultistatePlace,
    MultistateRegistration,
    RegistryStatus,
)
from exchange.multistate import rows
from exchange.multistate.statuses import LIVE
from exchange.runtime import Exchange
from exchange.transfers import partners
from roles.multistate import Registrant
from schemas.forms.form import Answers, Problem
from schemas.forms.multistate import CLIENTS, SUBSIDIARIES, Member, members_of, parse

_UPDATE = "This number is registered already. Change that registration instead of making another"
_ELSEWHERE = "Another organization has registered this number already. Ask it, or OCSS"
_COVERED = "A processor that acts for you has registered this number. It has to take it off its list first"


@dataclass(frozen=True)
class Number:
    """A FEIN that an organization may register; `shown` is masked."""

    id: UUID
    name: str
    fein: str

    @property
    def shown(self) -> str:
        """How a page names it."""
        return f"{self.name}, {masked(self.fein)}"


def numbers(session: Session, exchange: Exchange, organization: Organization) -> list[Number]:
    """The organization's own FEIN, and those of its group that OCSS has verified."""
    own = open_own(exchange, organization)
    main = [Number(organization.id, organization.name, own)] if own else []
    further = verified(session, [organization])
    return main + [Number(one.id, one.name, open_subsidiary(exchange, one)) for one in further]


def checked(
    session: Session, exchange: Exchange, row: MultistateRegistration, fields: Mapping[str, str]
) -> Answers:
    """The answers of a form, and all that is wrong with them."""
    provider = row.registrant == Registrant.PROVIDER.value
    words = CLIENTS if provider else SUBSIDIARIES
    found = parse(fields, exchange.clock().date(), rows.fein_of(exchange, row), words)
    if any(problem.field == "members" for problem in found.problems):
        return found
    refusal = _clients_refused if provider else _subsidiaries_refused
    wrong = refusal(session, exchange, row, members_of(found.values))
    return Answers(found.values, (*found.problems, *([Problem("members", wrong)] if wrong else [])))


def good(found: Answers) -> Mapping[str, str]:
    """The answers. Raises `FieldsRefusedError` with the first thing that is wrong of each field."""
    if found.problems:
        raise FieldsRefusedError({one.field: one.message for one in reversed(found.problems)})
    return found.values


def refuse_registered(session: Session, exchange: Exchange, row: MultistateRegistration) -> None:
    """Raise `FieldsRefusedError` when the number is registered by somebody: then that is to be changed."""
    live = rows.live_with(session, row.fein_hash)
    if live is not None and live.id != row.id:
        mine = live.organization_id == row.organization_id
        raise FieldsRefusedError({"number": _UPDATE if mine else _ELSEWHERE})
    if _is_covered(session, exchange, row):
        raise FieldsRefusedError({"number": _COVERED})


def refuse_overlap(session: Session, row: MultistateRegistration, day: date) -> None:
    """Raise `FieldsRefusedError` when an earlier registration of the number, cancelled, still holds then."""
    earlier = select(MultistateRegistration.id).where(
        MultistateRegistration.fein_hash == row.fein_hash,
        MultistateRegistration.status == RegistryStatus.CANCELLED.value,
    )
    ends = select(func.max(MultistatePlace.until)).where(col(MultistatePlace.registration_id).in_(earlier))
    last = session.exec(ends).one()
    if last is not None and day < last:
        text = f"The earlier registration of this number holds until {last:%B} {last.day}, {last.year}"
        raise FieldsRefusedError({"effective_on": f"{text}; enter that day or a later one"})


def _is_covered(session: Session, exchange: Exchange, row: MultistateRegistration) -> bool:
    """Whether a processor that the organization lets act for it lists the number among its clients."""
    listing = (
        select(MultistateRegistration.organization_id)
        .join(MultistateMember, col(MultistateMember.registration_id) == col(MultistateRegistration.id))
        .where(
            MultistateMember.fein_hash == row.fein_hash,
            MultistateRegistration.registrant == Registrant.PROVIDER.value,
            col(MultistateRegistration.status).in_([status.value for status in LIVE]),
        )
    )
    whose, now = row.organization_id, exchange.clock()
    agents = session.exec(listing).all()
    return any(representations.in_force(session, exchange, agent, whose, now) for agent in agents)


def _clients_refused(
    session: Session, exchange: Exchange, row: MultistateRegistration, listed: tuple[Member, ...]
) -> str:
    """What is wrong with the clients of a processor: each agrees, and none registered by itself."""
    clients = client_hashes(session, exchange, row.organization_id)
    registered = _registered(session, exchange, listed)
    for number, one in enumerate(listed, 1):
        if rows.hash_of(exchange, one.fein) not in clients:
            return f"Line {number}: nobody with this number has agreed that you act for it"
        if rows.hash_of(exchange, one.fein) in registered:
            return f"Line {number}: this client is registered by itself, and one of the two must go"
    return ""


def _subsidiaries_refused(
    session: Session, exchange: Exchange, row: MultistateRegistration, listed: tuple[Member, ...]
) -> str:
    """What is wrong with subsidiaries; of numbers that are another's nothing is told."""
    registered = _registered(session, exchange, listed)
    for number, one in enumerate(listed, 1):
        if registered.get(rows.hash_of(exchange, one.fein)) == row.organization_id:
            return f"Line {number}: you registered this number by itself; change or cancel that first"
    return ""


def client_hashes(session: Session, exchange: Exchange, organization_id: UUID) -> set[bytes]:
    """The hashes of all numbers of those for whom an organization acts now."""
    clients = partners.clients_of(session, exchange, organization_id, exchange.clock())
    further = {one.fein_hash for one in verified(session, clients)}
    return further | {one.fein_hash for one in clients if one.fein_hash}


def _registered(session: Session, exchange: Exchange, listed: Iterable[Member]) -> dict[bytes, UUID]:
    """Of these numbers, those that are registered by themselves, and by which organization."""
    hashes = [rows.hash_of(exchange, one.fein) for one in listed]
    live = [status.value for status in LIVE]
    found = select(MultistateRegistration.fein_hash, MultistateRegistration.organization_id).where(
        col(MultistateRegistration.fein_hash).in_(hashes), col(MultistateRegistration.status).in_(live)
    )
    return dict(session.exec(found).all())
