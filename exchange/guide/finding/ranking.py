"""How much of a query each entry explains, and so in which order they are shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from exchange.guide.finding.hits import Found
from exchange.guide.finding.naming import Named, chosen
from exchange.guide.finding.reading import Reading, Term
from exchange.guide.finding.shelf import Shelf
from exchange.guide.finding.topics import Explained, Topic
from exchange.guide.finding.words_of_filling import ADDRESSES, HINTS, VAGUE
from schemas.guide.contacts import CONTACT_TYPES, ContactType
from schemas.guide.documents import JurisdictionKind, Question

_NAME_COUNTS = 0.15
"""What it adds that an entry's whole name was said."""
_HINT_COUNTS = 0.06
_DOUBT_COSTS = 0.1
_UNANSWERED_COSTS = 0.08
_GAIN = 0.04
_LEAST = 0.3
_NEAR_ENOUGH, _FEWEST = 0.78, 3
"""What explains far less than the best is left out, but for the first few."""
_MOST_PARTS, _MOST_TOPICS, _MOST_ALIKE = 10, 40, 12


@dataclass(frozen=True)
class Query:
    """All that is known of a query before its answers are weighed. `weights`: how much each word tells."""

    reading: Reading
    named: dict[int, Named]
    topics: dict[int, Explained]
    weights: dict[int, float]
    chosen: dict[int, frozenset[int]]
    contacts: dict[int, dict[int, float]]
    hints: frozenset[JurisdictionKind]
    wants_address: bool


@dataclass(frozen=True)
class Weighed:
    """A part of a query's words that count for one jurisdiction: those of the others named do not."""

    weights: dict[int, float]
    own: Explained = field(default_factory=Explained)

    @cached_property
    def alone(self) -> float:
        """How much of the query is explained by the jurisdiction, from 0 to 1."""
        return self._share(self.own.places)

    @cached_property
    def without(self) -> "Weighed":
        """The same words without the jurisdiction."""
        return Weighed(self.weights)

    def score(self, *explained: Explained) -> float:
        """How much of the query is explained by the jurisdiction and by these together, from 0 to 1."""
        said = dict(self.own.places)
        for one in explained:
            for place, quality in one.places.items():
                if quality > said.get(place, 0.0):
                    said[place] = quality
        return self._share(said)

    def _share(self, said: dict[int, float]) -> float:
        return sum(weight * said.get(place, 0.0) for place, weight in self.weights.items()) / self._total

    @cached_property
    def _total(self) -> float:
        return sum(self.weights.values()) or 1.0


def prepare(
    reading: Reading,
    named: dict[int, Named],
    topics: dict[int, Explained],
    weights: dict[int, float],
    contacts: dict[int, dict[int, float]],
) -> Query:
    """Tells who is surely meant, and what else the words hint at."""
    topical: dict[int, float] = {}
    for one in topics.values():
        for place, quality in one.places.items():
            topical[place] = max(quality, topical.get(place, 0.0))
    words = {term.word for term in reading.terms}
    return Query(
        reading,
        named,
        topics,
        weights,
        chosen(named, topical, weights),
        contacts,
        frozenset(HINTS[word] for word in words if word in HINTS),
        not words.isdisjoint(ADDRESSES),
    )


def ranked(shelf: Shelf, topics: tuple[Topic, ...], query: Query) -> list[Found]:
    """The entries that explain enough, the best first; equals in the order in which they are named."""
    best: dict[tuple[object, ...], Found] = {}
    for found in _candidates(shelf, topics, query):
        key = (found.part, found.question and found.question.slug, found.contact_type, found.contact)
        if key not in best or found.score > best[key].score:
            best[key] = found
    order = {part: place for place, part in enumerate(query.chosen)}
    good = [found for found in best.values() if found.score >= _LEAST]
    ordered = sorted(good, key=lambda found: (-round(found.score, 3), order.get(_part(found), 99)))
    enough = ordered[0].score * _NEAR_ENOUGH if ordered else 0.0
    return [one for place, one in enumerate(ordered) if place < _FEWEST or one.score >= enough]


def _part(found: Found) -> int:
    return -1 if found.part is None else found.part


def _candidates(shelf: Shelf, topics: tuple[Topic, ...], query: Query) -> Iterator[Found]:
    likely = sorted(query.topics, key=lambda one: (-_alone(query, query.topics[one]), one))[:_MOST_TOPICS]
    for topic in likely:
        yield _across(topics[topic], query.topics[topic], query)
    for part in _parts(query):
        yield from _of_part(shelf, topics, likely, part, query)


def _alone(query: Query, explained: Explained) -> float:
    return Weighed(query.weights).score(explained) + _NAME_COUNTS * explained.share


def _across(topic: Topic, explained: Explained, query: Query) -> Found:
    hint = _HINT_COUNTS * (len(topic.kinds & query.hints) > 0) + _address(query, topic.is_question)
    return _found(topic, _alone(query, explained) + hint, None, _reasons(explained))


def _address(query: Query, is_question: bool) -> float:
    return _HINT_COUNTS if query.wants_address and not is_question else 0.0


