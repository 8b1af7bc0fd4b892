"""What sources answer to requests that came by file, put into files for the worker who asked.

A worker's chore. What it finds is read, sealed into a file and noted as told in one transaction; a chore that
is killed before leaves bytes that no row names. Disclosure is that of pages, for the worker who asked, and
every file is a view for the auditor. Federal tax information stands in files of its own.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange import mail
from exchange.accounts import identity
from exchange.cases.custody import TAX
from exchange.cases.making import FILED, PROGRAM
from exchange.database import reading, transaction
from exchange.errors import IdentityDamagedError, SignInRefusedError
from exchange.locate import sealed, viewing, whom
from exchange.locate.standing import Standing, standing_of
from exchange.locate.telling import Looks
from exchange.locate.viewing import Result
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.cases import LocateFiled, LocateTold
from exchange.models.locate import (
    Act,
    LocateAnswer,
    LocateQuery,
    LocateRequest,
    QueryStatus,
)
from exchange.models.transfers import Transfer
from exchange.registry.agencies import AGENCIES
from exchange.runtime import Exchange
from exchange.transfers.answers import Document, issue, seal
from roles.disclosure import Viewer
from roles.policy import Actor, Channel
from schemas.kinds import Value
from schemas.layouts.locate_response import LOCATE_RESPONSE as LAYOUT
from schemas.locate.answers import FactField, Outcome

GATHERED = timedelta(minutes=15)
"""So long answers are gathered while a request still waits for other sources."""
_KIND = "locate"
_TOLD = "locate.told"
_AT_ONCE = 1_000
_WAITING = (QueryStatus.WAITING.value, QueryStatus.SENT.value)
_OUTCOMES = {Outcome.FOUND: "F", Outcome.NOTHING: "N", Outcome.UNABLE: "U"}
_UNABLE, _DECEASED, _FREE_TEXT = "01", "02", "F"
_WHOSE = ((FactField.ADDRESS, "2"), (FactField.EMPLOYER_ADDRESS, "1"))
"""Address indicators of 8.6, the person's own address first."""


@dataclass(frozen=True)
class _Answered:
    """A request with answers that no file tells yet: of each source, what may be shown; and the rows' ids.

    `known`: the digest of what the last file said of a source. `withheld`: nothing of the person is shown.
    """

    exchange: Exchange
    filed: LocateFiled
    row: LocateRequest
    results: tuple[Result, ...]
    answers: Mapping[UUID, Sequence[UUID]]
    known: Mapping[UUID, bytes]
    withheld: bool

    def is_news(self, result: Result) -> bool:
        """Whether no file says the same of this source last, to whoever opens it today (`blanking`)."""
        return self._said(result) != _digest(self.exchange, result)

    def _said(self, result: Result) -> bytes | None:
        said = self.known.get(result.query_id)
        nothing, unable = (
            _digest(self.exchange, replace(result, outcome=one, shown=()))
            for one in (Outcome.NOTHING, Outcome.UNABLE)
        )
        return nothing if self.withheld and said not in (None, unable) else said


def deliver(exchange: Exchange) -> int:
    """Put answers into files where a request has all of them, or has gathered long enough; how many files.

    Of each file by itself: one whose worker may see nothing just now keeps nobody else waiting.
    """
    with reading(exchange.engine) as session:
        files = session.exec(_due(exchange, col(LocateFiled.transfer_id)).distinct())
        by_file = {one: _due_of(session, exchange, one) for one in files.all()}
    return sum(_deliver(exchange, transfer_id, requests) for transfer_id, requests in by_file.items())


def _due_of(session: Session, exchange: Exchange, transfer_id: UUID) -> Sequence[UUID]:
    """The requests of a file that are to be told of now, as many as go into one file of answers."""
    mine = _due(exchange, col(LocateFiled.request_id)).where(LocateFiled.transfer_id == transfer_id)
    return session.exec(mine.order_by(col(LocateFiled.line)).limit(_AT_ONCE)).all()


def _due(exchange: Exchange, what: Mapped[UUID]) -> SelectOfScalar[UUID]:
    """Requests with an answer that no file tells, where no source is waited for, or was for long enough."""
    mine = LocateQuery.request_id == LocateRequest.id
    told = select(LocateTold.answer_id).where(LocateTold.answer_id == LocateAnswer.id)
    answers = select(LocateAnswer.id).join(LocateQuery, col(LocateQuery.id) == LocateAnswer.query_id)
    untold = answers.where(mine, ~told.exists())
    gathered = untold.where(col(LocateAnswer.received_at) <= exchange.clock() - GATHERED)
    waiting = select(LocateQuery.id).where(mine, col(LocateQuery.status).in_(_WAITING))
    news = or_(col(LocateFiled.told_at).is_(None), col(LocateRequest.changed_at) > LocateFiled.told_at)
    filed = select(what).join(LocateRequest, col(LocateRequest.id) == LocateFiled.request_id)
    return filed.where(news, untold.exists(), or_(~waiting.exists(), gathered.exists()))


