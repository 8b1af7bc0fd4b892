"""Months that have ended: counted once, when everything that came in them is answered, and kept as few rows.

Nothing that is counted can change after that: a draft becomes a file of the month it is handed over in, and
what is purged keeps what was counted. With a million transfers a year it is the difference between four
seconds and a few tenths.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert
from sqlalchemy import select as columns
from sqlmodel import Session, col

from exchange.database import reading, table_of, transaction
from exchange.models.transfers import Transfer
from exchange.models.volumes import AnswerTime, ClosedMonth, MonthlyVolume
from exchange.runtime import Exchange
from exchange.volumes import live
from exchange.volumes.figures import (
    MONTHS,
    STORED,
    UNSETTLED,
    Volume,
    Wanted,
    month_after,
    months_before,
)

_SETTLES = timedelta(days=1)
"""So long after its end a month is closed at the earliest."""
_TIMES = columns(col(AnswerTime.month), col(AnswerTime.program), col(AnswerTime.took), col(AnswerTime.files))
_SUMS: list[ColumnElement[int]] = [func.sum(getattr(MonthlyVolume, name)) for name in STORED]


def sweep(exchange: Exchange) -> int:
    """Close the months that can be closed; how many. A worker's chore; two at a time do no harm."""
    months = months_before(exchange.clock(), max(MONTHS) + 1)
    with reading(exchange.engine) as session:
        before = set(among(session, months))
        due = [one for one in months if one not in before and _has_settled(session, exchange, one)]
    for month in due:
        _close(exchange, month)
    return len(due)


def among(session: Session, months: Iterable[datetime]) -> list[datetime]:
    """Those of the months that are closed."""
    by_day = {one.date(): one for one in months}
    found = session.execute(columns(col(ClosedMonth.month)).where(col(ClosedMonth.month).in_(by_day)))
    return sorted(by_day[day] for (day,) in found)


def of_months(
    session: Session, wanted: Wanted, months: Iterable[datetime]
) -> list[tuple[datetime, str, Volume]]:
    """The volumes of closed months by program, with the times that answers took."""
    by_day = {one.date(): one for one in months}
    by = (col(MonthlyVolume.month), col(MonthlyVolume.program))
    counted = columns(*by, *_SUMS).where(by[0].in_(by_day)).group_by(*by)
    took = _TIMES.where(col(AnswerTime.month).in_(by_day))
    if wanted.program:
        counted = counted.where(by[1] == wanted.program)
        took = took.where(col(AnswerTime.program) == wanted.program)
    found = {(day, program): live.volume_of(sums) for day, program, *sums in session.execute(counted)}
    for day, program, time, files in session.execute(took):
        found[day, program].answered[time] = files
    return [(by_day[day], program, volume) for (day, program), volume in found.items()]


def of_partners(
    session: Session, wanted: Wanted, months: Iterable[datetime]
) -> list[tuple[str, UUID, Volume]]:
    """The volumes of closed months by program and organization."""
    by = (col(MonthlyVolume.program), col(MonthlyVolume.organization_id))
    counted = columns(*by, *_SUMS).where(col(MonthlyVolume.month).in_([one.date() for one in months]))
    if wanted.program:
        counted = counted.where(by[0] == wanted.program)
    if wanted.partner:
        counted = counted.where(by[1] == wanted.partner)
    rows = session.execute(counted.group_by(*by))
    return [(program, whose, live.volume_of(sums)) for program, whose, *sums in rows]


def _has_settled(session: Session, exchange: Exchange, month: datetime) -> bool:
    """Whether a month is over and nothing of it waits for its answer."""
    end = month_after(month)
    if exchange.clock() < end + _SETTLES:
        return False
    older = columns(col(Transfer.id)).where(live.WAITING[UNSETTLED], col(Transfer.created_at) < end)
    return session.execute(older.limit(1)).first() is None


def _close(exchange: Exchange, month: datetime) -> None:
    """Count a month, outside any transaction, and write it down, unless another worker was first."""
    day = month.date()
    with reading(exchange.engine) as session:
        by_program = live.of_month(session, Wanted(), month)
        by_partner = live.of_partners(session, Wanted(), month)
    volumes = [
        {"month": day, "program": program, "organization_id": whose, **volume.stored()}
        for program, whose, volume in by_partner
    ]
    times = [
        {"month": day, "program": program, "took": took, "files": files}
        for program, volume in by_program
        for took, files in volume.answered.items()
    ]
    with transaction(exchange.engine) as session:
        if session.get(ClosedMonth, day, with_for_update=True) is None:
            session.add(ClosedMonth(month=day, closed_at=exchange.clock()))
            session.flush()
            for model, rows in ((MonthlyVolume, volumes), (AnswerTime, times)):
                if rows:
                    session.execute(insert(table_of(model)), rows)
