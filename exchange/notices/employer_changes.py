"""Telling states what an employer changed: once a day, a file for each state that has to do with it.

A state has to do with an employer when it has sent it an order, or got a notice that came of its report,
within a year. What changed on a day is told after that day is over (UTC), as it stands then, so that a slip
that was mended the same day reaches nobody. Told is only what agencies see (`roles.employers_seen`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from exchange import mail
from exchange.accounts import details
from exchange.accounts.details import SORTS
from exchange.accounts.feins import open_own
from exchange.database import reading, transaction
from exchange.models.accounts import ACTIVE, Organization
from exchange.models.base import as_utc
from exchange.models.notices import EmployerChange
from exchange.models.orders import WithholdingOrder
from exchange.models.organizations import Address, Contact, Detail
from exchange.models.transfers import Transfer
from exchange.programs.states import StateFiles, organizations_of_states
from exchange.runtime import Exchange
from exchange.transfers import answers
from exchange.transfers.answers import Document
from roles.employers_seen import told_of
from roles.notices import NOTICE_KINDS
from roles.purposes import AddressPurpose
from schemas.catalog import LAYOUTS
from schemas.columns import build
from schemas.kinds import Cells, Value
from schemas.layouts.employer_change import ADDRESS, CONTACT
from schemas.record import Record

LAYOUT = LAYOUTS["employer-change"]
PROGRAM: Final = "income-withholding"
"""Where orders and their answers lie for a state; whoever sends orders needs to know where they go."""
KIND: Final = "employer-change"
_AT_ONCE = 5_000
_CONCERNS = timedelta(days=365)
_CODES: Final = {
    AddressPurpose.MEDICAL.value: "M",
    AddressPurpose.OFFICE.value: "O",
    AddressPurpose.VERIFICATION.value: "V",
    AddressPurpose.WITHHOLDING.value: "W",
}
"""The purposes that agencies see, as the layout writes them; contacts have the same ones."""


@dataclass(frozen=True)
class Told:
    """What is told of one employer, and to which states."""

    records: Cells
    states: tuple[str, ...]


def sweep(exchange: Exchange) -> int:
    """Tell what changed on days that are over; how many files went. A worker's chore.

    Files and what was told are written in one transaction: a worker that is killed before leaves sealed bytes
    that no row names, and of two at once the second one tells nothing.
    """
    midnight = exchange.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    with reading(exchange.engine) as session:
        waiting = _waiting(session, midnight)
        outboxes = organizations_of_states(session)
        told = [_told(session, exchange, changes, outboxes) for changes in waiting.values()]
    if not waiting:
        return 0
    with _files(exchange, midnight) as files:
        for one in told:
            for state in one.states:
                files.write(state, one.records)
        documents = files.finish(KIND, lambda state: f"{KIND}-{state}-{midnight:%Y%m%d}.txt")
        return _issue(exchange, documents, [one.id for changes in waiting.values() for one in changes])


def _waiting(session: Session, before: datetime) -> dict[UUID, list[EmployerChange]]:
    """What nobody was told of, by employer, the oldest first."""
    untold = select(EmployerChange).where(col(EmployerChange.told_at).is_(None), EmployerChange.at < before)
    found: dict[UUID, list[EmployerChange]] = defaultdict(list)
    for one in session.exec(untold.order_by(col(EmployerChange.at)).limit(_AT_ONCE)):
        found[one.organization_id].append(one)
    return found


def _told(
    session: Session, exchange: Exchange, changes: Sequence[EmployerChange], outboxes: dict[str, UUID]
) -> Told:
    """What counts now of what was changed; an employer that is not here any more has nothing told of it."""
    employer = session.get_one(Organization, changes[0].organization_id)
    lines = list(_lines(session, changes))
    if employer.status != ACTIVE or not lines:
        return Told(np.empty((0, LAYOUT.length), dtype=np.uint8), ())
    whose = {"employer_fein": open_own(exchange, employer) or "", "employer_name": employer.name}
    detail = LAYOUT["detail"]
    records = np.concatenate([build(detail, 1, _written(detail, whose | line)) for line in lines])
    concerned = _concerned(session, exchange, employer.id)
    return Told(records, tuple(state for state, whom in outboxes.items() if whom in concerned))


def _lines(session: Session, changes: Iterable[EmployerChange]) -> Iterable[dict[str, str]]:
    """Each detail that counts for another purpose than before, or says something else, once."""
    changed: dict[str, dict[str, datetime]] = defaultdict(dict)
    for one in changes:
        changed[one.sort][one.purpose] = one.at
    for sort, purposes in sorted(changed.items()):
        table = SORTS[sort].current
        whose = next(iter(changes)).organization_id
        rows = session.exec(select(table).where(table.organization_id == whose)).all()
        for purpose, row in sorted(details.counting(rows).items()):
            at = purposes.get(purpose) or purposes.get(row.purpose)
            if at is not None and told_of(sort, purpose):
                yield {"purpose": _CODES[purpose], "changed_on": f"{as_utc(at):%Y%m%d}", **_SAID[sort](row)}


def _address(row: Detail) -> dict[str, str]:
    assert isinstance(row, Address)
    place = {"street": " ".join(row.street.split()), "city": row.city, "address_state": row.state}
    return {"detail": ADDRESS, **place, "zip": row.zip.replace("-", "")}


def _contact(row: Detail) -> dict[str, str]:
    assert isinstance(row, Contact)
    reached = {"telephone": row.telephone, "fax": row.fax, "email": row.email}
    return {"detail": CONTACT, "contact_name": row.name, "contact_title": row.title, **reached}


_SAID: Final[dict[str, Callable[[Detail], dict[str, str]]]] = {"address": _address, "contact": _contact}


def _written(detail: Record, said: dict[str, str]) -> dict[str, bytes]:
    """The columns as the layout has them: in capitals, only an email address keeps its small letters."""
    capitals = {name: text if name == "email" else text.upper() for name, text in said.items()}
    return {
        name: text.encode("ascii", "replace")[: detail[name].width] for name, text in capitals.items() if text
    }


def _concerned(session: Session, exchange: Exchange, employer: UUID) -> set[UUID]:
    """The organizations that have to do with an employer."""
    since, report = exchange.clock() - _CONCERNS, aliased(Transfer)
    noticed = (
        columns(col(Transfer.organization_id))
        .join(report, col(report.id) == col(Transfer.answers_to))
        .where((col(report.organization_id) == employer) | (col(report.client_id) == employer))
        .where(col(Transfer.layout).in_(list(NOTICE_KINDS)), col(Transfer.created_at) > since)
    )
    ordered = columns(col(WithholdingOrder.state_id)).where(
        col(WithholdingOrder.employer_id) == employer, col(WithholdingOrder.received_at) > since
    )
    return {whom for found in (noticed, ordered) for (whom,) in session.execute(found.distinct())}


def _files(exchange: Exchange, midnight: datetime) -> StateFiles:
    def number(state: str) -> str:
        return f"E{midnight:%Y%m%d}{state}"

    def header(state: str) -> dict[str, Value]:
        made = as_utc(exchange.clock())
        moment: dict[str, Value] = {"creation_date": made.date(), "creation_time": made.time()}
        return {"control_number": number(state), "state": state, "test_flag": "P", **moment}

    def trailer(state: str, count: int) -> dict[str, Value]:
        return {"control_number": number(state), "record_count": count}

    return StateFiles(exchange, LAYOUT, header, trailer)


def _issue(exchange: Exchange, documents: Sequence[Document], changes: Sequence[UUID]) -> int:
    """Put the files into the outboxes and note what was told, unless another worker did so meanwhile."""
    with transaction(exchange.engine) as session:
        untold = select(EmployerChange).where(
            col(EmployerChange.id).in_(changes), col(EmployerChange.told_at).is_(None)
        )
        rows = session.exec(untold.with_for_update()).all()
        if len(rows) < len(changes):
            return 0
        for row in rows:
            row.told_at = exchange.clock()
        for document in documents:
            answers.issue(session, exchange, document, PROGRAM)
            mail.notify(session, exchange, document.organization_id, "transfer.waiting", document.id)
    return len(documents)
