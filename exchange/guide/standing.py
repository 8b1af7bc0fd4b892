"""A part as its keeper looks after it: every question that is asked now, what is answered, due or failing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from exchange.database import reading
from exchange.guide import drafts, editions, entries
from exchange.guide.drafts import Desk, Draft
from exchange.guide.keepers import all_kept
from exchange.guide.keys import FACTS, Key, Said
from exchange.guide.memory import Edition, Stamp
from exchange.models.base import as_utc
from exchange.models.guide import DraftStatus, GuideDraft, GuideLink
from exchange.runtime import Exchange
from roles.guide import REVIEW_EVERY_DAYS, EntrySort
from roles.policy import Actor
from schemas.guide.contacts import types_of
from schemas.guide.documents import (
    Answer,
    Audience,
    Contact,
    Facts,
    JurisdictionKind,
    Part,
    Question,
    Version,
)

REVIEW = timedelta(days=REVIEW_EVERY_DAYS)
FACTS_TITLE = "The jurisdiction itself"


@dataclass(frozen=True)
class Failing:
    """An address that does not answer, in words, and since when."""

    url: str
    problem: str
    since: datetime


@dataclass(frozen=True)
class Line:
    """One entry, or a question without an answer. `number`: of the question in its category."""

    key: Key
    title: str
    asked: str
    number: str
    question: Question | None
    said: Said | None
    stamp: Stamp | None
    draft: Draft | None
    due: bool
    failing: tuple[Failing, ...]
    workers: bool


@dataclass(frozen=True)
class Section:
    """Lines that stand together. `type`: of contacts of which one may be added."""

    code: str
    title: str
    lines: tuple[Line, ...]
    type: str = ""

    @property
    def answered(self) -> int:
        """How many lines say something, published."""
        return sum(1 for line in self.lines if line.said is not None)


@dataclass(frozen=True)
class Keeping:
    """A part in its keeper's hands; `version`: the questions that are asked now, None where none are."""

    desk: Desk
    facts: Facts
    version: Version | None
    answers: tuple[Section, ...]
    contacts: tuple[Section, ...]
    own: Line | None

    @property
    def lines(self) -> list[Line]:
        """All entries."""
        both = [line for section in (*self.answers, *self.contacts) for line in section.lines]
        return [*both, self.own] if self.own else both

    @property
    def due(self) -> list[Line]:
        """Those that were not looked at for long."""
        return [line for line in self.lines if line.due]

    @property
    def failing(self) -> list[Line]:
        """Those with an address that does not answer."""
        return [line for line in self.lines if line.failing]

    @property
    def unanswered(self) -> int:
        """Questions that are asked now and that nothing is said to."""
        return sum(1 for one in self.answers for line in one.lines if not (line.said or line.draft))


@dataclass(frozen=True)
class Tally:
    """A part that somebody keeps, in numbers."""

    code: str
    facts: Facts
    drafts: int
    waiting: int
    due: int
    failing: int

    @property
    def waits(self) -> int:
        """Everything that waits for its keeper."""
        return self.drafts + self.waiting + self.due + self.failing


def keeping(exchange: Exchange, actor: Actor, code: str, *, whole: bool = False) -> Keeping:
    """A part for whoever keeps anything of it: what the actor keeps, or the `whole` of it.

    Raises `RecordNotFoundError`, `NotPermittedError`.
    """
    desk = drafts.desk(exchange, actor, code)
    sorts = frozenset(EntrySort) if whole else desk.sorts
    edition = editions.published(exchange)
    lines = _Lines(edition, desk, _failing(exchange), exchange.clock())
    facts = desk.published.facts
    version = asked_now(edition.guide.versions, facts.kind, exchange.clock().date())
    said = EntrySort.ANSWER in sorts
    contacts = EntrySort.CONTACT in sorts
    own = lines.line(Key(code, EntrySort.FACTS, FACTS), FACTS_TITLE) if EntrySort.FACTS in sorts else None
    return Keeping(
        desk,
        facts,
        version if said else None,
        tuple(_answers(lines, version)) if said else (),
        tuple(_contacts(lines, facts.kind)) if contacts else (),
        own,
    )


def tallies(exchange: Exchange, actor: Actor) -> list[Tally]:
    """The parts that somebody keeps, in the order of their codes."""
    with reading(exchange.engine) as session:
        kept = {code: sorts for code, (_, sorts) in all_kept(session, exchange, actor).items()}
    return tallies_of(exchange, kept)


def tallies_of(exchange: Exchange, kept: Mapping[str, frozenset[EntrySort]]) -> list[Tally]:
    """The numbers of these parts, each of the sorts of entries that its keeper keeps."""
    edition, failing, now = editions.published(exchange), _failing(exchange), exchange.clock()
    statuses = _statuses(exchange)
    found = []
    for code in sorted(kept):
        part = edition.parts.get(code)
        if part is None:
            continue
        said = [(key, one) for key, one in said_in(part) if key.sort in kept[code]]
        drafted = (one for one in statuses if one[0].code == code and edition.has_room(one[0]))
        mine = [status for key, status in drafted if key.sort in kept[code]]
        found.append(
            Tally(
                code,
                part.facts,
                mine.count(DraftStatus.DRAFT),
                mine.count(DraftStatus.WAITING),
                sum(1 for key, _ in said if is_due(edition.stamps[key], now)),
                sum(1 for _, one in said if any(url in failing for url in urls_of(one))),
            )
        )
    return found


