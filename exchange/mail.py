"""Notices by mail: one link and no content, so that a mailbox that is read by others gives nothing away.

A notice is a row, written in the transaction of what it tells; a worker sends all waiting notices for one
contact of an organization as one mail. Without an SMTP server (the demonstration) mails are files in a
folder.
"""

import smtplib
import ssl
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from exchange.database import insert_now, reading, transaction
from exchange.models.accounts import Organization
from exchange.models.jobs import Notice
from exchange.models.notices import MailRhythm
from exchange.models.organizations import Contact
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.purposes import NOTICES, ContactPurpose, Rhythm

SUBJECT = "Something is waiting for you at the portal"
_BODY = """There is something new for {organization} at the portal ({count} in all).

Sign in to see it: {link}

This mail holds no details on purpose. You receive it because your organization asked for notices here.
Demonstration software. Not a government system. Do not reply.
"""
HELD = ("transfer.answered", "transfer.waiting")
"""Events that an organization may have told once a day, or not at all: files that are there for it."""
_AT_ONCE = 10_000
_log = structlog.get_logger("mail")


def notify(
    session: Session, exchange: Exchange, organization_id: UUID, event: str, transfer_id: UUID | None
) -> None:
    """Note, in the caller's transaction, that an organization is to be told of an event."""
    now = exchange.clock()
    told = {"organization_id": organization_id, "event": event, "transfer_id": transfer_id}
    insert_now(session, Notice, created_at=now, **told)


@dataclass(frozen=True)
class Parcel:
    """What one address is to be told of: the notices, and how many of each program ("" for none)."""

    partner: Organization
    recipient: str
    notices: list[UUID] = field(default_factory=list)
    programs: Counter[str] = field(default_factory=Counter)


def send_waiting(exchange: Exchange) -> int:
    """Send what is to go at once, one mail an organization's contact; returns how many mails went.

    A mail that fails stays waiting and holds up nobody else's. One sent by a process that died before it
    noted so is sent again.
    """
    with reading(exchange.engine) as session:
        waiting = parcels(session, ~held(Rhythm.DAILY) & ~held(Rhythm.NONE))
        unwanted = parcels(session, held(Rhythm.NONE))
    waiting += (replace(one, recipient="") for one in unwanted)
    return sum(_tell(exchange, one) for one in waiting)


def held(rhythm: Rhythm) -> ColumnElement[bool]:
    """The notices of organizations with this rhythm that it holds for; it does not for those of incidents."""
    whose = columns(col(MailRhythm.organization_id)).where(col(MailRhythm.rhythm) == rhythm.value)
    return col(Notice.event).in_(HELD) & col(Notice.organization_id).in_(whose)


def parcels(session: Session, which: ColumnElement[bool]) -> list[Parcel]:
    """The notices that wait, by organization and address."""
    waiting = select(Notice.id, Notice.organization_id, Transfer.program).where(
        col(Notice.sent_at).is_(None), which
    )
    waiting = waiting.join(Transfer, col(Transfer.id) == col(Notice.transfer_id), isouter=True)
    notices = session.exec(waiting.order_by(col(Notice.created_at)).limit(_AT_ONCE)).all()
    concerned = col(Organization.id).in_({organization_id for _, organization_id, _ in notices})
    partners = {one.id: one for one in session.exec(select(Organization).where(concerned))}
    contacts = _contacts(session, partners)
    found: dict[tuple[UUID, str], Parcel] = {}
    for identifier, organization_id, program in notices:
        address = _recipient(contacts, partners[organization_id], program)
        parcel = found.setdefault((organization_id, address), Parcel(partners[organization_id], address))
        parcel.notices.append(identifier)
        parcel.programs[program or ""] += 1
    return list(found.values())


Contacts = dict[tuple[UUID, str], str]
"""The mail address of each organization's contact for a purpose."""


def _contacts(session: Session, partners: Iterable[UUID]) -> Contacts:
    theirs = select(Contact).where(col(Contact.organization_id).in_(partners))
    return {(one.organization_id, one.purpose): one.email for one in session.exec(theirs)}


def _recipient(contacts: Contacts, partner: Organization, program: str | None) -> str:
    """Who is told of a program's files: its contact, the one for files, or the organization's address."""
    wanted = (NOTICES.get(program or "", ContactPurpose.FILES), ContactPurpose.FILES)
    found = (contacts.get((partner.id, purpose)) for purpose in wanted)
    return next((email for email in found if email), partner.notices_to or "")


def recipient(session: Session, partner: Organization) -> str:
    """Who is told of an organization's files; nothing when nobody is."""
    return _recipient(_contacts(session, [partner.id]), partner, None)


def _tell(exchange: Exchange, parcel: Parcel) -> bool:
    """Whether a mail went; one that nobody asked for counts as told."""
    link, count = address_of(exchange, "/files"), len(parcel.notices)
    body = _BODY.format(organization=parcel.partner.name, count=count, link=link)
    if parcel.recipient and not went(exchange, parcel, SUBJECT, body):
        return False
    with transaction(exchange.engine) as session:
        note_told(session, exchange, parcel)
    return bool(parcel.recipient)


def went(exchange: Exchange, parcel: Parcel, subject: str, body: str) -> bool:
    """Whether a mail could be handed on; one that could not is tried again."""
    try:
        post(exchange, _composed(exchange, parcel.recipient, subject, body))
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors, an unusable address a ValueError
        _log.warning("mail.failed", organization_id=str(parcel.partner.id), error=type(error).__name__)
        return False
    return True


def note_told(session: Session, exchange: Exchange, parcel: Parcel) -> None:
    """Note, in the caller's transaction, that these notices wait no more."""
    told = update(Notice).where(col(Notice.id).in_(parcel.notices))
    session.execute(told.values(sent_at=exchange.clock()))


def _composed(exchange: Exchange, recipient: str, subject: str, body: str) -> EmailMessage:
    """Raises `ValueError` for an address that is none."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, exchange.settings.mail_from, recipient
    mail["Date"] = format_datetime(exchange.clock())
    mail.set_content(body)
    return mail


def address_of(exchange: Exchange, path: str) -> str:
    """The address of a page of this installation."""
    settings = exchange.settings
    return (settings.public_url or f"http://{settings.web_host}:{settings.web_port}") + path


def post(exchange: Exchange, mail: EmailMessage) -> None:
    """Hand one mail to the SMTP server, or write it into the folder where there is none.

    Raises `OSError` when the server does not take it, `ValueError` for an address that is none.
    """
    if not exchange.settings.smtp:
        folder = exchange.settings.mail_folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = f"{exchange.clock():%Y%m%dT%H%M%S.%f}"
        (folder / f"{stamp}-{uuid4().hex[:8]}.eml").write_bytes(bytes(mail))
        return
    server = urlsplit(exchange.settings.smtp)
    with smtplib.SMTP(server.hostname or "localhost", server.port or 25, timeout=30) as smtp:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(mail)
