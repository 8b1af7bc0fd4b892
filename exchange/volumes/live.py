"""Counting transfers as they stand, each query over an index of its own."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal_column
from sqlalchemy import select as columns
from sqlmodel import Session, col

from exchange.models.accounts import Organization
from exchange.models.transfers import Direction, Status, Transfer
from exchange.volumes.figures import AGES, STORED, UNFETCHED, UNSETTLED, Volume, Wanted, month_after

_INBOUND = col(Transfer.direction) == Direction.INBOUND.value
_OUTBOUND = col(Transfer.direction) == Direction.OUTBOUND.value
_HANDED_OVER = col(Transfer.status) != Status.DRAFT.value
_REFUSED = col(Transfer.outcome).in_([Status.REJECTED.value, Status.QUARANTINED.value])
_KEPT = col(Transfer.status).not_in([Status.DRAFT.value, Status.EXPIRED.value, Status.PURGED.value])
_TOOK: Any = col(Transfer.took)
_MINUTE, _HOUR = 60_000, 3_600_000
_ROUNDED: ColumnElement[int] = case(
    (_TOOK < _MINUTE, _TOOK - _TOOK % 100),
    (_TOOK < _HOUR, _TOOK - _TOOK % 1_000),
    else_=_TOOK - _TOOK % _MINUTE,
)
"""To the tenth of a second below a minute, the second below an hour, the minute above: few rows come out."""

WAITING: dict[str, ColumnElement[bool]] = {
    UNSETTLED: and_(
        literal_column("direction") == literal_column("'inbound'"), col(Transfer.outcome).is_(None), _KEPT
    ),
    UNFETCHED: and_(
        literal_column("direction") == literal_column("'outbound'"),
        literal_column("status") == literal_column("'COMPLETE'"),
        col(Transfer.fetched_at).is_(None),
    ),
}
"""Not yet answered, not yet fetched; in the words of their indexes, which no database would use else."""


@dataclass(frozen=True)
class Waiting:
    """Files that wait, by age and by program."""

    ages: dict[str, int]
    programs: Counter[str]


def of_month(session: Session, wanted: Wanted, begin: datetime) -> list[tuple[str, Volume]]:
    """The volumes of one month by program: one for each time that answers took, to be added up."""
    counted = columns(col(Transfer.program), _ROUNDED, func.count(), *_sums())
    by_program = counted.where(_within(wanted, begin)).group_by(col(Transfer.program), _ROUNDED)
    return [
        (program, _answered(volume_of(sums), took, count))
        for program, took, count, *sums in session.execute(by_program)
    ]


def of_partners(session: Session, wanted: Wanted, begin: datetime) -> list[tuple[str, UUID, Volume]]:
    """The volumes of one month by program and organization."""
    by = (col(Transfer.program), col(Transfer.organization_id))
    counted = columns(*by, *_sums()).where(_within(wanted, begin)).group_by(*by)
    return [(program, whose, volume_of(sums)) for program, whose, *sums in session.execute(counted)]


def waiting(session: Session, wanted: Wanted, name: str, now: datetime) -> Waiting:
    """Files that wait, whenever they came; `name` is one of WAITING."""
    since = [(named, now - age) for named, age in AGES.items() if age is not None]
    (last,) = (named for named, age in AGES.items() if age is None)
    age = case(*((col(Transfer.created_at) > moment, named) for named, moment in since), else_=last)
    counted = columns(col(Transfer.program), age, func.count()).where(WAITING[name], *_chosen(wanted))
    ages, programs = dict.fromkeys(AGES, 0), Counter[str]()
    for program, named, count in session.execute(counted.group_by(col(Transfer.program), age)):
        ages[named] += count
        programs[program] += count
    return Waiting(ages, programs)


def waiting_of(session: Session, wanted: Wanted, name: str, partners: Sequence[UUID]) -> dict[UUID, int]:
    """How many files of each of these organizations wait."""
    whose = col(Transfer.organization_id)
    counted = columns(whose, func.count().label("files")).where(
        WAITING[name], whose.in_(partners), *_chosen(wanted)
    )
    return {row.organization_id: row.files for row in session.execute(counted.group_by(whose))}


def names(session: Session, partners: Iterable[UUID]) -> dict[UUID, Organization]:
    """The organizations of these ids."""
    rows = session.execute(columns(Organization).where(col(Organization.id).in_(list(partners)))).scalars()
    return {row.id: row for row in rows}


def volume_of(sums: Iterable[Any]) -> Volume:
    """A volume of the sums, in their order."""
    volume = Volume()
    for name, value in zip(STORED, sums, strict=True):
        setattr(volume, name, int(value))
    return volume


def _sums() -> tuple[ColumnElement[Any], ...]:
    """What is counted of each group, in the order of `figures.STORED`."""
    records = col(Transfer.records)
    return (
        _count(_INBOUND),
        _sum(case((_INBOUND, records), else_=0)),
        _sum(case((col(Transfer.refused).is_not(None), records), else_=0)),
        _sum(col(Transfer.refused)),
        _count(_REFUSED),
        _count(_OUTBOUND),
    )


def _sum(of: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(of), 0)


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)


def _chosen(wanted: Wanted) -> list[ColumnElement[bool]]:
    program = [col(Transfer.program) == wanted.program] if wanted.program else []
    return [*program, col(Transfer.organization_id) == wanted.partner] if wanted.partner else program


def _within(wanted: Wanted, begin: datetime) -> ColumnElement[bool]:
    """The transfers of a month."""
    at = col(Transfer.created_at)
    return and_(_HANDED_OVER, at >= begin, at < month_after(begin), *_chosen(wanted))


def _answered(volume: Volume, took: int | None, count: int) -> Volume:
    if took is not None:
        volume.answered[took] = count
    return volume
