"""The index of a guide, kept in memory: built once from the whole, asked as often as somebody types."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Self

from exchange.guide.finding import ranking
from exchange.guide.finding.codes import Codes, CodeSighting
from exchange.guide.finding.folding import words
from exchange.guide.finding.hits import Found, Hit, in_words
from exchange.guide.finding.names import Naming, Relation, namings
from exchange.guide.finding.naming import Marks, Named, named_in
from exchange.guide.finding.phrases import Phrase, PhraseBook
from exchange.guide.finding.reading import Reading, read
from exchange.guide.finding.shelf import Shelf, shelf_for
from exchange.guide.finding.topics import Explained, Topics, telling, topics_of, translations
from exchange.guide.finding.vocabulary import Vocabulary
from exchange.guide.finding.words_of_filling import FILLING
from schemas.guide.documents import Audience, Guide, JurisdictionKind

_CITY, _NAME, _REGION = 0.9, 0.75, 0.85
_SUGGESTIONS = 5


class Index:
    """The indexes of all audiences; what one may not read is not in its index at all."""

    def __init__(self, catalogs: dict[Audience, "Catalog"]) -> None:
        self._catalogs = catalogs

    @classmethod
    def of(cls, guide: Guide) -> Self:
        """Reads a guide. The caller leaves out contacts that no longer count: nothing here knows the day."""
        return cls({audience: Catalog(shelf_for(guide, audience)) for audience in Audience})

    def search(
        self, query: str, audience: Audience, kind: JurisdictionKind | None = None, limit: int = 20
    ) -> list[Hit]:
        """What the query means, the likeliest first; of one kind of jurisdiction if that is given.

        The first 200 characters and of these the first 16 words are read. Where nothing is found, the nearest
        names are suggested (`Hit.suggestion`); an empty query finds nothing.
        """
        return self._catalogs[audience].search(query, kind, limit)


class Catalog:
    """The index of one audience."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        topics = topics_of(shelf)
        names, others = tuple(namings(shelf)), tuple(translations())
        own = {number: dict(_words_of_contact(shelf, number)) for number in range(len(shelf.contacts))}
        self._vocabulary = Vocabulary(
            word
            for source in (
                (word for phrase in names for word in phrase.words),
                (word for phrase in others for word in (*phrase.words, *telling(phrase.meaning))),
                (word for topic in topics for _, text in topic.texts for word in telling(text)),
                (word for one in own.values() for word in one),
            )
            for word in source
        )
        self._topics = Topics(topics, self._vocabulary)
        self._names = PhraseBook(names, self._vocabulary)
        self._others = PhraseBook(others, self._vocabulary)
        self._codes = Codes(shelf)
        self._topic_numbers = {topic.subject.slug: number for number, topic in enumerate(topics)}
        self._contact_words: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for number, found in own.items():
            for word, quality in found.items():
                self._contact_words[self._vocabulary.numbers[word]].append((number, quality))
        self._exact_names = _exact_names(names, self._vocabulary)

    def search(self, query: str, kind: JurisdictionKind | None, limit: int) -> list[Hit]:
        """As `Index.search`."""
        reading = read(query, self._vocabulary)
        if not reading.terms or limit < 1:
            return []
        found = ranking.ranked(self._shelf, self._topics.all, self._prepared(reading, kind))
        if not found:
            found = self._suggested(reading, kind)
        return [in_words(self._shelf, one) for one in found[:limit]]

    def _prepared(self, reading: Reading, kind: JurisdictionKind | None) -> ranking.Query:
        codes = list(self._codes.seen_in(reading))
        topics = self._explained(reading, codes, kind)
        named = self._named(reading, codes, kind)
        weights = self._weights(reading, codes, named, topics)
        return ranking.prepare(reading, named, topics, weights, self._contacts(reading))

    def _explained(
        self, reading: Reading, codes: list[CodeSighting], kind: JurisdictionKind | None
    ) -> dict[int, Explained]:
        topics = self._topics.explain(reading, self._others.seen_in(reading), self._named_fully(reading))
        for code in codes:
            if code.coded.topic is not None:
                one = topics.setdefault(self._topic_numbers[code.coded.topic], Explained())
                one.share = 1.0
                for place in code.places:
                    one.by(place, 1.0, code.coded.sentence)
        kinds = self._topics.all
        return {number: one for number, one in topics.items() if kind is None or kind in kinds[number].kinds}

    def _named(
        self, reading: Reading, codes: list[CodeSighting], kind: JurisdictionKind | None
    ) -> dict[int, Named]:
        topical = frozenset(
            term.place
            for term in reading.told
            if any(quality == 1.0 and word in self._topics for word, quality in term.near)
        )
        marks = Marks(topical, self._named_fully(reading))
        found = named_in(reading, self._names.seen_in(reading), codes, marks, self._shelf)
        return {part: one for part, one in found.items() if kind in {None, self._shelf.facts(part).kind}}

    def _named_fully(self, reading: Reading) -> frozenset[int]:
        numbers = self._vocabulary.numbers
        return frozenset(term.place for term in reading.told if numbers.get(term.word) in self._exact_names)

    def _weights(
        self,
        reading: Reading,
        codes: list[CodeSighting],
        named: dict[int, Named],
        topics: dict[int, Explained],
    ) -> dict[int, float]:
        sure = {place for code in codes if not code.doubtful for place in code.places}
        weights = {}
        for term in reading.terms:
            if not term.filling or term.place in sure:
                naming = max((one.places.get(term.place, 0.0) for one in named.values()), default=0.0)
                topical = max((one.places.get(term.place, 0.0) for one in topics.values()), default=0.0)
                told = 1.0 if term.place in sure else self._told(term.near)
                weights[term.place] = ranking.weight_of(term, told, naming, topical)
        return weights

    def _told(self, near: tuple[tuple[int, float], ...]) -> float:
        known = (word for word, _ in near if word in self._topics)
        return self._topics.weight(next(known, -1))

    def _contacts(self, reading: Reading) -> dict[int, dict[int, float]]:
        """By contact: how far its own name and place explain the query."""
        found: dict[int, dict[int, float]] = defaultdict(dict)
        fully = self._named_fully(reading)
        for term in reading.told:
            for word, alike in term.near[:1] if term.place in fully else term.near:
                for number, quality in self._contact_words.get(word, ()):
                    said = alike * quality
                    if said > found[number].get(term.place, 0.0):
                        found[number][term.place] = said
        return found

    def _suggested(self, reading: Reading, kind: JurisdictionKind | None) -> list[Found]:
        """The jurisdictions whose names are nearest to the words, however far."""
        typed = "".join(term.word for term in reading.told) or "".join(term.word for term in reading.terms)
        owners: dict[str, int] = {}
        for number in range(len(self._shelf.parts) - 1, -1, -1):
            if kind in {None, self._shelf.facts(number).kind}:
                owners["".join(words(self._shelf.facts(number).name))] = number
        near = self._vocabulary.nearest(typed, tuple(owners))[:_SUGGESTIONS]
        return [Found(0.0, owners[name], why=("nearest name",), suggestion=True) for name in near]


def _exact_names(names: tuple[Phrase[Naming], ...], vocabulary: Vocabulary) -> frozenset[int]:
    """Words that are by themselves the name of a jurisdiction."""
    sure = (phrase for phrase in names if phrase.meaning.relation is Relation.NAME and len(phrase.words) == 1)
    return frozenset(vocabulary.numbers[phrase.words[0]] for phrase in sure)


def _words_of_contact(shelf: Shelf, number: int) -> Iterator[tuple[str, float]]:
    """Those of its name and place that do not name the jurisdiction or its agency: others have them too."""
    part, contact = shelf.contacts[number]
    facts = shelf.facts(part)
    passed = FILLING.union(words(facts.name), words(facts.agency))
    for quality, text in ((_NAME, contact.name), (_REGION, contact.region), (_CITY, contact.city)):
        yield from ((word, quality) for word in words(text) if word not in passed)
