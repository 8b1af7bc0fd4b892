"""Filling mailboxes with synthetic correspondence: in blocks, each a transaction, to be resumed after a stop.

Written, sealed and indexed by the code that does it for people; only rows go in many at a time. An agency
writes with many employers, so that one mailbox is as large as all the others together.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, text
from sqlmodel import Session, SQLModel, col, select

from exchange.accounts import enrolment
from exchange.accounts.enrolment import NewAccount, NewOrganization
from exchange.database import reading, table_of, transaction
from exchange.errors import NotNowError
from exchange.messages import documents, index, synthetic
from exchange.messages.documents import Document, Party
from exchange.messages.indexing import texts_of
from exchange.messages.words import words_of
from exchange.models.accounts import Account, Organization
from exchange.models.messages import Message, MessageKind, Thread, ThreadSide
from exchange.registry.bulk import analyze, insert_rows
from exchange.runtime import Exchange
from roles.correspondence import TOPICS, Classification
from roles.organizations import OrganizationKind
from roles.permissions import Role
from roles.policy import Channel

_AGENCY, _PARTNER, _EMPLOYER = "seeded.agency", "seeded.partner", "Synthetic employer"
_APART = timedelta(seconds=20)
"""Between two messages."""
_KEPT = timedelta(days=3 * 365)
_LONG_AGO = timedelta(days=400)
"""When the first one was written."""
MIDDLE = _LONG_AGO - 500_000 * _APART
"""How long ago half a million of them were."""
_MINE, _UNREAD, _WAITING, _ARCHIVED = 500, 20, 12, 3
"""Of so many threads one is assigned to the agency's account, is unread, waits, or is archived."""


@dataclass(frozen=True)
class Correspondents:
    """Who writes: one account of an agency, one account in the name of many partners."""

    agency: Account
    partner: Account
    partners: tuple[Organization, ...]


@dataclass(frozen=True)
class _Written:
    """A message before it is a row: its thread, whether a partner wrote it, when, and its document."""

    number: int
    thread: Thread
    partner: Organization
    theirs: bool
    document: Document


def correspondents(exchange: Exchange, partners: int) -> Correspondents:
    """An agency and so many employers, made unless they are there already."""
    accounts = [_account(exchange, username) for username in (_AGENCY, _PARTNER)]
    with reading(exchange.engine) as session:
        named = col(Organization.name).startswith(_EMPLOYER)
        there = list(session.exec(select(Organization).where(named).order_by(col(Organization.name))))
    for number in range(len(there), partners):
        new = NewOrganization(OrganizationKind.EMPLOYER, f"{_EMPLOYER} {number:04}")
        there.append(enrolment.create_organization(exchange, new))
    agency, partner = accounts
    return Correspondents(
        agency or _made(exchange, _AGENCY, OrganizationKind.OCSS, Role.OCSS_STAFF),
        partner or _made(exchange, _PARTNER, OrganizationKind.EMPLOYER, Role.EMPLOYER),
        tuple(there),
    )


def _account(exchange: Exchange, username: str) -> Account | None:
    with reading(exchange.engine) as session:
        return session.exec(select(Account).where(Account.username == username)).first()


def _made(exchange: Exchange, username: str, kind: OrganizationKind, role: Role) -> Account:
    organization = enrolment.create_organization(exchange, NewOrganization(kind, f"Synthetic {kind.value}"))
    new = NewAccount(organization.id, username, f"Pat {username.title()}", role, secrets.token_urlsafe(24))
    return enrolment.create_account(exchange, new)[0]


def stored(exchange: Exchange) -> int:
    """How many messages there are."""
    with reading(exchange.engine) as session:
        return session.exec(select(func.max(Message.number))).one() or 0


def store(
    exchange: Exchange,
    who: Correspondents,
    messages: int,
    progress: Callable[[int], None] = lambda _stored: None,
) -> None:
    """Store synthetic messages until there are so many; `progress` hears how many there are so far.

    Raises `NotNowError` where more are wanted and the last block there is not a whole one.
    """
    while (before := stored(exchange)) < messages:
        if before % synthetic.BLOCK:
            raise NotNowError(why=f"there are {before:,} messages, and only whole blocks of them grow")
        number = before // synthetic.BLOCK
        size = min(synthetic.BLOCK, messages - number * synthetic.BLOCK)
        with transaction(exchange.engine) as session:
            _store_block(session, exchange, who, number, size)
        progress(number * synthetic.BLOCK + size)
    with transaction(exchange.engine) as session:
        analyze(session, Message, Thread, ThreadSide)
        if session.get_bind().dialect.name == "postgresql":  # numbers were given, not drawn
            session.execute(
                text("SELECT setval(pg_get_serial_sequence('message', 'number'), max(number)) FROM message")
            )


