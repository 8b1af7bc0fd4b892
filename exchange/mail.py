"""Notices by mail: one link and no content, so that a mailbox that is read by others gives nothing away.

A notice is a row, written in the transaction of what it tells; a worker sends all waiting notices for one
contact of an organization as one mail. Without an SMTP server (the demonstration) mails are files in a
folder.
"""

import smtplib
import ssl
from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import structlog
from sqlalchemy import update
from sqlmodel import Session, col, select

from exchange.database import reading, transaction
from exchange.models.accounts import Organization
from exchange.models.jobs import Notice
from exchange.models.organizations import Contact
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.purposes import NOTICES, ContactPurpose

SUBJECT = "Something is waiting for you at the portal"
_BODY = """There is something new for {organization} at the portal ({count} in all).

Sign in to see it: {link}

This mail holds no details on purpose. You receive it because your organization asked for notices here.
Demonstration software. Not a government system. Do not reply.
"""
_AT_ONCE = 10_000
_log = structlog.get_logger("mail")


def notify(
    session: Session, exchange: Exchange, organization_id: UUID, event: str, transfer_id: UUID | None
) -> None:
    """Note, in the caller's transaction, that an organization is to be told of an event."""
    now = exchange.clock()
    session.add(Notice(organization_id=organization_id, event=event, transfer_id=transfer_id, created_at=now))


def send_waiting(exchange: Exchange) -> int:
    """Send what waits, one mail an organization; returns how many mails went.

    A mail that fails stays waiting and holds up nobody else's. One sent by a process that died before it
    noted so is sent again.
    """
    with reading(exchange.engine) as session:
        waiting = select(Notice.id, Notice.organization_id, Transfer.program).where(
            col(Notice.sent_at).is_(None)
        )
        waiting = waiting.join(Transfer, col(Transfer.id) == col(Notice.transfer_id), isouter=True)
        notices = session.exec(waiting.order_by(col(Notice.created_at)).limit(_AT_ONCE)).all()
        concerned = col(Organization.id).in_({organization_id for _, organization_id, _ in notices})
        partners = {one.id: one for one in session.exec(select(Organization).where(concerned))}
        contacts = _contacts(session, partners)
    mails: dict[tuple[UUID, str], list[UUID]] = {}
    for identifier, organization_id, program in notices:
        recipient = _recipient(contacts, partners[organization_id], program)
        mails.setdefault((organization_id, recipient), []).append(identifier)
    return sum(_tell(exchange, partners[to], address, mine) for (to, address), mine in mails.items())


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


def _tell(exchange: Exchange, partner: Organization, recipient: str, notices: list[UUID]) -> bool:
    """Whether a mail went; one that nobody asked for counts as told."""
    try:
        if recipient:
            post(exchange, _mail(exchange, recipient, partner.name, len(notices)))
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors, an unusable address a ValueError
        _log.warning("mail.failed", organization_id=str(partner.id), error=type(error).__name__)
        return False
    with transaction(exchange.engine) as session:
        told = update(Notice).where(col(Notice.id).in_(notices)).values(sent_at=exchange.clock())
        session.execute(told)
    return bool(recipient)


def _mail(exchange: Exchange, recipient: str, organization: str, count: int) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = SUBJECT, exchange.settings.mail_from, recipient
    mail["Date"] = format_datetime(exchange.clock())
    link = address_of(exchange, "/files")
    mail.set_content(_BODY.format(organization=organization, count=count, link=link))
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
