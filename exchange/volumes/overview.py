"""What OCSS sees of the volumes: by month, program and partner, and what waits."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from exchange.database import reading
from exchange.errors import RecordNotFoundError
from exchange.models.accounts import Organization
from exchange.runtime import Exchange
from exchange.volumes import closed, live
from exchange.volumes.figures import MOST_PARTNERS, Partner, Volume, Volumes, Wanted, months_before
from roles.permissions import Permission
from roles.policy import Actor, authorize


def volumes(exchange: Exchange, actor: Actor, wanted: Wanted, most: int = MOST_PARTNERS) -> Volumes:
    """Count what is wanted; at most so many partners. Raises `RecordNotFoundError` for a partner unknown."""
    authorize(actor, Permission.VOLUME_OVERSEE)
    now = exchange.clock()
    begins = months_before(now, wanted.months)
    with reading(exchange.engine) as session:
        partner = _partner(session, wanted.partner)
        over = [] if wanted.partner else closed.among(session, begins)
        counted = _counted(session, wanted, begins, over)
        waiting = {name: live.waiting(session, wanted, name, now) for name in live.WAITING}
        partners = _partners(session, wanted, begins, over)
        listed = _listed(session, wanted, partners[:most])
    months = {begin: _total(volume for at, _, volume in counted if at == begin) for begin in begins}
    waits = [
        (now, slug, _waits(name, of)) for name, one in waiting.items() for slug, of in one.programs.items()
    ]
    slugs = sorted({slug for _, slug, _ in (*counted, *waits)})
    programs = {
        slug: _total(volume for _, own, volume in (*counted, *waits) if own == slug) for slug in slugs
    }
    ages = {name: found.ages for name, found in waiting.items()}
    total = _total(programs.values())
    return Volumes(months, programs, total, listed, len(partners) > most, ages, partner)


def details(exchange: Exchange, actor: Actor, wanted: Wanted) -> Iterator[tuple[datetime, str, Partner]]:
    """Volumes by month, program and partner, the oldest month first; one month at a time is in memory."""
    authorize(actor, Permission.VOLUME_OVERSEE)
    begins = months_before(exchange.clock(), wanted.months)
    return (
        (begin, program, partner)
        for begin in begins
        for program, partner in _in_detail(exchange, wanted, begin)
    )


def _counted(
    session: Session, wanted: Wanted, begins: list[datetime], over: list[datetime]
) -> list[tuple[datetime, str, Volume]]:
    """Volumes by month and program; those of the months that are over were counted before."""
    counted = closed.of_months(session, wanted, over)
    for begin in begins:
        if begin not in over:
            counted += [(begin, *one) for one in live.of_month(session, wanted, begin)]
    return counted


def _total(volumes: Iterable[Volume]) -> Volume:
    total = Volume()
    for one in volumes:
        total.add(one)
    return total


def _waits(name: str, count: int) -> Volume:
    volume = Volume()
    setattr(volume, name, count)
    return volume


def _in_detail(exchange: Exchange, wanted: Wanted, begin: datetime) -> list[tuple[str, Partner]]:
    with reading(exchange.engine) as session:
        over = closed.among(session, [begin])
        counted = (
            closed.of_partners(session, wanted, over) if over else live.of_partners(session, wanted, begin)
        )
        known = live.names(session, {whose for _, whose, _ in counted})
    found = [(program, _named(known[whose], volume)) for program, whose, volume in counted]
    return sorted(found, key=lambda one: (one[0], one[1].name, one[1].id))


def _named(row: Organization, volume: Volume) -> Partner:
    return Partner(row.id, row.name, row.kind, volume)


def _partner(session: Session, which: UUID | None) -> Partner | None:
    if which is None:
        return None
    row = session.get(Organization, which)
    if row is None:
        raise RecordNotFoundError
    return _named(row, Volume())


def _partners(
    session: Session, wanted: Wanted, begins: list[datetime], over: list[datetime]
) -> list[tuple[UUID, Volume]]:
    """Every organization with its volume, those with the most files first."""
    counted = closed.of_partners(session, wanted, over)
    for begin in begins:
        if begin not in over:
            counted += live.of_partners(session, wanted, begin)
    found: dict[UUID, Volume] = {}
    for _, whose, volume in counted:
        found.setdefault(whose, Volume()).add(volume)
    return sorted(found.items(), key=lambda one: (-one[1].files - one[1].issued, one[0]))


def _listed(session: Session, wanted: Wanted, partners: list[tuple[UUID, Volume]]) -> list[Partner]:
    """The partners with their names, and how much of theirs waits."""
    ids = [whose for whose, _ in partners]
    for name in live.WAITING:
        counts = live.waiting_of(session, wanted, name, ids)
        for whose, volume in partners:
            setattr(volume, name, counts.get(whose, 0))
    known = live.names(session, ids)
    return [_named(known[whose], volume) for whose, volume in partners]
