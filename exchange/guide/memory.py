"""The published guide in memory: what a process has read stays until somebody publishes."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import Any
from uuid import UUID

from exchange.guide.finding import Index
from exchange.guide.keys import Key, Said
from exchange.guide.narrowing import contacts_gone, entries_of, hidden_questions, narrowed, without_contacts
from roles.guide import EntrySort
from schemas.guide.documents import Answer, Audience, Guide, Part, Question, Version


@dataclass(frozen=True)
class Stamp:
    """When an entry was published last and looked at last, and in which edition it changed."""

    number: int
    edition: int
    published_at: datetime
    reviewed_at: datetime


class Kept:
    """What was made of an edition and goes when it goes; by one thread for all that ask meanwhile."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Any] = {}
        self._turn = Lock()

    def get(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """What has this name, made now where it is not there; `make` asks for nothing else that is kept."""
        return self.renewed(name, None, make)

    def renewed(self, name: Hashable, state: Hashable, make: Callable[[], Any]) -> Any:
        """The same for what holds in one state only: of the states before, nothing is kept.

        Whoever asks for what is there waits for nobody who makes something else.
        """
        known = self._made.get(name)
        if known is None or known[0] != state:
            with self._turn:
                known = self._made.get(name)
                if known is None or known[0] != state:
                    known = self._made[name] = (state, make())
        return known[1]


class Lately:
    """The last few things that were made of an edition: of those that anybody may ask for in any number."""

    MOST = 12

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._turn = Lock()

    def get(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """What has this name, made now where it is not there; what was asked for longest ago goes."""
        with self._turn:
            found = self._made.pop(name, None)
            self._made[name] = found = make() if found is None else found
            if len(self._made) > self.MOST:
                self._made.popitem(last=False)
            return found


@dataclass(frozen=True)
class Edition:
    """The guide as it stood at one moment. `number`: of the edition; `stamps`: by entry."""

    number: int
    at: datetime
    guide: Guide
    stamps: Mapping[Key, Stamp]

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """By slug."""
        return {one.slug: one for one in self.guide.questions}

    @cached_property
    def versions(self) -> Mapping[str, Version]:
        """By slug."""
        return {one.slug: one for one in self.guide.versions}

    @cached_property
    def parts(self) -> Mapping[str, Part]:
        """By locator code."""
        return {one.facts.locator_code: one for one in self.guide.parts}

    @cached_property
    def said(self) -> Mapping[Key, Said]:
        """Every entry by its key."""
        return dict(entries_of(self.guide))

    def answer(self, code: str, slug: str) -> Answer | None:
        """What a jurisdiction answers to a question, None for nothing."""
        said = self.said.get(Key(code, EntrySort.ANSWER, slug))
        return said if isinstance(said, Answer) else None

    def has_room(self, key: Key) -> bool:
        """Whether an entry may stand here: an answer, only where its question is asked."""
        return key.sort is not EntrySort.ANSWER or key.slug in self.questions

    @cached_property
    def numbers(self) -> Mapping[str, tuple[tuple[int, str], ...]]:
        """By question: the year of each edition that asks it and the number there, the newest first."""
        found: dict[str, list[tuple[int, str]]] = {}
        for version in sorted(self.guide.versions, key=lambda one: one.effective, reverse=True):
            for category in version.categories:
                for place in category.places:
                    found.setdefault(place.question, []).append((version.effective.year, place.number))
        return {slug: tuple(numbers) for slug, numbers in found.items()}

    @cached_property
    def synthetic(self) -> bool:
        """Whether any of it is invented."""
        return any(part.facts.synthetic or _invented(part) for part in self.guide.parts)

    def edition_of(self, code: str) -> int:
        """The edition in which anything of a jurisdiction changed last: what its pages are cached by."""
        return self._editions.get(code, 0)

    def read_by(self, reader: Audience, hidden: frozenset[str] = frozenset()) -> "Edition":
        """The same guide with nothing in it that this reader does not read; `hidden`: further questions.

        Pages are made of what this gives, so that none of them can show too much.
        """
        return self._views[reader] if not hidden else self._view(reader, hidden)

    @cached_property
    def _views(self) -> Mapping[Audience, "Edition"]:
        return {reader: self._view(reader, frozenset()) for reader in Audience}

    def _view(self, reader: Audience, hidden: frozenset[str]) -> "Edition":
        taken_out = hidden | hidden_questions(self.guide, reader)
        guide = narrowed(self.guide, reader, taken_out)
        stamps = {key: self.stamps[key] for key, _ in entries_of(guide) if key in self.stamps}
        return Edition(self.number, self.at, guide, stamps)

    @cached_property
    def kept(self) -> Kept:
        """For what is dear to make and the same for all: files, lists."""
        return Kept()

    @cached_property
    def printed(self) -> Lately:
        """Its jurisdictions on paper."""
        return Lately()

    @cached_property
    def past(self) -> Lately:
        """Jurisdictions as they stood on days of the past."""
        return Lately()

    def index_on(self, day: date) -> Index:
        """What the box of the guide looks in: without contacts that do not count on a day.

        Of the guide for everybody: the index is told who asks. Another one is made only on a day on which
        other contacts count.
        """
        gone = self.kept.renewed("gone", day, lambda: contacts_gone(self.guide, day))
        made: Index = self.kept.renewed("index", gone, lambda: Index.of(without_contacts(self.guide, gone)))
        return made

    def mark_of(self, code: str) -> str:
        """What tells this state of a jurisdiction's part from every other: also from one with more in it.

        The newest edition alone would not tell that something else was taken out.
        """
        return f"{self.edition_of(code)}.{self._counts.get(code, 0)}.{self._asked}"

    @cached_property
    def _counts(self) -> Mapping[str, int]:
        return Counter(key.code for key in self.stamps)

    @cached_property
    def _asked(self) -> str:
        """The same questionnaires, the same word."""
        asked = self.guide.model_copy(update={"parts": ()}).canonical()
        return sha256(asked.encode()).hexdigest()[:12]

    @cached_property
    def _editions(self) -> Mapping[str, int]:
        newest: dict[str, int] = {}
        for key, stamp in self.stamps.items():
            newest[key.code] = max(newest.get(key.code, 0), stamp.edition)
        return newest


def _invented(part: Part) -> bool:
    answers, contacts = part.answers, part.contacts
    return any(one.synthetic for one in answers) or any(one.synthetic for one in contacts)


class EditionMemory:
    """The edition that this process read last; and documents by revision, which never change."""

    def __init__(self) -> None:
        self._edition: Edition | None = None
        self._documents: dict[UUID, Said] = {}
        self._turn = Lock()

    def known(self, number: int) -> Edition | None:
        """The edition in memory, if it is the one with this number."""
        edition = self._edition
        return edition if edition is not None and edition.number == number else None

    def fresh(self, number: int, read: Callable[[dict[UUID, Said]], Edition]) -> Edition:
        """The edition with this number or a later one, read by one thread for all that ask meanwhile.

        `read` is given the documents that are known, and leaves there those that count.
        """
        with self._turn:
            known = self.known(number)
            if known is None:
                known = self._edition = read(self._documents)
            return known
