"""A mailbox with many threads, written as rows, and what a search in it has to find without any index."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import SQLModel

from exchange.database import table_of, transaction
from exchange.messages import documents
from exchange.messages.documents import Document, Party
from exchange.messages.words import asked_for
from exchange.models.messages import Message, Thread, ThreadSide
from exchange.registry.bulk import insert_rows
from exchange.runtime import Exchange
from roles.policy import Channel
from tests.support.partners import Partner

WORDS = {"order": 0.9, "wages": 0.5, "wagering": 0.1, "muller": 0.04}
"""What messages say, and how often."""


@dataclass(frozen=True)
class Said:
    """A message as a test knows it."""

    number: int
    at: datetime
    words: frozenset[str]
    note: bool = False
    foreign: bool = False
    recalled: bool = False

    @property
    def readable(self) -> bool:
        return not self.recalled and not (self.note and self.foreign)


@dataclass
class Talk:
    """A thread as a test knows it: what its side in the mailbox says of it, and its messages."""

    side: dict[str, Any]
    id: UUID = field(default_factory=uuid4)
    said: list[Said] = field(default_factory=list)

    @property
    def last_at(self) -> datetime:
        """When its last message came; a note moves no thread."""
        return max(one.at for one in self.said if not one.note)

    def found(self, asked: str, holds: Callable[[Said], bool]) -> int | None:
        """The number of the newest message with all words asked for; None where there is none."""
        read = [one for one in self.said if one.readable and holds(one)]
        agree = [one.number for one in read if _agrees(one.words, asked)]
        return max(agree, default=None)


def _agrees(words: Iterable[str], asked: str) -> bool:
    return all(any(word.startswith(one) for word in words) for one in asked_for(asked))


def talks(random: Random, sides: list[dict[str, Any]], messages: int, begin: datetime) -> list[Talk]:
    """Threads with these sides, and so many messages in any of them, minutes to days after each other."""
    made = [Talk(side) for side in sides]
    at = begin
    for number in range(1, messages + 1):
        talk = made[number - 1] if number <= len(made) else random.choice(made)
        at += timedelta(minutes=random.expovariate(1 / 300))
        words = frozenset(word for word, often in WORDS.items() if random.random() < often)
        kind = random.random() if number > len(made) else 1
        talk.said.append(Said(number, at, words, kind < 0.2, random.random() < 0.5, 0.2 < kind < 0.3))
    return made


def keep(exchange: Exchange, own: Partner, other: Partner, made: list[Talk]) -> None:
    """Write threads and their messages, which are in no index yet, as rows; no other mailbox has them."""
    subject = exchange.vault.cells.seal(documents.SUBJECT, "Synthetic")
    threads, sides, messages = [], [], []
    for talk in made:
        thread = Thread(
            id=talk.id,
            topic=talk.side["topic"],
            classification="none",
            subject_sealed=subject,
            opened_at=talk.said[0].at,
        )
        mine = {
            "thread_id": talk.id,
            "organization_id": own.organization.id,
            "last_at": talk.last_at,
            "messages": 1,
        }
        threads.append(thread)
        sides.append(ThreadSide(**(mine | talk.side)))
        messages += [_message(exchange, other if one.foreign else own, talk, one) for one in talk.said]
    with transaction(exchange.engine) as session:
        for model, rows in ((Thread, threads), (ThreadSide, sides), (Message, messages)):
            columns = [column.name for column in table_of(model).columns]
            insert_rows(session, table_of(model), columns, map(_values(columns), rows))


def _values(columns: list[str]) -> Callable[[SQLModel], tuple[Any, ...]]:
    return lambda row: tuple(getattr(row, name) for name in columns)


def _message(exchange: Exchange, author: Partner, talk: Talk, one: Said) -> Message:
    identifier = uuid4()
    party = Party(author.organization.id, "Synthetic")
    said = Document(
        id=identifier,
        thread_id=talk.id,
        topic=talk.side["topic"],
        classification="none",
        subject="Synthetic",
        author=party,
        addressee=party,
        sent_at=one.at,
        body=" ".join(sorted(one.words)),
        note=one.note,
    )
    return Message(
        number=one.number,
        id=identifier,
        thread_id=talk.id,
        organization_id=author.organization.id,
        account_id=author.account.id,
        kind="note" if one.note else "message",
        state="RECALLED" if one.recalled else "SENT",
        channel=Channel.WEB.value,
        sealed=None if one.recalled else documents.seal(exchange, documents.written(said)),
        sent_at=one.at,
        expires_at=one.at + timedelta(days=999),
    )
