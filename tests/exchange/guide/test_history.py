"""Whatever is edited, loaded or confirmed, and in whichever order: every moment of the past comes back."""

import random

import pytest

from exchange.guide import drafts, editions, loading, upkeep
from exchange.guide.keys import Key
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Role
from schemas.guide.documents import Answer, Guide, Part
from tests.conftest import Clock
from tests.support.guide import contact, small_guide, state
from tests.support.partners import Partner, make_partner

STEPS = 16


class Keepers:
    """People who do something to the guide, as dice have it."""

    def __init__(self, exchange: Exchange, seed: int) -> None:
        self.exchange, self.dice = exchange, random.Random(seed)
        self.partners = {
            "20000": make_partner(exchange, Role.STATE, jurisdiction="KS"),
            "31000": make_partner(exchange, Role.STATE, 2, jurisdiction="NE"),
        }

    def act(self) -> None:
        code = self.dice.choice(sorted(self.partners))
        self.dice.choice([self.answer, self.answer, self.office, self.confirm, self.load])(code)

    def publish(self, code: str, keeper: Partner) -> None:
        mine = drafts.desk(self.exchange, keeper.actor, code).drafts
        ready = [one.id for one in mine if not one.overtaken and self.dice.random() < 0.8]
        if ready:
            upkeep.publish(self.exchange, keeper.actor, code, ready)

    def answer(self, code: str) -> None:
        keeper, slug = self.partners[code], self.dice.choice(["age-of-majority", "family-violence"])
        key = Key(code, EntrySort.ANSWER, slug)
        standing = key in editions.published(self.exchange).stamps
        if standing and self.dice.random() < 0.3:
            upkeep.withdraw(self.exchange, keeper.actor, key)
        else:
            said = Answer(question=slug, value=str(self.dice.randrange(99)))
            upkeep.save(self.exchange, keeper.actor, code, said)
        self.publish(code, keeper)

    def office(self, code: str) -> None:
        said = contact(code, f"office-{self.dice.randrange(2, 4)}", "office")
        said = said.model_copy(update={"city": str(self.dice.randrange(9))})
        upkeep.save(self.exchange, self.partners[code].actor, code, said)
        self.publish(code, self.partners[code])

    def confirm(self, code: str) -> None:
        keys = [key for key in editions.published(self.exchange).stamps if key.code == code]
        said = [key for key in keys if key.sort is not EntrySort.FACTS]
        if said:
            upkeep.confirm(self.exchange, self.partners[code].actor, said)

    def load(self, code: str) -> None:
        part = state(code, "Loaded", str(self.dice.randrange(99)))
        loading.load(self.exchange, small_guide().model_copy(update={"parts": self.with_part(part)}))

    def with_part(self, part: Part) -> tuple[Part, ...]:
        given = {one.facts.locator_code: one for one in (*small_guide().parts, part)}
        return tuple(given[code] for code in sorted(given))


@pytest.mark.parametrize("seed", [7])
def test_every_moment_of_the_past_comes_back_as_it_was_read_then(
    each_exchange: Exchange, clock: Clock, seed: int
) -> None:
    loading.load(each_exchange, small_guide())
    keepers = Keepers(each_exchange, seed)
    read: list[tuple[object, Guide]] = []
    for _ in range(STEPS):
        clock.forward(hours=1)
        keepers.act()
        read.append((clock(), editions.published(each_exchange).guide))
        clock.forward(minutes=keepers.dice.randrange(1, 59))
        read.append((clock(), read[-1][1]))
    assert len({guide.canonical() for _, guide in read}) > STEPS / 3  # something did happen
    for moment, guide in read:
        assert editions.at(each_exchange, moment).guide == guide
