"""Single debt inquiries by the API: how long each takes, alone and while others work."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from deploy.bench.caller import Caller, calling
from deploy.bench.portal import Portal
from exchange.registry.overlap import Overlap

_ASKED = {"payment_kind": "B", "payment_date": "2026-12-24", "payment_amount": "1250.50"}


class WrongAnswerError(Exception):
    """The portal does not say what the synthetic population says: its figures say nothing."""


@dataclass(frozen=True)
class _Somebody:
    ssn: str
    last_name: str
    first_name: str
    states: tuple[str, ...]


class Inquiries:
    """Asks one after the other over one connection; every second person owes. Times in milliseconds."""

    def __init__(self, ours: Portal, known: Overlap) -> None:
        self._ours = ours
        self._people = _people(known)

    def some(self, count: int) -> list[float]:
        """How long each of `count` inquiries took. Raises `WrongAnswerError`."""
        with calling(self._ours) as caller:
            return [self._one(caller) for _ in range(count)]

    @contextmanager
    def beside(self) -> Iterator[list[float]]:
        """Ask on and on in a thread while the block runs; the list is complete after it."""
        took: list[float] = []
        failed: list[Exception] = []
        done = threading.Event()

        def ask() -> None:
            try:
                with calling(self._ours) as caller:
                    while not done.is_set():
                        took.append(self._one(caller))
            except Exception as problem:  # noqa: BLE001 -- raised again below
                failed.append(problem)

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield took
        finally:
            done.set()
            thread.join()
        if failed:
            raise failed[0]

    def _one(self, caller: Caller) -> float:
        person = next(self._people)
        asked = {"ssn": person.ssn, "last_name": person.last_name, "first_name": person.first_name}
        began = time.perf_counter()
        answer = caller.post("/api/v1/debt-inquiries", _ASKED | asked)
        took = time.perf_counter() - began
        if tuple(answer["states"]) != person.states:
            raise WrongAnswerError(f"an inquiry named {answer['states']} instead of {person.states}")
        return took * 1000


def _people(known: Overlap) -> Iterator[_Somebody]:
    population = known.population
    for number, owing in enumerate(known.people(population.people)):
        yield _Somebody(owing.ssn, owing.last_name, owing.first_name, owing.states)
        stranger = population.stranger(number)
        yield _Somebody(stranger.ssn, stranger.last_name, stranger.first_name, ())
