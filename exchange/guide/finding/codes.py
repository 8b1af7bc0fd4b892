"""What is written as a code: locator, FIPS and postal codes, abbreviations, and numbers of questions."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from exchange.guide.finding.folding import folded
from exchange.guide.finding.reading import Reading, Term
from exchange.guide.finding.shelf import Shelf
from exchange.guide.finding.words_of_names import LONGER_CODES
from schemas.guide.documents import JurisdictionKind

_LOCATOR = re.compile(r"\d{5}|\d{7}")
_UNSURE = 0.5


@dataclass(frozen=True)
class Coded:
    """What a code stands for: a jurisdiction, perhaps one of its contacts; or a topic, by slug."""

    sentence: str
    part: int | None = None
    contact: int | None = None
    topic: str | None = None
    quality: float = 1.0


@dataclass(frozen=True)
class CodeSighting:
    """A code in a query. `doubtful`: it is an ordinary word as well, and where it stands does not tell."""

    places: tuple[int, ...]
    coded: Coded
    quality: float
    doubtful: bool = False


class Codes:
    """All codes of what an audience may read."""

    def __init__(self, shelf: Shelf) -> None:
        self._known: dict[str, list[Coded]] = defaultdict(list)
        self._states: dict[str, int] = {}
        for number in range(len(shelf.parts)):
            self._enter_part(shelf, number)
        for number, (part, _) in enumerate(shelf.contacts):
            self._enter_contact(shelf, number, part)
        for purpose in shelf.types:
            sentence = f"{purpose.code} is the type of address of {purpose.title}"
            self._enter(purpose.code, Coded(sentence, topic=purpose.slug))
        for version in shelf.versions:
            for category in version.categories:
                for place in category.places:
                    self._enter_place(category.code, place.number, place.question)

    def _enter(self, code: str, coded: Coded) -> None:
        if coded not in self._known[folded(code)]:
            self._known[folded(code)].append(coded)

    def _enter_part(self, shelf: Shelf, number: int) -> None:
        facts = shelf.facts(number)
        self._enter(
            facts.locator_code, Coded(f"{facts.locator_code} is the locator code of {facts.name}", number)
        )
        if facts.abbreviation:
            self._enter(facts.abbreviation, Coded(f"{facts.abbreviation} stands for {facts.name}", number))
        if facts.kind is JurisdictionKind.FEDERAL:
            self._enter("US", Coded(f"US stands for {facts.name}", number))
        if facts.kind is JurisdictionKind.COUNTRY and facts.abbreviation in LONGER_CODES:
            code = LONGER_CODES[facts.abbreviation]
            self._enter(code, Coded(f"{code} stands for {facts.name}", number))
        if facts.fips:
            self._enter(
                facts.fips, Coded(f"{facts.fips} is the FIPS code of {facts.name}", number, quality=_UNSURE)
            )
        if facts.locator_code.endswith("000"):
            self._states[facts.locator_code[:2]] = number
            self._enter(
                facts.locator_code + "00",
                Coded(f"{facts.locator_code} is the locator code of {facts.name}", number),
            )

    def _enter_contact(self, shelf: Shelf, number: int, part: int) -> None:
        contact, facts = shelf.contacts[number][1], shelf.facts(part)
        if contact.locator_code != facts.locator_code:
            code = contact.locator_code
            self._enter(code, Coded(f"{code} is the locator code of an office of {facts.name}", part, number))
        if contact.postal:
            code = contact.postal.replace(" ", "").split("-")[0]
            sentence = f"{contact.postal} is the postal code of {contact.name}"
            self._enter(code, Coded(sentence, part, number, quality=0.9))

    def _enter_place(self, category: str, number: str, question: str) -> None:
        written = number if number[0].isalpha() else f"{category}{number}"
        shown = number if number[0].isalpha() else f"{category} {number}"
        self._enter(written, Coded(f"{shown} is a number of this question", topic=question))

    def seen_in(self, reading: Reading) -> Iterator[CodeSighting]:
        """Every code of one word, or of two such as `AEI 1` and `80 DE`."""
        for term in reading.terms:
            for coded in self._known.get(term.word, ()):
                yield from _weighed(term, coded, reading)
            yield from self._within_state(term)
        for left, right in pairwise(reading.terms):
            if left.word in {"80", "90"} or (right.word[0].isdigit() and not left.word[0].isdigit()):
                for coded in self._known.get(left.word + right.word, ()):
                    yield CodeSighting((left.place, right.place), coded, 1.0)

    def _within_state(self, term: Term) -> Iterator[CodeSighting]:
        """A county or office that the guide does not list still tells its state."""
        state = self._states.get(term.word[:2])
        if state is not None and _LOCATOR.fullmatch(term.word):
            sentence = f"locator codes that begin with {term.word[:2]} lie there"
            quality = 0.4 if term.word in self._known else 0.9
            yield CodeSighting((term.place,), Coded(sentence, state), quality)


def _weighed(term: Term, coded: Coded, reading: Reading) -> Iterator[CodeSighting]:
    """How surely a code is meant: ordinary words only in capitals, or where no sentence has them.

    In a query that is all in capitals none tells, unless no other word is one of sentences.
    """
    place = (term.place,)
    alone = len(reading.terms) == 1
    if not term.filling or alone:
        yield CodeSighting(place, coded, 1.0 if alone or coded.quality == 1.0 else coded.quality)
    elif term.capital and (reading.mixed or len(reading.told) == len(reading.terms) - 1):
        yield CodeSighting(place, coded, 1.0)
    elif term.place in {0, len(reading.terms) - 1}:
        yield CodeSighting(place, coded, _UNSURE, doubtful=True)
