"""The published guide: of now, kept in memory until somebody publishes, or of any moment of the past.

It is read far more often than it changes, and small. A process asks for one number before it answers from
memory; what is in memory is never older than the number that the database has.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from exchange.database import reading, reading_one_state
from exchange.errors import PortalError
from exchange.guide.entries import counting_at, edition_number, jurisdictions
from exchange.guide.keys import Key, Said, document
from exchange.guide.memory import Edition, Stamp
from exchange.guide.narrowing import hidden_questions
from exchange.guide.questions import questionnaire
from exchange.models.base import as_utc
from exchange.models.guide import GuideEdition, GuideRevision
from exchange.runtime import Exchange
from roles.guide import EntrySort
from schemas.guide.documents import Answer, Audience, Contact, Facts, Guide, Part

_NEVER = datetime.min.replace(tzinfo=UTC)
"""When the edition of an empty guide was made."""


def published(exchange: Exchange) -> Edition:
    """The guide of now. Empty, and number 0, where none was loaded yet."""
    with reading(exchange.engine) as session:
        number = edition_number(session)
    memory = exchange.guide
    return memory.known(number) or memory.fresh(number, lambda known: _newest(exchange, known))


def prepare(exchange: Exchange) -> None:
    """Read the guide while nobody asks for it yet; where that fails now, whoever asks reads it."""
    with suppress(SQLAlchemyError, PortalError):
        published(exchange).index_on(exchange.clock().date())


def at(exchange: Exchange, moment: datetime, code: str | None = None) -> Edition:
    """The guide as it stood at a moment of the past, question by question and word by word.

    `code`: of the only jurisdiction that is wanted, which is read far quicker than all of them.
    """
    with reading_one_state(exchange.engine) as session:
        return _read(session, moment, {}, code)


def end_of(day: date) -> datetime:
    """The last moment of a day in UTC."""
    return datetime.combine(day, time.max, UTC)


def on_day(exchange: Exchange, whole: Edition, reader: Audience, code: str, day: date) -> Edition:
    """One jurisdiction as it stood at the end of a past day, for a reader; `whole`: the edition of now.

    What is for workers today is, even of a day on which it was for everybody. The last few are kept.
    """
    hidden = hidden_questions(whole.guide, reader)

    def made() -> Edition:
        return at(exchange, end_of(day), code).read_by(reader, hidden)

    then: Edition = whole.past.get((reader, code, day), made)
    return then


def _newest(exchange: Exchange, known: dict[UUID, Said]) -> Edition:
    with reading_one_state(exchange.engine) as session:
        return _read(session, None, known)


def _read(
    session: Session, moment: datetime | None, known: dict[UUID, Said], only: str | None = None
) -> Edition:
    codes = {row.id: code for code, row in jurisdictions(session).items() if only in {None, code}}
    wanted = select(GuideRevision).where(counting_at(moment), GuideRevision.body != "")
    if only is not None:
        wanted = wanted.where(col(GuideRevision.jurisdiction_id).in_(codes))
    counting = session.exec(wanted).all()
    said: dict[Key, Said] = {}
    stamps: dict[Key, Stamp] = {}
    documents: dict[UUID, Said] = {}
    for row in counting:
        key = Key(codes[row.jurisdiction_id], EntrySort(row.sort), row.slug)
        said[key] = documents[row.id] = known.get(row.id) or document(row.sort, row.body)
        stamps[key] = _stamp(row, moment)
    known.clear()
    known.update(documents)
    return _edition(session, moment, said, stamps)


def _stamp(row: GuideRevision, moment: datetime | None) -> Stamp:
    """Of a moment of the past nothing that came later: who looked at it since had not looked at it then."""
    published_at, reviewed_at = as_utc(row.published_at), as_utc(row.reviewed_at)
    later = moment is not None and reviewed_at > moment
    return Stamp(row.number, row.edition, published_at, published_at if later else reviewed_at)


def _edition(
    session: Session, moment: datetime | None, said: Mapping[Key, Said], stamps: Mapping[Key, Stamp]
) -> Edition:
    row = session.get(GuideEdition, 1)
    asked = questionnaire(session, moment)
    guide = Guide(questions=asked.questions, versions=asked.versions, parts=tuple(parts_of(said)))
    if moment is not None:
        return Edition(max((one.edition for one in stamps.values()), default=0), moment, guide, stamps)
    return Edition(row.number if row else 0, as_utc(row.at) if row else _NEVER, guide, stamps)


def parts_of(said: Mapping[Key, Said]) -> Iterable[Part]:
    """Each jurisdiction with its answers and contacts, in the order that a guide has: by code and slug."""
    facts: dict[str, Facts] = {}
    answers: dict[str, list[Answer]] = {}
    contacts: dict[str, list[Contact]] = {}
    for key in sorted(said):
        match said[key]:
            case Facts() as one:
                facts[key.code] = one
            case Answer() as one:
                answers.setdefault(key.code, []).append(one)
            case Contact() as one:
                contacts.setdefault(key.code, []).append(one)
    for code, own in facts.items():
        yield Part(facts=own, answers=tuple(answers.get(code, ())), contacts=tuple(contacts.get(code, ())))
