"""Speaking with the sources: each by its own connection, which may hang, fail or be away for days.

The protocol is ours (P), for the federal one is not public: `POST /questions` with the question's id and what
is known of the person, which may be repeated; `GET /answers?after=CURSOR` for what has been answered since.
An address is `https://...`, or `unix:/path` of a socket on this machine.
"""

import json
import re
import time
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import httpx2
from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.locate import protection, sealed
from exchange.locate.telling import case_told
from exchange.models.locate import LocateAnswer
from exchange.models.registry import Participant, Person, SupportCase
from exchange.runtime import Exchange
from roles.disclosure import normalised
from roles.locate import CASE_REGISTRY, SOURCES
from schemas.locate.answers import LONGEST_FACT, MOST_VERSIONS, FactField, Outcome, SourceAnswer
from schemas.locate.query import Subject

SECONDS = 3.0
"""How long a source may take to take a question, or to hand its answers over."""
WHOLE = 30.0
"""Seconds after which nothing more is read of what a source says so slowly."""
LARGEST = 4 * 1024 * 1024
"""Bytes that are read of what a source says, as they come: a compressed page is none."""
MOST_ANSWERS = 1_000
"""Answers in one page: each that is not taken leaves a line, and a source must not make millions of them."""
_CURSOR = re.compile(r"[!-~]{0,200}")
_UNIX = "unix:"


class SourceDownError(Exception):
    """A source cannot be reached, or does not keep to the protocol."""


@dataclass(frozen=True)
class Question:
    """What a source is asked: whom it is about, under an id that names nobody."""

    query_id: UUID
    subject: Subject


@dataclass(frozen=True)
class Page:
    """Answers as they came, each as bytes of JSON, and the cursor behind them."""

    answers: tuple[bytes, ...]
    cursor: str


class Connection(Protocol):
    """One source."""

    def ask(self, question: Question) -> None:
        """Hand a question over; it may have been handed over before. Raises `SourceDownError`."""

    def answers(self, cursor: str) -> Page:
        """What was answered behind a cursor; empty for the beginning. Raises `SourceDownError`."""

    def close(self) -> None:
        """Let go of it."""


class Http:
    """A source that is reached by HTTP."""

    def __init__(self, address: str) -> None:
        """Connect when first asked."""
        local = address.startswith(_UNIX)
        transport = httpx2.HTTPTransport(uds=address.removeprefix(_UNIX)) if local else None
        base = "http://source" if local else address
        plain = {"Accept-Encoding": "identity"}
        self._client = httpx2.Client(base_url=base, transport=transport, timeout=SECONDS, headers=plain)

    def ask(self, question: Question) -> None:
        """See `Connection`."""
        body = {"id": str(question.query_id), "person": question.subject.as_dict()}
        try:
            self._said("POST", "/questions", json=body)
        except httpx2.HTTPError as error:
            raise SourceDownError from error

    def answers(self, cursor: str) -> Page:
        """See `Connection`."""
        try:
            return _page(self._said("GET", "/answers", params={"after": cursor}))
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise SourceDownError from error

    def close(self) -> None:
        """See `Connection`."""
        self._client.close()

    def _said(self, method: str, path: str, **given: Any) -> bytes:
        """What a source says, which is neither endless nor slow without end."""
        until = time.monotonic() + WHOLE
        with self._client.stream(method, path, **given) as response:
            response.raise_for_status()
            content = bytearray()
            for some in response.iter_raw():
                content += some
                if len(content) > LARGEST or time.monotonic() > until:
                    raise SourceDownError
        return bytes(content)


def _page(content: bytes) -> Page:
    """Each answer stays bytes: what they mean is for `taking` to say, one by one."""
    told = json.loads(content)
    cursor = str(told["next"])
    answers = list(told["answers"])
    if not _CURSOR.fullmatch(cursor) or len(answers) > MOST_ANSWERS:
        raise SourceDownError
    return Page(tuple(json.dumps(one).encode() for one in answers), cursor)


class CaseRegistry:
    """The Federal Case Registry: this portal's own. What it answers is there at the next look."""

    def __init__(self, exchange: Exchange) -> None:
        """Look people up in this installation."""
        self._exchange = exchange
        self._answered: list[bytes] = []

    def ask(self, question: Question) -> None:
        """See `Connection`."""
        with reading(self._exchange.engine) as session:
            cases = _cases(session, self._exchange, question.subject)
            facts = {FactField.CASES: cases} if cases else {}
            given = SourceAnswer(outcome=Outcome.FOUND if cases else Outcome.NOTHING, facts=facts)
            said = _numbered(session, self._exchange, question.query_id, given).model_dump(mode="json")
        about = {"ssn": question.subject.ssn, "last_name": question.subject.last_name}
        told = {"id": str(question.query_id), "about": about, "answer": said}
        self._answered.append(json.dumps(told).encode())

    def answers(self, cursor: str) -> Page:
        """See `Connection`; what is lost with this process is asked again."""
        told, self._answered = tuple(self._answered), []
        return Page(told, cursor)

    def close(self) -> None:
        """See `Connection`."""


def _numbered(session: Session, exchange: Exchange, query_id: UUID, given: SourceAnswer) -> SourceAnswer:
    """The answer under the number of the last one where it says the same, else under the next."""
    theirs = select(LocateAnswer.number, LocateAnswer.digest).where(LocateAnswer.query_id == query_id)
    last = session.exec(theirs.order_by(col(LocateAnswer.number).desc())).first()
    if last is None:
        return given
    number, digest = last
    same = given.model_copy(update={"number": number})
    if sealed.digest_of(exchange, normalised(SOURCES[CASE_REGISTRY], same)) == digest:
        return same
    return given.model_copy(update={"number": min(number + 1, MOST_VERSIONS)})


def _cases(session: Session, exchange: Exchange, subject: Subject) -> str:
    hashed = protection.person_hash(exchange, subject.ssn)
    theirs = (
        select(SupportCase.state, SupportCase.number, Participant.part)
        .join(Participant, col(Participant.case_id) == SupportCase.id)
        .join(Person, col(Person.id) == Participant.person_id)
        .where(Person.ssn_hash == hashed)
        .order_by(col(SupportCase.state), col(SupportCase.number))
    )
    found = session.exec(theirs).all() if hashed else []
    return "; ".join(case_told(*one) for one in found)[:LONGEST_FACT]


def connections(exchange: Exchange) -> dict[str, Connection]:
    """By code: the sources that the settings name, and the case registry."""
    named = exchange.settings.locate_sources
    return {code: Http(address) for code, address in named.items()} | {CASE_REGISTRY: CaseRegistry(exchange)}