def is_due(stamp: Stamp, now: datetime) -> bool:
    """Whether an entry is to be looked at again."""
    return stamp.reviewed_at <= now - REVIEW


def asked_now(versions: Iterable[Version], kind: JurisdictionKind, today: date) -> Version | None:
    """The newest edition of a questionnaire that is in effect."""
    mine = [one for one in versions if one.kind is kind and one.effective <= today]
    return max(mine, key=lambda one: (one.effective, one.slug), default=None)


def urls_of(said: Said) -> list[str]:
    """The addresses in the web that an entry names."""
    match said:
        case Answer():
            value = said.value if said.value.startswith(("http://", "https://")) else ""
            named = [said.url, value]
        case Contact() | Facts():
            named = [said.web]
    return [url for url in named if url]


class _Lines:
    """Makes the lines of one part."""

    def __init__(self, edition: Edition, desk: Desk, failing: Mapping[str, Failing], now: datetime) -> None:
        self.edition, self.desk, self.failing, self.now = edition, desk, failing, now
        self.said = dict(said_in(desk.published))
        self.drafts = {one.key: one for one in desk.drafts}

    def line(self, key: Key, title: str, number: str = "", *, workers: bool = False) -> Line:
        """An entry as it stands."""
        said, stamp = self.said.get(key), self.edition.stamps.get(key)
        question = self.edition.questions.get(key.slug) if key.sort is EntrySort.ANSWER else None
        failing = [self.failing[url] for url in (urls_of(said) if said else []) if url in self.failing]
        due = stamp is not None and said is not None and is_due(stamp, self.now)
        return Line(
            key,
            title,
            question.text if question else "",
            number,
            question,
            said,
            stamp,
            self.drafts.get(key),
            due,
            tuple(failing),
            workers,
        )

    def answer(self, slug: str, number: str = "") -> Line:
        """The answer to a question."""
        question = self.edition.questions[slug]
        key = Key(self.desk.code, EntrySort.ANSWER, slug)
        return self.line(key, question.title, number, workers=question.audience is Audience.WORKERS)


def _answers(lines: _Lines, version: Version | None) -> Iterator[Section]:
    asked = set()
    for category in version.categories if version else ():
        asked |= {place.question for place in category.places}
        yield Section(
            category.code,
            category.title,
            tuple(lines.answer(place.question, place.number) for place in category.places),
        )
    known = {*lines.said, *lines.drafts}
    rest = sorted(key.slug for key in known if key.sort is EntrySort.ANSWER and key.slug not in asked)
    if rest:
        earlier = tuple(lines.answer(slug) for slug in rest if slug in lines.edition.questions)
        yield Section("EARLIER", "Questions of earlier editions", earlier)


def _contacts(lines: _Lines, kind: JurisdictionKind) -> Iterator[Section]:
    said = {key: one for key, one in lines.said.items() if isinstance(one, Contact)}
    for draft in lines.desk.drafts:
        if isinstance(draft.said, Contact):
            said.setdefault(draft.key, draft.said)
    for known in types_of(kind):
        mine = [(key, one) for key, one in said.items() if one.type == known.slug]
        hidden = known.audience is Audience.WORKERS
        found = tuple(lines.line(key, one.name, workers=hidden) for key, one in sorted(mine, key=_by_name))
        yield Section(known.code, known.title, found, known.slug if known.many or not found else "")


def _by_name(pair: tuple[Key, Contact]) -> tuple[str, str]:
    return pair[1].name, pair[0].slug


def said_in(part: Part) -> Iterator[tuple[Key, Said]]:
    """Every entry of a part."""
    code = part.facts.locator_code
    yield Key(code, EntrySort.FACTS, FACTS), part.facts
    yield from ((Key(code, EntrySort.ANSWER, one.question), one) for one in part.answers)
    yield from ((Key(code, EntrySort.CONTACT, one.slug), one) for one in part.contacts)


def _failing(exchange: Exchange) -> dict[str, Failing]:
    with reading(exchange.engine) as session:
        rows = session.exec(select(GuideLink).where(col(GuideLink.failing_since).is_not(None)))
        return {
            row.url: Failing(row.url, row.problem, as_utc(row.failing_since))
            for row in rows
            if row.failing_since is not None
        }


def _statuses(exchange: Exchange) -> list[tuple[Key, DraftStatus]]:
    """Every draft there is; whoever asks counts those that are the actor's to keep."""
    with reading(exchange.engine) as session:
        codes = {row.id: code for code, row in entries.jurisdictions(session).items()}
        wanted = select(GuideDraft.jurisdiction_id, GuideDraft.sort, GuideDraft.slug, GuideDraft.status)
        rows = session.exec(wanted).all()
    return [
        (Key(codes[identifier], EntrySort(sort), slug), DraftStatus(status))
        for identifier, sort, slug, status in rows
    ]
