"""What is unusual about who was looked for: noticed when it happens, and settled by a person.

Nobody is stopped by an alarm: it is for the manager and for OCSS, who look and say what it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from exchange import business_days, journal
from exchange.database import reading, transaction
from exchange.errors import NotOneselfError, NotPermittedError, RecordNotFoundError
from exchange.guide import editions
from exchange.guide.keepers import own_code
from exchange.locate import notes
from exchange.locate.standing import require
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.locate import Act, LocateAlarm, LocateRequest, LocateView
from exchange.registry.searching.naming import part
from exchange.runtime import Exchange
from roles.locate import PEOPLE_OF_A_CASE, REQUESTS_A_DAY, SEARCHES_A_DAY, WORKING_HOURS, Alarm
from roles.permissions import Permission
from roles.policy import Actor, can
from schemas.guide.hours import local_time

_DAY = timedelta(days=1)
_SHOWN = 200


@dataclass(frozen=True)
class Raised:
    """An alarm as it is shown: about which worker of which agency, and what came of it."""

    id: UUID
    kind: Alarm
    worker: str
    agency: str
    own: bool
    request_id: UUID | None
    at: datetime
    settled_at: datetime | None
    settled_by: str
    note: str


def notice_request(
    session: Session, exchange: Exchange, actor: Actor, request: LocateRequest, last_name: str
) -> None:
    """Raise what is unusual about a request, in the transaction that makes it."""
    for kind in _about_request(session, exchange, actor, request, last_name):
        _raise(session, exchange, actor, kind, request.id)


def notice_search(session: Session, exchange: Exchange, actor: Actor) -> None:
    """Raise what is unusual about a search, in the transaction that notes it."""
    since = exchange.clock() - _DAY
    searches = _count(
        session, LocateView, col(LocateView.account_id) == actor.account_id,
        LocateView.act == Act.SEARCH.value, LocateView.sources == "", col(LocateView.at) > since,
    )  # fmt: skip
    if searches > SEARCHES_A_DAY * (1 + _asked_since(session, actor, since)):
        _raise(session, exchange, actor, Alarm.MANY_WITHOUT_RESULT, None)
    if _is_out_of_hours(session, exchange, actor):
        _raise(session, exchange, actor, Alarm.OUT_OF_HOURS, None)


def _about_request(
    session: Session, exchange: Exchange, actor: Actor, request: LocateRequest, last_name: str
) -> Iterator[Alarm]:
    if is_same_family(last_name, actor.name):
        yield Alarm.SAME_NAME
    if _is_out_of_hours(session, exchange, actor):
        yield Alarm.OUT_OF_HOURS
    if _asked_since(session, actor, exchange.clock() - _DAY) > REQUESTS_A_DAY:
        yield Alarm.MANY_IN_A_DAY
    people = select(func.count(func.distinct(LocateRequest.same_hash))).where(
        LocateRequest.organization_id == request.organization_id, LocateRequest.case_hash == request.case_hash
    )
    if session.exec(people).one() > PEOPLE_OF_A_CASE:
        yield Alarm.MANY_FOR_ONE_CASE


def is_same_family(one: str, other: str) -> bool:
    """Whether two names share a part by which families are told apart: no particle, no initial."""
    return any(len(name) > 1 for name in _families(one) & _families(other))


def _families(name: str) -> set[str]:
    """What a name may end with, written in one, and each part that is no particle."""
    words = part(name).words
    return {"".join(words[start:]) for start in range(len(words))} | set(part(name).core)


def _asked_since(session: Session, actor: Actor, since: datetime) -> int:
    return _count(
        session, LocateRequest, col(LocateRequest.account_id) == actor.account_id,
        col(LocateRequest.created_at) > since,
    )  # fmt: skip


def _count(
    session: Session, table: type[LocateRequest] | type[LocateView], *which: ColumnElement[bool] | bool
) -> int:
    return session.exec(select(func.count()).select_from(table).where(*which)).one()


def _is_out_of_hours(session: Session, exchange: Exchange, actor: Actor) -> bool:
    """By the clock of the agency, as the reference guide has it; without one, by UTC."""
    organization = session.get_one(Organization, actor.organization_id)
    part = editions.published(exchange).parts.get(own_code(session, exchange, organization) or "")
    there = local_time(part.facts.time_zone if part else "UTC", exchange.clock())
    first, last = WORKING_HOURS
    return not (first <= there.hour < last and business_days.is_one(there.date()))


def _raise(session: Session, exchange: Exchange, actor: Actor, kind: Alarm, request_id: UUID | None) -> None:
    """Once a day for each worker and kind; for a name each time."""
    day = exchange.clock().date()
    known = select(LocateAlarm.id).where(
        LocateAlarm.account_id == actor.account_id, LocateAlarm.kind == kind.value, LocateAlarm.day == day
    )
    if kind is not Alarm.SAME_NAME and session.exec(known).first() is not None:
        return
    row = LocateAlarm(
        kind=kind.value,
        account_id=actor.account_id,
        organization_id=actor.organization_id,
        request_id=request_id,
        day=day,
        at=exchange.clock(),
    )
    session.add(row)
    journal.append(session, exchange, "locate.alarm", actor, row.id, alarm=kind.value)


def raised(exchange: Exchange, actor: Actor, *, open_only: bool = True) -> list[Raised]:
    """The alarms about one's agency, for its managers; for OCSS those of all. The newest first."""
    with reading(exchange.engine) as session:
        wanted = select(LocateAlarm).where(*_seen(session, exchange, actor))
        if open_only:
            wanted = wanted.where(col(LocateAlarm.settled_at).is_(None))
        rows = session.exec(wanted.order_by(col(LocateAlarm.at).desc()).limit(_SHOWN)).all()
        return [_shown(session, exchange, actor, row) for row in rows]


def settle(exchange: Exchange, actor: Actor, alarm_id: UUID, note: str) -> None:
    """Say what it was. Never about oneself. Raises `RecordNotFoundError`, `FieldsRefusedError`."""
    text = notes.checked(note, "note", "Say what you found")
    with transaction(exchange.engine) as session:
        mine = select(LocateAlarm).where(LocateAlarm.id == alarm_id, *_seen(session, exchange, actor))
        row = session.exec(mine.with_for_update()).first()
        if row is None or row.settled_at is not None:
            raise RecordNotFoundError
        if row.account_id == actor.account_id:
            raise NotOneselfError
        row.settled_at, row.settled_by = exchange.clock(), actor.account_id
        row.note_sealed = notes.seal(exchange, text)
        session.add(row)
        journal.append(session, exchange, "locate.alarm-settled", actor, row.id, alarm=row.kind)


def _seen(session: Session, exchange: Exchange, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    if can(actor, Permission.LOCATE_AUDIT):
        return ()
    if not require(session, exchange, actor).manager:
        raise NotPermittedError
    return (col(LocateAlarm.organization_id) == actor.organization_id,)


def _shown(session: Session, exchange: Exchange, actor: Actor, row: LocateAlarm) -> Raised:
    by = session.get(Account, row.settled_by) if row.settled_by else None
    return Raised(
        row.id,
        Alarm(row.kind),
        session.get_one(Account, row.account_id).name,
        session.get_one(Organization, row.organization_id).name,
        row.account_id == actor.account_id,
        row.request_id,
        as_utc(row.at),
        as_utc(row.settled_at) if row.settled_at else None,
        by.name if by else "",
        notes.opened(exchange, row.note_sealed),
    )
