"""Sources that lie, repeat, contradict, mix people up, forget and answer too late, in any order of it."""

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from exchange import journal
from exchange.database import reading
from exchange.locate import connections, requests, viewing
from exchange.locate.sources import Http
from exchange.models.locate import LocateAnswer, LocateQuery
from exchange.runtime import Exchange
from schemas.locate.query import as_fields
from tests.acceptance.sizes import SEEDS, seed_of, sized
from tests.conftest import Clock
from tests.support.locating import ask, make_fellow, make_worker
from tests.support.partners import Partner
from tests.support.sources import Scripted, scripted_source

STEPS = sized(60, 2_000)
SAYS = {"A01": "address", "H98": "employer"}
WRONG = "MEANT FOR NOBODY"


@dataclass
class Sought:
    """A request, and of each source the newest answer that may count."""

    worker: Partner
    id: UUID
    about: dict[str, str]
    queries: dict[str, UUID]
    expected: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_open: bool = True


@pytest.fixture
def sources() -> Iterator[dict[str, Scripted]]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        yield {code: running.enter_context(scripted_source(Path(folder) / code)) for code in SAYS}


def sought(exchange: Exchange, worker: Partner, number: int) -> Sought:
    about = {"ssn": f"9000500{number:02d}", "last_name": "Alderson"}
    wanted = ask(exchange, worker.actor, f"T-{number}", sources=tuple(SAYS), fields=as_fields(about))
    with reading(exchange.engine) as session:
        asked = select(LocateQuery.source, LocateQuery.id).where(LocateQuery.request_id == wanted)
        return Sought(worker, wanted, about, dict(session.exec(asked).all()))


class Liars:
    """Sources that do what is drawn, and what of it counts."""

    def __init__(
        self, exchange: Exchange, sources: dict[str, Scripted], every: list[Sought], dice: random.Random
    ) -> None:
        self.exchange, self.sources, self.every, self.dice = exchange, sources, every, dice
        self.lines = {code: Http(source.address) for code, source in sources.items()}
        self.acts: list[Callable[[str, Sought], None]] = [
            self.correct, self.correct, self.repeat, self.contradict, self.come_late,
            self.mix_up, self.borrow, self.babble, self.fall, self.forget,
        ]  # fmt: skip

    def step(self) -> None:
        code, one = self.dice.choice(list(SAYS)), self.dice.choice(self.every)
        self.dice.choice(self.acts)(code, one)
        connections.turn(self.exchange, code, self.lines[code])
        self.sources[code].status, self.sources[code].raw = 200, b""

    def say(self, code: str, query: UUID, about: dict[str, str], number: int, text: str) -> None:
        said = {"outcome": "found", "number": number, "facts": {SAYS[code]: text}}
        self.sources[code].told.append({"id": str(query), "about": about, "answer": said})

    def correct(self, code: str, one: Sought) -> None:
        """Say something new, which counts while the request is open."""
        number = one.expected.get(code, (0, ""))[0] + 1
        text = f"{number} of {code} for {one.about['ssn']}"
        if number < 99:
            self.say(code, one.queries[code], one.about, number, text if one.is_open else WRONG)
        if number < 99 and one.is_open:
            one.expected[code] = number, text

    def repeat(self, code: str, one: Sought) -> None:
        number, text = one.expected.get(code, (0, ""))
        if number:
            self.say(code, one.queries[code], one.about, number, text)

    def contradict(self, code: str, one: Sought) -> None:
        number = one.expected.get(code, (0, ""))[0]
        if number:
            self.say(code, one.queries[code], one.about, number, WRONG)

    def come_late(self, code: str, one: Sought) -> None:
        """An answer that is older than what is here, and none of those."""
        number = one.expected.get(code, (0, ""))[0]
        if number > 1:
            self.say(code, one.queries[code], one.about, self.dice.randrange(1, number), WRONG)

    def mix_up(self, code: str, one: Sought) -> None:
        """Another person's answer under the question's id, or the other way round."""
        other = self.dice.choice([each for each in self.every if each is not one])
        self.say(code, one.queries[code], other.about, 90, WRONG)
        self.say(code, one.queries[code], one.about | {"last_name": "ALDERSON"}, 90, WRONG)
        self.say(code, one.id, one.about, 90, WRONG)

    def borrow(self, code: str, one: Sought) -> None:
        """An answer to the question that another source was asked."""
        (other,) = set(SAYS) - {code}
        self.say(code, one.queries[other], one.about, 90, WRONG)

    def babble(self, code: str, _one: Sought) -> None:
        self.sources[code].raw = self.dice.choice([b"null", b"{", b'{"answers": 7, "next": 1}', b"\xff" * 50])

    def fall(self, code: str, _one: Sought) -> None:
        self.sources[code].status = self.dice.choice([500, 503, 404, 302])

    def forget(self, code: str, _one: Sought) -> None:
        """Hand everything over again from the beginning."""
        self.sources[code].told += list(self.sources[code].told)[-30:]


def shown(exchange: Exchange, one: Sought) -> dict[str, str]:
    found = viewing.opened(exchange, one.worker.actor, one.id).results
    return {each.source.code: each.shown[0].value for each in found if each.shown}


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_told_to_the_wrong_person_whatever_sources_do(
    each_exchange: Exchange, sources: dict[str, Scripted], clock: Clock, seed: int | None
) -> None:
    first = make_worker(each_exchange)
    workers = [first, make_fellow(first, "fellow-2"), make_worker(each_exchange, 3)]
    every = [sought(each_exchange, worker, number) for number, worker in enumerate(workers)]
    liars = Liars(each_exchange, sources, every, random.Random(seed_of(seed)))
    for step in range(STEPS):
        if step == STEPS // 2:
            requests.withdraw(each_exchange, workers[0].actor, every[0].id)
            every[0].is_open = False
        clock.forward(seconds=30)
        liars.step()
    for code in SAYS:  # whoever was down is heard, too
        connections.turn(each_exchange, code, liars.lines[code])
    for one in every:
        assert shown(each_exchange, one) == {code: text for code, (_, text) in one.expected.items()}
    clock.forward(days=61)
    assert requests.expire(each_exchange) == 2
    before = count(each_exchange)
    for one in every:
        one.is_open = False
        liars.correct("A01", one)
    connections.turn(each_exchange, "A01", liars.lines["A01"])
    assert (
        count(each_exchange) == before == sum(number for one in every for number, _ in one.expected.values())
    )
    assert journal.verify(each_exchange) is None
    [line.close() for line in liars.lines.values()]


def count(exchange: Exchange) -> int:
    with reading(exchange.engine) as session:
        return len(session.exec(select(LocateAnswer.id)).all())
