"""The maps of the guide: everybody has a tile, none covers another, and no color is the only carrier."""

from datetime import UTC, datetime

import pytest

from exchange.guide.memory import Edition
from schemas.guide.documents import Facts, Guide, JurisdictionKind, Part
from tests.support.guide import small_guide
from tests.support.whole_guide import whole_guide
from web.guide_map import Map, map_of, questions_for_maps, shades_of

STATE, COUNTRY, TRIBE = JurisdictionKind.STATE, JurisdictionKind.COUNTRY, JurisdictionKind.TRIBE


def edition(guide: Guide) -> Edition:
    return Edition(1, datetime(2026, 6, 1, tzinfo=UTC), guide, {})


def drawn(guide: Guide, kind: JurisdictionKind) -> Map:
    made = map_of(edition(guide), kind, None, {})
    assert made is not None
    return made


@pytest.mark.parametrize("kind", [STATE, COUNTRY, TRIBE], ids=str)
def test_everybody_has_a_tile_of_their_own(kind: JurisdictionKind) -> None:
    guide = whole_guide()
    made = drawn(guide, kind)
    assert len(made.tiles) == sum(part.facts.kind is kind for part in guide.parts)
    corners = {(tile.x, tile.y) for tile in made.tiles}
    assert len(corners) == len(made.tiles)
    assert all(x + made.box <= made.width and y + made.box <= made.height for x, y in corners)
    assert 320 / made.width * made.box >= 24  # pixels of a telephone: as small as a target may be


def test_what_lies_west_and_north_stands_there() -> None:
    at = {tile.facts.abbreviation: (tile.x, tile.y) for tile in drawn(whole_guide(), STATE).tiles}
    assert at["WA"][0] < at["KS"][0] < at["NC"][0]
    assert at["ND"][1] < at["KS"][1] < at["TX"][1]
    europe = {tile.facts.abbreviation: (tile.x, tile.y) for tile in drawn(whole_guide(), COUNTRY).tiles}
    assert europe["CA"][0] < europe["DE"][0]


def test_a_place_that_nobody_located_is_on_the_map_too() -> None:
    lost = [
        Part(facts=Facts(locator_code=f"80{code}", kind=COUNTRY, name=code, abbreviation=code))
        for code in ("XA", "XB")
    ]
    made = drawn(small_guide(*lost), COUNTRY)
    assert {tile.name for tile in made.tiles} >= {"XA", "XB"}
    assert len({(tile.x, tile.y) for tile in made.tiles}) == 3
    assert map_of(edition(Guide(questions=(), versions=(), parts=())), TRIBE, None, {}) is None


def test_each_answer_has_a_mark_besides_its_color() -> None:
    shown = edition(whole_guide())
    assert set(questions_for_maps(shown)) >= {STATE, COUNTRY, TRIBE}
    for question in (one for some in questions_for_maps(shown).values() for one in some):
        shades = shades_of(shown, question).values()
        assert len({shade.mark for shade in shades}) == len(shades), question.slug
        made = map_of(shown, question.kind, question, shades_of(shown, question))
        assert made is None or sum(shade.count for shade in shades) == len(made.tiles)