def _untold(session: Session, request_id: UUID) -> list[LocateAnswer]:
    told = select(LocateTold.answer_id)
    theirs = select(LocateAnswer).join(LocateQuery, col(LocateQuery.id) == LocateAnswer.query_id)
    wanted = theirs.where(LocateQuery.request_id == request_id, col(LocateAnswer.id).not_in(told))
    return list(session.exec(wanted))


def _deliver(exchange: Exchange, transfer_id: UUID, requests: Sequence[UUID]) -> int:
    """The files for one file's requests; none while its worker may not see anything."""
    with reading(exchange.engine) as session:
        origin = session.get_one(Transfer, transfer_id)
        who = _worker(session, exchange, origin)
        if who is None:
            return 0
        answered = [_answered(session, exchange, who, request_id) for request_id in requests]
        of_tax = _half(answered, tax=True) if who[1].tax else []
        halves = ((_KIND, _half(answered, tax=False)), (TAX, of_tax))
        files = [(_document(session, exchange, origin, kind, half), half) for kind, half in halves if half]
    with transaction(exchange.engine) as session:
        for document, half in files:
            _issue(session, exchange, (who[0], origin), document, half)
        for one in answered:
            same = tuple(each for each in one.results if not one.is_news(each))
            session.add_all(_told_by(exchange, one, same, None))
            filed = session.get_one(LocateFiled, one.row.id)
            filed.told_at = one.row.changed_at
            session.add(filed)
    return len(files)


def _worker(session: Session, exchange: Exchange, origin: Transfer) -> tuple[Actor, Standing] | None:
    """The account that handed the file over, where it may locate people still."""
    try:
        assert origin.account_id is not None
        actor = identity.actor_of(exchange, origin.account_id, Channel(origin.channel), None)
        standing = standing_of(session, exchange, actor)
    except (SignInRefusedError, IdentityDamagedError):
        return None
    return None if standing.blocked else (actor, standing)


def _answered(
    session: Session, exchange: Exchange, who: tuple[Actor, Standing], request_id: UUID
) -> _Answered:
    actor, standing = who
    row, filed = session.get_one(LocateRequest, request_id), session.get_one(LocateFiled, request_id)
    answers: dict[UUID, list[UUID]] = defaultdict(list)
    for one in _untold(session, request_id):
        answers[one.query_id].append(one.id)
    (known,) = whom.known(session, exchange, actor.account_id, [row])
    results = viewing.results_of(session, Looks(actor, standing, Viewer.ASKER), known)
    new = tuple(one for one in results if one.query_id in answers)
    return _Answered(exchange, filed, row, new, answers, _known(session, request_id), known.withheld)


def _known(session: Session, request_id: UUID) -> dict[UUID, bytes]:
    told = (
        select(LocateAnswer.query_id, LocateTold.digest)
        .join(LocateTold, col(LocateTold.answer_id) == LocateAnswer.id)
        .join(LocateQuery, col(LocateQuery.id) == LocateAnswer.query_id)
        .where(LocateQuery.request_id == request_id)
        .order_by(col(LocateAnswer.number))
    )
    return dict(session.exec(told).all())


def _digest(exchange: Exchange, result: Result) -> bytes:
    said = (result.outcome, *((shown.field, shown.value, shown.label) for shown in result.shown))
    return exchange.vault.cells.keyed_hash(_TOLD, f"{result.query_id}|{said!r}")


def _half(answered: Iterable[_Answered], *, tax: bool) -> list[_Answered]:
    """What stands in the one file, or in the other."""
    halves = []
    for one in answered:
        results = tuple(each for each in one.results if _is_tax(each) is tax and one.is_news(each))
        if results:
            halves.append(replace(one, results=results))
    return halves


def _is_tax(result: Result) -> bool:
    return result.source.tax or any(shown.label for shown in result.shown)