def _store_block(session: Session, exchange: Exchange, who: Correspondents, number: int, size: int) -> None:
    agency = session.get_one(Organization, who.agency.organization_id)
    written = list(_written(exchange, who, agency, number, size))
    threads = {id(one.thread): one.thread for one in written}.values()
    _insert(session, Thread, [one.model_dump() for one in threads])
    _insert(session, Message, _message_rows(exchange, who, written))
    _insert(session, ThreadSide, _sides(who, written))
    _index(session, exchange, who, written)


def _written(
    exchange: Exchange, who: Correspondents, agency: Organization, number: int, size: int
) -> Iterator[_Written]:
    said = synthetic.block(number, size)
    sealed = exchange.vault.cells.seal_all(documents.SUBJECT, said.subjects)
    first, place = number * synthetic.BLOCK + 1, 0
    begin = exchange.clock() - _LONG_AGO
    topics = [slug for slug, topic in TOPICS.items() if OrganizationKind(agency.kind) in topic.agencies]
    for turn, length in enumerate(said.threads):
        partner = who.partners[(number + turn * turn) % len(who.partners)]
        sides = (_party(partner, who.partner), _party(agency, who.agency))
        thread = Thread(
            topic=topics[(turn % 17) % len(topics)],
            classification=Classification.NONE.value,
            subject_sealed=sealed[place],
            opened_at=begin + (first + place) * _APART,
        )
        subject = said.subjects[place]
        for answer in range(length):
            document = Document(
                id=uuid4(),
                thread_id=thread.id,
                topic=thread.topic,
                classification=thread.classification,
                subject=subject,
                author=sides[answer % 2],
                addressee=sides[1 - answer % 2],
                sent_at=begin + (first + place) * _APART,
                body=said.bodies[place],
            )
            yield _Written(first + place, thread, partner, answer % 2 == 0, document)
            place += 1


def _party(organization: Organization, person: Account) -> Party:
    return Party(organization.id, organization.name, person.name)


def _message_rows(
    exchange: Exchange, who: Correspondents, written: Sequence[_Written]
) -> Iterator[dict[str, Any]]:
    texts = [documents.written(one.document) for one in written]
    sealed = exchange.vault.cells.seal_all(documents.DOCUMENT, [text.decode() for text in texts])
    alike = _message_like(
        written[0].document, who
    ).model_dump()  # making an object of each takes a third more
    for one, cell, said in zip(written, sealed, texts, strict=True):
        sent_at = one.document.sent_at
        yield alike | {
            "number": one.number,
            "id": one.document.id,
            "thread_id": one.thread.id,
            "organization_id": one.document.author.organization_id,
            "account_id": who.partner.id if one.theirs else who.agency.id,
            "sealed": cell,
            "size": len(said),
            "sent_at": sent_at,
            "expires_at": sent_at + _KEPT,
            "indexed_at": sent_at,
        }


def _message_like(document: Document, who: Correspondents) -> Message:
    return Message(
        thread_id=document.thread_id,
        organization_id=document.author.organization_id,
        account_id=who.agency.id,
        kind=MessageKind.MESSAGE.value,
        channel=Channel.WEB.value,
        sent_at=document.sent_at,
        expires_at=document.sent_at,
    )


def _sides(who: Correspondents, written: Sequence[_Written]) -> Iterator[dict[str, Any]]:
    """Both sides of each thread, as they are after its last message."""
    threads: dict[UUID, list[_Written]] = defaultdict(list)
    for one in written:
        threads[one.thread.id].append(one)
    for turn, some in enumerate(threads.values()):
        last = some[-1]
        shared = ThreadSide(
            thread_id=last.thread.id,
            organization_id=who.agency.organization_id,
            other_id=last.partner.id,
            topic=last.thread.topic,
            messages=len(some),
            last_at=last.document.sent_at,
        )
        partners = {"organization_id": last.partner.id, "other_id": who.agency.organization_id}
        alike = shared.model_dump()
        yield alike | partners
        yield alike | {
            "assigned_to": who.agency.id if turn % _MINE == 0 else None,
            "unread": int(turn % _UNREAD == 0),
            "waiting_since": last.document.sent_at if turn % _WAITING == 0 else None,
            "archived": turn % _ARCHIVED == 1,
        }


def _index(session: Session, exchange: Exchange, who: Correspondents, written: Sequence[_Written]) -> None:
    entries = [(one.number, words_of(*texts_of(one.document))) for one in written]
    index.add(session, exchange, who.agency.organization_id, entries)
    theirs: dict[UUID, list[index.Entry]] = defaultdict(list)
    for one, entry in zip(written, entries, strict=True):
        theirs[one.partner.id].append(entry)
    for organization_id, some in sorted(theirs.items()):
        index.add(session, exchange, organization_id, some)


def _insert(session: Session, model: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    columns = [column.name for column in table_of(model).columns]
    insert_rows(session, table_of(model), columns, (tuple(row[name] for name in columns) for row in rows))
