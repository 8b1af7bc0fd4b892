"""What somebody fills in to write: the fields of a draft, their bounds, and what is wrong with them."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from exchange.errors import FieldsRefusedError
from exchange.messages.addressees import Addressee, addressee, offices, person_of
from exchange.models.accounts import Organization
from exchange.models.messages import Thread
from exchange.runtime import Exchange
from roles.correspondence import (
    TOPICS,
    Classification,
    Topic,
    may_forward,
    may_hold,
    may_mark,
    topics_between,
)
from roles.organizations import OrganizationKind

FIELDS = ("to", "office", "person", "topic", "classification", "subject", "body")
"""Names of the fields: `to`, `office` and `person` are ids, `topic` and `classification` words of a table."""
LONGEST_SUBJECT, LONGEST_BODY = 150, 50_000
"""Characters."""
_DRAFT = "message.draft"
_ROOM = 2
"""Times what a field takes that a draft keeps, so that what is too long can be cut by its writer."""
_LINE_BREAKS = "\n\t"


@dataclass(frozen=True)
class Addressed:
    """Checked fields: whom a message goes to and what it says. `topic` and `marked` are the thread's."""

    to: Addressee
    office_id: UUID | None
    office: str
    person_id: UUID | None
    person: str
    topic: Topic
    marked: Classification
    subject: str
    body: str


def cleaned(given: Mapping[str, str]) -> dict[str, str]:
    """The known fields of a form, cut to what a draft keeps; line breaks are one character."""
    kept = {name: given.get(name, "") for name in FIELDS}
    kept["body"] = kept["body"].replace("\r\n", "\n").replace("\r", "\n")[: _ROOM * LONGEST_BODY]
    kept["subject"] = " ".join(kept["subject"].split())[: _ROOM * LONGEST_SUBJECT]
    return kept


def seal(exchange: Exchange, fields: Mapping[str, str]) -> bytes:
    """The fields of a draft as they stand in its row."""
    return exchange.vault.cells.seal(_DRAFT, json.dumps(dict(fields)))


def opened(exchange: Exchange, sealed: bytes) -> dict[str, str]:
    """The fields that `seal` sealed."""
    fields: dict[str, str] = json.loads(exchange.vault.cells.open(_DRAFT, sealed))
    return fields


def wrong_text(text: str, longest: int) -> str:
    """What is wrong with a text of at most so many characters, in a sentence; nothing where it is right."""
    if len(text) > longest:
        return f"Shorten it to {longest:,} characters; it has {len(text):,}"
    if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in _LINE_BREAKS for one in text):
        return "Take out the control characters; they cannot be shown"
    return ""


def checked(
    session: Session,
    own: Organization,
    fields: Mapping[str, str],
    thread: Thread | None,
    forwarded: Classification | None,
) -> Addressed:
    """Whom a draft goes to and what it says; `forwarded`: how the message that it passes on is marked.

    Raises `FieldsRefusedError` with all that is wrong, by field.
    """
    problems = _wrong_words(fields, is_answer=thread is not None)
    to = addressee(session, own, id_of(fields["to"]))
    topic = TOPICS.get(thread.topic if thread else fields["topic"])
    marked = _marked(thread, fields)
    problems |= _wrong_addressee(OrganizationKind(own.kind), to, topic, marked)
    problems |= _wrong_forward(to, marked, forwarded)
    if problems or to is None or topic is None or marked is None:
        raise FieldsRefusedError(problems)
    return _addressed(session, to, topic, marked, fields)


def _addressed(
    session: Session, to: Addressee, topic: Topic, marked: Classification, fields: Mapping[str, str]
) -> Addressed:
    rooms = {office.id: office.name for office in offices(session, to.id)}
    office_id = id_of(fields["office"])
    person = person_of(session, to.id, id_of(fields["person"]))
    return Addressed(
        to=to,
        office_id=office_id if office_id in rooms else None,
        office=rooms.get(office_id, ""),
        person_id=person.id if person else None,
        person=person.name if person else "",
        topic=topic,
        marked=marked,
        subject=fields["subject"],
        body=fields["body"].strip(_LINE_BREAKS + " "),
    )


def _wrong_words(fields: Mapping[str, str], *, is_answer: bool) -> dict[str, str]:
    problems: dict[str, str] = {}
    for name, longest in (("subject", LONGEST_SUBJECT), ("body", LONGEST_BODY)):
        text = fields[name].strip()
        if not text and not (is_answer and name == "subject"):
            problems[name] = f"Enter the {'subject' if name == 'subject' else 'message'}"
        elif wrong := wrong_text(text, longest):
            problems[name] = wrong
    return problems


def _marked(thread: Thread | None, fields: Mapping[str, str]) -> Classification | None:
    given = thread.classification if thread else fields["classification"]
    return Classification(given) if given in set(Classification) else None


def _wrong_addressee(
    own: OrganizationKind, to: Addressee | None, topic: Topic | None, marked: Classification | None
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if to is None:
        problems["to"] = "Choose whom to write to"
    elif topic is not None and topic not in topics_between(own, to.kind):
        problems["topic"] = "Choose a topic that you can write to them about"
    if topic is None:
        problems["topic"] = "Choose a topic"
    if marked is None:
        problems["classification"] = "Say whether it holds personal data"
    elif to is not None and not may_hold(marked, to.kind, own):
        problems["classification"] = "Tax information may go between agencies only"
    return problems


def _wrong_forward(
    to: Addressee | None, marked: Classification | None, passed_on: Classification | None
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if passed_on is not None and to is not None and not may_forward(passed_on, to.kind):
        problems["to"] = "This message may not be passed on to them"
    if passed_on is not None and marked is not None and not may_mark(marked, passed_on):
        problems["classification"] = "The message that you pass on holds personal data; say so"
    return problems


def id_of(text: str) -> UUID:
    """The id that a field holds; one that nobody has for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
