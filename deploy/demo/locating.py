"""Who locates people in the demonstration, and a few requests, which its synthetic sources answer.

The agreements are recorded by OCSS. Nobody clears themselves: whoever makes the demonstration clears the
first of each agency, as an administrator of OCSS does in earnest where there is only one.
"""

from dataclasses import dataclass
from datetime import timedelta

from deploy.demo.history import acting
from exchange.accounts.directory import account
from exchange.database import transaction
from exchange.locate import requests, standing
from exchange.locate.requests import NewRequest
from exchange.locate.standing import Clearance
from exchange.registry.population import Person, Population
from exchange.runtime import Exchange
from roles.locate import ALL, Purpose
from roles.policy import Channel
from schemas.locate.query import as_fields

CLEARED_FIRST = ("tala.rivers", "kai.sunflower")
CASEWORKER = "lena.cloud"
_RECORDS = "olive.staffer"
_AGREED = timedelta(days=200)


@dataclass(frozen=True)
class Search:
    """Somebody of the case registry, by their place in it, for whom a worker asks."""

    username: str
    case_number: str
    purpose: Purpose
    person: int
    sources: tuple[str, ...] = (ALL,)


SEARCHES = (
    Search("tala.rivers", "TR-2026-0117", Purpose.SUPPORT, 41),
    Search("tala.rivers", "TR-2026-0142", Purpose.PATERNITY, 507),
    Search(CASEWORKER, "TR-2026-0150", Purpose.SUPPORT, 1_203, ("FCR", "A01", "E01", "H97", "H98")),
    Search("kai.sunflower", "KS-88412", Purpose.CUSTODY, 2_304),
)


def let_locate(exchange: Exchange, population: Population) -> None:
    """Record agreements, clear workers, and ask for a few people."""
    ocss, today = acting(exchange, _RECORDS, Channel.WEB), exchange.clock().date()
    for username in CLEARED_FIRST:
        agency = account(exchange, username).organization_id
        standing.record_agreement(exchange, ocss, agency, today + _AGREED)
        with transaction(exchange.engine) as session:
            first = Clearance(tax=True, manager=True, trained_on=today)
            standing.write_clearance(session, exchange, account(exchange, username).id, first, None)
    colleague = Clearance(tax=False, manager=False, trained_on=today - timedelta(days=345))
    administrator = acting(exchange, CLEARED_FIRST[0], Channel.WEB)
    standing.clear(exchange, administrator, account(exchange, CASEWORKER).id, colleague)
    for search in SEARCHES:
        _ask(exchange, search, population.person(search.person))


def _ask(exchange: Exchange, search: Search, person: Person) -> None:
    known = {
        "ssn": person.ssn,
        "last_name": person.last_name.title(),
        "first_name": person.first_name.title(),
        "birth_date": person.birth_date,
    }
    asked = NewRequest(
        search.purpose.value, search.case_number, as_fields(known), search.sources, authority=True
    )
    requests.ask(exchange, acting(exchange, search.username, Channel.WEB), asked)
