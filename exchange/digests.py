"""Digests: once a business day, one mail of what came since the last, to organizations that want it so.

It says how many things of which program wait and where to sign in: never a name, a number of anybody, or what
a file is called. A mail goes first and is noted after it, in one transaction with the day: a process that is
killed between sends it again and loses none, as with letters.
"""

from collections import Counter
from datetime import UTC, date, time
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, or_, select

from exchange import business_days, journal, mail
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError
from exchange.mail import Parcel
from exchange.models.notices import MailRhythm
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, authorize
from roles.programs import PROGRAMS
from roles.purposes import Rhythm

SUBJECT: Final = "What waits for you at the portal today"
HOUR: Final = time(12)
"""From when on digests go, UTC: before offices open in Washington."""
_BODY = """Since the last of these mails, this has come for your organization:

{lines}

Sign in to see it: {link}

This mail holds no details on purpose. You receive it once a day because your organization chose so.
Demonstration software. Not a government system. Do not reply.
"""
_OTHER, _LOCATE = "Other", "Locate"


def send(exchange: Exchange) -> int:
    """Send today's digests to whom none went today, where anything waits; how many went. A worker's chore."""
    now = exchange.clock().astimezone(UTC)
    today = now.date()
    if now.time() < HOUR or not business_days.is_one(today):
        return 0
    with reading(exchange.engine) as session:
        waiting = mail.parcels(session, mail.held(Rhythm.DAILY))
        due = _due(session, today)
    by_partner: dict[UUID, list[Parcel]] = {}
    for parcel in waiting:
        if parcel.partner.id in due:
            by_partner.setdefault(parcel.partner.id, []).append(parcel)
    return sum(_send(exchange, whose, parcels, today) for whose, parcels in by_partner.items())


def rhythm(exchange: Exchange, actor: Actor) -> Rhythm:
    """How often the actor's own organization is told by mail."""
    with reading(exchange.engine) as session:
        row = session.get(MailRhythm, actor.organization_id)
    return Rhythm(row.rhythm) if row else Rhythm.AT_ONCE


def choose(exchange: Exchange, actor: Actor, wanted: str) -> None:
    """Have the actor's organization told so often from now on. Raises `FieldsRefusedError`."""
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    if wanted not in set(Rhythm):
        raise FieldsRefusedError({"rhythm": "Choose how often mail is to come"})
    with transaction(exchange.engine) as session:
        row = session.get(MailRhythm, visible, with_for_update=True)
        row = row or MailRhythm(organization_id=visible, rhythm=wanted)
        row.rhythm = wanted
        session.add(row)
        journal.append(session, exchange, "organization.mail_chosen", actor, visible, rhythm=wanted)


def _due(session: Session, today: date) -> set[UUID]:
    """The organizations that none went to on this day."""
    told = col(MailRhythm.told_on)
    untold = select(MailRhythm.organization_id).where(or_(told.is_(None), told < today))
    return set(session.exec(untold))


def _send(exchange: Exchange, whose: UUID, parcels: list[Parcel], today: date) -> int:
    """Send an organization's digests, one an address, and note them; what fails is tried again today."""
    sent = [one for one in parcels if not one.recipient or _went(exchange, one)]
    with transaction(exchange.engine) as session:
        for one in sent:
            mail.note_told(session, exchange, one)
        if len(sent) == len(parcels):
            session.get_one(MailRhythm, whose).told_on = today
    return sum(bool(one.recipient) for one in sent)


def _went(exchange: Exchange, parcel: Parcel) -> bool:
    link = mail.address_of(exchange, "/sign-in")
    body = _BODY.format(lines=_lines(parcel.programs), link=link)
    return mail.went(exchange, parcel, SUBJECT, body)


def _lines(programs: Counter[str]) -> str:
    """How many of which program, in the order of their titles."""
    known = {slug: program.title for slug, program in PROGRAMS.items()} | {"": _OTHER, mail.LOCATE: _LOCATE}
    titled = {known[slug]: count for slug, count in programs.items()}
    return "\n".join(f"    {title}: {count:,}" for title, count in sorted(titled.items()))
