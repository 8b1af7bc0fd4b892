"""Whom requests are about, as somebody may know it: what a search found goes when the person is protected.

What the worker had typed stays, as with a person nobody knows. The same is looked up, opened and asked for
every request, also where there is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from exchange.locate import protection, sealed
from exchange.models.locate import LocateAnswer, LocateQuery, LocateRequest
from exchange.runtime import Exchange
from schemas.locate.answers import SourceAnswer
from schemas.locate.query import Subject

_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Said:
    """A version of what a source said, in the row where it is kept."""

    source: str
    row: LocateAnswer
    answer: SourceAnswer


@dataclass(frozen=True)
class Known:
    """A request with all that is kept of it; `withheld`: nothing about the person is for whoever asks."""

    row: LocateRequest
    person: sealed.Person
    said: tuple[Said, ...]
    withheld: bool

    @property
    def subject(self) -> Subject:
        """Whom it is about, as far as that may be told."""
        return self.person.typed if self.withheld else self.person.whole

    @property
    def same_hash(self) -> bytes:
        """By what a repetition of it is known, as far as that may be told."""
        return self.row.typed_hash if self.withheld and self.row.typed_hash else self.row.same_hash


def known(
    session: Session, exchange: Exchange, account_id: UUID, rows: Sequence[LocateRequest]
) -> list[Known]:
    """Requests as somebody may know them, in their order.

    One judgement for each whole request: whom one source gives a protected number, the others mean too.
    """
    people = [sealed.person_of(exchange, row) for row in rows]
    said = _said(session, exchange, rows)
    hashes = [
        [row.person_hash, *_hashes(exchange, person, said[row.id])]
        for row, person in zip(rows, people, strict=True)
    ]
    hidden = protection.hidden_hashes(session, account_id, [one for each in hashes for one in each])
    return [
        Known(row, person, tuple(said[row.id]), not hidden.isdisjoint(each))
        for row, person, each in zip(rows, people, hashes, strict=True)
    ]


def _hashes(exchange: Exchange, person: sealed.Person, said: Iterable[Said]) -> list[bytes]:
    return protection.hashes_of(exchange, person.whole, [one.answer.facts for one in said])


def _said(session: Session, exchange: Exchange, rows: Sequence[LocateRequest]) -> dict[UUID, list[Said]]:
    """Every version of every answer, by request; the newest of a source last."""
    theirs = (
        select(LocateQuery.request_id, LocateQuery.source, LocateAnswer)
        .join(LocateAnswer, col(LocateAnswer.query_id) == col(LocateQuery.id))
        .where(col(LocateQuery.request_id).in_([row.id for row in rows] or [_NOBODY]))
        .order_by(col(LocateAnswer.number))
    )
    found: dict[UUID, list[Said]] = {row.id: [] for row in rows}
    for request_id, source, row in session.exec(theirs):
        found[request_id].append(Said(source, row, sealed.answer_of(exchange, row)))
    return found
