"""For sample files: what an account may put into a file of its own, and people of this registry to put in.

People come from the synthetic population, not from the database, so a sample's truth does not depend on what
is tested with it; only acknowledgements are about orders that wait there. Each sample can be handed over: its
control number is the moment.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import gcd
from uuid import UUID

from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.errors import RequestInvalidError
from exchange.models.accounts import Account, Organization
from exchange.models.orders import WAITING, WithholdingOrder
from exchange.orders import parties, records
from exchange.registry.agencies import AGENCIES
from exchange.registry.population import Person as Synthetic
from exchange.registry.population import Population, is_custodial
from exchange.registry.seed import population_of
from exchange.runtime import Exchange
from exchange.transfers.partners import clients_of, feins, open_periods
from roles.organizations import OrganizationKind
from schemas.sample import Person
from schemas.sample_orders import several

_STRIDE = 7_368_787
_MOST_EMPLOYERS = 500
_ISSUING = (OrganizationKind.STATE, OrganizationKind.TRIBE)
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Overlap:
    """One organization's identifiers and one installation's people, as `schemas.sample` asks for them."""

    identifiers: Mapping[str, str]
    population: Population
    seed: int = 0
    orders: Callable[[int], Sequence[Mapping[str, str]]] = lambda _count: ()

    def header(self) -> Mapping[str, str]:
        """Header fields by name, for whichever layout."""
        return self.identifiers

    def people(self, count: int) -> Iterator[Person]:
        """At most `count` people who owe, each once, in an order that the seed decides."""
        owing = islice((number for number in self._numbers() if not is_custodial(number)), count)
        while some := list(islice(owing, _AT_ONCE)):
            yield from map(_as_sampled, self.population.these(some))

    def waiting(self, count: int) -> Sequence[Mapping[str, str]]:
        """The oldest orders that wait for an answer; raises `RequestInvalidError` where there are fewer."""
        found = self.orders(count)
        if len(found) < count:
            what = f"{len(found)} orders wait for an answer of this account; ask for at most so many records"
            raise RequestInvalidError(what=what)
        return found

    def _numbers(self) -> Iterator[int]:
        people = self.population.people
        stride = next(step for step in range(_STRIDE, _STRIDE + people + 2) if gcd(step, people or 1) == 1)
        return ((self.seed + place * stride) % people for place in range(people))


def _as_sampled(one: Synthetic) -> Person:
    return Person(
        ssn=one.ssn,
        last_name=one.last_name,
        first_name=one.first_name,
        birth_date=one.birth_date,
        states=one.states,
        case_id=one.cases[0].number,
    )


def overlap(exchange: Exchange, username: str, seed: int = 0) -> Overlap:
    """What `portal sample --home --account` needs. Raises `RequestInvalidError` for an unknown account."""
    with reading(exchange.engine) as session:
        found = select(Organization).join(Account).where(Account.username == username)
        organization = session.exec(found).first()
        if organization is None:
            raise RequestInvalidError(what=f"there is no account named {username}")
        own = feins(exchange, [organization])
        clients = clients_of(session, exchange, organization.id, exchange.clock())
        reported = clients or [organization]
        periods = open_periods(session)
        identifiers = {
            "institution_name": reported[0].name.upper()[:40],
            **dict.fromkeys(("sender_fein", "client_fein", "transmitter_tin"), "".join(own)),
            "institution_tin": "".join(feins(exchange, reported[:1])),
            "year_month": max(periods, default=""),
            "control_number": f"S{exchange.clock():%y%m%d%H%M%S%f}",
            **_of_orders(session, exchange, organization, reported[0]),
        }
    given = {name: text for name, text in identifiers.items() if text} | _of_cases(exchange, organization)
    return Overlap(given, population_of(exchange), seed, partial(_waiting, exchange, reported[0].id))


def _of_orders(
    session: Session, exchange: Exchange, organization: Organization, reported: Organization
) -> dict[str, str]:
    """What files of orders say: from an agency to employers that take part, from an employer about itself."""
    if OrganizationKind(organization.kind) not in _ISSUING:
        return {"employers": "".join(feins(exchange, [reported])), "firms": reported.name.upper()}
    taking = select(Organization).where(*parties.TAKING_PART, col(Organization.fein_hash).is_not(None))
    firms = session.exec(taking.order_by(col(Organization.name)).limit(_MOST_EMPLOYERS)).all()
    agency = AGENCIES.get(organization.jurisdiction or "")
    return {
        "state_fips": parties.locator_code(session, exchange, organization) or "",
        "state_name": (agency.state_name if agency else organization.name).upper()[:35],
        "employers": several(feins(exchange, list(firms))),
        "firms": several(_firm(one.name) for one in firms),
        "tracking": f"T{exchange.clock():%y%m%d%H%M%S}",
    }


def _of_cases(exchange: Exchange, organization: Organization) -> dict[str, str]:
    """What a file of cases says: the state (a tribe: none), and a number that no other sample has."""
    if OrganizationKind(organization.kind) not in _ISSUING:
        return {}
    state = organization.jurisdiction if organization.jurisdiction in AGENCIES else ""
    return {"state": state or "", "batch_number": f"{exchange.clock():%H%M%S}"}


def _firm(name: str) -> str:
    """A name as an order has it."""
    return name.upper().encode("ascii", "replace").decode()[:57].strip()


def _waiting(exchange: Exchange, employer_id: UUID, count: int) -> Sequence[Mapping[str, str]]:
    """The oldest orders of an employer that wait, as their acknowledgements echo them."""
    wanted = select(WithholdingOrder).where(
        WithholdingOrder.employer_id == employer_id,
        col(WithholdingOrder.status).in_([status.value for status in WAITING]),
    )
    oldest = wanted.order_by(col(WithholdingOrder.received_at), col(WithholdingOrder.id).desc())
    with reading(exchange.engine) as session:
        rows = session.exec(oldest.limit(count)).all()
    return [records.echoed(row, records.opened_order(exchange, row)) for row in rows]
