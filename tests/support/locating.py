"""Workers who may locate people, and sources that answer what a test has them say."""

import json
from datetime import timedelta
from uuid import UUID

from sqlmodel import select

from exchange.database import reading, transaction
from exchange.locate import requests, taking
from exchange.locate.requests import NewRequest
from exchange.locate.standing import Clearance, write_agreement, write_clearance
from exchange.models.locate import LocateQuery, QueryStatus
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Actor
from schemas.locate.query import as_fields
from tests.conftest import Clock
from tests.support.partners import Partner, make_colleague, make_partner

SSN = "900010001"
FIELDS = as_fields(
    {"ssn": "900-01-0001", "last_name": "Alderson", "first_name": "Ida", "birth_date": "1987-03-27"}
)
FOUND = {"outcome": "found", "facts": {"address": "7 Synthetic Lane, Topeka KS 66601"}}


def make_worker(
    exchange: Exchange,
    number: int = 1,
    *,
    role: Role = Role.TRIBE,
    jurisdiction: str | None = None,
    **cleared: bool,
) -> Partner:
    """Somebody of an agency with an agreement, trained and cleared (`tax`, `manager`)."""
    partner = make_partner(exchange, role, number, administrator=True, jurisdiction=jurisdiction)
    today = exchange.clock().date()
    with transaction(exchange.engine) as session:
        days = (today, today + timedelta(days=365))
        write_agreement(session, exchange, partner.organization.id, days, None)
    clear(exchange, partner, **cleared)
    return partner


def make_fellow(of: Partner, name: str, **cleared: bool) -> Partner:
    """A colleague who is cleared, too."""
    partner = make_colleague(of, name)
    clear(of.exchange, partner, **cleared)
    return partner


def clear(exchange: Exchange, partner: Partner, *, tax: bool = False, manager: bool = False) -> None:
    with transaction(exchange.engine) as session:
        cleared = Clearance(tax, manager, exchange.clock().date())
        write_clearance(session, exchange, partner.account.id, cleared, None)


def ask(exchange: Exchange, actor: Actor, case: str = "T-100", **more: object) -> UUID:
    given = {"purpose": "support", "sources": ("A01", "H98"), "authority": True, "fields": FIELDS, **more}
    return requests.ask(exchange, actor, NewRequest(case_number=case, **given))


def sent(exchange: Exchange, request_id: UUID) -> dict[str, UUID]:
    """Note that the sources were asked; the id of the question to each."""
    with transaction(exchange.engine) as session:
        rows = session.exec(select(LocateQuery).where(LocateQuery.request_id == request_id)).all()
        for row in rows:
            row.status, row.sent_at = QueryStatus.SENT.value, exchange.clock()
            session.add(row)
        return {row.source: row.id for row in rows}


def answer(exchange: Exchange, source: str, query_id: UUID, said: dict[str, object], **about: str) -> bool:
    echo = {"ssn": SSN, "last_name": "Alderson"} | about
    return taking.take(
        exchange, source, json.dumps({"id": str(query_id), "about": echo, "answer": said}).encode()
    )


def statuses(exchange: Exchange, request_id: UUID) -> dict[str, str]:
    with reading(exchange.engine) as session:
        rows = session.exec(select(LocateQuery).where(LocateQuery.request_id == request_id)).all()
        return {row.source: row.status for row in rows}


def at_noon(clock: Clock) -> None:
    """Wednesday, December 2, 2026, 18:00 UTC: noon in Kansas."""
    here = clock()
    clock.forward(seconds=(here.replace(year=2026, month=12, day=2, hour=18) - here).total_seconds())
