"""Asking for a person: checked, kept, and handed to the sources by a worker; never twice at a time.

A request belongs to the worker who made it. It says why, in which case, and that there is the authority.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from exchange import codes, journal
from exchange.database import transaction
from exchange.errors import FieldsRefusedError, NotNowError, RecordNotFoundError
from exchange.locate import alarms, protection, sealed, whom
from exchange.locate.standing import Standing, require
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.cases import LocatePlanned
from exchange.models.locate import NEVER, LocateQuery, LocateRequest, QueryStatus, RequestStatus
from exchange.runtime import Exchange
from roles.locate import ALL, OPEN_DAYS, PURPOSES, REPEAT_DAYS, SOURCES, Purpose, offered
from roles.policy import Actor
from schemas.locate.query import Subject, parse_subject

_GROUPS = 2
LONGEST_CASE = 15
_AUTHORITY = "Confirm that you have the authority to ask, or leave the person alone"
_OWN = "Nobody locates themselves"


@dataclass(frozen=True)
class NewRequest:
    """What a worker asks: `fields` as submitted, by the names of `schemas.locate.query`.

    `sources`: codes, or ALL. `authority`: confirmed to have it. `typed`: what the worker had typed where
    `fields` are of somebody whom a search found; None where the worker typed all of them.
    """

    purpose: str
    case_number: str
    fields: dict[str, str]
    sources: tuple[str, ...] = (ALL,)
    authority: bool = False
    transfer_id: UUID | None = None
    typed: Subject | None = None


def ask(exchange: Exchange, actor: Actor, asked: NewRequest) -> UUID:
    """Make a request; the sources are asked by a worker within a second or two. Its id.

    Raises `FieldsRefusedError` with all that is wrong, `NotNowError` for one that is open already or was made
    lately, `LocateBlockedError`, `NotPermittedError`.
    """
    with transaction(exchange.engine) as session:
        return ask_within(session, exchange, actor, asked).id


def ask_within(session: Session, exchange: Exchange, actor: Actor, asked: NewRequest) -> LocateRequest:
    """As `ask`, in the caller's transaction."""
    standing = require(session, exchange, actor)
    subject = _checked(session, exchange, actor, standing, asked)
    session.get_one(Organization, actor.organization_id, with_for_update=True)
    row = _row(exchange, actor, asked, subject)
    _refuse_repetition(session, exchange, actor, row)
    session.add(row)
    session.flush()
    _ask_sources(session, exchange, row, codes_of(actor, standing, asked))
    facts = {
        "request": str(row.id),
        "purpose": row.purpose,
        "person": sealed.person_key(row),
        "case": row.case_hash.hex()[:16],
    }
    journal.append(session, exchange, "locate.asked", actor, row.id, **facts)
    alarms.notice_request(session, exchange, actor, row, subject.last_name)
    return row


def planned(
    session: Session, exchange: Exchange, actor: Actor, standing: Standing, asked: NewRequest
) -> LocateRequest:
    """The request that `ask` would make just now, not kept. Raises as `ask`, but for who may ask at all."""
    row = _row(exchange, actor, asked, _checked(session, exchange, actor, standing, asked))
    _refuse_repetition(session, exchange, actor, row)
    return row


def same(exchange: Exchange, case_number: str, subject: Subject) -> bytes:
    """By what a request about somebody in a case is found again."""
    return sealed.hashed(exchange, sealed.SAME, f"{case_number.strip()}|{subject.same_person()}")


def withdraw(exchange: Exchange, actor: Actor, request_id: UUID) -> None:
    """End one's own request: what comes afterwards is not taken."""
    with transaction(exchange.engine) as session:
        require(session, exchange, actor)
        row = session.get(LocateRequest, request_id, with_for_update=True)
        if row is None or row.account_id != actor.account_id or row.closed_at is not None:
            raise RecordNotFoundError
        withdraw_within(session, exchange, actor, row)


def withdraw_within(session: Session, exchange: Exchange, actor: Actor, row: LocateRequest) -> None:
    """End an open request, in the caller's transaction."""
    close(session, exchange, row)
    journal.append(session, exchange, "locate.withdrawn", actor, row.id)


def expire(exchange: Exchange) -> int:
    """End the requests whose time is over; how many. A worker's chore."""
    with transaction(exchange.engine) as session:
        over = select(LocateRequest).where(
            col(LocateRequest.closed_at).is_(None), LocateRequest.expires_at <= exchange.clock()
        )
        rows = session.exec(over.limit(200).with_for_update(skip_locked=True)).all()
        for row in rows:
            row.status = RequestStatus.EXPIRED.value
            close(session, exchange, row)
            journal.append(session, exchange, "locate.expired", None, row.id)
    return len(rows)


def close(session: Session, exchange: Exchange, row: LocateRequest) -> None:
    """Nothing more is taken for a request; sources that did not answer were silent."""
    row.closed_at = row.changed_at = exchange.clock()
    session.add(row)
    waiting = col(LocateQuery.status).in_([QueryStatus.WAITING.value, QueryStatus.SENT.value])
    theirs = col(LocateQuery.request_id) == row.id
    session.execute(update(LocateQuery).where(theirs, waiting).values(status=QueryStatus.SILENT.value))
    session.execute(update(LocateQuery).where(theirs).values(next_at=NEVER))


