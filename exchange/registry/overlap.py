"""For sample files: what an account may put into a file of its own, and people of this registry to put in.

People come from the synthetic population, not from the database, so a sample's truth does not depend on what
is tested with it. The control number is the moment, so that each sample can be handed over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import gcd

from sqlmodel import select

from exchange.database import reading
from exchange.errors import RequestInvalidError
from exchange.models.accounts import Account, Organization
from exchange.registry.population import Person as Synthetic
from exchange.registry.population import Population, is_custodial
from exchange.registry.seed import population_of
from exchange.runtime import Exchange
from exchange.transfers.partners import clients_of, feins, open_periods
from schemas.sample import Person

_STRIDE = 7_368_787
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Overlap:
    """One organization's identifiers and one installation's people, as `schemas.sample` asks for them."""

    identifiers: Mapping[str, str]
    population: Population
    seed: int = 0

    def header(self) -> Mapping[str, str]:
        """Header fields by name, for whichever layout."""
        return self.identifiers

    def people(self, count: int) -> Iterator[Person]:
        """At most `count` people who owe, each once, in an order that the seed decides."""
        owing = islice((number for number in self._numbers() if not is_custodial(number)), count)
        while some := list(islice(owing, _AT_ONCE)):
            yield from map(_as_sampled, self.population.these(some))

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
        }
    return Overlap({name: text for name, text in identifiers.items() if text}, population_of(exchange), seed)
