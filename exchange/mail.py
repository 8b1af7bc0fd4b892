"""Notices by mail: one link and no content, so that a mailbox that is read by others gives nothing away.

A notice is a row, written in the transaction of what it tells; a worker sends all waiting notices for one
contact of an organization as one mail. Without an SMTP server (the demonstration) mails are files in a
folder.
"""

import smtplib
import ssl
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, exists, update
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from exchange.database import insert_now, reading, transaction
from exchange.models.accounts import ACTIVE, Account, Organization
from exchange.models.jobs import Notice
from exchange.models.messages import Thread
from exchange.models.notices import MailRhythm
from exchange.models.organizations import Contact
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.correspondence import TOPICS
from roles.purposes import NOTICES, ContactPurpose, Rhythm

SUBJECT = "Something is waiting for you at the portal"
_BODY = """There is something new for {organization} at the portal ({count} in all).

Sign in to see it: {link}

This mail holds no details on purpose. You receive it because your organization asked for notices here.
Demonstration software. Not a government system. Do not reply.
"""
MESSAGE = "message.waiting"
LOCATED = "locate.answered"
REVIEWED = "locate.reviewed"
MATCHED = "locate.matched"
HELD = ("transfer.answered", "transfer.waiting", MESSAGE, LOCATED, REVIEWED, MATCHED)
"""Events that an organization may have told once a day, or not at all: what is there for it."""
_QUIET = timedelta(minutes=15)
"""For so long after such a mail the same people get no other of the kind: who is told often looks in."""
_SPARED = (MESSAGE, LOCATED, REVIEWED, MATCHED)
_AT_ONCE = 10_000
_MESSAGES = "messages"
LOCATE = "locate"
_PAGES = {MESSAGE: _MESSAGES, LOCATED: LOCATE, REVIEWED: LOCATE, MATCHED: LOCATE}
"""By event: the page that a mail about nothing else leads to."""
_log = structlog.get_logger("mail")


def notify(
    session: Session, exchange: Exchange, organization_id: UUID, event: str, transfer_id: UUID | None
) -> None:
    """Note, in the caller's transaction, that an organization is to be told of an event."""
    now = exchange.clock()
    told = {"organization_id": organization_id, "event": event, "transfer_id": transfer_id}
    insert_now(session, Notice, created_at=now, **told)


def notify_of_message(
    session: Session,
    exchange: Exchange,
    organization_id: UUID,
    thread_id: UUID | None,
    people: Collection[UUID],
) -> None:
    """Note, in the caller's transaction, that these people are to be told of a message.

    Without anybody, it is the organization's contact for the topic. No thread: one that never went.
    """
    about = {"organization_id": organization_id, "event": MESSAGE, "thread_id": thread_id}
    for account_id in people or (None,):
        insert_now(session, Notice, created_at=exchange.clock(), account_id=account_id, **about)


def notify_person(
    session: Session, exchange: Exchange, organization_id: UUID, account_id: UUID, event: str
) -> None:
    """Note, in the caller's transaction, that somebody is to be told of what is theirs alone."""
    told = {"organization_id": organization_id, "account_id": account_id, "event": event}
    insert_now(session, Notice, created_at=exchange.clock(), **told)


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
        now = ~held(Rhythm.DAILY) & ~held(Rhythm.NONE) & ~_told_lately(exchange)
        waiting = parcels(session, now)
        unwanted = parcels(session, held(Rhythm.NONE))
    waiting += (replace(one, recipient="") for one in unwanted)
    return sum(_tell(exchange, one) for one in waiting)


def held(rhythm: Rhythm) -> ColumnElement[bool]:
    """The notices of organizations with this rhythm that it holds for; it does not for those of incidents."""
    whose = columns(col(MailRhythm.organization_id)).where(col(MailRhythm.rhythm) == rhythm.value)
    return col(Notice.event).in_(HELD) & col(Notice.organization_id).in_(whose)


def parcels(session: Session, which: ColumnElement[bool]) -> list[Parcel]:
    """The notices that wait, by organization and address."""
    notices = session.execute(_WAITING.where(which).limit(_AT_ONCE)).all()
    concerned = col(Organization.id).in_({one.organization_id for one in notices})
    partners = {one.id: one for one in session.exec(select(Organization).where(concerned))}
    contacts = _contacts(session, partners)
    found: dict[tuple[UUID, str], Parcel] = {}
    for one in notices:
        partner = partners[one.organization_id]
        address = one.email or _address(contacts, partner, _purpose(one.program, one.topic))
        parcel = found.setdefault((partner.id, address), Parcel(partner, address))
        parcel.notices.append(one.id)
        parcel.programs[one.program or _PAGES.get(one.event, "")] += 1
    return list(found.values())


_WAITING = (
    columns(
        col(Notice.id),
        col(Notice.organization_id),
        col(Notice.event),
        col(Transfer.program),
        col(Thread.topic),
        col(Account.email),
    )
    .join(Transfer, col(Transfer.id) == col(Notice.transfer_id), isouter=True)
    .join(Thread, col(Thread.id) == col(Notice.thread_id), isouter=True)
    .join(
        Account, (col(Account.id) == col(Notice.account_id)) & (col(Account.status) == ACTIVE), isouter=True
    )
    .where(col(Notice.sent_at).is_(None))
    .order_by(col(Notice.created_at))
)


def _told_lately(exchange: Exchange) -> ColumnElement[bool]:
    """Notices of messages and results for whom another one of the kind was mailed a moment ago."""
    before = aliased(Notice)
    same = (
        (col(before.organization_id) == col(Notice.organization_id))
        & col(before.account_id).is_not_distinct_from(col(Notice.account_id))
        & (col(before.event) == col(Notice.event))
    )
    lately = col(before.sent_at) > exchange.clock() - _QUIET
    return col(Notice.event).in_(_SPARED) & exists().where(same, lately)


Contacts = dict[tuple[UUID, str], str]
"""The mail address of each organization's contact for a purpose."""


def _contacts(session: Session, partners: Iterable[UUID]) -> Contacts:
    theirs = select(Contact).where(col(Contact.organization_id).in_(partners))
    return {(one.organization_id, one.purpose): one.email for one in session.exec(theirs)}


def _purpose(program: str | None, topic: str | None) -> ContactPurpose:
    """What the contact is for who is told of a program's files, or of messages about a topic."""
    return TOPICS[topic].contact if topic else NOTICES.get(program or "", ContactPurpose.FILES)


def _address(contacts: Contacts, partner: Organization, purpose: ContactPurpose) -> str:
    """Who is told: the contact for this, the one for files, or the organization's address."""
    found = (contacts.get((partner.id, wanted)) for wanted in (purpose, ContactPurpose.FILES))
    return next((email for email in found if email), partner.notices_to or "")


def recipient(session: Session, partner: Organization) -> str:
    """Who is told of an organization's files; nothing when nobody is."""
    return _address(_contacts(session, [partner.id]), partner, ContactPurpose.FILES)


def _tell(exchange: Exchange, parcel: Parcel) -> bool:
    """Whether a mail went; one that nobody asked for counts as told."""
    page = next((f"/{one}" for one in _PAGES.values() if set(parcel.programs) == {one}), "/files")
    link, count = address_of(exchange, page), len(parcel.notices)
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