def _document(
    session: Session, exchange: Exchange, origin: Transfer, kind: str, answered: Sequence[_Answered]
) -> Document:
    """The file, sealed."""
    number, state = _next(session, origin, kind), _state(session, origin)
    today = f"{as_utc(exchange.clock()):%Y%m%d}"
    lines = list(_records(exchange, state, answered))
    header = LAYOUT.header.render({"state": state, "creation_date": today, "batch_number": f"{number:06d}"})
    trailer = LAYOUT.trailer.render({"record_count": len(lines)})
    blob = seal(exchange, (line + b"\n" for line in (header, *lines, trailer)))
    named = f"{kind}-{number:03d}"
    filename = f"{origin.filename}.{named}.txt"
    return Document(origin.organization_id, named, filename, blob, len(lines), LAYOUT.slug)


def _issue(
    session: Session,
    exchange: Exchange,
    whose: tuple[Actor, Transfer],
    document: Document,
    answered: Sequence[_Answered],
) -> None:
    """Put a file into the outbox, and keep what it tells of whom."""
    actor, origin = whose
    issue(session, exchange, document, PROGRAM, origin)
    for one in answered:
        reason = f"Delivered in file {document.filename}"
        viewing.note_view(session, exchange, actor, Act.EXPORT, (one.row, one.results, reason))
        session.add_all(_told_by(exchange, one, one.results, document.id))
    mail.notify(session, exchange, origin.organization_id, "transfer.waiting", document.id)


def _told_by(
    exchange: Exchange, one: _Answered, results: Iterable[Result], transfer_id: UUID | None
) -> Iterator[LocateTold]:
    for result in results:
        digest = _digest(exchange, result)
        for answer_id in one.answers[result.query_id]:
            yield LocateTold(answer_id=answer_id, transfer_id=transfer_id, digest=digest)


def _next(session: Session, origin: Transfer, kind: str) -> int:
    """The number of the next such file; should two be made at once, one of them breaks on its name."""
    answers = select(Transfer.kind).where(Transfer.answers_to == origin.id)
    return sum((one or "").rpartition("-")[0] == kind for one in session.exec(answers)) + 1


def _state(session: Session, origin: Transfer) -> str | None:
    jurisdiction = session.get_one(Organization, origin.organization_id).jurisdiction
    return jurisdiction if jurisdiction in AGENCIES else None


def _records(exchange: Exchange, state: str | None, answered: Iterable[_Answered]) -> Iterator[bytes]:
    for one in sorted(answered, key=lambda each: each.filed.line):
        asked = _asked(exchange, one) | {"state": state}
        yield from (_record(asked | _told(result)) for result in one.results)


def _record(columns: Mapping[str, Value]) -> bytes:
    """A record of texts that are cut where a column of the state's record is too narrow for them."""
    record = LAYOUT["answer"]
    fitting = {
        name: value[: record[name].width].encode("ascii", "replace").decode()
        if isinstance(value, str)
        else value
        for name, value in columns.items()
    }
    return record.render(fitting)


def _asked(exchange: Exchange, one: _Answered) -> dict[str, Value]:
    """What the worker's own record said, and the number of the request."""
    subject = sealed.subject_of(exchange, one.row)
    said = json.loads(sealed.opened(exchange, FILED, one.filed.sealed))
    case = sealed.opened(exchange, sealed.CASE, one.row.case_sealed)
    return {
        "name_sent_indicator": "1" if subject.last_name else None,
        "sent_first_name": subject.first_name,
        "sent_middle_name": subject.middle_name,
        "sent_last_name": subject.last_name,
        "submitted_ssn": subject.ssn,
        "case_id": case,
        "user_field": said["user_field"],
        "local_code": said["county"],
        "reference": one.row.reference,
        "whole_case_id": case,
        "whole_user_field": said["user_field"],
        "member_id": said["member_id"],
    }


def _told(result: Result) -> dict[str, Value]:
    """What may be shown of an answer, in the columns that hold it."""
    assert result.outcome is not None
    assert result.received_at is not None
    facts = {shown.field: shown.value for shown in result.shown}
    address, indicator = next(
        ((facts[field], whose) for field, whose in _WHOSE if field in facts), (None, None)
    )
    unable = _UNABLE if result.outcome is Outcome.UNABLE else None
    return {
        "source": result.source.code,
        "returned_name": facts.get(FactField.NAME),
        "response_code": _DECEASED if FactField.DEATH_DATE in facts else unable,
        "address_format": _FREE_TEXT if address else None,
        "returned_address": address,
        "address_indicator": indicator,
        "outcome": _OUTCOMES[result.outcome],
        "received_date": f"{result.received_at:%Y%m%d}",
        "label": next((shown.label for shown in result.shown if shown.label), None),
        **{f"said_{field.value}": value for field, value in facts.items()},
    }
