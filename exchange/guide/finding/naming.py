"""Which jurisdictions a query names: each with the words that name it, and those that are surely meant."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from exchange.guide.finding.codes import CodeSighting
from exchange.guide.finding.names import Naming, Relation
from exchange.guide.finding.phrases import Sighting
from exchange.guide.finding.reading import Reading, Term
from exchange.guide.finding.shelf import Shelf
from exchange.guide.finding.topics import Explained
from exchange.guide.finding.vocabulary import ALIKE
from exchange.guide.finding.words_of_filling import ORDINARY

_POINTING = frozenset({Relation.CITY, Relation.CONTACT})
_OWN_NAMES = frozenset({Relation.NAME, Relation.OTHER})
_LESS_KNOWN = 0.85
"""A misspelt word is likelier a jurisdiction than one of its thousand places."""
_ANOTHER = 0.6
"""Kansas is rather Kansas than Arkansas or Kansas City."""
_SURE = 0.6
_AMBIGUOUS = 0.5
_MOST_CHOSEN = 5


@dataclass
class Named(Explained):
    """A jurisdiction that a query may name.

    `contacts`: those that it names with it. `doubtful`: the places of codes that are ordinary words as well.
    """

    contacts: dict[int, float] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Marks:
    """Places of a query whose word is just that of a topic, or just the name of a jurisdiction."""

    topical: frozenset[int]
    names: frozenset[int]


def named_in(
    reading: Reading,
    sightings: Iterable[Sighting[Naming]],
    codes: Iterable[CodeSighting],
    marks: Marks,
    shelf: Shelf,
) -> dict[int, Named]:
    """The jurisdictions by number."""
    named: dict[int, Named] = defaultdict(Named)
    for sighting in sightings:
        _add_name(named, reading, sighting, marks, shelf)
    for code in codes:
        if code.coded.part is not None:
            _add_code(named[code.coded.part], code, code.coded.contact)
    return {part: one for part, one in named.items() if one.places or one.doubtful}


def _add_name(
    named: dict[int, Named],
    reading: Reading,
    sighting: Sighting[Naming],
    marks: Marks,
    shelf: Shelf,
) -> None:
    naming = sighting.phrase.meaning
    one = named[naming.part]
    best = 0.0
    for place, alike in sighting.places.items():
        quality = alike * _belief(reading.terms[place], alike, sighting, marks) * sighting.quality
        best = max(best, quality)
        one.by(place, quality, _why(reading, sighting, shelf.facts(naming.part).name))
    if best:
        one.share = max(one.share, sighting.quality * sighting.share * max(sighting.places.values()))
    if naming.relation in _POINTING and best >= _SURE and sighting.share == 1.0:
        for contact in naming.contacts:
            one.contacts[contact] = max(best, one.contacts.get(contact, 0.0))


def _belief(term: Term, alike: float, sighting: Sighting[Naming], marks: Marks) -> float:
    """How much a word that is not quite the name, or only a part of it, is believed to be meant for it."""
    if alike < 1.0 and term.word in ORDINARY:
        return 0.0
    belief = _AMBIGUOUS if alike < 1.0 and term.place in marks.topical else 1.0
    if alike < ALIKE and sighting.phrase.meaning.relation not in _OWN_NAMES:
        belief *= _LESS_KNOWN
    if term.place in marks.names and min(alike, sighting.share) < 1.0:
        belief *= _ANOTHER
    return belief


def _why(reading: Reading, sighting: Sighting[Naming], name: str) -> str:
    naming = sighting.phrase.meaning
    written = " ".join(reading.terms[place].written for place in sorted(sighting.places))
    said = naming.relation.sentence.format(text=naming.text, name=name)
    exact = min(sighting.places.values()) == 1.0 and sighting.share == 1.0
    if exact:
        return "" if naming.relation is Relation.NAME else said
    return f"{written} → {said}"


def _add_code(one: Named, code: CodeSighting, contact: int | None) -> None:
    if code.doubtful:
        one.doubtful.update(code.places)
        one.why.setdefault(code.places[0], code.coded.sentence)
        return
    for place in code.places:
        one.by(place, code.quality, code.coded.sentence)
    one.share = max(one.share, code.quality)
    if contact is not None:
        one.contacts[contact] = max(code.quality, one.contacts.get(contact, 0.0))


def chosen(
    named: dict[int, Named], topical: dict[int, float], weights: dict[int, float]
) -> dict[int, frozenset[int]]:
    """The jurisdictions that a query surely names, each with its places; the first that is named first.

    `topical`: by place how surely it means a topic instead. Who explains most is taken, then who
    explains most of the rest, so that "Washington DC" is one place and "Kansas vs Nebraska" are two.
    """
    free = set(weights)
    taken: dict[int, frozenset[int]] = {}
    while len(taken) < _MOST_CHOSEN:
        gains = {part: _own(one, free, topical) for part, one in named.items() if part not in taken}
        best = max(gains, key=lambda part: _gain(named[part], gains[part], weights, part), default=None)
        if best is None or not gains[best]:
            break
        taken[best] = gains[best]
        free -= gains[best]
    return dict(sorted(taken.items(), key=lambda one: min(one[1])))


def _own(one: Named, free: set[int], topical: dict[int, float]) -> frozenset[int]:
    return frozenset(
        place
        for place, quality in one.places.items()
        if place in free and quality >= _SURE and quality >= topical.get(place, 0.0)
    )


def _gain(
    one: Named, places: frozenset[int], weights: dict[int, float], part: int
) -> tuple[float, float, int]:
    explained = sum(one.places[place] * weights[place] for place in places)
    agreed = 0.05 * bool(one.doubtful)
    return (round(explained + agreed + 0.1 * one.share, 6), one.share, -part)
