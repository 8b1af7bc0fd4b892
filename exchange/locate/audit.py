"""OCSS reconstructs who saw what about whom, and when: by person, worker or agency; never what it was.

An audit is itself noted. The person is given by number, which is kept nowhere: the page of what was found
carries its hash, sealed for the auditor, to go on with.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from exchange import journal
from exchange.cursors import cursor, place
from exchange.database import reading, transaction
from exchange.errors import CellDamagedError, FieldsRefusedError
from exchange.locate import protection, sealed
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.locate import Act, LocateAnswer, LocateQuery, LocateRequest, LocateView
from exchange.runtime import Exchange
from exchange.spreadsheets import csv_line
from roles.locate import PURPOSES, Purpose
from roles.permissions import Permission
from roles.policy import Actor, authorize
from schemas.forms import asked as rules

_PAGE = 100
MOST = 20_000
"""Looks in one file."""
_HEADINGS = (
    "When (UTC)", "Worker", "Username", "Agency", "Act", "Request", "For", "Answers there", "From", "Reason",
)  # fmt: skip
_ACTS = {
    Act.EXPORT: "Exported",
    Act.PRINT: "Printed",
    Act.SEARCH: "Searched",
    Act.UNMASK: "Saw the number",
    Act.VIEW: "Looked",
}
_SHOWN = "Found in a search"
_NO_DAY = "Enter a date of the calendar, as year, month and day, such as 2026-01-15"
_AT_ONCE = 1_000
_Which = list[ColumnElement[bool]]
_Row = tuple[LocateView, str, str, str, str | None]
_There = dict[UUID, list[tuple[str, datetime]]]


@dataclass(frozen=True)
class Wanted:
    """What an audit asks: a person's number, part of a worker's name or username, part of an agency's name.

    At least one of them, and a reason. `person`: the number of an audit before, as that gave it. `since` and
    `until`: the first and the last day, UTC, as CCYY-MM-DD; empty for from the beginning, and until now.
    """

    ssn: str = ""
    worker: str = ""
    agency: str = ""
    reason: str = ""
    after: str = ""
    person: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Looked:
    """One look. `saw`: the sources whose answers there were then, with how many where it corrected itself."""

    at: datetime
    act: Act
    worker: str
    username: str
    agency: str
    reference: str
    purpose: Purpose | None
    saw: tuple[str, ...]
    came_from: str
    reason: str

    @property
    def what(self) -> str:
        """The act in words; whoever a search has shown stands in a line of their own."""
        return _SHOWN if self.act is Act.SEARCH and self.saw else _ACTS[self.act]


@dataclass(frozen=True)
class Audit:
    """Part of what was found, the newest first; `person`: whom it was about, sealed for the auditor."""

    items: list[Looked]
    next: str | None
    person: str


def audit(exchange: Exchange, actor: Actor, wanted: Wanted) -> Audit:
    """Who saw what. Raises `FieldsRefusedError` without anything to go by, or without a reason."""
    person = _begun(exchange, actor, wanted, export=False)
    which = _conditions(person, wanted)
    if wanted.after:
        which.append(_behind(wanted.after))
    with reading(exchange.engine) as session:
        rows = _rows(session, which, _PAGE + 1)
        more = cursor(rows[_PAGE - 1][0].at, rows[_PAGE - 1][0].id) if len(rows) > _PAGE else None
        carried = exchange.vault.cells.seal(_purpose(actor), person.hex()).hex() if person else ""
        return Audit(_looked(session, exchange, rows[:_PAGE]), more, carried)


def exported(exchange: Exchange, actor: Actor, wanted: Wanted) -> bytes:
    """All of it as a table. Raises as `audit`, and for more than one file takes."""
    person = _begun(exchange, actor, wanted, export=True)
    with reading(exchange.engine) as session:
        rows = _rows(session, _conditions(person, wanted), MOST + 1)
        if len(rows) > MOST:
            raise FieldsRefusedError({"worker": f"More than {MOST:,} looks: name somebody, or fewer days"})
        lines = [_cells(one) for one in _looked(session, exchange, rows)]
    return b"".join(csv_line(line) for line in [_HEADINGS, *lines])


def _begun(exchange: Exchange, actor: Actor, wanted: Wanted, *, export: bool) -> bytes | None:
    """Note the audit; the hash of the person, where there is one."""
    authorize(actor, Permission.LOCATE_AUDIT)
    _check(wanted)
    person = protection.person_hash(exchange, rules.ssn(wanted.ssn) or "")
    if wanted.person and person is None:
        person = _opened(exchange, actor, wanted.person)
    by = [name for name in ("ssn", "person", "worker", "agency") if getattr(wanted, name)]
    facts = {"by": by, "reason": True, "export": export, "since": wanted.since, "until": wanted.until}
    with transaction(exchange.engine) as session:
        journal.append(session, exchange, "locate.audited", actor, None, **facts)
    return person


def _opened(exchange: Exchange, actor: Actor, carried: str) -> bytes:
    try:
        return bytes.fromhex(exchange.vault.cells.open(_purpose(actor), bytes.fromhex(carried)))
    except (ValueError, CellDamagedError):
        raise FieldsRefusedError({"ssn": "Enter the number again"}) from None


def _purpose(actor: Actor) -> str:
    return f"locate.audited:{actor.account_id}"


def _rows(session: Session, which: _Which, most: int) -> Sequence[_Row]:
    """Looks, each with worker, username, agency and the number of the request."""
    more = col(Organization.name), col(LocateRequest.reference)
    whole = (
        columns(LocateView, col(Account.name), col(Account.username), *more)
        .join(Account, col(Account.id) == LocateView.account_id)
        .join(Organization, col(Organization.id) == LocateView.organization_id)
        .outerjoin(LocateRequest, col(LocateRequest.id) == LocateView.request_id)
    )
    newest = (col(LocateView.at).desc(), col(LocateView.id).desc())
    found = session.execute(whole.where(*which).order_by(*newest).limit(most))
    return [(view, worker, user, agency, request) for view, worker, user, agency, request in found]


def _check(wanted: Wanted) -> None:
    problems = {}
    if not (wanted.ssn or wanted.person or wanted.worker or wanted.agency):
        problems["ssn"] = "Enter a number, a worker or an agency"
    if wanted.ssn and rules.ssn(wanted.ssn) is None:
        problems["ssn"] = "Enter nine digits, such as 900 01 0001"
    if not wanted.reason.strip():
        problems["reason"] = "Say what the audit is for"
    if problems := problems | _wrong_days(wanted):
        raise FieldsRefusedError(problems)


def _wrong_days(wanted: Wanted) -> dict[str, str]:
    """What is wrong with the range of days, by field."""
    given = {"since": wanted.since, "until": wanted.until}
    problems = {name: _NO_DAY for name, text in given.items() if text and _day(text) is None}
    since, until = _day(wanted.since), _day(wanted.until)
    if since and until and until < since:
        problems["until"] = "Choose a last day that is not before the first"
    return problems


def _day(text: str) -> date | None:
    """A day as browsers send it; None for none, and for the last one of the calendar, which none follows."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day < date.max else None


