"""Taking what a source sends: only what answers an open question of that source, about the person asked for.

A source may hang, lie, answer twice, correct itself or come too late. Whatever is not taken leaves a line
that says why, and nothing of its content.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, select

from exchange import journal, mail
from exchange.database import transaction
from exchange.locate import protection, sealed
from exchange.messages.access import pulse
from exchange.models.locate import (
    NEVER,
    LocateAnswer,
    LocateQuery,
    LocateRefused,
    LocateRequest,
    QueryStatus,
    RequestStatus,
)
from exchange.runtime import Exchange
from roles.disclosure import normalised
from roles.locate import SOURCES
from schemas.locate.answers import NOTHING, FactField, Outcome, SourceAnswer
from schemas.locate.query import Subject

UNKNOWN = "it answers no question that this source was asked"
CLOSED = "the request has ended"
ANOTHER = "it is not about the person that was asked for"
UNREADABLE = "it is not in the form of an answer"
CONTRADICTED = "it says something else under the number of an earlier answer"
OUTDATED = "a later answer is here already"
LONGEST = 16_384
"""Bytes of one answer."""


@dataclass(frozen=True)
class Sent:
    """What a source sent: the question it says it answers, whom it says it is about, and the answer."""

    query_id: UUID
    about: dict[str, str]
    answer: SourceAnswer


class _RefusedError(Exception):
    """Why something is not taken."""


def take(exchange: Exchange, source: str, raw: bytes) -> bool:
    """Take one answer of a source, in one transaction; False for one that is not taken, or is here already.

    `raw` is JSON: `id` of the question, `about` with the number and last name as they were sent, `answer`.
    """
    with transaction(exchange.engine) as session:
        query_id = None
        try:
            sent = _read(raw)
            query_id = sent.query_id
            query, request = _asked(session, source, sent)
            return _keep(session, exchange, query, request, sent)
        except _RefusedError as refusal:
            _note(session, exchange, source, query_id, str(refusal))
            return False


def _read(raw: bytes) -> Sent:
    try:
        if len(raw) > LONGEST:
            raise _RefusedError(UNREADABLE)
        given = json.loads(raw)
        about = {str(name): str(value) for name, value in given["about"].items()}
        return Sent(UUID(given["id"]), about, SourceAnswer.model_validate(given["answer"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ValidationError):
        raise _RefusedError(UNREADABLE) from None


def _asked(session: Session, source: str, sent: Sent) -> tuple[LocateQuery, LocateRequest]:
    query = session.get(LocateQuery, sent.query_id)
    if query is None or query.source != source or query.sent_at is None:
        raise _RefusedError(UNKNOWN)
    request = session.get_one(LocateRequest, query.request_id, with_for_update=True)
    if request.closed_at is not None:
        raise _RefusedError(CLOSED)
    return query, request


def _keep(
    session: Session, exchange: Exchange, query: LocateQuery, request: LocateRequest, sent: Sent
) -> bool:
    subject = sealed.subject_of(exchange, request)
    if not _is_about(subject, sent.about):
        raise _RefusedError(ANOTHER)
    withheld = _is_withheld(session, exchange, request, (subject, sent.answer))
    given = normalised(SOURCES[query.source], sent.answer)
    row = _row(exchange, query, given, _without(given) if withheld else given)
    before = _newest(session, query.id)
    if before is not None and _is_known(session, before, row):
        return False
    if before is not None and _tells_no_more(exchange, before, row, withheld=withheld):
        before.number, before.sealed, before.digest = row.number, row.sealed, row.digest
        session.add(before)
        return True
    session.add(row)
    _note_answered(session, exchange, query, request)
    facts = {"source": query.source, "number": row.number}
    journal.append(session, exchange, "locate.answered", None, request.id, **facts)
    return True


def _note_answered(session: Session, exchange: Exchange, query: LocateQuery, request: LocateRequest) -> None:
    query.status, query.answered_at = QueryStatus.ANSWERED.value, exchange.clock()
    query.next_at = again_at(exchange, query.source)
    request.status, request.changed_at = RequestStatus.ANSWERED.value, exchange.clock()
    session.add(query)
    session.add(request)
    session.flush()  # waits for a file that changes the same cases before, not behind, the journal's head
    pulse(session, request.organization_id)
    mail.notify_person(session, exchange, request.organization_id, request.account_id, mail.LOCATED)


def again_at(exchange: Exchange, source: str) -> datetime:
    """When a source that has answered is asked again while the request is open; never, for most."""
    days = SOURCES[source].again_within
    return exchange.clock() + timedelta(days=days) if days else NEVER


def _is_about(subject: Subject, about: dict[str, str]) -> bool:
    """A source repeats what it was sent (8.6: names sent, number submitted)."""
    return (about.get("ssn", ""), about.get("last_name", "")) == (subject.ssn, subject.last_name)


def _is_withheld(
    session: Session, exchange: Exchange, request: LocateRequest, what: tuple[Subject, SourceAnswer]
) -> bool:
    """Whether nothing may be kept of it: of whom was asked for, or of whom the source says that it is.

    A number that a source finds for a request without one is the person's from then on, for all sources.
    """
    subject, answer = what
    found = protection.person_hash(exchange, answer.facts.get(FactField.SSN, ""))
    request.person_hash = request.person_hash or found
    hashes = protection.hashes_of(exchange, subject, [answer.facts])
    return protection.withheld(session, request.account_id, [request.person_hash, *hashes])


def _without(answer: SourceAnswer) -> SourceAnswer:
    """An answer as it is where nothing was found."""
    if answer.outcome is not Outcome.FOUND:
        return answer
    return NOTHING.model_copy(update={"number": answer.number})


def _row(exchange: Exchange, query: LocateQuery, given: SourceAnswer, kept: SourceAnswer) -> LocateAnswer:
    """What is kept; the digest is of what was given, so that a repetition is one for everybody."""
    return LocateAnswer(
        query_id=query.id,
        number=given.number,
        sealed=sealed.seal_answer(exchange, query.id, kept),
        digest=sealed.digest_of(exchange, given),
        received_at=exchange.clock(),
    )


def _newest(session: Session, query_id: UUID) -> LocateAnswer | None:
    theirs = select(LocateAnswer).where(LocateAnswer.query_id == query_id)
    return session.exec(theirs.order_by(col(LocateAnswer.number).desc())).first()


def _is_known(session: Session, newest: LocateAnswer, row: LocateAnswer) -> bool:
    """Whether this very answer is here. Raises for one that contradicts, or is older than, what is here."""
    if newest.number < row.number:
        return False
    theirs = select(LocateAnswer).where(LocateAnswer.query_id == row.query_id)
    same = session.exec(theirs.where(LocateAnswer.number == row.number)).first()
    if same is None:
        raise _RefusedError(OUTDATED)
    if same.digest != row.digest:
        raise _RefusedError(CONTRADICTED)
    return True


def _tells_no_more(exchange: Exchange, before: LocateAnswer, row: LocateAnswer, *, withheld: bool) -> bool:
    """Whether there was nothing to tell before and is nothing now: then it takes the place of the one before.

    Else the time and number of corrections would tell somebody who is withheld from nobody at all.
    """
    said, says = sealed.answer_of(exchange, before), sealed.answer_of(exchange, row)
    told = _without(said) if withheld else said
    return told.outcome is says.outcome is not Outcome.FOUND


def _note(session: Session, exchange: Exchange, source: str, query_id: UUID | None, why: str) -> None:
    session.add(LocateRefused(source=source, query_id=query_id, why=why, at=exchange.clock()))
    journal.append(session, exchange, "locate.refused", None, None, source=source, why=why)
