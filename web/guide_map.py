"""Maps of tiles: every jurisdiction is a tile of the same size, near where it lies.

States stand where everybody expects them (a table); countries and tribes are put into a grid by latitude and
longitude, each into the free cell that is nearest. So no mark covers another, whatever the guide has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from exchange.guide.comparing import EXACT
from exchange.guide.memory import Edition
from exchange.guide.told import value_told
from schemas.guide.documents import Facts, JurisdictionKind, Question

_STATES = """
AK .. .. .. .. .. .. .. .. .. ME
.. .. .. .. .. .. .. .. .. VT NH
WA ID MT ND MN .. WI MI NY MA RI
OR NV WY SD IA IL IN OH PA NJ CT
CA UT CO NE MO KY WV VA MD DE ..
.. AZ NM KS AR TN NC SC DC .. ..
.. .. .. OK LA MS AL GA .. .. ..
HI .. .. TX .. .. .. .. FL .. VI
GU MP AS .. .. .. .. .. .. PR ..
"""
_PLACES = {
    abbreviation: (column, row)
    for row, line in enumerate(_STATES.split("\n")[1:])
    for column, abbreviation in enumerate(line.split())
    if abbreviation != ".."
}
_STEP, _BOX = 44, 40
_COLUMNS, _ROWS = 11, 5
_LEVELS = 5
_SHORT = 4


@dataclass(frozen=True)
class Tile:
    """One jurisdiction: where its box stands, what is written in it, and the level of its color."""

    facts: Facts
    x: int
    y: int
    name: str
    mark: str
    answer: str
    level: str


@dataclass(frozen=True)
class Map:
    """All tiles of a kind in reading order, and the size of the drawing."""

    kind: JurisdictionKind
    tiles: tuple[Tile, ...]
    width: int
    height: int
    box: int = _BOX


@dataclass(frozen=True)
class Shade:
    """What a color stands for; the mark stands in the tile, so that color alone tells nothing."""

    mark: str
    words: str
    level: str
    count: int


def questions_for_maps(edition: Edition) -> dict[JurisdictionKind, list[Question]]:
    """Those whose answers are the same or not, by the kind that is asked."""
    found: dict[JurisdictionKind, list[Question]] = {}
    for one in edition.guide.questions:
        if one.answer_type in EXACT:
            found.setdefault(one.kind, []).append(one)
    return found


def shades_of(edition: Edition, question: Question | None) -> dict[str, Shade]:
    """A color for each of the most frequent answers, by its value; one for all others together."""
    if question is None:
        return {}
    counted: dict[str, int] = {}
    for part in edition.guide.parts:
        if part.facts.kind is question.kind:
            answer = edition.answer(part.facts.locator_code, question.slug)
            value = answer.value if answer else ""
            counted[value] = counted.get(value, 0) + 1
    ordered = sorted(counted, key=lambda value: (not value, -counted[value], value))
    return {
        value: _shade(question, value, place, counted[value]) for place, value in enumerate(ordered, start=1)
    }


def _shade(question: Question, value: str, place: int, count: int) -> Shade:
    words = value_told(question, value) if value else "No answer"
    mark = (words if len(words) <= _SHORT else str(place)) if value else "-"
    return Shade(mark, words, str(place) if value and place <= _LEVELS else "none", count)


def map_of(
    edition: Edition, kind: JurisdictionKind, question: Question | None, shades: Mapping[str, Shade]
) -> Map | None:
    """The map of a kind; None where it has nothing to show."""
    own = question if question and question.kind is kind else None
    found = [part.facts for part in edition.guide.parts if part.facts.kind is kind]
    by_name = sorted(found, key=lambda facts: facts.name)
    places = edition.kept.get(("places", kind), lambda: list(_placed(by_name)))
    if not places:
        return None
    tiles = (_tile(edition, facts, cell, own, shades) for facts, cell in places)
    ordered = tuple(sorted(tiles, key=lambda tile: (tile.y, tile.x)))
    height = max(tile.y for tile in ordered) + _STEP
    return Map(kind, ordered, max(tile.x for tile in ordered) + _STEP, height)


def _tile(
    edition: Edition,
    facts: Facts,
    cell: tuple[int, int],
    question: Question | None,
    shades: Mapping[str, Shade],
) -> Tile:
    answer = edition.answer(facts.locator_code, question.slug) if question else None
    shade = shades.get(answer.value if answer else "") if question else None
    name = facts.abbreviation[:3] or facts.locator_code[-3:]
    x, y = cell[0] * _STEP + 2, cell[1] * _STEP + 2
    if shade is None:
        return Tile(facts, x, y, name, "", "", "0")
    return Tile(facts, x, y, name, shade.mark, shade.words, shade.level)


def _placed(found: list[Facts]) -> Iterator[tuple[Facts, tuple[int, int]]]:
    """Each with its cell; empty columns and rows at the edges are cut off."""
    cells = dict(_cells(found))
    if not cells:
        return
    left, top = (min(cell[axis] for cell in cells.values()) for axis in (0, 1))
    for facts in found:
        column, row = cells[facts.locator_code]
        yield facts, (column - left, row - top)


def _cells(found: list[Facts]) -> Iterator[tuple[str, tuple[int, int]]]:
    taken: set[tuple[int, int]] = set()
    wanted = [(facts, _wanted(facts, found)) for facts in found]
    fixed = [one for one in wanted if _is_state(one[0])]
    for facts, cell in [*fixed, *(one for one in wanted if not _is_state(one[0]))]:
        free = cell if cell not in taken else _nearest(cell, taken)
        taken.add(free)
        yield facts.locator_code, free


def _is_state(facts: Facts) -> bool:
    return facts.kind is JurisdictionKind.STATE and facts.abbreviation in _PLACES


def _wanted(facts: Facts, found: Sequence[Facts]) -> tuple[int, int]:
    """The cell it belongs to: of the table, or by how many of its kind lie west and north of it.

    Not by degrees: half of all countries that take part would want the same few cells.
    """
    if _is_state(facts):
        return _PLACES[facts.abbreviation]
    if facts.longitude is None or facts.latitude is None:
        return (0, _ROWS)
    west = sum(one.longitude < facts.longitude for one in found if one.longitude is not None)
    north = sum(one.latitude > facts.latitude for one in found if one.latitude is not None)
    most = max(len(found) - 1, 1)
    return (round(west / most * (_COLUMNS - 1)), round(north / most * _ROWS))


def _nearest(cell: tuple[int, int], taken: set[tuple[int, int]]) -> tuple[int, int]:
    """The free cell that is nearest; further down rather than further up."""
    free = (one for one in product(range(_COLUMNS), range(60)) if one not in taken)
    return min(free, key=lambda one: ((one[0] - cell[0]) ** 2 + (one[1] - cell[1]) ** 2, -one[1], one[0]))