def note_sent(session: Session, request_id: UUID) -> None:
    """A source has taken its question: the request is on its way."""
    mine = (col(LocateRequest.id) == request_id) & (col(LocateRequest.status) == RequestStatus.CREATED.value)
    session.execute(update(LocateRequest).where(mine).values(status=RequestStatus.SENT.value))


def _checked(
    session: Session, exchange: Exchange, actor: Actor, standing: Standing, asked: NewRequest
) -> Subject:
    parsed = parse_subject(asked.fields, exchange.clock().date())
    problems = {one.field: one.message for one in reversed(parsed.problems)}
    problems |= wrong_reason(asked.purpose, asked.case_number)
    if not asked.authority:
        problems["authority"] = _AUTHORITY
    if not {*asked.sources} <= {ALL, *SOURCES}:
        problems["sources"] = "Name sources by their codes, or ALL"
    elif "purpose" not in problems and not codes_of(actor, standing, asked):
        problems["sources"] = "Choose a source that may be asked for this purpose"
    hashed = protection.person_hash(exchange, parsed.values.get("ssn", ""))
    if "ssn" not in problems and protection.is_own(session, actor.account_id, [hashed]):
        problems["ssn"] = _OWN
    if problems:
        raise FieldsRefusedError(problems)
    return Subject.of(parsed.values)


def wrong_reason(purpose: str, case_number: str) -> dict[str, str]:
    """What is wrong with the purpose and the case that somebody is looked for in, by field."""
    problems = {}
    if purpose not in {one.value for one in PURPOSES}:
        problems["purpose"] = "Choose what it is for"
    if not 0 < len(case_number.strip()) <= LONGEST_CASE or not case_number.isprintable():
        problems["case_number"] = f"Enter the case number, {LONGEST_CASE} characters at most"
    return problems


def codes_of(actor: Actor, standing: Standing, asked: NewRequest) -> list[str]:
    """The sources that are asked: those wanted which this worker may ask for this purpose."""
    known = offered(actor.organization_kind, Purpose(asked.purpose), tax=standing.tax)
    return [one.code for one in known if ALL in asked.sources or one.code in asked.sources]


def _row(exchange: Exchange, actor: Actor, asked: NewRequest, subject: Subject) -> LocateRequest:
    now, case = exchange.clock(), asked.case_number.strip()
    person = sealed.Person(subject, asked.typed or subject)
    return LocateRequest(
        reference=f"L-{codes.new_code(_GROUPS)}",
        organization_id=actor.organization_id,
        account_id=actor.account_id,
        purpose=asked.purpose,
        channel=actor.channel.value,
        case_sealed=sealed.seal(exchange, sealed.CASE, case),
        case_hash=sealed.hashed(exchange, sealed.CASE, case),
        subject_sealed=sealed.seal_person(exchange, person),
        person_hash=protection.person_hash(exchange, subject.ssn),
        same_hash=same(exchange, case, subject),
        typed_hash=same(exchange, case, person.typed),
        transfer_id=asked.transfer_id,
        created_at=now,
        expires_at=now + timedelta(days=OPEN_DAYS),
        changed_at=now,
    )


def alike(session: Session, exchange: Exchange, actor: Actor, hashes: Sequence[bytes]) -> list[LocateRequest]:
    """Requests of the agency about one of these, person and case, of late and as far as it may know them.

    The newest first. Somebody who was found by a search and is protected now is whom the worker had typed.
    """
    lately = exchange.clock() - timedelta(days=REPEAT_DAYS)
    by = or_(col(LocateRequest.same_hash).in_(hashes), col(LocateRequest.typed_hash).in_(hashes))
    theirs = select(LocateRequest).where(
        LocateRequest.organization_id == actor.organization_id, by, col(LocateRequest.created_at) > lately
    )
    rows = session.exec(theirs.order_by(col(LocateRequest.created_at).desc())).all()
    known = whom.known(session, exchange, actor.account_id, rows)
    return [one.row for one in known if one.same_hash in hashes]


def _refuse_repetition(session: Session, exchange: Exchange, actor: Actor, row: LocateRequest) -> None:
    """The same person in the same case: not while one is open, and not before its time (8.10)."""
    planned_ = select(LocatePlanned.id).where(
        LocatePlanned.organization_id == row.organization_id, LocatePlanned.same_hash == row.same_hash
    )
    if session.exec(planned_).first() is not None:
        raise NotNowError(
            why="a file of your agency asks for this person in this case; it is about to be made"
        )
    before = next(iter(alike(session, exchange, actor, [row.same_hash])), None)
    if before is None:
        return
    if before.closed_at is None:
        raise NotNowError(
            why=f"your agency has an open request for this person in this case, {before.reference}"
        )
    raise NotNowError(
        why=f"your agency asked in this case before; it may be repeated from {_again(before)} on"
    )


def _again(before: LocateRequest) -> str:
    day: datetime = as_utc(before.created_at) + timedelta(days=REPEAT_DAYS)
    return f"{day:%B} {day.day}, {day.year}"


def _ask_sources(session: Session, exchange: Exchange, row: LocateRequest, codes_: Iterable[str]) -> None:
    now = exchange.clock()
    session.add_all(LocateQuery(request_id=row.id, source=code, next_at=now) for code in codes_)