def _found(topic: Topic, score: float, part: int | None, why: tuple[str, ...]) -> Found:
    if isinstance(topic.subject, Question):
        return Found(score, part, question=topic.subject, why=why)
    return Found(score, part, contact_type=topic.subject.slug, why=why)


def _reasons(*explained: Explained) -> tuple[str, ...]:
    return tuple(dict.fromkeys(why for one in explained for _, why in sorted(one.why.items()) if why))


def _parts(query: Query) -> list[int]:
    """The jurisdictions that are weighed: those surely named, and the likeliest others."""

    def likely(part: int) -> tuple[float, int]:
        one = query.named[part]
        said = sum(query.weights.get(place, 0.0) * quality for place, quality in one.places.items())
        return (-said - 0.1 * one.share, part)

    others = [part for part in sorted(query.named, key=likely) if part not in query.chosen]
    return [*query.chosen, *others][:_MOST_PARTS]


def _of_part(
    shelf: Shelf, topics: tuple[Topic, ...], likely: list[int], part: int, query: Query
) -> Iterator[Found]:
    named, kind = query.named[part], shelf.facts(part).kind
    weighed = Weighed(_counting(query, part), _believed(named, query.chosen.get(part, frozenset())))
    base = _NAME_COUNTS * weighed.own.share * 0.5 + _HINT_COUNTS * (kind in query.hints) - _doubt(named)
    alone = weighed.alone + base
    yield Found(alone + _NAME_COUNTS * weighed.own.share * 0.5, part, why=_reasons(named))
    for topic in likely:
        one = query.topics[topic]
        said = weighed.score(one)
        if kind in topics[topic].kinds and said - weighed.alone > _GAIN and _adds(weighed, one, part, query):
            score = said + base + _NAME_COUNTS * one.share * 0.5
            yield from _answers(shelf, topics[topic], score, part, query, one)
    yield from _contacts(shelf, topics, part, weighed, base, query)


def _adds(weighed: Weighed, topic: Explained, part: int, query: Query) -> bool:
    """Whether the jurisdiction explains something that the topic does not: else nobody named it."""
    if part in query.chosen or query.named[part].doubtful:
        return True
    return weighed.score(topic) - weighed.without.score(topic) > _GAIN


def _answers(
    shelf: Shelf, topic: Topic, score: float, part: int, query: Query, explained: Explained
) -> Iterator[Found]:
    if isinstance(topic.subject, Question):
        answered = topic.subject.slug in shelf.answers[part]
        why = _reasons(query.named[part], explained)
        yield _found(topic, score - _UNANSWERED_COSTS * (not answered), part, why)


def _contacts(
    shelf: Shelf,
    topics: tuple[Topic, ...],
    part: int,
    weighed: Weighed,
    base: float,
    query: Query,
) -> Iterator[Found]:
    named = query.named[part]
    types = {
        topic.subject.slug: query.topics[number]
        for number, topic in enumerate(topics)
        if isinstance(topic.subject, ContactType) and number in query.topics
    }
    scored = []
    for number in shelf.contacts_of[part]:
        of_type = types.get(shelf.contacts[number][1].type, Explained())
        own = Explained(query.contacts.get(number, {}))
        pointed = named.contacts.get(number, 0.0)
        score = weighed.score(of_type, own)
        pointed *= CONTACT_TYPES[shelf.contacts[number][1].type].many or pointed == named.share
        if pointed or (score - weighed.alone > _GAIN and _adds(weighed, of_type, part, query)):
            more = _NAME_COUNTS * 0.5 * max(of_type.share, pointed)
            scored.append((score + base + more + _address(query, is_question=False), number, of_type))
    scored.sort(key=lambda one: (-round(one[0], 4), one[1]))
    for score, number, of_type in scored[:_MOST_ALIKE]:
        yield Found(score, part, contact=number, why=_reasons(named, of_type))


def _counting(query: Query, part: int) -> dict[int, float]:
    """The words without those that surely name another jurisdiction and not this one."""
    own = query.named[part].places
    others: set[int] = set()
    if part in query.chosen or any(_instead(query, part, other) for other in query.chosen):
        rivals = (places for other, places in query.chosen.items() if other != part)
        others.update(*(places for places in rivals if own.keys().isdisjoint(places)))
    return {place: weight for place, weight in query.weights.items() if place not in others}


def _instead(query: Query, part: int, other: int) -> bool:
    """Whether the words that name another jurisdiction name this one as well: `Georgia`, `DE`."""
    own, others = query.named[part].places, query.named[other].places
    return all(own.get(place, 0.0) >= 0.9 * others[place] for place in query.chosen[other])


def _believed(named: Named, surely: frozenset[int]) -> Explained:
    """Of two that are surely named the better spelt is not better."""
    if not surely:
        return named
    return Explained(named.places | dict.fromkeys(surely, 1.0), 1.0, named.why)


def _doubt(named: Named) -> float:
    if not named.doubtful:
        return 0.0
    return -0.02 if named.places else _DOUBT_COSTS


def weight_of(term: Term, told: float, naming: float, topical: float) -> float:
    """How much a word tells: a name everything, a topic the more the rarer, a hint little."""
    if term.word in HINTS or term.word in ADDRESSES:
        return min(told, 0.05 if term.word in VAGUE else 0.2)
    return 1.0 if naming >= 0.6 and naming >= topical else told