def _conditions(person: bytes | None, wanted: Wanted) -> _Which:
    which = list(_within(wanted))
    if person:
        about = select(LocateRequest.id).where(LocateRequest.person_hash == person)
        seen = col(LocateView.person_hash) == person
        which.append(or_(seen, col(LocateView.request_id).in_(about)))  # before its number was known, too
    if wanted.worker:
        part = wanted.worker.casefold()
        named = func.lower(Account.name).contains(part, autoescape=True)
        by_username = func.lower(Account.username).contains(part, autoescape=True)
        which.append(col(LocateView.account_id).in_(select(Account.id).where(named | by_username)))
    if wanted.agency:
        part = wanted.agency.casefold()
        theirs = select(Organization.id).where(func.lower(Organization.name).contains(part, autoescape=True))
        which.append(col(LocateView.organization_id).in_(theirs))
    return which


def _within(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """The days that are wanted, as UTC counts them."""
    if since := _day(wanted.since):
        yield col(LocateView.at) >= datetime.combine(since, time(), UTC)
    if until := _day(wanted.until):
        yield col(LocateView.at) < datetime.combine(until + timedelta(days=1), time(), UTC)


def _behind(after: str) -> ColumnElement[bool]:
    moment, row_id = place(after)
    same = (col(LocateView.at) == moment) & (col(LocateView.id) < row_id)
    return or_(col(LocateView.at) < moment, same)


def _looked(session: Session, exchange: Exchange, rows: Sequence[_Row]) -> list[Looked]:
    """Looks as they are shown: few statements, however many they are."""
    there = _there(session, {view.request_id for view, *_ in rows if view.request_id})
    return [
        Looked(
            as_utc(view.at),
            Act(view.act),
            worker,
            username,
            agency,
            reference or "",
            Purpose(view.purpose) if view.purpose else None,
            _saw(view, there),
            view.came_from,
            sealed.opened(exchange, sealed.NOTE, view.reason_sealed) if view.reason_sealed else "",
        )
        for view, worker, username, agency, reference in rows
    ]


def _there(session: Session, request_ids: set[UUID]) -> _There:
    """By request: the source of each answer, and when it came."""
    found: _There = {}
    every = sorted(request_ids)
    for start in range(0, len(every), _AT_ONCE):
        asked = (
            select(LocateQuery.request_id, LocateQuery.source, LocateAnswer.received_at)
            .join(LocateAnswer, col(LocateAnswer.query_id) == LocateQuery.id)
            .where(col(LocateQuery.request_id).in_(every[start : start + _AT_ONCE]))
        )
        for request_id, source, received_at in session.exec(asked):
            found.setdefault(request_id, []).append((source, as_utc(received_at)))
    return found


def _saw(row: LocateView, there: _There) -> tuple[str, ...]:
    """The answers that were there when somebody looked, with how many of a source that corrected itself."""
    if row.request_id is None:
        return tuple(row.sources.split(",")) if row.sources else ()
    came = [source for source, at in there.get(row.request_id, ()) if at <= as_utc(row.at)]
    counts = sorted(Counter(came).items())
    return tuple(source if count == 1 else f"{source} ({count})" for source, count in counts)


def _cells(one: Looked) -> tuple[str, ...]:
    return (
        f"{one.at:%Y-%m-%d %H:%M:%S}",
        one.worker,
        one.username,
        one.agency,
        one.what,
        one.reference,
        PURPOSES[one.purpose].title if one.purpose else "",
        ", ".join(one.saw),
        one.came_from,
        one.reason,
    )
